"""Two seconds of the gateway between load generator and sink, with a receiver that fails: nothing may be missing."""

import os
import tempfile
import unittest
from pathlib import Path

from runner import report
from runner.measure import Bench, load, measure, running
from runner.systems.gateway import Gateway
from runner.result import Result, figures
from runner.work import EACH, Work

BINARIES = Path(os.environ.get("WARDEX_BINARIES", Path(__file__).resolve().parents[2] / "build/debug/bin"))


class Smoke(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.runs = []
        self.bench = Bench(BINARIES, Path(folder.name), self.runs.append)
        self.gateway = Gateway(BINARIES / "wardex-gateway")

    def test_what_was_accepted_arrives_once_and_in_order(self):
        work = Work(kind="mixed", batch=20, connections=4, rate=1000, events=2000, seconds=0, warm_up=100, idle_s=30)
        run = measure(self.bench, self.gateway, work)
        self.assertEqual((run.delivered, run.missing, run.duplicates, run.order_breaks), (2000, 0, 0, 0))
        self.assertEqual(run.statuses, {"202": 100})
        self.assertEqual(self.runs, [run])
        for figure in (run.accepted_per_s, run.delivered_per_s, run.cpu_s_per_million, run.peak_mib, run.bytes_per_event,
                       run.busiest_us, run.delay_us["p50"]):
            self.assertGreater(figure, 0)
        self.assertGreaterEqual(run.delay_us["p99"], run.delay_us["p50"])
        shown = report.terminal([report.entry_of(Result("smoke", "two seconds", figures=[figures("it", self.runs)]))])
        self.assertIn("delivered/s", shown)

    def test_every_connector_gets_every_event(self):
        run = measure(self.bench, self.gateway, Work(events=500, seconds=0, connectors=3, warm_up=0, idle_s=30))
        self.assertEqual((run.delivered, run.missing, run.duplicates), (1500, 0, 0))

    def test_a_receiver_that_fails_loses_nothing(self):
        """Lost answers are told from losses: the sink has more arrivals, all of them of known ids."""
        work = Work(receiver=EACH, receiver_connections=8, batch=10, connections=2, events=300, seconds=0)
        with running(self.bench, self.gateway, work) as (_, entrance, sink, __):
            sink.fault("close", share=0.2)
            sent = load(self.bench, work, entrance).result()
            self.assertEqual(sent["accepted"], 300)
            sink.fault("none")
            self.assertTrue(sink.wait(300, idle_s=30))
            stats = sink.stats(300)
        self.assertEqual((stats["missing"], stats["foreign"], stats["unreadable"]), (0, 0, 0))
        self.assertEqual(stats["events"], stats["unique"] + stats["duplicates"])


if __name__ == "__main__":
    unittest.main()
