"""Our golden payloads, read by the vendors' own npm packages. Says "skipped" where Node.js or the packages are missing."""

import base64
import hashlib
import hmac
import http.client
import json
import shutil
import subprocess
import sys
import time
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
CONNECTORS = HERE.parent.parent / "connectors"
NODE = shutil.which("node")
# connectors/webhook/webhook_test.cpp signs the golden request with it.
SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
OTHER = "whsec_" + base64.b64encode(b"another secret of 32 bytes, okay").decode()
GOLDEN_TIME = 1776781329


def missing():
    if NODE is None:
        return "node is not installed"
    for package in ("standardwebhooks", "@slack/types", "typescript"):
        if not (HERE / "node_modules" / package).is_dir():
            return f"npm package {package} is not installed (npm ci --prefix tests/receivers)"
    return None


class Receiver:
    """webhook_receiver.mjs as a process; ends with the pipe to its stdin, whatever becomes of this one."""

    def __init__(self, *arguments):
        self.process = subprocess.Popen([NODE, HERE / "webhook_receiver.mjs", "--until-stdin-closes", *arguments],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.port = self.line()["port"]

    def line(self):
        return json.loads(self.process.stdout.readline())

    def post(self, headers, body, method="POST", path="/hook"):
        """The status, and what the receiver wrote of the request."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request(method, path, body, headers)
        status = connection.getresponse().status
        connection.close()
        return status, self.line()

    def close(self):
        self.process.stdin.close()
        self.process.wait(30)
        self.process.stdout.close()


def signed(body, at, secret=SECRET, message="wdx_1"):
    """Standard Webhooks 1.0.0, written from the specification."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    mac = hmac.new(key, f"{message}.{at}.".encode() + body, hashlib.sha256).digest()
    return {"webhook-id": message, "webhook-timestamp": str(at), "webhook-signature": "v1," + base64.b64encode(mac).decode()}


@unittest.skipIf(missing(), missing())
class Webhook(unittest.TestCase):
    def receiver(self, *arguments):
        receiver = Receiver(*arguments)
        self.addCleanup(receiver.close)
        return receiver

    def golden(self):
        head, _, body = (CONNECTORS / "webhook/golden/signed.http").read_bytes().partition(b"\n\n")
        request, *fields = head.decode().split("\n")
        return request.split(" ")[:2], dict(field.split(": ", 1) for field in fields), body

    def test_the_verifier_takes_our_golden_request(self):
        receiver = self.receiver("--secret", SECRET, "--now", str(GOLDEN_TIME + 200))
        (method, path), headers, body = self.golden()
        status, line = receiver.post(headers, body, method, path)
        self.assertEqual((status, line["verified"], line["error"]), (204, True, None))
        self.assertEqual(json.loads(line["body"])["case_id"], "CASE-1042")
        self.assertEqual(line["headers"]["x-wardex-event"], "case.created")

    def test_it_takes_either_secret_of_a_rotation(self):
        (method, path), headers, body = self.golden()
        receiver = self.receiver("--secret", OTHER, "--secret", SECRET, "--now", str(GOLDEN_TIME))
        self.assertEqual(receiver.post(headers, body, method, path)[0], 204)
        both = dict(headers)
        old = signed(body, GOLDEN_TIME, OTHER, headers["webhook-id"])["webhook-signature"]
        both["webhook-signature"] = f"{old} {headers['webhook-signature']}"
        receiver = self.receiver("--secret", SECRET, "--now", str(GOLDEN_TIME))
        self.assertEqual(receiver.post(both, body, method, path)[0], 204)

    def test_it_refuses_what_was_altered(self):
        receiver = self.receiver("--secret", SECRET, "--now", str(GOLDEN_TIME))
        (method, path), headers, body = self.golden()
        changes = {
            "body": (headers, body + b" "),
            "id": ({**headers, "webhook-id": "wdx_0"}, body),
            "time": ({**headers, "webhook-timestamp": str(GOLDEN_TIME + 1)}, body),
            "unsigned": ({k: v for k, v in headers.items() if k != "webhook-signature"}, body),
        }
        for name, (changed, sent) in changes.items():
            with self.subTest(name):
                status, line = receiver.post(changed, sent, method, path)
                self.assertEqual((status, line["verified"]), (401, False))
                self.assertTrue(line["error"])

    def test_it_refuses_a_replay_after_five_minutes(self):
        (method, path), headers, body = self.golden()
        for now in (GOLDEN_TIME + 301, GOLDEN_TIME - 301):
            receiver = self.receiver("--secret", SECRET, "--now", str(now))
            self.assertEqual(receiver.post(headers, body, method, path)[0], 401)

    def test_the_receiver_itself_by_its_own_clock(self):
        receiver = self.receiver("--secret", SECRET, "--port", "0")
        body = "{\"title\":\"ünïcode 🔥\"}".encode()
        now = int(time.time())
        self.assertEqual(receiver.post(signed(body, now), body)[0], 204)
        self.assertEqual(receiver.post(signed(body, now - 600), body)[0], 401)
        self.assertEqual(receiver.post(signed(body, now, OTHER), body)[0], 401)


@unittest.skipIf(missing(), missing())
class Slack(unittest.TestCase):
    def check(self, *files, stdin=None):
        done = subprocess.run([NODE, HERE / "slack_check.mjs", *files], input=stdin, capture_output=True, text=True, timeout=120)
        self.assertIn(done.returncode, (0, 1), done.stderr)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def test_slacks_types_take_our_golden_messages(self):
        files = sorted((CONNECTORS / "slack/golden").glob("*.json"))
        self.assertGreaterEqual(len(files), 8)
        for result in self.check(*files):
            self.assertEqual(result["problems"], [], result["file"])

    def test_the_checker_refuses_what_slack_would(self):
        good = json.loads((CONNECTORS / "slack/golden/webhook.json").read_text())["body"]

        def altered(change):
            message = json.loads(json.dumps(good))
            change(message)
            return json.dumps(message)

        header = {"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}
        cases = {
            "header: 151": altered(lambda m: m["blocks"].append(header)),
            "section text: 3001": altered(lambda m: m["blocks"].append(
                {"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3001}})),
            "section fields: 11": altered(lambda m: m["blocks"].append(
                {"type": "section", "fields": [{"type": "mrkdwn", "text": "f"}] * 11})),
            "type:": altered(lambda m: m["blocks"].append({"type": "banner", "text": "x"})),
            "type: ": altered(lambda m: m["blocks"].append({"type": "actions", "elements": [{"type": "button"}]})),
            "whole message": altered(lambda m: m.update(text="x" * 12000)),
            "unescaped <": altered(lambda m: m["blocks"].append(
                {"type": "section", "text": {"type": "mrkdwn", "text": "<https://evil.example> x < y"}})),
            "cut entity": altered(lambda m: m["blocks"].append(
                {"type": "section", "text": {"type": "mrkdwn", "text": "a &am"}})),
            "text: missing": altered(lambda m: m.pop("text")),
        }
        for wanted, message in cases.items():
            with self.subTest(wanted):
                result, = self.check("-", stdin=message)
                self.assertFalse(result["valid"])
                self.assertTrue(any(wanted in problem for problem in result["problems"]), result["problems"])


if __name__ == "__main__":
    if missing():
        print("skipped:", missing())
        sys.exit(0)
    unittest.main()
