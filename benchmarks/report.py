"""From runs to a table: medians over rounds, and ratios to the empty Flask view."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median, quantiles

from benchmarks.load import Measured

# What everything is compared with.
BASE = "empty Flask view"
HEAD = ("", "requests/s", "CPU µs", "rate ÷ empty", "CPU ÷ empty", "p50 ms", "p99 ms")


@dataclass(frozen=True)
class Run:
    """One case in one round: what the generator saw, and what the server used."""

    measured: Measured
    cpu_seconds: float

    @property
    def cpu_each(self) -> float:
        """Microseconds of the server for each answer."""
        return self.cpu_seconds / len(self.measured.latencies) * 1e6


@dataclass(frozen=True)
class Row:
    name: str
    rate: float
    cpu: float
    rate_ratio: float
    cpu_ratio: float
    p50: float
    p99: float

    def cells(self) -> list[str]:
        return [
            self.name,
            f"{self.rate:,.0f}",
            f"{self.cpu:.0f}",
            f"{self.rate_ratio:.2f}",
            f"{self.cpu_ratio:.2f}",
            f"{self.p50:.2f}",
            f"{self.p99:.2f}",
        ]


def rows(rounds: Sequence[Mapping[str, Run]]) -> list[Row]:
    """One row for each case, in the order in which they ran."""
    return [_row(name, rounds) for name in rounds[0]]


def _row(name: str, rounds: Sequence[Mapping[str, Run]]) -> Row:
    runs = [one[name] for one in rounds]
    bases = [one[BASE] for one in rounds]
    # Of two runs of one round, seconds apart: what slows the machine slows both.
    pairs = list(zip(runs, bases, strict=True))
    cuts = quantiles((t for run in runs for t in run.measured.latencies), n=100)
    return Row(
        name=name,
        rate=median(run.measured.rate for run in runs),
        cpu=median(run.cpu_each for run in runs),
        rate_ratio=median(run.measured.rate / base.measured.rate for run, base in pairs),
        # As with rates: 0.5 is half as fast, so it costs twice as much.
        cpu_ratio=median(base.cpu_each / run.cpu_each for run, base in pairs),
        p50=cuts[49] * 1000,
        p99=cuts[98] * 1000,
    )


def table(found: Sequence[Row]) -> str:
    lines = [HEAD, *(tuple(row.cells()) for row in found)]
    widths = [max(len(line[n]) for line in lines) for n in range(len(HEAD))]
    return "\n".join(_line(line, widths) for line in lines)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *others = zip(cells, widths, strict=True)
    return "  ".join([first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in others)])
