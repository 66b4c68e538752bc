"""Starting, stopping, reloading and looking into a gateway; and what happens when it cannot start."""

import json
import os
import signal
import sqlite3
import subprocess
import unittest
from pathlib import Path

from harness import GATEWAY, GUIDE_EVENT, MATRIX_TO, Gateway, GatewayTest, config

FILE = "  log:\n    type: file\n    path: {folder}/events.jsonl\n"


class Operation(GatewayTest):
    def filed(self, more=""):
        return config(self.folder, FILE.format(folder=self.folder), MATRIX_TO.format("log") + more)

    def test_the_embedded_default_runs(self):
        data = self.folder / "data"
        gateway = Gateway(None, folder=self.folder, arguments=["--data-dir", str(data), "--listen", "127.0.0.1:0"])
        self.addCleanup(gateway.clean)
        gateway.start()
        self.assertEqual(gateway.post(GUIDE_EVENT)[0], 202)
        status = lambda: json.loads(subprocess.run([GATEWAY, "status", "--json", "--data-dir", str(data)], check=True,
                                                   capture_output=True).stdout)
        while status()["connectors"][0]["account"]["delivered"] < 1:
            pass
        lines = list(data.glob("*.jsonl"))
        self.assertEqual(json.loads(lines[0].read_text().splitlines()[0])["case_id"], "CASE-1042")
        self.assertEqual(gateway.stop(), 0)

    def test_sigterm_finishes_and_exits_zero(self):
        gateway = self.gateway(self.filed())
        gateway.post(GUIDE_EVENT)
        self.assertEqual(gateway.stop(), 0)
        with sqlite3.connect(gateway.database) as db:
            actions = [row[0] for row in db.execute("select action from audit order by id")]
        self.assertEqual((actions[0], actions[-1]), ("start", "stop"))
        self.assertTrue(gateway.cli("audit", "verify").stdout.startswith("ok"))

    def test_a_second_instance_is_refused(self):
        first = self.gateway(self.filed())
        second = Gateway(self.filed(), folder=self.folder)
        second.start(wait=False)
        self.assertEqual(second.wait_exit(), 1)
        self.assertIn("another", " ".join(str(entry) for entry in second.log).lower())
        self.assertEqual(first.post(GUIDE_EVENT)[0], 202)

    def test_what_keeps_it_from_starting_is_said(self):
        cases = {
            "unknown key": (self.filed("egres: {}\n"), "did you mean 'egress'"),
            "unknown connector": (self.filed("routes:\n  - { match: { severity: high }, to: [lgo] }\n"), "did you mean 'log'"),
            "missing secret": (config(self.folder, "  hook:\n    type: webhook\n    url: https://x.example/\n"
                                      "    signing_secret: ${file:/nowhere/secret}\n", MATRIX_TO.format("hook")),
                               "/nowhere/secret"),
            "no auth off loopback": (config(self.folder, FILE.format(folder=self.folder), listen="0.0.0.0:0"), "auth"),
        }
        for name, (text, words) in cases.items():
            with self.subTest(name):
                gateway = Gateway(text, folder=self.folder)
                gateway.start(wait=False)
                self.assertEqual(gateway.wait_exit(), 1)
                done = gateway.cli("check", check=False)
                self.assertEqual(done.returncode, 1)
                self.assertIn(words, done.stdout)
                self.assertRegex(done.stdout, r"gateway\.yaml:\d+:\d+: ")
        many = self.filed("egres: {}\nroute: []\n").replace("type: file", "type: fiel")
        Path(self.folder / "gateway.yaml").write_text(many)
        problems = json.loads(subprocess.run([GATEWAY, "check", "--json", "--config", str(self.folder / "gateway.yaml")],
                                             capture_output=True).stdout)
        self.assertGreaterEqual(problems["errors"], 3, problems)

    def test_a_data_directory_that_cannot_be_used(self):
        (self.folder / "data").write_text("a file stands in the way")
        gateway = Gateway(self.filed(), folder=self.folder)
        gateway.start(wait=False)
        self.assertEqual(gateway.wait_exit(), 1)
        self.assertIn(str(self.folder / "data"), " ".join(str(entry) for entry in gateway.log))

    def test_a_newer_schema_is_refused(self):
        gateway = self.gateway(self.filed())
        gateway.stop()
        with sqlite3.connect(gateway.database) as db:
            db.execute("insert into schema_migrations select 9999, 'from the future', checksum, applied_at from schema_migrations limit 1")
        gateway.start(wait=False)
        self.assertEqual(gateway.wait_exit(), 1)
        self.assertIn("newer", " ".join(str(entry) for entry in gateway.log))

    def test_reload_swaps_a_good_configuration_and_keeps_the_old_one_on_a_bad_one(self):
        first, second = self.receiver(), self.receiver()
        text = lambda r: config(self.folder, f"  hook:\n    type: webhook\n    url: {r.url}\n    allow_insecure: true\n",
                                MATRIX_TO.format("hook"))
        gateway = self.gateway(text(first))
        gateway.post({"title": "one", "event_id": "1"})
        first.wait(1)

        gateway.config_file.write_text("connectors: [this is wrong\n")
        gateway.signal(signal.SIGHUP)
        gateway.wait_log("config.rejected")
        gateway.post({"title": "two", "event_id": "2"})
        first.wait(2)

        gateway.config_file.write_text(text(second))
        gateway.signal(signal.SIGHUP)
        gateway.wait_log("config.reloaded")
        gateway.post({"title": "three", "event_id": "3"})
        second.wait(1)
        outcomes = [row["outcome"] for row in gateway.cli_json("audit", "tail", "--action", "config")]
        self.assertIn("error", outcomes)
        self.assertEqual(outcomes[-1], "ok")
        # The file alone, without a signal, is enough.
        gateway.config_file.write_text(text(first))
        gateway.wait_log("config.reloaded")
        gateway.post({"title": "four", "event_id": "4"})
        first.wait(3)
        self.assert_books_balance(gateway)

    def test_a_removed_connector_parks_its_deliveries(self):
        down = self.receiver(lambda _: (503, {}, b""))
        with_hook = config(self.folder, FILE.format(folder=self.folder) +
                           f"  hook:\n    type: webhook\n    url: {down.url}\n    allow_insecure: true\n",
                           MATRIX_TO.format("log, hook"))
        gateway = self.gateway(with_hook)
        gateway.post(GUIDE_EVENT)
        down.wait(1)
        gateway.config_file.write_text(self.filed())
        gateway.wait_log("config.reloaded")
        parked = gateway.connector("hook")
        self.assertEqual((parked["state"], parked["account"]["pending"]), ("parked", 1))
        down.answer = lambda _: (204, {}, b"")
        gateway.config_file.write_text(with_hook)
        gateway.wait_log("config.reloaded")
        gateway.wait_account("hook", delivered=1, pending=0)

    def test_the_command_line_without_a_daemon(self):
        gateway = self.gateway(self.filed(), start=False)
        event = json.dumps(GUIDE_EVENT)
        routed = gateway.cli_json("route", "-", stdin=event)[0]
        self.assertEqual([t["to"] for t in routed["targets"]], ["log"])
        self.assertIn("high", routed["targets"][0]["why"])
        self.assertEqual(gateway.cli("route", "-", "--expect", "log", stdin=event).returncode, 0)
        self.assertEqual(gateway.cli("route", "-", "--expect", "pager", stdin=event, check=False).returncode, 1)
        rendered = gateway.cli("render", "log", "-", stdin=event).stdout
        self.assertIn("CASE-1042", rendered)
        self.assertEqual(gateway.cli("check").returncode, 0)
        self.assertEqual(json.loads(gateway.cli("schema").stdout)["$schema"], "https://json-schema.org/draft/2020-12/schema")
        self.assertEqual({c["name"] for c in gateway.cli_json("connectors")} & {"webhook", "slack", "file"},
                         {"webhook", "slack", "file"})
        self.assertRegex(gateway.cli("version").stdout, r"^wardex-gateway \d+\.\d+\.\d+")
        absent = gateway.cli("status", check=False)
        self.assertEqual(absent.returncode, 1)
        self.assertIn("no gateway answers", absent.stderr)
        self.assertEqual(gateway.cli("nonsense", check=False).returncode, 2)
        for command in ("run", "check", "route", "render", "test", "send", "status", "events", "mailbox", "audit", "backup"):
            self.assertIn("--config", gateway.cli(command, "--help").stdout + gateway.cli("--help").stdout)

    def test_send_status_test_and_backup(self):
        gateway = self.gateway(self.filed())
        sample = self.folder / "event.json"
        sample.write_text(json.dumps([GUIDE_EVENT, {"title": "another", "event_id": "e2"}]))
        self.assertIn("accepted 2", gateway.cli("send", str(sample)).stdout)
        gateway.wait_account("log", delivered=2)
        self.assertIn("log", gateway.cli("status").stdout)
        self.assertIn("ok", gateway.cli("test", "log", "--send").stdout)
        copy = self.folder / "copy.db"
        gateway.cli("backup", str(copy))
        self.assertTrue(gateway.cli("audit", "verify", "--database", str(copy)).stdout.startswith("ok"))
        with sqlite3.connect(copy) as db:
            self.assertEqual(db.execute("select count(*) from events").fetchone(), (2,))
        exported = gateway.cli("audit", "export").stdout.splitlines()
        self.assertGreater(len(exported), 3)
        self.assertIn("hash", json.loads(exported[0]))
        gateway.stop()
        with sqlite3.connect(copy) as db:  # somebody tampers with the copy
            db.execute("drop trigger audit_is_append_only_update")
            db.execute("update audit set outcome = 'delivered' where id = 1")
        tampered = gateway.cli("audit", "verify", "--database", str(copy), check=False)
        self.assertEqual(tampered.returncode, 1)
        self.assertIn("1", tampered.stdout)

    def test_metrics_speak_prometheus(self):
        gateway = self.gateway(self.filed())
        gateway.post(GUIDE_EVENT)
        gateway.wait_account("log", delivered=1)
        text = gateway.get("/metrics")[2].decode()
        values = {line.rsplit(" ", 1)[0]: float(line.rsplit(" ", 1)[1])
                  for line in text.splitlines() if line and not line.startswith("#")}
        self.assertEqual(values["wardex_gateway_conservation_mismatch"], 0)
        self.assertEqual(values["wardex_gateway_events_accepted_total"], 1)
        self.assertEqual(values['wardex_gateway_deliveries_settled_total{connector="log",outcome="delivered"}'], 1)
        self.assertEqual(values['wardex_gateway_attempt_duration_seconds_count{connector="log"}'], 1)


if __name__ == "__main__":
    unittest.main()
