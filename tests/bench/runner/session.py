"""What a scenario is run with: programs, how often, how much."""

import sys
from dataclasses import dataclass, replace
from functools import cached_property

from runner.measure import Bench, measure
from runner.pairs import alternate
from runner.systems.gateway import Gateway


@dataclass
class Session:
    bench: Bench
    rounds: int = 5
    quick: bool = False
    events: int | None = None  # instead of the scenario's own
    seconds: float | None = None
    audit_rows: int = 10_000_000  # of a long history
    backlog: int = 1_000_000  # pending deliveries

    @cached_property
    def gateway(self):
        return Gateway(self.bench.binaries / "wardex-gateway")

    def scaled(self, work):
        if self.quick:
            work = work.smaller(10)
        if self.events is not None:
            work = replace(work, events=self.events)
        if self.seconds is not None:
            work = replace(work, seconds=self.seconds)
        return work

    def measure(self, system, work):
        run = measure(self.bench, system, work)
        self.say(f"  {system.name}: {run.delivered_per_s:,.0f} delivered/s, {run.cpu_s_per_million:.1f} CPU s per million"
                 + (f", {run.stall}" if run.stall else ""))
        return run

    def runs(self, work, *systems, rounds=None):
        """{name: runs} of those systems that can do the work, in alternation; and why the others cannot."""
        able = [system for system in systems if not system.missing(work)]
        unable = [f"{system.title}: {system.missing(work)}." for system in systems if system.missing(work)]
        return alternate(rounds or self.rounds, lambda system: self.measure(system, work), *able), unable

    @staticmethod
    def say(text):
        print(text, file=sys.stderr, flush=True)
