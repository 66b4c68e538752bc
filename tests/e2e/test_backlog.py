"""A backlog, and a process that died over it: it is drained at once, in order, in little memory, and no slower for its size."""

import http.client
import json
import threading
import time
import unittest

from harness import MATRIX_TO, TIMEOUT, GatewayTest, config, figures, unused_port, webhook

QUICK_RETRY = "    retry: { initial: 20ms, max: 200ms }\n"
IN_ONE_POST = 500
CASES = 1000
ROUND = 1000    # deliveries between two looks at the clock


class Tally:
    """Counts what arrives without keeping it: a million requests would be the test's own backlog."""

    def __init__(self):
        self.count = 0
        self.repeated = 0
        self.order_breaks = 0
        self.first_at = None
        self.rounds = []     # when each ROUND was full
        self._newest = {}    # case -> the newest number that arrived
        self._changed = threading.Condition()

    def __call__(self, request):
        events = json.loads(request.body)
        request.body = b""
        with self._changed:
            self.first_at = self.first_at or request.at
            for event in events if isinstance(events, list) else [events]:
                number, case = int(event["event_id"][1:]), event["case_id"]
                newest = self._newest.get(case, -1)
                self.repeated += number == newest
                self.order_breaks += number < newest
                self._newest[case] = max(newest, number)
                self.count += 1
                if self.count % ROUND == 0:
                    self.rounds.append(time.monotonic())
            self._changed.notify_all()
        return 204, {}, b""

    def wait(self, count, timeout):
        with self._changed:
            if not self._changed.wait_for(lambda: self.count >= count, timeout):
                raise AssertionError(f"{self.count} of {count} deliveries came within {timeout} s")


class Sender:
    """Posts numbered events over one connection, many in a request; each case gets one of CASES in turn."""

    def __init__(self, gateway):
        self._connection = http.client.HTTPConnection(*gateway.address, timeout=TIMEOUT)
        self.sent = 0

    def post(self, count):
        events = [{"event_id": f"e{n}", "case_id": f"C{n % CASES}", "title": "Suspicious shell spawned from Office"}
                  for n in range(self.sent, self.sent + count)]
        self._connection.request("POST", "/v1/events", json.dumps(events), {"Content-Type": "application/json"})
        response = self._connection.getresponse()
        body = response.read()
        if response.status != 202:
            raise AssertionError(f"{response.status}: {body}")
        self.sent += count

    def close(self):
        self._connection.close()


class Backlog(GatewayTest):
    def drained(self, name, events, more=""):
        """Measures one connector: its steady rate first, then what it does with `events` that waited."""
        port = unused_port()
        text = config(self.folder, webhook("hook", f"http://127.0.0.1:{port}/hook", QUICK_RETRY + more),
                      MATRIX_TO.format("hook"),
                      intake="  high_water: { pending: 3000000, database: 8GiB, free_disk: 0 }\n")
        gateway = self.gateway(text)

        # Steady: as much comes in as goes out.
        steady = Tally()
        receiver = self.receiver(steady, port=port)
        sender = Sender(gateway)
        steady_events = max(3 * ROUND, min(50 * ROUND, events // 4))
        while sender.sent < steady_events:
            sender.post(IN_ONE_POST)
            steady.wait(sender.sent - 4 * IN_ONE_POST, TIMEOUT)
        steady.wait(steady_events, TIMEOUT)
        steady_rate = (len(steady.rounds) - 1) * ROUND / (steady.rounds[-1] - steady.rounds[0])
        gateway.wait_account("hook", pending=0)
        receiver.close()
        receiver.drop_connections()

        while sender.sent < steady_events + events:
            sender.post(IN_ONE_POST)
        sender.close()
        gateway.kill()

        tally = Tally()
        receiver = self.receiver(tally, port=port)
        gateway.start()
        tally.wait(events, timeout=TIMEOUT + events / 200)
        drain_rate = (len(tally.rounds) - 1) * ROUND / (tally.rounds[-1] - tally.rounds[0])
        gateway.wait_account("hook", pending=0, mailbox=0)
        self.assert_books_balance(gateway)
        peak = gateway.memory("VmHWM") / 2**20
        self.assertEqual(gateway.stop(), 0)
        self.assert_store_is_sound(gateway)
        figures.record(name, events=events, lost=events - (tally.count - tally.repeated), duplicates=tally.repeated,
                       order_breaks=tally.order_breaks, first_delivery=tally.first_at - gateway.started_at,
                       memory=peak, steady_rate=steady_rate, drain_rate=drain_rate, share=drain_rate / steady_rate)

    def test_one_event_in_a_request(self):
        self.drained("backlog", figures.scale("WARDEX_BACKLOG", 4 * ROUND, 200_000))

    def test_many_events_in_a_request(self):
        self.drained("backlog_batches", figures.scale("WARDEX_BACKLOG_BATCHES", 10 * ROUND, 1_000_000),
                     "    batch: { max_events: 100 }\n")


if __name__ == "__main__":
    unittest.main()
