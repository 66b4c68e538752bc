"""From what one node does to 10^6 events a second: the arithmetic, from measured medians."""

from math import ceil

from runner.result import thousands

TARGET = 1_000_000  # events a second
IN_USE = 0.7  # of a node's ceiling: what is left is for retries, catching up and the loss of a node
KINDS = ("alerts", "telemetry", "single", "per-event")


def rows(entries):
    """A row a kind of work that was measured."""
    out = []
    for entry in entries:
        medians = entry.get("medians")
        if entry["scenario"] not in KINDS or not medians:
            continue
        ceiling = 1e6 / medians["busiest_us"]
        out.append({
            "work": entry["work"],
            "one node at most, events/s": thousands(ceiling),
            "nodes": ceil(TARGET / (ceiling * IN_USE)),
            "cores": ceil(TARGET * medians["cpu_us"] / 1e6 / IN_USE),
            "disks, MB/s in all": thousands(TARGET * medians["bytes_per_event"] / 1e6),
            "network, MB/s in and out": thousands(2 * TARGET * medians["event_bytes"] / 1e6),
        })
    return out
