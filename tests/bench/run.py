#!/usr/bin/env python3
"""Measures the gateway, beside others where they are installed, and prints goals with figures next to them."""

import argparse
import json
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
ROOT = HERE.parents[1]

from runner import machine, report  # noqa: E402
from runner.measure import Bench  # noqa: E402
from runner.processes import Failed  # noqa: E402
from runner.scenarios import ALL  # noqa: E402
from runner.session import Session  # noqa: E402


def commit():
    done = subprocess.run(["git", "-C", str(ROOT), "describe", "--always", "--dirty"], capture_output=True, text=True,
                          check=False)
    return done.stdout.strip() or "unknown"


def keep(entry):
    last = report.Last(HERE / "last.json")
    last.put(entry)
    (ROOT / "docs/performance.md").write_text(report.page(last.write(ALL)))


def arguments():
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__, epilog=f"scenarios: {' '.join(ALL)}")
    parser.add_argument("scenarios", nargs="*", metavar="SCENARIO", help="which; default: all")
    parser.add_argument("--quick", action="store_true", help="a tenth of the work (growth: a hundredth), one round; "
                        "docs/performance.md is not written")
    parser.add_argument("--rounds", type=int, default=None, help="runs of each system (default 5; quick: 1)")
    parser.add_argument("--events", type=int, help="events a run, instead of the scenario's own")
    parser.add_argument("--seconds", type=float, help="of load a run, instead of the scenario's own")
    parser.add_argument("--audit-rows", type=int, default=Session.audit_rows,
                        help="history of growth (default %(default)s)")
    parser.add_argument("--backlog", type=int, default=Session.backlog,
                        help="backlog of growth and dead-sink (default %(default)s)")
    parser.add_argument("--note", help="said beside the figures, such as what else the machine was doing")
    parser.add_argument("--binaries", type=Path, default=ROOT / "build/release/bin")
    parser.add_argument("--folder", type=Path, default=ROOT / "build/bench", help="for stores, logs and runs.jsonl")
    options = parser.parse_args()
    unknown = [name for name in options.scenarios if name not in ALL]
    if unknown:
        parser.error(f"no scenario {', '.join(unknown)}; there are: {', '.join(ALL)}")
    return options


def main():
    options = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what was started is stopped
    options.folder.mkdir(parents=True, exist_ok=True)
    about = {"date": time.strftime("%Y-%m-%d"), "commit": commit(), "machine": machine.describe(options.folder),
             "command": shlex.join(["./dev", "bench", *sys.argv[1:]])}
    versions = set()

    def record(run):
        versions.add(f"{run.system}: {run.version}")
        with open(options.folder / "runs.jsonl", "a") as file:
            file.write(json.dumps({**about, **run.json()}) + "\n")

    session = Session(Bench(options.binaries, options.folder, record), quick=options.quick,
                      rounds=options.rounds or (1 if options.quick else 5), events=options.events,
                      seconds=options.seconds, audit_rows=options.audit_rows, backlog=options.backlog)
    entries, failed = [], 0
    for name in options.scenarios or ALL:
        session.say(f"{name} ...")
        versions.clear()
        try:
            result = ALL[name](session)
        except Failed as error:
            failed += 1
            session.say(f"{name} could not be measured: {error}")
            continue
        result.notes += [options.note] if options.note else []
        entries.append(report.entry_of(result, **about, versions=sorted(versions)))
        # The page is no place for a glance; of anything else it states the command. Whoever interrupts keeps what is done.
        if not options.quick:
            keep(entries[-1])
    print(report.terminal(entries))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
