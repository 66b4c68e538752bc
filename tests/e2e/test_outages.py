"""Receivers that are away for a while, and credentials that end at noon: nothing is burned, and it goes on by itself."""

import threading
import time
import unittest

from deliveries import Arrivals
from harness import MATRIX_TO, GatewayTest, config, figures, unused_port, webhook


def event(number):
    return {"event_id": f"e{number}", "case_id": f"CASE-{number}", "title": "t"}


class Breaker(GatewayTest):
    def test_an_outage_costs_a_handful_of_probes_and_charges_nobody(self):
        opens_after, interval, waiting = 5 + 3, 1.0, 200  # five failures, and who is under way with the fifth
        lasts = figures.scale("WARDEX_OUTAGE_SECONDS", 4.0, 60.0)
        retry = f"    retry: {{ initial: 200ms, max: {int(interval * 1000)}ms }}\n"
        port = unused_port()
        failing = self.receiver(lambda _: (503, {}, b"down"))
        connectors = webhook("refused", f"http://127.0.0.1:{port}/hook", retry) + webhook("failing", failing.url, retry)
        gateway = self.gateway(config(self.folder, connectors, MATRIX_TO.format("refused, failing")))
        self.assertEqual(gateway.post([event(n) for n in range(waiting)])[0], 202)
        for _ in range(2):
            gateway.wait_log("lane.breaker_open")
        threading.Event().wait(lasts)  # the outage itself

        costs = {}
        for name in ("refused", "failing"):
            self.assertEqual(gateway.connector(name)["state"], "breaker_open")
            attempts = gateway.query("select count(*) from audit where action = 'deliver' and connector = ?", name)[0][0]
            charged = gateway.query("select count(*) from deliveries where attempts > 0 and connector = ?", name)[0][0]
            # The interval grows to its longest in three probes, and is a quarter shorter at most.
            costs |= {f"attempts_{name}": attempts,
                      f"excess_{name}": max(0, attempts - opens_after - 4 - int(lasts / (0.75 * interval))),
                      f"charged_{name}": max(0, charged - opens_after)}
        revived = self.receiver(port=port)
        well_at = time.monotonic()
        failing.answer = None
        for name, receiver in (("refused", revived), ("failing", failing)):
            first = receiver.wait(1, where=lambda r: r.answered == 204)[0]
            costs[f"recovery_{name}"] = first.at - well_at
            gateway.wait_account(name, pending=0, mailbox=0, delivered=waiting)
        self.assert_books_balance(gateway)
        figures.record("outage", seconds=lasts, waiting=waiting, probe_interval=interval, **costs)


class Credential(GatewayTest):
    def test_a_credential_that_ends_at_noon_burns_nothing_and_its_successor_resumes(self):
        secret = self.folder / "token"
        valid = "morning"
        secret.write_text(valid)
        secret.chmod(0o600)

        def answer(request):
            if request.headers.get("Authorization") == f"Bearer {valid}":
                return 204, {}, b""
            return 401, {}, b"token expired\nat 12:00"

        receiver = self.receiver(answer)
        gateway = self.gateway(config(
            self.folder,
            webhook("hook", receiver.url, f"    owner: soc-platform@example.com\n    retry: {{ give_up_after: 1s }}\n"
                                          f"    auth: {{ bearer: \"${{file:{secret}}}\" }}\n"),
            MATRIX_TO.format("hook")))
        before, after = 20, 100
        self.assertEqual(gateway.post([event(n) for n in range(before)])[0], 202)
        gateway.wait_account("hook", delivered=before)

        valid = "afternoon"  # noon, for the receiver
        refused_from = len(receiver.requests)
        for number in range(before, before + after):
            self.assertEqual(gateway.post(event(number))[0], 202)
        held = gateway.wait_log("lane.held")
        self.assertEqual(held["owner"], "soc-platform@example.com")
        threading.Event().wait(1.5)  # longer than give_up_after
        account = gateway.wait_account("hook", mailbox=0, delivered=before, pending=after)
        self.assertEqual(gateway.query("select max(attempts) from deliveries")[0][0], 0, "an attempt was charged")
        refused = len(receiver.requests) - refused_from

        # Whom to tell, and why, wherever one may look.
        for shown in (gateway.connector("hook"), gateway.local("GET", "/v1/connectors")[1]["connectors"][0]):
            self.assertEqual((shown["state"], shown["owner"]), ("held", "soc-platform@example.com"))
            self.assertIn("401", shown["reason"])
        table = gateway.cli("status").stdout
        self.assertIn("(soc-platform@example.com)", table)
        self.assertIn("401", table)
        sample = next(line for line in gateway.get("/metrics")[2].decode().splitlines()
                      if line.startswith("wardex_gateway_lane_held{"))
        self.assertRegex(sample, r'^wardex_gateway_lane_held\{connector="hook",owner="soc-platform@example.com",'
                                 r'reason="HTTP 401: token expired at 12:00"\} 1$')
        self.assertEqual(gateway.get("/readyz")[0], 200)  # everything else goes on

        changed_at = time.monotonic()
        secret.write_text(valid)
        first = receiver.wait(1, where=lambda r: r.at > changed_at and r.answered == 204)[0]
        gateway.wait_account("hook", delivered=before + after, pending=0, mailbox=0)
        self.assertNotIn("wardex_gateway_lane_held{", gateway.get("/metrics")[2].decode())
        arrivals = Arrivals(receiver.requests)
        self.assertEqual((len(arrivals.times), arrivals.duplicates), (before + after, 0))
        self.assert_books_balance(gateway)
        figures.record("credential", waiting=account["pending"], refused=refused, mailbox=account["mailbox"],
                       recovery=first.at - changed_at)


if __name__ == "__main__":
    unittest.main()
