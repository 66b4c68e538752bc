"""A long history and a large backlog against an empty store: throughput beside it, and the time to the first delivery."""

import hashlib
import time
from pathlib import Path

from runner.measure import running
from runner.pairs import Spread, ratio
from runner.processes import Failed, Process, unused_port
from runner.result import Result, figures, thousands
from runner.work import Work

MIGRATIONS = Path(__file__).resolve().parents[4] / "migrations/sqlite"




class OnFilledStore:
    """The gateway on a store that is kept from run to run, with one more connector to which the backlog belongs."""

    def __init__(self, gateway, data, backlog_alive):
        self.gateway = gateway
        self.data = data
        self.backlog_alive = backlog_alive
        self.name = "gateway on the filled store"
        self.title = "wardex-gateway, filled store"

    def missing(self, work):
        return self.gateway.missing(work)

    def version(self):
        return self.gateway.version()

    def start(self, work, sink, folder):
        (folder / "data").symlink_to(self.data)
        # Where there is a backlog a receiver is down: nobody listens on that port.
        return self.gateway.start(work, sink, folder, backlog_port=sink.http if self.backlog_alive else unused_port())


def growth(session):
    share = 100 if session.quick else 1
    rows, backlog = session.audit_rows // share, session.backlog // share
    data = filled_store(session, rows, backlog)
    filled = OnFilledStore(session.gateway, data, backlog_alive=False)
    result = Result("growth", f"{thousands(rows)} audit rows and a backlog of {thousands(backlog)}, against an empty store")

    alive = OnFilledStore(session.gateway, data, backlog_alive=True)
    starts = [time_to_first_delivery(session, alive) for _ in range(min(3, session.rounds))]
    first = Spread.of(starts)
    work = session.scaled(Work(kind="mixed"))
    runs, _ = session.runs(work, filled, session.gateway)
    throughput = ratio(runs[filled.name], runs["gateway"], lambda run: run.delivered_per_s)
    result.figures = [figures(session.gateway.title + ", empty store", runs["gateway"]), figures(filled.title, runs[filled.name])]
    result.find("≥ 0.9 × throughput", throughput.text(unit=" ×"), throughput.middle >= 0.9)
    result.find("start-up to first delivery < 1 s", first.text(unit=" s"), first.middle < 1)
    return result


def filled_store(session, rows, backlog):
    """Made once for each schema and size, through the store's own verbs; several minutes for 10^7 rows."""
    folder = session.bench.folder / f"filled-{rows}-{backlog}-{schema()}"
    done = folder / "complete"
    if not done.exists():
        session.say(f"  filling a store with {rows:,} audit rows and {backlog:,} pending deliveries")
        folder.mkdir(parents=True, exist_ok=True)
        for left in folder.iterdir():
            left.unlink()
        filler = Process([session.bench.binaries / "bench_fill", "--data-dir", folder, "--audit-rows", rows, "--backlog",
                          backlog, "--connector", "backlog"], session.bench.folder / "fill.log")
        try:
            filler.wait_line(lambda line: line.startswith("filled"), timeout=3600)
        finally:
            filler.stop()
        done.touch()
    return folder


def schema():
    """Of the migrations a store is made with: one that another version made is no use."""
    digest = hashlib.sha256()
    for file in sorted(MIGRATIONS.glob("*.sql")):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:8]


def time_to_first_delivery(session, filled):
    """From the start of the process until the sink has the first of the backlog's events."""
    started = time.time()
    with running(session.bench, filled, Work()) as (_, __, sink, ___):
        if not sink.wait(1, idle_s=60):
            raise Failed("nothing of the backlog arrived within a minute")
        return sink.stats()["first_us"] / 1e6 - started
