"""The runner's arithmetic: alternation, ratios, stalls, verdicts, the page."""

import json
import tempfile
import unittest
from pathlib import Path
from types import SimpleNamespace as Some
from unittest import mock

from runner import machine, processes, report
from runner.pairs import Spread, alternate, ratio
from runner.result import Result, figures, medians
from runner.scenarios import ALL
from runner.session import Session
from runner.systems import find_program
from runner.work import Run, Work, stall


def run_of(delivered=100.0, **more):
    percentiles = {"p50": 1500, "p99": 12_345}
    return Run(**{"system": "it", "version": "1", "work": {}, "delivered_per_s": delivered, "accept_us": percentiles,
                  "delay_us": percentiles, **more})


class Pairs(unittest.TestCase):
    def test_order_turns_around_every_round(self):
        order = []
        a, b = Some(name="a"), Some(name="b")
        runs = alternate(3, lambda system: order.append(system.name) or len(order), a, b)
        self.assertEqual(order, ["a", "b", "b", "a", "a", "b"])
        self.assertEqual(runs, {"a": [1, 4, 5], "b": [2, 3, 6]})

    def test_a_ratio_is_the_median_of_the_pairs(self):
        # The machine was twice as slow in the second pair, for both: the ratio does not see it.
        spread = ratio([30, 16, 36], [10, 5, 12], lambda run: run)
        self.assertEqual((spread.middle, spread.low, spread.high), (3.0, 3.0, 3.2))

    def test_a_spread_of_one_value_has_no_range(self):
        self.assertEqual(Spread.of([2]).text(), "2.00")
        self.assertEqual(Spread.of([1, 2, 4]).text("{:.1f}", " ×"), "2.0 × (1.0–4.0)")


class Stall(unittest.TestCase):
    def test_what_looks_like_one(self):
        for what, stats, expected in (
                ("steady", {"missing": 0, "seconds": [5, 100, 90, 110, 100, 7]}, ""),
                ("too short to tell", {"missing": 0, "seconds": [100, 0, 100]}, ""),
                ("one slow second", {"missing": 0, "seconds": [5, 100, 0, 100, 100, 7]}, ""),
                ("three slow seconds", {"missing": 0, "seconds": [5, 100, 0, 3, 9, 100, 100, 100, 7]},
                 "3 s with less than a tenth of the usual rate"),
                ("a loss", {"missing": 2, "seconds": []}, "2 of 10 never came")):
            with self.subTest(what):
                self.assertEqual(stall(stats, 10), expected)


class Table(unittest.TestCase):
    def test_figures_are_medians_and_losses_are_sums(self):
        runs = [run_of(delivered, missing=1, duplicates=2, order_breaks=3) for delivered in (10_000, 30_000, 12_345)]
        row = figures("it", runs)
        self.assertEqual(row["delivered/s"], "12 345")
        self.assertEqual((row["missing"], row["duplicates"], row["order breaks"]), (3, 6, 9))
        self.assertEqual(row["delay p50 / p99 ms"], "1.50 / 12")

    def test_the_page_keeps_what_was_measured_before(self):
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "last.json"
            for name, met, date in (("single", True, "2026-01-01"), ("alerts", False, "2026-01-02"),
                                    ("single", None, "2026-01-03")):
                result = Result(name, f"work of {name}", figures=[figures("it", [run_of()])], notes=["a | b"],
                                medians=medians([run_of(work={"size": 500}, busiest_us=20, cpu_s_per_million=10)]))
                result.find("≥ 1.5 ×", "1.2 ×", met)
                last = report.Last(file)
                last.put(report.entry_of(result, date=date, commit="abc", machine="2 × CPU", command="./dev bench",
                                         versions=["v1"]))
                entries = last.write(ALL)
            self.assertEqual([entry["scenario"] for entry in entries], ["alerts", "single"])
            page = report.page(entries)
        self.assertIn("| work of alerts | ≥ 1.5 × | 1.2 × | missed |", page)
        self.assertIn("| work of single | ≥ 1.5 × | 1.2 × | – |", page)
        self.assertNotIn("2026-01-01", page)
        self.assertIn("| work of alerts | 50 000 | 29 | 15 |", page, "10^6 / 20 us; by 0.7 of it; 10 CPU s")
        self.assertNotIn("$", page)


class Scaled(unittest.TestCase):
    def test_quick_is_less_of_the_same(self):
        session = Session(None, quick=True)
        work = session.scaled(Work(events=500_000, seconds=30))
        self.assertEqual((work.events, work.seconds, work.batch), (50_000, 10, 100))
        self.assertEqual(Session(None, events=7, seconds=3).scaled(Work()).events, 7)

    def test_who_cannot_do_the_work_is_named(self):
        systems = (Some(name="a", title="A", missing=lambda _: ""),
                   Some(name="b", title="B", missing=lambda _: "not there"))
        session = Session(None, rounds=2)
        session.measure = lambda system, work: system.name
        self.assertEqual(session.runs(Work(), *systems), ({"a": ["a", "a"]}, ["B: not there."]))


class Processes(unittest.TestCase):
    def test_what_ends_early_says_why(self):
        with tempfile.TemporaryDirectory() as folder:
            process = processes.Process(["sh", "-c", "echo no such option; exit 3"], Path(folder) / "log")
            with self.assertRaisesRegex(processes.Failed, "no such option"):
                process.wait_line(lambda line: "ready" in line)
            process.stop()

    def test_cost_is_of_the_whole_tree(self):
        with tempfile.TemporaryDirectory() as folder:
            child = "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done; echo done; exec sleep 60"
            process = processes.Process(["sh", "-c", f"sh -c '{child}' & wait"], Path(folder) / "log")
            try:
                process.wait_line(lambda line: "done" in line)
                threads = processes.cpu_ns_of_threads(process.pid)
                used = process.usage()
            finally:
                process.kill()
        self.assertEqual(len(threads), 2)
        self.assertGreater(sum(threads.values()) - threads[process.pid], 10_000_000, "the child's work")
        self.assertEqual(processes.busiest_ns({1: 5, 2: 5}, {1: 7, 2: 15, 3: 4}), 10)
        self.assertGreaterEqual(used.peak_mib, used.rss_mib)
        self.assertFalse(process.running())

    def test_a_program_may_be_named_by_the_environment(self):
        self.assertTrue(find_program("no-such-program", "sh"))
        self.assertIsNone(find_program("no-such-program"))
        with mock.patch.dict("os.environ", NO_SUCH_PROGRAM="/opt/it"):
            self.assertEqual(find_program("no-such-program"), "/opt/it")


class Machine(unittest.TestCase):
    def test_it_is_described_in_a_line(self):
        with tempfile.TemporaryDirectory() as folder:
            described = machine.describe(Path(folder))
        self.assertNotIn("\n", described)
        self.assertRegex(described, r"\d+ × .+ GiB, .+ fdatasync of 4 KiB \d+ us")
        json.dumps(described)


if __name__ == "__main__":
    unittest.main()
