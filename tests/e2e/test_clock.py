"""The wall clock of the running process jumps by an hour and by ten years, both ways."""

import json
import threading
import time
import unittest
from pathlib import Path

from deliveries import Arrivals
from harness import MATRIX_TO, GatewayTest, config, figures, webhook
from load import Load, most_within

LIBRARY = next(iter(sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))), None)
HOUR, DECADE = 3600, 10 * 365 * 86400
JUMPS = (HOUR, -HOUR, 0, DECADE, 0, -DECADE, 0)  # from the true time, one after the other


@unittest.skipIf(LIBRARY is None, "libfaketime is missing: ./dev setup test, or apt-get install faketime")
class Clock(GatewayTest):
    def jump(self, seconds):
        """What the file says is in force with the process's next look at the clock."""
        written = self.folder / "next"
        written.write_text(f"{seconds:+d}\n")
        written.rename(self.folder / "clock")

    def clocked(self, text):
        self.jump(0)
        return self.gateway(text, env={
            "LD_PRELOAD": str(LIBRARY), "FAKETIME_TIMESTAMP_FILE": str(self.folder / "clock"), "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1", "DONT_FAKE_MONOTONIC": "1", "NO_FAKE_STAT": "1"})

    def test_a_jump_causes_no_burst_no_silence_and_no_early_end(self):
        rest = figures.scale("WARDEX_JUMP_SECONDS", 0.8, 20.0)
        rate, burst, longest = 40, 5, 0.5
        retry = f"    retry: {{ initial: 100ms, max: {int(longest * 1000)}ms, give_up_after: 30m }}\n"
        healthy, paced, failing = self.receiver(), self.receiver(), self.receiver(lambda _: (503, {}, b""))
        connectors = (webhook("healthy", healthy.url) + webhook("failing", failing.url, retry)
                      + webhook("paced", paced.url, f"    limits: {{ rate: {{ per_second: {rate}, burst: {burst} }} }}\n"))
        gateway = self.clocked(config(self.folder, connectors, MATRIX_TO.format("healthy, failing, paced")))
        backlog = [{"event_id": f"b{n}", "case_id": f"B{n}", "title": "t"} for n in range(100)]
        self.assertEqual(gateway.post(backlog)[0], 202)
        load = Load(gateway, lambda c, n: {"event_id": f"c{c}-{n}", "case_id": f"C{n}", "title": "t"}, clients=2,
                    persistent=True, pause=0.05)
        load.wait_acknowledged(10)
        gateway.wait_log("lane.breaker_open")
        began = time.monotonic()
        repeats, after_jump = 0, []
        for seconds in JUMPS:
            self.jump(seconds)
            jumped = time.monotonic()
            after_jump.append(healthy.wait(1, where=lambda r: r.at > jumped)[0].at - jumped)
            if seconds in (HOUR, -HOUR):  # well within the window of ids; after ten years they are forgotten
                repeats += json.loads(gateway.post(backlog[0])[2])["duplicates"] != 1
            threading.Event().wait(rest)
        ended = time.monotonic()
        load.stop()
        gateway.wait_account("healthy", pending=0, mailbox=0)
        gateway.wait_account("paced", pending=0, mailbox=0)
        probes = [r.at for r in failing.requests if began < r.at < ended]
        gaps = [later - earlier for earlier, later in zip([began, *probes], [*probes, ended])]
        acknowledged = load.acknowledged | {event["event_id"] for event in backlog}
        given_up = gateway.query("select count(*) from mailbox")[0][0]

        # It ends with a clock that is ten years ahead, and starts with one that is ten years behind what it wrote.
        self.jump(DECADE)
        self.assertEqual(gateway.post({"event_id": "from the future", "title": "t"})[0], 202)
        failing.wait(len(failing.requests) + 2)
        self.assertEqual(gateway.stop(), 0)
        self.jump(-DECADE)
        failing.answer = None
        gateway.start()
        first = failing.wait(1, where=lambda r: r.answered == 204)[0].at - gateway.started_at
        for name in ("healthy", "failing", "paced"):
            gateway.wait_account(name, pending=0, mailbox=0)
        arrivals = [Arrivals(receiver.requests) for receiver in (healthy, failing, paced)]
        self.assert_books_balance(gateway)
        self.assertEqual(gateway.stop(), 0)
        self.assert_store_is_sound(gateway)
        figures.record(
            "clock", jumps=len(JUMPS) + 2, acknowledged=len(acknowledged) + 1,
            lost=sum(len(acknowledged - set(one.times)) for one in arrivals), given_up=given_up,
            repeats_not_recognised=repeats, longest_silence=max(gaps),
            burst=most_within(1.0, [r.at for r in paced.requests]) / (rate + burst),
            probes_per_second=most_within(1.0, probes), delivery_after_jump=max(after_jump), restart=first)


if __name__ == "__main__":
    unittest.main()
