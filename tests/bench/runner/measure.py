"""One measured run: sink, system, warm-up, load, until everything has arrived and the system is quiet."""

import itertools
import shutil
import tempfile
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from runner.processes import busiest_ns, cpu_ns_of_threads, usage
from runner.tools import Load, Sink
from runner.work import Run, Work, stall

_numbers = itertools.count(1)
LONGEST = 900.0  # seconds from the last new request until a load generator gives up


@dataclass
class Bench:
    """Where the programs are, where to work, and where to write down each run."""

    binaries: Path
    folder: Path
    record: callable = lambda _: None

    @contextmanager
    def workplace(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix="run-", dir=self.folder))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def running(bench: Bench, system, work: Work, **more):
    """The system at work before an empty sink, ready to take events: (process, entrance, sink, folder)."""
    with bench.workplace() as folder:
        with Sink(bench.binaries, folder, once_a_request=work.once_a_request) as sink:
            process, entrance = system.start(work, sink, folder, **more)
            try:
                yield process, entrance, sink, folder
            finally:
                process.stop()


def load(bench: Bench, work: Work, entrance, **changes):
    """Starts to send. The ids are of a run of their own."""
    options = dict(kind=work.kind, size=work.size, batch=work.batch, connections=work.connections, rate=work.rate,
                   events=work.events, seconds=work.seconds, retry=True, give_up=LONGEST, run=new_run())
    options |= dict(port=entrance.port, path=entrance.path, token=entrance.token,
                    format=entrance.batch_format if work.batch > 1 else entrance.single_format)
    options |= changes
    options["cases"] = max(1000, options["connections"])
    return Load(bench.binaries, **options)


def new_run():
    return f"{0xbe000000 + next(_numbers):08x}"


def warm_up(bench, work, entrance, sink):
    if work.warm_up == 0:
        return
    started = load(bench, work, entrance, events=work.warm_up, seconds=0, rate=work.rate)
    sent = started.result()["sent"]
    sink.wait(sent, sent * work.connectors, work.idle_s)


def measure(bench: Bench, system, work: Work) -> Run:
    with running(bench, system, work) as (process, entrance, sink, _):
        warm_up(bench, work, entrance, sink)
        process.wait_quiet()
        run = new_run()
        sink.reset(run)
        before, threads, sink_before = process.usage(), cpu_ns_of_threads(process.pid), usage(sink.pid).cpu_s
        result = load(bench, work, entrance, run=run).result()
        sink.wait(result["sent"], result["sent"] * work.connectors, work.idle_s)
        process.wait_quiet()
        after = process.usage()
        stats = sink.stats(result["sent"])
        outcome = _outcome(system, work, result, stats, before, after)
        outcome.busiest_us = busiest_ns(threads, cpu_ns_of_threads(process.pid)) / 1000 / max(1, stats["unique"])
        outcome.tools_us = (usage(sink.pid).cpu_s - sink_before + result["cpu_s"]) / max(1, result["sent"]) * 1e6
    bench.record(outcome)
    return outcome


def _outcome(system, work, result, stats, before, after):
    # With several connectors each event is to arrive once at each.
    delivered = stats["unique"] if work.connectors == 1 else min(stats["events"], stats["unique"] * work.connectors)
    last = stats["last_us"] if work.connectors == 1 else stats["touched_us"]
    took = max(1e-6, (last - result["started_us"]) / 1e6)
    events = max(1, stats["unique"])
    return Run(
        system=system.name, version=system.version(), work=asdict(work),
        accepted_per_s=result["accepted_per_s"], delivered_per_s=delivered / took, delivered=delivered,
        missing=stats["missing"], duplicates=stats["events"] - delivered, order_breaks=stats["order_breaks"],
        cpu_s_per_million=(after.cpu_s - before.cpu_s) / events * 1e6, peak_mib=after.peak_mib,
        bytes_per_event=(after.written_bytes - before.written_bytes) / events,
        accept_us=result["latency_us"], delay_us=stats["delay_us"], requests_out=stats["requests"],
        statuses=result["statuses"], stall=stall(stats, result["sent"]))
