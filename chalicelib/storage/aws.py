"""The AWS clients of storage, made on first use and shared: one connection pool, one set of time limits."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from chalicelib.config import settings

if TYPE_CHECKING:
    from botocore.config import Config
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient

A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
T = TypeVar("T")


def config(**more: Any) -> "Config":
    """Two seconds to connect, five to read, standard retries: a page must answer within the gateway's 29 seconds."""
    from botocore.config import Config

    return Config(
        connect_timeout=2,
        read_timeout=5,
        retries={"total_max_attempts": 3, "mode": "standard"},
        max_pool_connections=16,
        **more,
    )


def _client(service: Any, configuration: "Config") -> Any:
    import boto3

    return boto3.session.Session(region_name=settings().region).client(service, config=configuration)


@cache
def dynamodb() -> "DynamoDBClient":
    client: DynamoDBClient = _client("dynamodb", config(parameter_validation=False))
    return client


@cache
def s3() -> "S3Client":
    client: S3Client = _client("s3", config(signature_version="s3v4", s3={"addressing_style": "virtual"}))
    return client


@cache
def s3_copier() -> "S3Client":
    """For copies inside S3 alone: 100 MB may take longer than anything else here, and nothing is read meanwhile."""
    client: S3Client = _client("s3", config(signature_version="s3v4").merge(_patience()))
    return client


def _patience() -> "Config":
    from botocore.config import Config

    return Config(read_timeout=20, retries={"total_max_attempts": 2, "mode": "standard"})


@cache
def sqs() -> "SQSClient":
    client: SQSClient = _client("sqs", config())
    return client


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=8, thread_name_prefix="read")


def together(calls: list[Callable[[], T]]) -> list[T]:
    """The answers of independent reads that run side by side: one round trip instead of several.

    A read may itself read several things together. Whoever waits does what no thread has begun yet, so that readers
    that wait for one another inside the pool cannot fill it up and stand still.
    """
    if len(calls) < 2 or settings().read_threads < 2:
        return [call() for call in calls]
    *others, mine = calls
    running = [(call, _threads().submit(call)) for call in others]
    last = mine()
    return [*(call() if future.cancel() else future.result() for call, future in running), last]


def both(first: Callable[[], A], second: Callable[[], B]) -> tuple[A, B]:
    """`together` for two reads of different types."""
    calls: list[Callable[[], Any]] = [first, second]
    one, two = together(calls)
    return one, two


def all_three(first: Callable[[], A], second: Callable[[], B], third: Callable[[], C]) -> tuple[A, B, C]:
    """`together` for three reads of different types."""
    calls: list[Callable[[], Any]] = [first, second, third]
    one, two, three = together(calls)
    return one, two, three
