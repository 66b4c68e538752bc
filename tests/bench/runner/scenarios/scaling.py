"""How cost grows: by connectors that get each event, by routing rules, by size."""

from dataclasses import replace

from runner.pairs import middle
from runner.result import Result, thousands
from runner.work import Work

VARIANTS = [
    ("1 connector, no rules, 500 bytes", {}),
    ("10 connectors", {"connectors": 10}),
    ("50 connectors", {"connectors": 50}),
    ("10 rules", {"rules": 10}),
    ("1 000 rules", {"rules": 1000}),
    ("5 KiB", {"size": 5 * 1024}),
    ("50 KiB", {"size": 50 * 1024}),
]


def scaling(session):
    result = Result("scaling", "alerts in batches of 100, batching HTTP sinks; what differs from the first row")
    for title, change in VARIANTS:
        work = session.scaled(replace(Work(kind="mixed"), **change))
        # The same amount of work, roughly: bytes times connectors.
        heavier = max(1, work.size // 500, work.connectors)
        work = replace(work, events=max(1000, work.events // heavier), warm_up=max(100, work.warm_up // heavier),
                       batch=10 if work.size > 10_000 else work.batch)
        runs = session.runs(work, session.gateway, rounds=min(session.rounds, 3))[0]["gateway"]
        cpu = middle(runs, lambda run: run.cpu_s_per_million)
        result.figures.append({
            "variant": title,
            "accepted/s": thousands(middle(runs, lambda run: run.accepted_per_s)),
            "deliveries/s": thousands(middle(runs, lambda run: run.delivered_per_s)),
            "MiB/s out": f"{middle(runs, lambda run: run.delivered_per_s) * work.size / (1 << 20):.1f}",
            "CPU us an event": f"{cpu:.1f}",
            "CPU us a delivery": f"{cpu / work.connectors:.1f}",
            "peak RSS MiB": f"{middle(runs, lambda run: run.peak_mib):.0f}",
            "disk bytes an event": thousands(middle(runs, lambda run: run.bytes_per_event)),
            "missing": sum(run.missing for run in runs),
            "duplicates": sum(run.duplicates for run in runs),
        })
        result.notes += [f"{title}: {run.stall}." for run in runs if run.stall]
    return result
