"""Deliveries as an independent implementation sees them: npm `standardwebhooks` verifies what the gateway signed."""

import json
import shutil
import subprocess
import unittest
from pathlib import Path

from harness import GUIDE_EVENT, MATRIX_TO, GatewayTest, config

RECEIVERS = Path(__file__).resolve().parents[1] / "receivers"
OLD = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
NEW = "whsec_ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA="
HAVE = shutil.which("node") and (RECEIVERS / "node_modules" / "standardwebhooks").is_dir()


@unittest.skipUnless(HAVE, "skipped: Node.js or tests/receivers/node_modules is missing (./dev setup test)")
class IndependentVerifier(GatewayTest):
    def node(self, secret):
        process = subprocess.Popen(["node", str(RECEIVERS / "webhook_receiver.mjs"), "--secret", secret, "--port", "0"],
                                   stdout=subprocess.PIPE, text=True)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process, json.loads(process.stdout.readline())["port"]

    def test_standardwebhooks_accepts_what_we_sign_with_either_secret(self):
        for secret in (OLD, NEW):
            with self.subTest(secret):
                process, port = self.node(secret)
                connectors = (f"  hook:\n    type: webhook\n    url: http://127.0.0.1:{port}/\n    allow_insecure: true\n"
                              f"    signing:\n      secrets: [{{ value: {NEW} }}, {{ value: {OLD} }}]\n")
                gateway = self.gateway(config(self.folder, connectors, MATRIX_TO.format("hook")))
                event = dict(GUIDE_EVENT, description=f"für {secret} — 🛡 \u202e <b>", event_id=f"verify-{secret[:10]}")
                self.assertEqual(gateway.post(event)[0], 202)
                got = json.loads(process.stdout.readline())
                self.assertTrue(got["verified"], got.get("error"))
                body = json.loads(got["body"])
                self.assertEqual({k: body[k] for k in GUIDE_EVENT}, GUIDE_EVENT)
                gateway.wait_account("hook", delivered=gateway.connector("hook")["account"]["routed"], pending=0)
                gateway.stop()

    def test_a_wrong_secret_is_noticed_by_both_sides(self):
        process, port = self.node(OLD)
        connectors = (f"  hook:\n    type: webhook\n    url: http://127.0.0.1:{port}/\n    allow_insecure: true\n"
                      f"    signing_secret: {NEW}\n")
        gateway = self.gateway(config(self.folder, connectors, MATRIX_TO.format("hook")))
        gateway.post(GUIDE_EVENT)
        self.assertFalse(json.loads(process.stdout.readline())["verified"])
        gateway.wait_log("lane.held")
        self.assertEqual(gateway.connector("hook")["account"]["pending"], 1)


if __name__ == "__main__":
    unittest.main()
