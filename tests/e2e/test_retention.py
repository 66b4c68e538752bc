"""Retention in the real daemon: what is over goes, the trail is verified from its signed horizon on."""

import json
import sqlite3
import unittest

from harness import MATRIX_TO, GatewayTest, config


class Retained(GatewayTest):
    def test_what_is_over_goes_and_the_trail_stays_provable(self):
        receiver = self.receiver(lambda r: (503, {}, b"") if "stuck" in r.json()["event_id"] else (204, {}, b""))
        connectors = (f"  hook:\n    type: webhook\n    url: {receiver.url}\n    allow_insecure: true\n"
                      "    retry: { initial: 100ms, max: 30s, give_up_after: 90d }\n    limits: { concurrency: 50 }\n")
        text = config(self.folder, connectors, MATRIX_TO.format("hook") +
                      "retention: { events: { keep: 30d }, audit: { keep: 400d, max_rows: 1000 } }\n")
        gateway = self.gateway(text)
        events = [{"event_id": f"old-{i}", "title": "old", "severity": "high"} for i in range(1300)]
        events.insert(3, {"event_id": "stuck", "title": "stuck", "severity": "high"})
        gateway.post("\n".join(json.dumps(event) for event in events), {"Content-Type": "application/x-ndjson"})
        gateway.wait_account("hook", delivered=1300, pending=1)
        self.assertEqual(gateway.stop(), 0)

        with sqlite3.connect(gateway.database) as db:  # forty days pass
            trigger, = db.execute("select sql from sqlite_schema where name = 'events_are_immutable'").fetchone()
            db.execute("drop trigger events_are_immutable")
            db.execute("update events set received_at = strftime('%Y-%m-%dT%H:%M:%fZ', received_at, '-40 days')")
            db.execute(trigger)
            before, = db.execute("select max(id) from audit").fetchone()
        self.assertGreater(before, 1300)

        gateway.start()
        gateway.wait_log("retention.pruned")
        gateway.post({"event_id": "new", "title": "new", "severity": "high"})
        gateway.wait_account("hook", delivered=1301, pending=1)
        left = [event["id"] for event in gateway.cli_json("events", "--limit", "100")["events"]]
        self.assertEqual(sorted(left), ["new", "stuck"])
        pruned, = gateway.cli_json("audit", "tail", "--action", "prune")
        counts = json.loads(pruned["detail"])
        self.assertEqual(counts["events"], 1300)
        self.assertEqual(counts["audit"], counts["audit_upto"])
        metrics = gateway.get("/metrics")[2].decode()
        self.assertIn('wardex_gateway_pruned_rows_total{table="events"} 1300\n', metrics)
        self.assertIn(f'wardex_gateway_audit_pruned_id {counts["audit_upto"]}\n', metrics)
        self.assert_books_balance(gateway)
        gateway.stop()

        report = json.loads(gateway.cli("audit", "verify", "--json").stdout)
        self.assertTrue(report["ok"], report)
        self.assertEqual(report["pruned"]["upto"], counts["audit_upto"])
        self.assertEqual(report["first_id"], counts["audit_upto"] + 1)
        with sqlite3.connect(gateway.database) as db:
            self.assertEqual(db.execute("pragma integrity_check").fetchall(), [("ok",)])
            self.assertEqual(db.execute("pragma foreign_key_check").fetchall(), [])
            db.execute("drop trigger audit_horizon_only_rises")  # somebody goes further than retention did
            db.execute("update audit_horizon set (audit_id, hash) = (select id, hash from audit order by id limit 1)")
            db.execute("delete from audit where id = (select min(id) from audit)")
        told = gateway.cli("audit", "verify", check=False)
        self.assertEqual(told.returncode, 1)
        self.assertIn("no checkpoint that can be verified says that retention removed them", told.stdout)


if __name__ == "__main__":
    unittest.main()
