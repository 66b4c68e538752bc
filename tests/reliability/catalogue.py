"""What is measured and what is promised of it: the one table behind the suites that measure and the page that shows."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    name: str                 # in the suite's JSON file
    words: str                # on the page
    bound: str = ""           # "== 0", "<= 1.1"; "": a figure without a promise
    unit: str = ""            # written behind the value: " s", " MiB"
    quick: str | None = None  # the bound in CI, where other work disturbs the clock; None: the same


@dataclass(frozen=True)
class Suite:
    name: str   # of the JSON file
    title: str
    what: str   # what is done to the gateway
    where: str  # the file that does it
    figures: tuple[Figure, ...]


SUITES = (
    Suite(
        "kill", "kill -9 under load",
        "The real binary is killed at random moments while four clients post single events and batches for connectors "
        "that work, take batches, are slow, and are dead. At the end all receivers are well, and every event that was "
        "acknowledged must have reached every one of them.",
        "tests/e2e/test_crash.py",
        (
            Figure("kills", "kills"),
            Figure("acknowledged", "events acknowledged"),
            Figure("lost", "acknowledged and lost, over all connectors", "== 0"),
            Figure("phantoms", "delivered but never sent", "== 0"),
            Figure("duplicates", "deliveries made more than once"),
            Figure("ambiguous", "attempts of unknown outcome"),
            Figure("duplicates_per_ambiguous", "duplicates for each of those", "<= 1"),
            Figure("changed_keys", "duplicates under another key", "== 0"),
            Figure("order_breaks", "an older state of a case arriving after a newer one", "== 0"),
            Figure("quarantined", "under way at three deaths in a row, set aside and replayed"),
            Figure("restart_p95", "process start to first delivery, p95", "<= 1", " s", quick="<= 5"),
        ),
    ),
)


def suite(name):
    return next(suite for suite in SUITES if suite.name == name)
