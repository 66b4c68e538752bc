"""A backup taken under load, put back in place: what was pending goes out again, and the anchors tell."""

import json
import sqlite3
import threading
import unittest

from harness import MATRIX_TO, GatewayTest, config


class Restored(GatewayTest):
    def test_what_was_pending_goes_out_with_the_same_keys(self):
        keys = {}  # event id -> every key under which it was ever sent
        arrived = set()
        lock = threading.Lock()
        out_of_order = threading.Event()
        out_of_order.set()

        def take(request):
            event = request.json()["event_id"]
            with lock:
                keys.setdefault(event, set()).add({k.lower(): v for k, v in request.headers.items()}["idempotency-key"])
                if out_of_order.is_set():
                    return 503, {}, b""
                arrived.add(event)
            return 204, {}, b""

        receiver = self.receiver(take)
        anchors = self.folder / "anchors.jsonl"
        connectors = (f"  hook:\n    type: webhook\n    url: {receiver.url}\n    allow_insecure: true\n"
                      "    retry: { initial: 100ms, max: 500ms }\n"
                      f"  log:\n    type: file\n    path: {anchors}\n")
        gateway = self.gateway(config(self.folder, connectors, MATRIX_TO.format("hook") +
                                      "audit: { checkpoints: { every: 1s, to: log } }\n"))

        stop, posted = threading.Event(), threading.Semaphore(0)

        def load(worker):
            number = 0
            while not stop.is_set():
                gateway.post({"event_id": f"w{worker}-{number}", "title": "under load", "severity": "high"})
                number += 1
                posted.release()

        workers = [threading.Thread(target=load, args=(w,), daemon=True) for w in range(3)]
        for worker in workers:
            worker.start()
        for _ in range(100):
            self.assertTrue(posted.acquire(timeout=20))
        copy = self.folder / "copy.db"
        gateway.cli("backup", str(copy))
        for _ in range(100):
            self.assertTrue(posted.acquire(timeout=20))
        stop.set()
        for worker in workers:
            worker.join(20)

        with sqlite3.connect(copy) as db:
            end, = db.execute("select max(id) from audit").fetchone()
            pending = {row[0] for row in db.execute("select e.id from deliveries d join events e using (seq)")}
            all_events = {row[0] for row in db.execute("select id from events where kind <> 'telemetry'")}
        self.assertGreater(len(pending), 50)
        rows = lambda: [int(json.loads(line)["labels"]["audit_checkpoint.row"])
                        for line in (anchors.read_text().splitlines() if anchors.exists() else [])]
        self.wait_until(lambda: any(row > end for row in rows()))
        newest = max(rows())
        self.assertEqual(gateway.cli("restore", str(copy), check=False).returncode, 1, "not under a running gateway")
        self.assertEqual(gateway.stop(), 0)

        report = gateway.cli_json("restore", str(copy))
        self.assertEqual((report["audit_id"], report["restore_id"]), (end, end + 1))
        self.assertEqual(report["pending"]["hook"], len(pending & all_events))
        self.assertTrue(any("in-flight" in aside for aside in report["aside"]))
        self.assertTrue(gateway.cli("audit", "verify").stdout.startswith("ok"))

        out_of_order.clear()
        gateway.start()
        gateway.wait_account("hook", pending=0, mailbox=0)
        self.assertEqual(arrived, all_events, "all that was pending then, and nothing that came later")
        self.assertTrue(all(len(of_event) == 1 for of_event in keys.values()), "a repeated delivery changed its key")
        self.assert_books_balance(gateway)
        self.assertEqual(gateway.cli_json("audit", "tail", "--action", "restore")[0]["id"], end + 1)
        while gateway.status()["audit"]["head_id"] <= newest:
            gateway.post({"title": "the trail goes on", "severity": "high"})
        self.assertTrue(gateway.cli("audit", "verify").stdout.startswith("ok"))
        told = gateway.cli("audit", "verify", "--anchor", str(anchors), check=False)
        self.assertEqual(told.returncode, 1)
        self.assertIn("rolled back to an older copy", told.stdout)
        self.assertIn(f"row {end + 1} records that a backup was restored", told.stdout)


if __name__ == "__main__":
    unittest.main()
