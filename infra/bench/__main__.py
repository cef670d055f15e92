"""`make bench`: what each operation costs at 1,000 and at 20,000 requests, and what of it grows between the two."""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from infra.bench.meters import Meter, Reading
    from infra.bench.operations import Operation

SIZES = (1_000, 20_000)
TURNS = 40
ROUNDS = (
    7  # over all operations, so that a slow spell of a shared machine spoils no operation alone; the quietest counts
)
WARM_UP = 5


@dataclass(frozen=True, slots=True)
class Cost:
    """The middle of many measurements; `cpu` in milliseconds, `cpu90` the ninetieth percentile."""

    name: str
    goal: float | None
    cpu: float
    cpu90: float
    trips: float
    calls: float
    read_units: float
    write_units: float


def main() -> int:
    """Measure each size in a process of its own, so that neither warms the other; print the comparison."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, help="measure one size and print it as JSON")
    parser.add_argument("--sizes", type=int, nargs=2, default=SIZES, help="the two sizes to compare")
    chosen = parser.parse_args()
    if chosen.size:
        print(json.dumps(_measured(chosen.size)))
        return 0
    small, large = (_in_own_process(size) for size in chosen.sizes)
    print(_table(small, large, chosen.sizes))
    return 0


def _in_own_process(size: int) -> dict[str, object]:
    command = [sys.executable, "-m", "infra.bench", "--size", str(size)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    answer: dict[str, object] = json.loads(done.stdout)
    return answer


def _measured(size: int) -> dict[str, object]:
    import boto3

    from infra.local import resources
    from infra.local.dynoxide import dynoxide

    with tempfile.TemporaryDirectory() as folder:
        started = time.monotonic()
        database = _filled(size, Path(folder))
        loaded = time.monotonic() - started
        with dynoxide(database) as endpoint:
            os.environ["AWS_ENDPOINT_URL"] = endpoint
            resources.create_tables(boto3.client("dynamodb"))  # an import leaves out tables without items
            costs = [asdict(cost) for cost in _costs()]
    return {"size": size, "load_seconds": loaded, "yardstick": _yardstick(), "costs": costs}


ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "eu-central-1",
    "BASE_URL": "http://127.0.0.1:8000",
    "SIGNING_KEY": "a key for measuring only",
    "MAIL_FROM": "desk@example.com",
    "FILES_BUCKET": "files",
    "MAIL_QUEUE_URL": "http://127.0.0.1:1/queue",
}


def _filled(size: int, folder: Path) -> Path:
    """A database file of the desk's tables with `size` requests."""
    import boto3

    from infra.local import resources
    from infra.local.dynoxide import dynoxide, imported

    os.environ.update(ENVIRONMENT)
    with dynoxide() as endpoint:
        client = boto3.client("dynamodb", endpoint_url=endpoint)
        os.environ.update(resources.create_tables(client))
        schemas = [client.describe_table(TableName=name)["Table"] for name in client.list_tables()["TableNames"]]
    from infra.bench import load

    load.export(size, folder / "export")
    imported(folder / "export", [dict(schema) for schema in schemas], folder / "desk.sqlite")
    return folder / "desk.sqlite"


def _costs() -> list[Cost]:
    from app import app
    from chalicelib.domain.lists import Filter, Reach
    from chalicelib.domain.tickets import State
    from chalicelib.storage import listings
    from infra.bench.load import SOLVERS, people
    from infra.bench.meters import Meter
    from infra.bench.operations import operations
    from infra.local.gateway import Gateway

    everything = Reach(True, frozenset(), "")
    working = Filter(states=frozenset({State.IN_PROGRESS}))
    sample = [card.number for card in listings.page(working, everything, 40, None).items]
    meter = Meter()
    meter.attach()
    measured = operations(Gateway(app), people()[-SOLVERS], sample)
    rounds = [[_cost(operation, _readings(operation, meter)) for operation in measured] for _ in range(ROUNDS)]
    return [min(costs, key=lambda cost: cost.cpu) for costs in zip(*rounds, strict=True)]


def _readings(operation: "Operation", meter: "Meter") -> "list[Reading]":
    readings = []
    for turn in range(WARM_UP + TURNS):
        if operation.prepare:
            operation.prepare(turn)
        readings.append(meter.measure(partial(operation.run, turn)))
    return readings[WARM_UP:]


def _cost(operation: "Operation", readings: "list[Reading]") -> Cost:
    cpu = sorted(reading.cpu for reading in readings)

    def middle(side: str) -> float:
        return float(statistics.median(getattr(reading, side) for reading in readings))

    return Cost(
        operation.name,
        operation.goal,
        statistics.median(cpu),
        cpu[int(len(cpu) * 0.9)],
        middle("trips"),
        middle("calls"),
        middle("read_units"),
        middle("write_units"),
    )


def _yardstick() -> float:
    """Milliseconds for a fixed amount of JSON and Jinja2: how fast this machine is at the kind of work a page is."""
    from jinja2 import Template

    rows = [{"number": f"WEB-{n}", "subject": "Nejde odeslat objednávka", "state": "new"} for n in range(50)]
    template = Template("{% for row in rows %}<tr><td>{{ row.number }}</td><td>{{ row.subject }}</td></tr>{% endfor %}")
    best = []
    for _ in range(20):
        start = time.process_time()
        for _ in range(20):
            template.render(rows=json.loads(json.dumps(rows)))
        best.append((time.process_time() - start) * 1000)
    return float(statistics.median(best))


def _table(small: dict, large: dict, sizes: tuple[int, int]) -> str:  # type: ignore[type-arg]
    lines = [
        f"Yardstick (20 rounds of JSON and Jinja2): {small['yardstick']:.1f} and {large['yardstick']:.1f} ms.",
        f"Loading took {small['load_seconds']:.0f} s and {large['load_seconds']:.0f} s.",
        "",
        f"| operation | CPU ms p50 (p90) at {sizes[0]:,} | at {sizes[1]:,} "
        "| growth | goal | trips | calls | RCU | WCU |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for one, other in zip(small["costs"], large["costs"], strict=True):
        pairs = [_pair(one[side], other[side]) for side in ("trips", "calls", "read_units", "write_units")]
        goal = f"≤ {one['goal']:.0f}" if one["goal"] else ""
        lines.append(
            f"| {one['name']} | {one['cpu']:.1f} ({one['cpu90']:.1f}) | {other['cpu']:.1f} ({other['cpu90']:.1f}) "
            f"| {other['cpu'] / one['cpu']:.2f} | {goal} | {' | '.join(pairs)} |"
        )
    return "\n".join(lines)


def _pair(one: float, other: float) -> str:
    return f"{one:g}" if one == other else f"{one:g} → {other:g}"


if __name__ == "__main__":
    sys.exit(main())
