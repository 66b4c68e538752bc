"""Two systems in alternation on the same work: this machine's mood changes, the ratio of neighbours changes less."""

from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Spread:
    """A median and its range."""

    middle: float
    low: float
    high: float

    @staticmethod
    def of(values):
        values = list(values)
        return Spread(median(values), min(values), max(values))

    def text(self, form="{:.2f}", unit=""):
        if self.low == self.high:
            return form.format(self.middle) + unit
        return f"{form.format(self.middle)}{unit} ({form.format(self.low)}–{form.format(self.high)})"


def alternate(rounds, measure, *systems):
    """{system's name: [run, ...]}; the order turns around every round, so that none always goes first."""
    runs = {system.name: [] for system in systems}
    for number in range(rounds):
        for system in systems if number % 2 == 0 else reversed(systems):
            runs[system.name].append(measure(system))
    return runs


def ratio(ours, theirs, value):
    """Of each pair, ours by theirs."""
    return Spread.of(value(a) / max(1e-9, value(b)) for a, b in zip(ours, theirs))


def middle(runs, value):
    return median(value(run) for run in runs)
