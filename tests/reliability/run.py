"""Runs the suites of the catalogue at length, one after the other, and says which failed: run.py BIN_FOLDER [SUITE...]

All figures go to $WARDEX_RELIABILITY_DIR. A suite that fails does not stop the others.
"""

import os
import subprocess
import sys
from pathlib import Path

import catalogue

ROOT = Path(__file__).resolve().parents[2]
SEEDS = "1-100000"


def commands(binaries, wanted):
    """(name, folder, command) of each file that holds a wanted suite, in the order of the catalogue."""
    for where in dict.fromkeys(suite.where for suite in catalogue.SUITES if not wanted or suite.name in wanted):
        file = ROOT / where
        if file.suffix == ".py":
            yield where, file.parent, [sys.executable, "-m", "unittest", "-v", file.stem]
        else:  # one binary of several files; the file's name is that of its GoogleTest suite
            only = "".join(word.capitalize() for word in file.stem.removesuffix("_test").split("_"))
            yield where, ROOT, [str(Path(binaries) / file.parent.name) + "_test", f"--gtest_filter=*{only}.*"]


def main(binaries, *wanted):
    unknown = set(wanted) - {suite.name for suite in catalogue.SUITES}
    if unknown:
        return f"no such suite: {', '.join(sorted(unknown))}; there are {', '.join(s.name for s in catalogue.SUITES)}"
    env = {**os.environ, "WARDEX_FULL": "1", "PYTHONDONTWRITEBYTECODE": "1",
           "WARDEX_GATEWAY": str(Path(binaries).resolve() / "wardex-gateway"),
           "WARDEX_SEEDS": os.environ.get("WARDEX_SEEDS", SEEDS)}
    failed = []
    for where, folder, command in commands(Path(binaries).resolve(), wanted):
        print(f"==> {where}", flush=True)
        if subprocess.run(command, cwd=folder, env=env).returncode != 0:
            failed.append(where)
    return f"failed: {', '.join(failed)}" if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
