"""Figures of a suite: checked against their bounds the moment they are known, and kept for the reliability page.

Which figures there are, and their bounds, is said once, in catalogue.py.
"""

import datetime
import json
import os
import platform
import re
from pathlib import Path

import catalogue

FULL = os.environ.get("WARDEX_FULL") == "1"


def scale(variable, quick, full):
    """How much of something: quick in CI, full for the page; $variable overrides both."""
    said = os.environ.get(variable)
    return type(quick)(said) if said else full if FULL else quick


def percentile(values, part):
    """The value that `part` (0..1) of them do not exceed: nearest rank, so it is one that was measured."""
    ordered = sorted(values)
    return ordered[max(0, min(len(ordered) - 1, -(-int(part * 1e6) * len(ordered) // 10**6) - 1))]


def holds(value, bound):
    """Whether "<= 1.1", "== 0" or ">= 3" holds for the value."""
    relation, limit = re.fullmatch(r"(<=|>=|==|<|>) ?(\S+)", bound).groups()
    limit = float(limit)
    return {"<=": value <= limit, ">=": value >= limit, "==": value == limit, "<": value < limit,
            ">": value > limit}[relation]


def violations(suite, measured, full):
    """What is wrong with the figures of a suite, as sentences."""
    out = []
    known = {figure.name: figure for figure in suite.figures}
    for name, value in measured.items():
        figure = known.get(name)
        if figure is None:
            out.append(f"{suite.name}.{name} is not in tests/reliability/catalogue.py")
            continue
        bound = figure.bound if full or figure.quick is None else figure.quick
        if bound and not holds(value, bound):
            out.append(f"{suite.name}.{name} ({figure.words}) is {value:g}{figure.unit}, and must be {bound}")
    return out


CONTEXT = ("description", "at", "machine", "long")  # what stands in a suite's file beside its figures


def context():
    return {"at": datetime.date.today().isoformat(), "machine": machine(), "long": FULL}


def machine():
    """What it was measured on."""
    memory = int(re.search(r"MemTotal: +(\d+)", Path("/proc/meminfo").read_text())[1]) / 2**20
    model = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text())
    kernel = re.match(r"[\d.]*\d", platform.release())[0]  # without its builder's own suffix
    return f"{os.cpu_count()} × {model[1] if model else platform.machine()}, {memory:.0f} GiB, Linux {kernel}"


def record(suite_name, **measured):
    """Says the figures, keeps them in $WARDEX_RELIABILITY_DIR if that is set, and fails when a bound does not hold."""
    suite = catalogue.suite(suite_name)
    measured = {name: round(value, 4) if isinstance(value, float) else value for name, value in measured.items()}
    print(suite_name, json.dumps(measured), flush=True)
    if folder := os.environ.get("WARDEX_RELIABILITY_DIR"):
        file = Path(folder) / f"{suite_name}.json"
        known = json.loads(file.read_text()) if file.exists() else {}
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps({**known, "description": suite.title, **context(), **measured}, indent=2) + "\n")
    wrong = violations(suite, measured, FULL)
    if wrong:
        raise AssertionError("; ".join(wrong))
