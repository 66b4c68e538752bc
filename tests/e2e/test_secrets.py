"""Secret canaries: a unique token in every secret place, every output and file searched for it afterwards."""

import base64
import json
import unittest
import urllib.parse

from harness import GUIDE_EVENT, MATRIX_TO, GatewayTest, config

CANARIES = {name: f"canary-{name}-7f3a9c51d2e84b60" for name in
            ("intake", "api", "signing", "bearer", "header", "slack", "query")}


def spellings(secret):
    raw = secret.encode()
    return {raw, base64.b64encode(raw).rstrip(b"="), raw.hex().encode(), urllib.parse.quote(secret, safe="").encode(),
            json.dumps(secret)[1:-1].encode()}


class Canaries(GatewayTest):
    def test_no_output_shows_a_secret(self):
        fail = self.receiver(lambda _: (400, {}, b"refused"))
        denied = self.receiver(lambda _: (401, {}, b"denied"))
        good = self.receiver()
        signing = "whsec_" + base64.b64encode((CANARIES["signing"] + "x" * 8).encode()).decode()
        connectors = (
            f"  good:\n    type: webhook\n    url: {good.url}?token={CANARIES['query']}\n    allow_insecure: true\n"
            f"    signing_secret: {signing}\n    auth: {{ bearer: {CANARIES['bearer']} }}\n"
            f"    headers: {{ X-Api-Key: {CANARIES['header']} }}\n"
            f"  fail:\n    type: webhook\n    url: {fail.url}\n    allow_insecure: true\n    auth: {{ bearer: {CANARIES['bearer']} }}\n"
            f"  denied:\n    type: slack\n    webhook_url: {denied.url}/{CANARIES['slack']}\n"
            f"  dead:\n    type: webhook\n    url: http://127.0.0.1:1/?token={CANARIES['query']}\n    allow_insecure: true\n")
        auth = f"  auth:\n    tokens:\n      - {{ name: plane, token: {CANARIES['intake']} }}\n"
        extra = f"api:\n  tokens:\n    - {{ name: ops, token: {CANARIES['api']} }}\n" + MATRIX_TO.format("good, fail, denied, dead")
        gateway = self.gateway(config(self.folder, connectors, extra, auth=auth, logging="  format: json\n  level: debug\n"))
        outputs = []

        def api(path, token):
            status, headers, body = gateway.get(path, {"Authorization": f"Bearer {token}"})
            outputs.append(body + str(headers).encode())
            return status

        outputs.append(gateway.post(GUIDE_EVENT, {"Authorization": "Bearer " + CANARIES["intake"] + "x"})[2])
        outputs.append(gateway.post(GUIDE_EVENT, {"Authorization": "Bearer " + CANARIES["intake"]})[2])
        good.wait(1), fail.wait(1), denied.wait(1)
        gateway.wait_account("good", delivered=1)
        gateway.wait_account("fail", mailbox=1)
        # A receiver that echoes what it was sent must not put the credential into the audit either.
        fail.answer = lambda got: (400, {}, json.dumps(dict(got.headers)).encode())
        gateway.cli("mailbox", "replay", "--all")
        fail.wait(2)
        gateway.wait_account("fail", mailbox=1)

        for path in ("/v1/status", "/v1/connectors", "/v1/routes", "/v1/mailbox", "/v1/mailbox?bodies=true",
                     "/v1/mailbox/groups", "/v1/mailbox/replays", "/v1/mailbox/2", "/v1/audit", "/v1/events",
                     "/metrics", "/openapi.yaml", "/readyz"):
            self.assertLess(api(path, CANARIES["api"]), 500)
        event = json.dumps(GUIDE_EVENT)
        for arguments in (("check",), ("route", "-"), ("render", "good", "-"), ("render", "denied", "-"), ("status",), ("events",),
                          ("mailbox", "list"), ("mailbox", "groups"), ("mailbox", "show", "2"), ("mailbox", "export"),
                          ("mailbox", "replay", "--all", "--dry-run"), ("mailbox", "replays"), ("audit", "tail"), ("audit", "export"), ("test", "dead"), ("reload",)):
            done = gateway.cli(*arguments, stdin=event, check=False)
            outputs += [done.stdout.encode(), done.stderr.encode()]
        gateway.config_file.write_text(gateway.config_file.read_text().replace("type: slack", "type: slakc"))
        outputs += [gateway.cli("check", check=False).stdout.encode()]
        gateway.signal(1)
        gateway.wait_log("config.rejected")
        gateway.stop()

        outputs += [json.dumps(entry).encode() for entry in gateway.log]
        outputs += [path.read_bytes() for path in gateway.data_dir.rglob("*") if path.is_file()]
        everything = b"\n".join(outputs)
        self.assertGreater(len(everything), 20000)
        for name, secret in CANARIES.items():
            for spelling in spellings(secret):
                position = everything.find(spelling)
                self.assertEqual(position, -1, f"{name}: ...{everything[max(0, position - 200):position + 60]!r}")


if __name__ == "__main__":
    unittest.main()
