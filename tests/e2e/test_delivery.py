"""An event goes in over HTTP, is durable, is routed, is delivered, and the audit trail shows it."""

import base64
import hashlib
import hmac
import json
import sqlite3
import unittest

from harness import GUIDE_EVENT, MATRIX_TO, GatewayTest, config, unused_port

SECRET = "whsec_" + base64.b64encode(b"0123456789abcdef0123456789abcdef").decode()


def hook(receiver, name="hook", more=""):
    return (f"  {name}:\n    type: webhook\n    url: {receiver.url}\n    allow_insecure: true\n"
            f"    signing_secret: ${{file:{{folder}}/secret}}\n{more}")


class Delivery(GatewayTest):
    def hooked(self, receiver, more="", extra="", name="hook"):
        secret = self.folder / "secret"
        secret.write_text(SECRET)
        secret.chmod(0o600)
        connectors = hook(receiver, name, more).replace("{folder}", str(self.folder))
        return config(self.folder, connectors, MATRIX_TO.format(name) + extra)

    def test_the_guides_event_arrives_signed_and_unchanged(self):
        receiver = self.receiver()
        gateway = self.gateway(self.hooked(receiver))
        status, _, body = gateway.post(GUIDE_EVENT)
        self.assertEqual(status, 202, body)
        answer = json.loads(body)
        self.assertEqual((answer["accepted"], answer["duplicates"], answer["rejected"]), (1, 0, []))
        self.assertEqual(len(answer["ids"]), 1)

        got = receiver.wait(1)[0]
        sent = got.json()
        for field, value in GUIDE_EVENT.items():
            self.assertEqual(sent[field], value, field)
        headers = {name.lower(): value for name, value in got.headers.items()}
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + got.body
        key = base64.b64decode(SECRET.removeprefix("whsec_"))
        expected = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        self.assertEqual(headers["webhook-signature"], expected)

        gateway.wait_account("hook", routed=1, delivered=1, pending=0)
        self.assert_books_balance(gateway)

        # The trail, by the API's eyes and by sqlite3's.
        trail = gateway.cli_json("events", answer["ids"][0])
        self.assertEqual([d["state"] for d in trail["deliveries"]], ["delivered"])
        self.assertEqual([row["outcome"] for row in trail["audit"]], ["accepted", "delivered"])
        self.assertEqual(trail["original"], GUIDE_EVENT)
        with sqlite3.connect(f"file:{gateway.database}?mode=ro", uri=True) as db:
            rows = db.execute("select at, connector, outcome, status_code from audit order by id desc limit 1").fetchall()
        self.assertEqual(rows[0][1:], ("hook", "delivered", 204))
        self.assertTrue(gateway.cli("audit", "verify").stdout.startswith("ok"))

    def test_a_repeated_post_is_a_duplicate_even_after_a_restart(self):
        receiver = self.receiver()
        gateway = self.gateway(self.hooked(receiver))
        first = json.loads(gateway.post(GUIDE_EVENT)[2])
        again = json.loads(gateway.post(dict(reversed(GUIDE_EVENT.items())))[2])
        self.assertEqual((again["accepted"], again["duplicates"]), (0, 1))
        self.assertEqual(first["ids"], again["ids"])
        receiver.wait(1)
        gateway.wait_account("hook", delivered=1)
        self.assertEqual(gateway.stop(), 0)
        gateway.start()
        third = json.loads(gateway.post(GUIDE_EVENT)[2])
        self.assertEqual((third["accepted"], third["duplicates"]), (0, 1))
        self.assertEqual(len(receiver.requests), 1)

    def test_a_dead_receiver_does_not_hold_up_another(self):
        alive = self.receiver()
        connectors = (f"  dead:\n    type: webhook\n    url: http://127.0.0.1:{unused_port()}/\n    allow_insecure: true\n"
                      f"  alive:\n    type: webhook\n    url: {alive.url}\n    allow_insecure: true\n")
        gateway = self.gateway(config(self.folder, connectors, MATRIX_TO.format("dead, alive")))
        for number in range(50):
            self.assertEqual(gateway.post({"event_id": f"e{number}", "title": "t", "case_id": f"C{number}"})[0], 202)
        alive.wait(50)
        gateway.wait_account("alive", delivered=50, pending=0)
        self.assertEqual(gateway.wait_account("dead", delivered=0)["pending"], 50)
        self.assert_books_balance(gateway)

    def test_too_many_requests_is_obeyed(self):
        replies = iter([(429, {"Retry-After": "3"}, b"")])
        receiver = self.receiver(lambda _: next(replies, (204, {}, b"")))
        gateway = self.gateway(self.hooked(receiver))
        for number in range(5):
            gateway.post({"event_id": f"e{number}", "title": "t", "case_id": f"C{number}"})
        requests = receiver.wait(6)
        throttled = next(r for r in requests if r.answered == 429)
        later = [r.at - throttled.at for r in requests if r.at > throttled.at]
        # Requests already on the wire when the 429 came are allowed to land; anything after them waits 3 s.
        early = [delay for delay in later if delay < 3.0]
        self.assertLess(len(early), 4, later)
        self.assertFalse([delay for delay in later if 0.5 < delay < 2.95], later)
        gateway.wait_account("hook", delivered=5, pending=0)

    def test_a_rejected_event_waits_in_the_mailbox_and_replays(self):
        receiver = self.receiver(lambda _: (400, {}, b'{"error":"field severity unknown"}'))
        gateway = self.gateway(self.hooked(receiver))
        gateway.post(GUIDE_EVENT)
        gateway.wait_account("hook", mailbox=1, pending=0)
        entry = gateway.cli_json("mailbox", "list")["entries"][0]
        self.assertEqual(entry["cause"], "rejected")
        self.assertIn("field severity unknown", entry["reason"])
        self.assert_books_balance(gateway)

        receiver.answer = lambda _: (204, {}, b"")
        gateway.cli("mailbox", "replay", str(entry["id"]))
        gateway.wait_account("hook", delivered=1, mailbox=0, pending=0)
        first, second = receiver.wait(2)
        self.assertEqual({k.lower(): v for k, v in first.headers.items()}["webhook-id"],
                         {k.lower(): v for k, v in second.headers.items()}["webhook-id"])
        self.assert_books_balance(gateway)

    def test_a_discarded_entry_stays_accounted_for(self):
        receiver = self.receiver(lambda _: (422, {}, b"no"))
        gateway = self.gateway(self.hooked(receiver))
        gateway.post(GUIDE_EVENT)
        gateway.wait_account("hook", mailbox=1)
        refused = gateway.cli("mailbox", "discard", "--all", check=False)
        self.assertEqual(refused.returncode, 2)  # --reason is required
        gateway.cli("mailbox", "discard", "--all", "--reason", "test data")
        gateway.wait_account("hook", mailbox=0, discarded=1)
        rows = gateway.cli_json("audit", "tail", "--action", "discard")
        self.assertIn("test data", rows[-1]["detail"])
        self.assert_books_balance(gateway)

    def test_a_refused_credential_holds_the_lane_and_a_new_secret_frees_it(self):
        receiver = self.receiver(lambda _: (401, {}, b"bad token"))
        gateway = self.gateway(self.hooked(receiver, more="    owner: soc@example.com\n"))
        gateway.post(GUIDE_EVENT)
        receiver.wait(1)
        gateway.wait_log("lane.held")
        held = gateway.connector("hook")
        self.assertEqual((held["state"], held["owner"], held["account"]["mailbox"]), ("held", "soc@example.com", 0))
        self.assertIn("401", held["reason"])

        receiver.answer = lambda _: (204, {}, b"")
        other = "whsec_" + base64.b64encode(b"another secret of 32 bytes, okay").decode()
        (self.folder / "secret").write_text(other)  # the watcher sees it; nobody restarts anything
        gateway.wait_account("hook", delivered=1, pending=0)

    def test_order_per_case_is_kept(self):
        receiver = self.receiver()
        gateway = self.gateway(self.hooked(receiver))
        for number in range(40):
            gateway.post({"event_id": f"u{number}", "title": "t", "case_id": f"CASE-{number % 4}", "description": str(number)})
        receiver.wait(40)
        for case in range(4):
            seen = [int(r.json()["description"]) for r in receiver.requests if r.json()["case_id"] == f"CASE-{case}"]
            self.assertEqual(seen, sorted(seen))


if __name__ == "__main__":
    unittest.main()
