"""The failure mailbox: ten thousand rejections read as one line, a fixed mapping is checked, the replay keeps its pace."""

import json
import os
import stat
import unittest

from harness import MATRIX_TO, GatewayTest, config

CANARY = "canary-mailbox-7f3a9c51d2e84b60"


class Mailbox(GatewayTest):
    def hooked(self, receiver, more="", extra=""):
        connectors = (f"  hook:\n    type: webhook\n    url: {receiver.url}\n    allow_insecure: true\n"
                      f"    auth: {{ bearer: {CANARY} }}\n{more}")
        return config(self.folder, connectors, MATRIX_TO.format("hook") + extra)

    def rejecting(self, count, more="", extra="", severity="high"):
        """A gateway whose receiver has rejected `count` events."""
        receiver = self.receiver(lambda _: (400, {}, b'{"error":"field severity unknown"}'))
        gateway = self.gateway(self.hooked(receiver, more, extra))
        for begin in range(0, count, 500):
            batch = [{"event_id": f"e{n}", "title": f"alert {n}", "case_id": f"CASE-{n % 7}", "severity": severity}
                     for n in range(begin, min(begin + 500, count))]
            self.assertEqual(gateway.post(batch)[0], 202)
        gateway.wait_account("hook", mailbox=count, pending=0)
        return gateway, receiver

    def wait_replay(self, gateway, job):
        while True:
            found = next(r for r in gateway.cli_json("mailbox", "replays")["replays"] if r["id"] == job)
            if found["state"] != "running":
                return found

    def keys(self, receiver, answered):
        return [{k.lower(): v for k, v in r.headers.items()}["idempotency-key"] for r in receiver.requests
                if r.answered == answered]

    def test_an_incident_from_one_line_to_empty(self):
        gateway, receiver = self.rejecting(600, more="    limits: { concurrency: 16 }\n")
        group = gateway.cli_json("mailbox", "groups")["groups"]
        self.assertEqual([(g["connector"], g["cause"], g["count"], g["worst"]) for g in group],
                         [("hook", "rejected", 600, "high")])
        self.assertIn("field severity unknown", group[0]["reason"])
        table = gateway.cli("mailbox", "groups").stdout
        self.assertIn("600", table)
        self.assertEqual(len(table.strip().splitlines()), 2, table)
        fingerprint = group[0]["fingerprint"]

        preview = gateway.cli_json("mailbox", "replay", "--group", fingerprint, "--rate", "200/s", "--dry-run")
        self.assertEqual((preview["entries"], preview["connectors"], preview["takes"]), (600, {"hook": 600}, "3s"))
        self.assertEqual(gateway.connector("hook")["account"]["mailbox"], 600)

        rejected = set(self.keys(receiver, 400))
        receiver.answer = lambda _: (204, {}, b"")
        job = gateway.cli_json("mailbox", "replay", "--group", fingerprint, "--rate", "200/s")["replay"]
        self.assertEqual((job["entries"], job["state"]), (600, "running"))
        gateway.wait_account("hook", delivered=600, mailbox=0, pending=0)
        ended = self.wait_replay(gateway, job["id"])
        self.assertEqual((ended["state"], ended["replayed"]), ("done", 600))
        # No faster than told: 600 at 200 a second, of which the first step of 50 goes at once.
        sent = [r.at for r in receiver.requests if r.answered == 204]
        self.assertGreater(max(sent) - min(sent), 2.5)
        self.assertEqual(set(self.keys(receiver, 204)), rejected)  # the same keys, so the receiver can dedup
        self.assert_books_balance(gateway)
        jobs = gateway.cli_json("audit", "tail", "--action", "replay_job")
        self.assertEqual((jobs[-1]["outcome"], jobs[-1]["count"]), ("done", 600))
        self.assertTrue(gateway.cli("audit", "verify").stdout.startswith("ok"))

    def test_what_is_rejected_again_waits_for_the_next_replay(self):
        gateway, receiver = self.rejecting(270)
        job = gateway.cli_json("mailbox", "replay", "--all")["replay"]  # more than one step: a job
        ended = self.wait_replay(gateway, job["id"])
        self.assertEqual(ended["replayed"], 270)
        gateway.wait_account("hook", mailbox=270, pending=0)
        self.assertEqual(len(receiver.wait(540)), 540)
        self.assert_books_balance(gateway)

    def test_a_cancelled_replay_and_a_restart_lose_nothing(self):
        gateway, receiver = self.rejecting(60)
        receiver.answer = lambda _: (204, {}, b"")
        job = gateway.cli_json("mailbox", "replay", "--all", "--rate", "20/s")["replay"]
        receiver.wait(1, where=lambda r: r.answered == 204)
        cancelled = gateway.cli_json("mailbox", "cancel", str(job["id"]))["replay"]
        self.assertEqual(cancelled["state"], "cancelled")
        moved = cancelled["replayed"]
        self.assertLess(moved, 60)
        gateway.wait_account("hook", mailbox=60 - moved, delivered=moved)
        self.assertIn("cancelled", gateway.cli("mailbox", "replays").stdout)
        self.assertEqual(gateway.cli("mailbox", "cancel", "99", check=False).returncode, 1)

        gateway.cli("mailbox", "replay", "--all", "--rate", "1/h")
        gateway.kill()
        gateway.start()
        self.assertEqual(gateway.cli_json("mailbox", "replays")["replays"], [])
        account = gateway.connector("hook")["account"]
        self.assertEqual(account["mailbox"] + account["delivered"] + account["pending"], 60)
        gateway.cli("mailbox", "replay", "--all")
        gateway.wait_account("hook", delivered=60, mailbox=0, pending=0)
        self.assert_books_balance(gateway)

    def test_show_renders_with_the_settings_of_now(self):
        gateway, receiver = self.rejecting(1)
        entry = gateway.cli_json("mailbox", "list")["entries"][0]
        shown = gateway.cli_json("mailbox", "show", str(entry["id"]))
        self.assertEqual(shown["event"]["original"]["title"], "alert 0")
        self.assertEqual(shown["rendered"]["url"], receiver.url)
        self.assertEqual(json.loads(shown["rendered"]["body"])["title"], "alert 0")
        other = self.receiver()
        gateway.config_file.write_text(self.hooked(other))
        gateway.wait_log("config.reloaded")
        again = gateway.cli_json("mailbox", "show", str(entry["id"]))
        self.assertEqual(again["rendered"]["url"], other.url)
        text = gateway.cli("mailbox", "show", str(entry["id"])).stdout
        self.assertIn("alert 0", text)
        self.assertIn(other.url, text)
        # The connector is gone: the entry can still be read.
        gateway.config_file.write_text(config(self.folder, f"  log:\n    type: file\n    path: {self.folder}/x.jsonl\n",
                                              MATRIX_TO.format("log")))
        gateway.wait_log("config.reloaded")
        gone = gateway.cli_json("mailbox", "show", str(entry["id"]))
        self.assertIn("no connector 'hook'", gone["render_error"])
        self.assertNotIn("rendered", gone)
        for output in (shown, again, gone, text):
            self.assertNotIn(CANARY, json.dumps(output))

    def test_the_age_of_a_replayed_event_counts_from_the_replay(self):
        receiver = self.receiver(lambda _: (503, {}, b""))
        gateway = self.gateway(self.hooked(receiver, "    retry: { initial: 50ms, max: 100ms, give_up_after: 1s }\n"))
        gateway.post({"event_id": "old", "title": "t"})
        gateway.wait_account("hook", mailbox=1, pending=0)
        self.assertEqual(gateway.cli_json("mailbox", "list")["entries"][0]["cause"], "gave_up")
        # Older than give_up_after by now: one more failure would end it at once, if the age were the event's own.
        before = len(receiver.requests)
        receiver.answer = lambda _: (204, {}, b"") if len(receiver.requests) > before else (503, {}, b"")
        gateway.cli("mailbox", "replay", "--all")
        gateway.wait_account("hook", delivered=1, mailbox=0, pending=0)
        self.assertEqual([r.answered for r in receiver.requests[before:]], [503, 204])

    def test_filters_paging_and_export(self):
        gateway, receiver = self.rejecting(25)
        self.assertEqual(gateway.post({"event_id": "crit", "title": "c", "severity": "critical"})[0], 202)
        gateway.wait_account("hook", mailbox=26)
        listed = lambda *more: [e["event_id"] for e in gateway.cli_json("mailbox", "list", *more)["entries"]]
        self.assertEqual(listed("--severity", "critical"), ["crit"])
        self.assertEqual(listed("--event", "e3"), ["e3"])
        self.assertEqual(len(listed("--case", "CASE-3")), 4)
        self.assertEqual(len(listed("--since", "1h")), 26)
        self.assertEqual(listed("--until", "1h"), [])
        self.assertEqual(listed("--cause", "gave_up"), [])
        first = gateway.cli_json("mailbox", "list", "--limit", "10")
        self.assertEqual(len(first["entries"]), 10)
        rest = gateway.cli_json("mailbox", "list", "--after", str(first["next_after"]))
        self.assertEqual(len(rest["entries"]), 16)
        self.assertIn("--after", gateway.cli("mailbox", "list", "--limit", "10").stdout)

        target = self.folder / "export.jsonl"
        gateway.cli("mailbox", "export", "--severity", "critical", "--out", str(target))
        lines = [json.loads(line) for line in target.read_text().splitlines()]
        self.assertEqual([(l["event_id"], l["event"]["original"]["title"]) for l in lines], [("crit", "c")])
        self.assertEqual(stat.S_IMODE(os.stat(target).st_mode), 0o600)
        everything = gateway.cli("mailbox", "export").stdout.splitlines()
        self.assertEqual(len(everything), 26)
        self.assertNotIn(CANARY, "".join(everything))

        for path, status in (("/v1/mailbox?conector=hook", 400), ("/v1/mailbox?severity=urgent", 400),
                             ("/v1/mailbox/groups?case_id=x", 400), ("/v1/mailbox/replays/7", 404)):
            self.assertEqual(json.loads(self.local(gateway, path))["status"], status, path)

    def local(self, gateway, path):
        import http.client
        import socket

        class Unix(http.client.HTTPConnection):
            def connect(unix):
                unix.sock = socket.socket(socket.AF_UNIX)
                unix.sock.connect(str(gateway.data_dir / "gateway.sock"))

        connection = Unix("localhost", timeout=30)
        connection.request("GET", path)
        self.addCleanup(connection.close)
        return connection.getresponse().read()

    def test_nothing_to_do_is_an_error_that_says_so(self):
        gateway, _ = self.rejecting(2)
        for arguments, code, words in (
                (("replay",), 2, "--all"),
                (("replay", "--connector", "nobody"), 1, "No entry of the mailbox fits: connector nobody"),
                (("replay", "--connector", "nobody", "--dry-run"), 1, "No entry"),
                (("replay", "99"), 1, "replayed or discarded already"),
                (("replay", "--all", "--rate", "fast"), 1, "8/s"),
                (("discard", "--all"), 2, "--reason"),
                (("discard", "--cause", "gave_up", "--reason", "x"), 1, "No entry"),
                (("discard", "--severity", "urgent", "--reason", "x"), 1, "critical")):
            done = gateway.cli("mailbox", *arguments, check=False)
            self.assertEqual(done.returncode, code, (arguments, done.stderr))
            self.assertIn(words, done.stderr + done.stdout, arguments)
        preview = gateway.cli("mailbox", "discard", "--all", "--dry-run").stdout
        self.assertIn("2 entries", preview)
        self.assertEqual(gateway.connector("hook")["account"]["mailbox"], 2)

    def test_a_discard_of_many_is_accounted_and_audited(self):
        gateway, _ = self.rejecting(300)
        done = gateway.cli_json("mailbox", "discard", "--all", "--reason", "test data of 21 April")
        self.assertEqual(done["discarded"], 300)
        gateway.wait_account("hook", mailbox=0, discarded=300)
        rows = gateway.cli_json("audit", "tail", "--action", "discard", "--limit", "1000")
        self.assertEqual(sum(row["count"] for row in rows), 300)
        self.assertTrue(all("test data of 21 April" in row["detail"] for row in rows))
        self.assertEqual(gateway.cli_json("events", "e12")["deliveries"][0]["state"], "discarded")
        self.assert_books_balance(gateway)

    def test_an_alarm_is_raised_shown_and_cleared(self):
        gateway, _ = self.rejecting(5, extra="mailbox: { alarm: { entries: 5, age: 1h } }\n")
        raised = gateway.wait_log("mailbox.alarm")
        self.assertEqual((raised["level"], raised["connector"]), ("warning", "hook"))
        self.assertIn("mailbox.alarm.entries", gateway.status()["mailbox"]["alarms"][0]["why"])
        self.assertIn("mailbox alarm", gateway.cli("status").stdout)
        self.assertIn("alarm", gateway.cli("mailbox", "list").stdout)
        metrics = gateway.get("/metrics")[2].decode()
        self.assertIn('wardex_gateway_mailbox_alarm{connector="hook"} 1', metrics)
        self.assertIn('wardex_gateway_mailbox_oldest_age_seconds{connector="hook"}', metrics)
        gateway.cli("mailbox", "discard", "--all", "--reason", "seen")
        gateway.wait_log("mailbox.alarm_cleared")
        self.assertIn('wardex_gateway_mailbox_alarm{connector="hook"} 0', gateway.get("/metrics")[2].decode())
        self.assertEqual(len([e for e in gateway.log if e["event"] == "mailbox.alarm"]), 1)


if __name__ == "__main__":
    unittest.main()
