"""Moments as storage keeps them: UTC, ISO 8601, always to the microsecond, so that text order is time order."""

from datetime import UTC, datetime


def to_text(at: datetime) -> str:
    """`at` as text that sorts by time."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def from_text(text: str) -> datetime:
    """The moment that to_text wrote."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)


def epoch(at: datetime) -> int:
    """`at` in whole seconds of the epoch, as DynamoDB's time to live counts."""
    return int(at.timestamp())
