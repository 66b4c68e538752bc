"""Signed checkpoints and anchors: what was cut off, rolled back or rewritten is seen from outside."""

import json
import shutil
import sqlite3
import subprocess
import unittest

from harness import GUIDE_EVENT, MATRIX_TO, GatewayTest, config

LOG = "  log:\n    type: file\n    path: {folder}/anchors.jsonl\n"
CHECKPOINTS = "audit: {{ checkpoints: {{ every: 1s, to: [{0}]{1} }} }}\n"


class Anchored(GatewayTest):
    def start(self, more=""):
        return self.gateway(config(self.folder, LOG.format(folder=self.folder),
                                   MATRIX_TO.format("log") + CHECKPOINTS.format("log", more)))

    def anchored_rows(self):
        file = self.folder / "anchors.jsonl"
        if not file.exists():
            return []
        lines = [json.loads(line) for line in file.read_text().splitlines()]
        return [int(line["labels"]["audit_checkpoint.row"]) for line in lines if line["origin"] == "gateway"]

    def wait_anchor(self, beyond=0):
        """The row of an anchor of a later row, once there is one."""
        self.wait_until(lambda: any(row > beyond for row in self.anchored_rows()))
        return max(self.anchored_rows())

    def verify(self, gateway, *arguments, check=False):
        done = gateway.cli("audit", "verify", "--json", *arguments, check=check)
        return done.returncode, json.loads(done.stdout)

    def verify_anchors(self, gateway):
        return self.verify(gateway, "--anchor", str(self.folder / "anchors.jsonl"))

    def tamper(self, gateway, *statements):
        with sqlite3.connect(gateway.database) as db:
            for trigger in ("audit_is_append_only_delete", "audit_is_append_only_update"):
                db.execute(f"drop trigger if exists {trigger}")
            for statement in statements:
                db.execute(statement)
            db.commit()
            db.execute("pragma wal_checkpoint(truncate)")

    def test_all_is_well_and_says_so(self):
        gateway = self.start()
        gateway.post(GUIDE_EVENT)
        row = self.wait_anchor()
        status = gateway.status()["audit"]
        self.assertGreaterEqual(status["checkpoint"]["id"], row)
        self.assertLess(status["checkpoint"]["age_seconds"], 30)
        self.assertIn("signed up to", gateway.cli("status").stdout)
        metrics = gateway.get("/metrics")[2].decode()
        self.assertRegex(metrics, r"\nwardex_gateway_audit_checkpoint_id [1-9]")
        self.assertRegex(metrics, r"\nwardex_gateway_audit_checkpoint_age_seconds [0-9.]+\n")
        code, report = self.verify_anchors(gateway)  # a live one
        self.assertEqual((code, report["findings"]), (0, []))
        self.assertGreater(report["anchors"]["hold"], 0)
        plain = gateway.cli("audit", "verify").stdout
        self.assertTrue(plain.startswith("ok"), plain)
        self.assertIn("no anchors were given", plain)
        self.assertIn("the newest: row", plain)
        self.assertEqual(gateway.stop(), 0)
        self.assertEqual(self.verify_anchors(gateway)[0], 0)
        # An anchor is an event like others: routed, delivered, in the books.
        with sqlite3.connect(gateway.database) as db:
            kinds = dict(db.execute("select kind, count(*) from events group by 1"))
        self.assertGreaterEqual(kinds["telemetry"], 1)

    def test_rows_cut_off_are_seen(self):
        gateway = self.start()
        gateway.post(GUIDE_EVENT)
        row = self.wait_anchor(beyond=2)
        self.assertEqual(gateway.stop(), 0)
        self.tamper(gateway, f"delete from audit where id >= {row}", "delete from checkpoints")
        self.assertEqual(self.verify(gateway)[0], 0, "nothing inside the file shows it")
        code, report = self.verify_anchors(gateway)
        self.assertEqual((code, report["findings"][0]["flaw"], report["bad_row"]), (1, "truncated", row))
        self.assertIn(f"speaks of row {row}, the database ends at {row - 1}", report["problem"])

    def test_an_older_copy_is_seen_even_after_it_has_grown(self):
        gateway = self.start()
        gateway.post(GUIDE_EVENT)
        held = self.wait_anchor()
        copy = self.folder / "copy.db"
        gateway.cli("backup", str(copy))
        with sqlite3.connect(copy) as db:
            end, = db.execute("select max(id) from audit").fetchone()
        row = self.wait_anchor(beyond=end)
        gateway.stop()
        for file in gateway.data_dir.glob("gateway.db*"):
            file.unlink()
        shutil.copy(copy, gateway.database)
        code, report = self.verify_anchors(gateway)
        self.assertEqual((code, report["findings"][0]["flaw"]), (1, "truncated"))
        self.assertIn("replaced by an older copy", report["problem"])

        gateway.start()
        while gateway.status()["audit"]["head_id"] <= row:
            gateway.post(dict(GUIDE_EVENT, event_id=f"later-{gateway.status()['audit']['head_id']}"))
        code, report = self.verify_anchors(gateway)
        self.assertEqual((code, report["findings"][0]["flaw"]), (1, "rewritten"))
        self.assertGreater(report["bad_row"], end)
        self.assertIn("rolled back to an older copy", report["problem"])
        self.assertGreaterEqual(report["anchors"]["hold"], 1, f"that of row {held} still does")

    def test_a_webhook_receiver_has_anchors_too(self):
        bodies = []

        def take(request):
            bodies.append(request.body)
            return 204, {}, b""

        receiver = self.receiver(take)
        hook = f"  hook:\n    type: webhook\n    url: {receiver.url}\n    allow_insecure: true\n"
        gateway = self.gateway(config(self.folder, hook, MATRIX_TO.format("hook") + CHECKPOINTS.format("hook", "")))
        gateway.post(GUIDE_EVENT)
        receiver.wait(1, where=lambda r: r.json()["kind"] == "telemetry" and
                      int(r.json()["labels"]["audit_checkpoint.row"]) > 1)
        gateway.stop()
        kept = self.folder / "kept.txt"
        kept.write_bytes(b"\n".join(b"Apr 21 14:22:09 siem collector: " + body for body in bodies))
        code, report = self.verify(gateway, "--anchor", str(kept))
        self.assertEqual((code, report["findings"]), (0, []))
        self.assertGreaterEqual(report["anchors"]["hold"], 1)

    def test_keys_are_made_printed_and_replaced(self):
        gateway = self.start()
        own = gateway.data_dir / "audit-signing-key.pem"
        self.assertEqual(own.stat().st_mode & 0o777, 0o600)
        first = gateway.cli_json("audit", "key")
        self.assertEqual(first["source"], str(own))
        self.assertEqual(first["pem"], self.openssl("pkey", "-in", str(own), "-pubout"))
        before = self.wait_anchor()

        other = self.folder / "other.pem"
        other.write_text(self.openssl("genpkey", "-algorithm", "ed25519"))
        other.chmod(0o600)
        gateway.config_file.write_text(gateway.config_file.read_text().replace(
            "to: [log]", f'to: [log], key: "${{file:{other}}}"'))
        gateway.wait_log("config.reloaded")
        second = gateway.cli_json("audit", "key")
        self.assertNotEqual(second["verifier_key"], first["verifier_key"])
        newest = lambda: gateway.status()["audit"]["checkpoint"]["id"]
        reloaded_at = newest()
        self.wait_until(lambda: newest() > reloaded_at)
        self.assertIn("audit.checkpoints.key", json.dumps(gateway.cli_json("audit", "tail", "--action", "config")))
        self.wait_anchor(beyond=before)
        gateway.stop()

        code, report = self.verify(gateway)
        self.assertEqual((code, report["findings"]), (0, []))
        self.assertGreater(report["checkpoints"]["unchecked"], 0, "by the key before")
        new, old = self.folder / "new.pub", self.folder / "old.pub"
        new.write_text(second["pem"])
        old.write_text("since the first start:\n" + first["verifier_key"] + "\n")
        code, report = self.verify(gateway, "--key", str(new))
        self.assertEqual((code, report["findings"][0]["flaw"]), (1, "unknown_key"))
        code, report = self.verify(gateway, "--key", str(new), "--key", str(old),
                                   "--anchor", str(self.folder / "anchors.jsonl"))
        self.assertEqual((code, report["findings"]), (0, []))
        self.assertEqual(report["checkpoints"]["unchecked"], 0)
        self.assertEqual(gateway.cli("audit", "verify", "--key", str(other), check=False).returncode, 2)
        self.assertEqual(gateway.cli("audit", "verify", "--anchor", str(self.folder / "nothing"), check=False).returncode, 2)

    def openssl(self, *arguments):
        return subprocess.run(["openssl", *arguments], check=True, capture_output=True, text=True).stdout

    def test_a_broken_key_is_said_before_and_at_a_start(self):
        bad = self.folder / "bad.pem"
        bad.write_text("hunter2")
        gateway = self.gateway(config(self.folder, LOG.format(folder=self.folder), MATRIX_TO.format("log") +
                                      CHECKPOINTS.format("log", f', key: "${{file:{bad}}}"')), start=False)
        done = gateway.cli("check", check=False)
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stdout, r"gateway\.yaml:\d+:\d+: audit\.checkpoints\.key: is no private key in PEM form")
        self.assertNotIn("hunter2", done.stdout)
        gateway.start(wait=False)
        self.assertEqual(gateway.wait_exit(), 1)
        gateway.config_file.write_text(gateway.config_file.read_text().replace(f', key: "${{file:{bad}}}"', ""))
        (gateway.data_dir).mkdir(exist_ok=True)
        (gateway.data_dir / "audit-signing-key.pem").write_text("half a key")
        gateway.start(wait=False)
        self.assertEqual(gateway.wait_exit(), 1)
        gateway.wait_log("audit.key_failed")
        self.assertEqual((gateway.data_dir / "audit-signing-key.pem").read_text(), "half a key", "never replaced")


if __name__ == "__main__":
    unittest.main()
