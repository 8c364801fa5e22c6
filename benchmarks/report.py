"""From runs to tables: medians over rounds, and ratios to the empty Flask view of each round."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from benchmarks.load import Measured
from benchmarks.servers import Held

# What everything is compared with.
BASE = "empty Flask view"
HOT, WRITES, COLD = "hot", "under writes", "cold"
HEAD = ("", "hot", "under writes", "cold", "hot, CPU", "writes, CPU", "cold, CPU")
HEAD += ("cold, ms", "cold, CPU µs", "hot, requests/s")


@dataclass(frozen=True)
class Run:
    """One case in one round: what the generator saw, and what the server used."""

    measured: Measured
    cpu_seconds: float

    @property
    def rate(self) -> float:
        return self.measured.rate

    @property
    def cpu_each(self) -> float:
        """Microseconds of the server for each answer."""
        return self.cpu_seconds / len(self.measured.latencies) * 1e6

    @property
    def a_second_of_cpu(self) -> float:
        """How many answers it gives. The system counts CPU in hundredths of a second."""
        return len(self.measured.latencies) / max(self.cpu_seconds, 0.01)


# By route and by state of the front.
Round = Mapping[tuple[str, str], Run]


@dataclass(frozen=True)
class Row:
    """A route. Ratios are rates divided by that of the empty view in the same round.

    `cpu` has the same ratios of what a second of the server's CPU answers, by state of the front:
    on a machine with other work these hold where rates do not. `cold_ms` is the time between two
    answers, one worker being kept busy.
    """

    name: str
    hot: float
    writes: float | None
    cold: float | None
    cold_ms: float | None
    cold_cpu: float | None
    cpu: Mapping[str, float]
    rate: float

    def cells(self) -> list[str]:
        ratios = [self.hot, self.writes, self.cold, *map(self.cpu.get, (HOT, WRITES, COLD))]
        numbers = [_number(one) for one in (*ratios, self.cold_ms)]
        cpu = "" if self.cold_cpu is None else f"{self.cold_cpu:,.0f}"
        return [self.name, *numbers, cpu, f"{self.rate:,.0f}"]


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:.2f}" if value < 100 else f"{value:,.0f}"


def rows(rounds: Sequence[Round]) -> list[Row]:
    """One row for each route, in the order in which they ran."""
    return [_row(name, rounds) for name in dict.fromkeys(name for name, _ in rounds[0])]


def _row(name: str, rounds: Sequence[Round]) -> Row:
    states = [state for state in (HOT, WRITES, COLD) if (name, state) in rounds[0]]
    ratios, cpu = (
        {s: median(of(one[name, s]) / of(one[BASE, HOT]) for one in rounds) for s in states}
        for of in (lambda run: run.rate, lambda run: run.a_second_of_cpu)
    )
    cold = [one[name, COLD] for one in rounds if COLD in ratios]
    return Row(
        name=name,
        hot=ratios[HOT],
        writes=ratios.get(WRITES),
        cold=ratios.get(COLD),
        cold_ms=median(1000 / one.rate for one in cold) if cold else None,
        cold_cpu=median(one.cpu_each for one in cold) if cold else None,
        cpu=cpu,
        rate=median(one[name, HOT].rate for one in rounds),
    )


def table(found: Sequence[Row]) -> str:
    return aligned([HEAD, *(row.cells() for row in found)])


def growth(sites: Mapping[int, Sequence[Row]]) -> str:
    """What each route costs cold, in milliseconds, by the number of posts."""
    head = ["", *(f"{size:,} posts" for size in sites)]
    lines = [[name, *map(_number, costs)] for name, costs in costs_of(sites).items()]
    return aligned([head, *lines])


def costs_of(sites: Mapping[int, Sequence[Row]]) -> dict[str, list[float]]:
    """Milliseconds of each route with no front, in the order of the sizes."""
    found: dict[str, list[float]] = {}
    for row in (row for rows in sites.values() for row in rows if row.cold_ms is not None):
        found.setdefault(row.name, []).append(row.cold_ms or 0)
    return found


def aligned(lines: Sequence[Sequence[str]]) -> str:
    """As a table of Markdown, which is read as it is, too."""
    widths = [max(len(line[n]) for line in lines) for n in range(len(lines[0]))]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    head, *others = lines
    return "\n".join(_line(line, widths) for line in [head, rule, *others])


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = zip(cells, widths, strict=True)
    parts = [first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in others)]
    return f"| {' | '.join(parts)} |"


def memory(held: Sequence[tuple[int, Held]]) -> str:
    """What a worker holds after so many requests."""
    steps = []
    for done, one in held:
        whole, own, share = (f"{bytes_ / 1e6:.0f}" for bytes_ in one)
        steps.append(f"{whole} MB ({own}; {share}) after {done:,}")
    about = "without pages of files; its share, where processes have pages together"
    return f"One worker holds, its front being filled ({about}): {', '.join(steps)}."
