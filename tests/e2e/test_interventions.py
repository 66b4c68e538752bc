"""Fallbacks, holds by hand, mutes, coalescing and poison, with the real binary."""

import json
import sqlite3
import threading
import unittest

from harness import MATRIX_TO, TIMEOUT, GatewayTest, Hang, config, unused_port, webhook


def case(number, status, **more):
    return {"event_id": f"e{number}", "kind": "case", "case_id": "CASE-7", "status": status, "severity": "high",
            "title": f"state {number}", **more}


class Fallback(GatewayTest):
    def test_steps_in_says_for_whom_and_the_primary_gets_the_current_state(self):
        pager, mail = self.receiver(), self.receiver()
        pager.answer = lambda request: (503, {}, b"")
        connectors = (webhook("pager", pager.url, "    fallback: { to: mail, after: 1s }\n"
                                                  "    retry: { initial: 200ms, max: 500ms }\n")
                      + webhook("mail", mail.url))
        gateway = self.gateway(config(self.folder, connectors, MATRIX_TO.format("pager")))
        for number, status in enumerate(["new", "triage", "investigating"], 1):
            self.assertEqual(gateway.post(case(number, status))[0], 202)
        stand_ins = [request.json() for request in mail.wait(3)]
        self.assertEqual([one["stands_in_for"] for one in stand_ins], ["pager"] * 3)
        self.assertEqual(sorted(one["event_id"] for one in stand_ins), ["e1", "e2", "e3"])
        gateway.wait_account("mail", delivered=3, routed=3, pending=0)

        self.assertEqual(gateway.post(case(4, "escalated"))[0], 202)
        pager.answer = None
        late = pager.wait(1, where=lambda r: r.answered < 300)[0].json()
        self.assertEqual((late["event_id"], late["coalesced"]), ("e4", 3))
        account = gateway.wait_account("pager", delivered=1, coalesced=3, pending=0)
        self.assertEqual(account["routed"], 4)
        trail = gateway.cli_json("events", "e2")
        self.assertEqual([(d["connector"], d["state"]) for d in trail["deliveries"]],
                         [("pager", "coalesced"), ("mail", "delivered")])
        self.assertEqual(trail["deliveries"][0]["fallback_to"], "mail")
        self.assertEqual(trail["deliveries"][1]["stands_in_for"], "pager")
        self.assert_books_balance(gateway)
        self.assertTrue(gateway.cli("audit", "verify").stdout.startswith("ok"))

    def test_a_rejected_event_goes_there_at_once(self):
        pager, mail = self.receiver(lambda request: (400, {}, b"no such team")), self.receiver()
        connectors = (webhook("pager", pager.url, "    fallback: { to: mail, after: 1h }\n") + webhook("mail", mail.url))
        gateway = self.gateway(config(self.folder, connectors, MATRIX_TO.format("pager")))
        gateway.post({"event_id": "e1", "title": "t"})
        self.assertEqual(mail.wait(1)[0].json()["stands_in_for"], "pager")
        gateway.wait_account("pager", mailbox=1)

    def test_check_warns_of_a_fallback_that_cannot_help(self):
        connectors = (webhook("a", "https://a.example/", "    fallback: { to: b }\n")
                      + webhook("b", "https://b.example/", "    enabled: false\n"))
        gateway = self.gateway(config(self.folder, connectors, MATRIX_TO.format("a")), start=False)
        self.assertIn("'b' is disabled, so nothing falls back to it", gateway.cli("check", check=False).stdout)


class Holds(GatewayTest):
    def test_hold_survives_restart_and_reload_and_resume_delivers(self):
        receiver = self.receiver()
        gateway = self.gateway(config(self.folder, webhook("hook", receiver.url), MATRIX_TO.format("hook")))
        gateway.cli("connector", "hold", "hook", "--reason", "receiver is being upgraded")
        gateway.post({"event_id": "e1", "title": "t"})
        self.assertEqual(gateway.stop(), 0)
        gateway.start()
        gateway.cli("reload")
        held = gateway.connector("hook")
        self.assertEqual((held["state"], held["reason"]), ("on_hold", "receiver is being upgraded"))
        self.assertEqual(held["control"]["actor"], "local")
        self.assertIn("receiver is being upgraded (local)", gateway.cli("status").stdout)
        self.assertIn('lane_state{connector="hook",state="on_hold"} 1', gateway.get("/metrics")[2].decode())
        self.assertEqual(receiver.requests, [])
        gateway.cli("connector", "resume", "hook")
        receiver.wait(1)
        gateway.wait_account("hook", delivered=1, pending=0)
        actions = [row["action"] for row in gateway.cli_json("audit", "tail")]
        self.assertIn("hold", actions)
        self.assertIn("resume", actions)

    def test_drain_sends_what_is_there_and_holds_the_rest(self):
        receiver = self.receiver()
        receiver.answer = lambda request: (503, {}, b"")
        connectors = webhook("hook", receiver.url, "    retry: { initial: 1h, max: 1h }\n")
        gateway = self.gateway(config(self.folder, connectors, MATRIX_TO.format("hook")))
        gateway.post({"event_id": "e1", "title": "t"})
        receiver.wait(1)
        receiver.answer = None
        drained = json.loads(gateway.cli("connector", "drain", "hook", "--for", "2h", "--json").stdout)
        self.assertEqual((drained["mode"], drained["upto_seq"]), ("drain", 1))
        gateway.post({"event_id": "e2", "title": "t"})
        receiver.wait(1, where=lambda r: r.answered < 300)
        gateway.wait_account("hook", delivered=1, pending=1)
        gateway.wait_log("lane.drained")
        self.assertEqual(gateway.connector("hook")["state"], "drained")
        gateway.cli("connector", "resume", "hook")
        gateway.wait_account("hook", delivered=2, pending=0)

    def test_wrong_orders_are_refused_with_the_way_out(self):
        receiver = self.receiver()
        gateway = self.gateway(config(self.folder, webhook("hook", receiver.url), MATRIX_TO.format("hook")))
        unknown = gateway.cli("connector", "hold", "hok", check=False)
        self.assertEqual(unknown.returncode, 1)
        self.assertIn("No connector 'hok' is configured", unknown.stderr)
        idle = gateway.cli("connector", "resume", "hook", check=False)
        self.assertIn("neither held nor drained", idle.stderr)
        self.assertEqual(gateway.cli("connector", "hold", "hook", "--for", "soon", check=False).returncode, 2)


