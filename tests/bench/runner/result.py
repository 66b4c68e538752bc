"""What a scenario found: goals with figures next to them, and the figures of each system."""

from dataclasses import dataclass, field

from runner.pairs import middle


@dataclass
class Finding:
    goal: str
    figure: str
    met: bool | None = None  # None: there was nothing to compare with

    def verdict(self):
        return {True: "met", False: "missed", None: "–"}[self.met]


@dataclass
class Result:
    """Of one scenario: `figures` are rows of a table, one a system or variant, with the same keys in each."""

    scenario: str
    work: str
    findings: list = field(default_factory=list)
    figures: list = field(default_factory=list)
    notes: list = field(default_factory=list)
    medians: dict = field(default_factory=dict)  # of the gateway, for what is derived from them

    def find(self, goal, figure, met=None):
        self.findings.append(Finding(goal, figure, met))


def medians(runs):
    return {"busiest_us": middle(runs, lambda run: run.busiest_us), "cpu_us": middle(runs, lambda run: run.cpu_s_per_million),
            "bytes_per_event": middle(runs, lambda run: run.bytes_per_event), "event_bytes": runs[0].work["size"]}


def thousands(value):
    return f"{value:,.0f}".replace(",", " ")


def millis(micros):
    value = micros / 1000
    return f"{value:.2f}" if value < 10 else f"{value:.0f}"


def figures(title, runs):
    """The medians of some runs of one system, as a row."""
    return {
        "system": title,
        "runs": len(runs),
        "accepted/s": thousands(middle(runs, lambda run: run.accepted_per_s)),
        "delivered/s": thousands(middle(runs, lambda run: run.delivered_per_s)),
        "CPU s per million": f"{middle(runs, lambda run: run.cpu_s_per_million):.1f}",
        "busiest thread us an event": f"{middle(runs, lambda run: run.busiest_us):.1f}",
        "peak RSS MiB": f"{middle(runs, lambda run: run.peak_mib):.0f}",
        "disk bytes per event": thousands(middle(runs, lambda run: run.bytes_per_event)),
        "delay p50 / p99 ms": " / ".join(millis(middle(runs, lambda run: run.delay_us[p])) for p in ("p50", "p99")),
        "missing": sum(run.missing for run in runs),
        "duplicates": sum(run.duplicates for run in runs),
        "order breaks": sum(run.order_breaks for run in runs),
    }
