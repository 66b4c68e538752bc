"""The micro-benchmarks, as figures of one core."""

import json
import os
import subprocess

from runner.processes import Failed
from runner.result import Result

ROUTING_GOAL_NS = 2000  # an event, of 10 to 1 000 rules


def micro(session):
    result = Result("micro", "single steps on one core (Google Benchmark)")
    program = session.bench.binaries / "bench_micro"
    if not program.exists():
        result.notes.append("bench_micro is not built: it takes libbenchmark-dev and -DWARDEX_BENCH=ON, see ./dev bench.")
        return result
    measured = run(program, session.bench.folder, min_time=0.05 if session.quick else 0.5)
    result.figures = [{"step": name, "CPU us": f"{cpu / 1000:.3f}", "time us": f"{time / 1000:.3f}"}
                      for name, (cpu, time) in measured.items()]
    routing = max((cpu for name, (cpu, _) in measured.items() if name.startswith("route/")), default=None)
    if routing is not None:
        result.find("routing ≤ 2 us an event", f"{routing / 1000:.2f} us at most", routing <= ROUTING_GOAL_NS)
    return result


def run(program, folder, min_time):
    """(CPU, time) in nanoseconds an item, by name. Files are made where the other scenarios make theirs."""
    done = subprocess.run([program, "--benchmark_format=json", f"--benchmark_min_time={min_time}"], capture_output=True,
                          text=True, check=True, env={**os.environ, "TMPDIR": str(folder)})
    out = {}
    for one in json.loads(done.stdout)["benchmarks"]:
        if one.get("error_occurred"):
            raise Failed(f"{one['name']}: {one['error_message']}")
        name = one["name"].replace("/process_time", "").replace("/real_time", "")
        out[name] = one["cpu_time"] / one["items"], one["real_time"] / one["items"]
    return out