class Mutes(GatewayTest):
    def test_what_was_opened_is_closed_even_under_a_mute(self):
        receiver = self.receiver()
        extra = ("mute_windows: { always: { from: '00:00', to: '24:00' } }\n"
                 "routes: [ { to: [hook, log], mute: [always] } ]\n")
        connectors = (webhook("hook", receiver.url)
                      + f"  log:\n    type: file\n    path: {self.folder}/log.jsonl\n")
        gateway = self.gateway(config(self.folder, connectors, extra))
        gateway.post(case(1, "new", action="created"))
        gateway.post(case(2, "resolved", action="resolved"))
        self.assertEqual(receiver.wait(1)[0].json()["event_id"], "e2")
        gateway.wait_account("hook", routed=2, muted=1, delivered=1)
        gateway.wait_account("log", routed=2, muted=2)
        self.assert_books_balance(gateway)


class Coalescing(GatewayTest):
    def test_waiting_states_of_a_case_collapse_into_the_newest(self):
        receiver = self.receiver()
        gateway = self.gateway(config(self.folder, webhook("hook", receiver.url, "    coalesce: true\n"),
                                      MATRIX_TO.format("hook")))
        gateway.cli("connector", "hold", "hook")
        for number in range(1, 6):
            gateway.post(case(number, "triage"))
        gateway.post({"event_id": "a1", "kind": "alert", "case_id": "CASE-7", "title": "an alert is a fact"})
        gateway.cli("connector", "resume", "hook")
        got = [request.json() for request in receiver.wait(2)]
        self.assertEqual([(one["event_id"], one.get("coalesced")) for one in got], [("e5", 4), ("a1", None)])
        gateway.wait_account("hook", routed=6, delivered=2, coalesced=4, pending=0)
        self.assert_books_balance(gateway)


class Poison(GatewayTest):
    def test_an_event_under_way_at_three_deaths_is_quarantined_and_the_others_arrive(self):
        def answer(request):
            if request.json()["event_id"] == "poison":
                raise Hang()
            return 204, {}, b""

        receiver, mail = self.receiver(answer), self.receiver()
        connectors = (webhook("hook", receiver.url, "    fallback: { to: mail, after: 1h }\n    timeout: 5m\n")
                      + webhook("mail", mail.url))
        gateway = self.gateway(config(self.folder, connectors, MATRIX_TO.format("hook")))
        gateway.post({"event_id": "poison", "title": "t", "case_id": "P"})
        for death in range(3):
            self.wait_until(lambda: gateway.connector("hook")["in_flight"] == 1)
            gateway.kill()
            gateway.start()
            gateway.post({"event_id": f"fine-{death}", "title": "t", "case_id": f"F{death}"})
            receiver.wait(1, where=lambda r: r.json()["event_id"] == f"fine-{death}")
        entry = gateway.cli_json("mailbox", "list")["entries"][0]
        self.assertEqual((entry["event_id"], entry["cause"], entry["attempts"]), ("poison", "poison", 3))
        self.assertEqual(mail.wait(1)[0].json()["stands_in_for"], "hook")
        outcomes = [row["outcome"] for row in gateway.cli_json("events", "poison")["audit"]
                    if row["action"] == "deliver" and row["connector"] == "hook"]
        self.assertEqual(outcomes, ["unknown"] * 3)
        gateway.wait_account("hook", delivered=3, mailbox=1, pending=0)
        self.assert_books_balance(gateway)

    def test_an_event_under_way_at_one_death_is_sent_again_as_perhaps_sent(self):
        arrived = threading.Event()

        def answer(request):
            if not arrived.is_set():
                arrived.set()
                raise Hang()
            return 204, {}, b""

        receiver = self.receiver(answer)
        gateway = self.gateway(config(self.folder, webhook("hook", receiver.url, "    timeout: 5m\n"),
                                      MATRIX_TO.format("hook")))
        gateway.post({"event_id": "e1", "title": "t"})
        self.assertTrue(arrived.wait(TIMEOUT))
        gateway.kill()
        gateway.start()
        gateway.wait_account("hook", delivered=1, pending=0)
        with sqlite3.connect(f"file:{gateway.database}?mode=ro", uri=True) as db:
            rows = db.execute("select attempt, outcome from audit where action = 'deliver' order by id").fetchall()
        self.assertEqual(rows, [(1, "unknown"), (2, "delivered")])


if __name__ == "__main__":
    unittest.main()
