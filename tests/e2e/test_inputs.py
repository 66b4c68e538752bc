"""Wrong input: each with a precise answer, nothing lost, nothing crashed."""

import base64
import gzip
import hashlib
import hmac
import json
import socket
import time
import unittest

from harness import GUIDE_EVENT, MATRIX_TO, GatewayTest, config

TOKEN = "control-plane-token-0123456789"
OTHER = "second-token-9876543210-abcdef"
HMAC_KEY = b"k" * 32
HMAC_SECRET = "whsec_" + base64.b64encode(HMAC_KEY).decode()

AUTH = ("  auth:\n    tokens:\n"
        f"      - {{ name: control-plane, token: {TOKEN} }}\n"
        f"      - {{ name: backup-plane, token: {OTHER} }}\n"
        f"    hmac:\n      - {{ name: signer, secrets: [{HMAC_SECRET}] }}\n")


class Inputs(GatewayTest):
    def running(self, auth="  auth: none\n"):
        receiver = self.receiver()
        connectors = f"  hook:\n    type: webhook\n    url: {receiver.url}\n    allow_insecure: true\n"
        return self.gateway(config(self.folder, connectors, MATRIX_TO.format("hook"), auth=auth)), receiver

    def problem(self, answer, status, word):
        got, headers, body = answer
        self.assertEqual(got, status, body)
        self.assertEqual(headers.get("Content-Type"), "application/problem+json")
        document = json.loads(body)
        self.assertEqual(document["status"], status)
        self.assertIn(word, json.dumps(document).lower())

    def test_bodies_that_are_no_events(self):
        gateway, receiver = self.running()
        whole = json.dumps(GUIDE_EVENT)
        self.problem(gateway.post(whole[:-5]), 400, "byte")
        self.problem(gateway.post(""), 400, "empty")
        self.problem(gateway.post('"just text"'), 400, "object")
        self.problem(gateway.post("[" * 10000 + "]" * 10000), 400, "deep")
        self.problem(gateway.post(b'{"title":"' + b"x" * (9 * 1024 * 1024) + b'"}'), 413, "body")
        self.problem(gateway.post(whole, {"Content-Type": "text/csv"}), 415, "json")
        self.problem(gateway.post(whole, {"Content-Encoding": "br"}), 415, "gzip")
        self.problem(gateway.post(b"not gzip", {"Content-Encoding": "gzip"}), 400, "gzip")
        bomb = gzip.compress(b'{"title":"' + b" " * (64 * 1024 * 1024) + b'"}')
        self.problem(gateway.post(bomb, {"Content-Encoding": "gzip"}), 413, "")
        status, _, body = gateway.post({"title": {"no": "text"}})
        self.assertEqual(status, 422, body)
        self.assertIn("/title", body.decode())
        self.problem(gateway.get("/v1/nothing"), 404, "/v1/nothing")
        self.problem(gateway.post("{}", path="/healthz"), 405, "get")
        # Nothing of it was stored, and the gateway is as well as ever.
        self.assertEqual(gateway.status()["events"], 0)
        self.assertEqual(gateway.post(GUIDE_EVENT)[0], 202)
        receiver.wait(1)

    def test_a_partly_bad_batch_keeps_its_good_items(self):
        gateway, receiver = self.running()
        status, _, body = gateway.post([GUIDE_EVENT, {"title": 7}, {"title": "second", "event_id": "e2"}, {"title": "second", "event_id": "e2"}])
        answer = json.loads(body)
        self.assertEqual(status, 202, answer)
        self.assertEqual((answer["accepted"], answer["duplicates"]), (2, 1))
        self.assertEqual([r["index"] for r in answer["rejected"]], [1])
        receiver.wait(2)
        lines = "\n".join([json.dumps({"title": "a", "event_id": "n1"}), '{"title": "cut', json.dumps({"title": "b", "event_id": "n2"})])
        status, _, body = gateway.post(lines, {"Content-Type": "application/x-ndjson"})
        answer = json.loads(body)
        self.assertEqual((status, answer["accepted"], [r["index"] for r in answer["rejected"]]), (202, 2, [1]))

    def test_gzip_and_envelopes(self):
        gateway, receiver = self.running()
        packed = gzip.compress(json.dumps(GUIDE_EVENT).encode())
        self.assertEqual(gateway.post(packed, {"Content-Encoding": "gzip"})[0], 202)
        self.assertEqual(receiver.wait(1)[0].json()["case_id"], "CASE-1042")
        status, _, body = gateway.post({"type": "heartbeat", "timestamp": "2026-04-21T14:22:09Z", "data": {}})
        self.assertEqual((status, json.loads(body)["accepted"]), (202, 0))
        self.assertEqual(gateway.status()["events"], 1)

    def test_credentials(self):
        gateway, receiver = self.running(AUTH)
        self.problem(gateway.post(GUIDE_EVENT), 401, "")
        self.problem(gateway.post(GUIDE_EVENT, {"Authorization": "Bearer wrong"}), 401, "")
        self.problem(gateway.post(GUIDE_EVENT, {"Authorization": "Basic " + TOKEN}), 401, "")
        self.assertEqual(gateway.post(GUIDE_EVENT, {"Authorization": "bearer " + OTHER})[0], 202)
        trail = gateway.cli_json("audit", "tail", "--action", "accept")
        self.assertEqual(trail[-1]["actor"], "backup-plane")

        def signed(body, at, message="msg_1", key=HMAC_KEY):
            mac = hmac.new(key, f"{message}.{at}.".encode() + body, hashlib.sha256).digest()
            return {"webhook-id": message, "webhook-timestamp": str(at),
                    "webhook-signature": "v1,bogus= v1," + base64.b64encode(mac).decode()}

        now = int(time.time())
        body = json.dumps({"title": "signed", "event_id": "s1"}).encode()
        self.assertEqual(gateway.post(body, signed(body, now))[0], 202)
        self.problem(gateway.post(body + b" ", signed(body, now)), 401, "")
        self.problem(gateway.post(body, signed(body, now - 600)), 401, "")
        self.problem(gateway.post(body, signed(body, now + 600)), 401, "")
        self.problem(gateway.post(body, signed(body, now, key=b"x" * 32)), 401, "")
        receiver.wait(2)
        self.assertEqual(gateway.status()["events"], 2)

    def test_the_operators_api_is_not_for_senders(self):
        gateway, _ = self.running(AUTH)
        self.problem(gateway.get("/v1/status", {"Authorization": "Bearer " + TOKEN}), 401, "")
        self.assertEqual(gateway.get("/healthz")[0], 200)
        self.assertEqual(gateway.get("/readyz")[0], 200)
        self.assertEqual(gateway.get("/metrics")[0], 200)  # from loopback
        self.assertEqual(gateway.get("/openapi.yaml")[0], 200)

    def test_a_backlog_at_its_mark_asks_senders_to_wait(self):
        down = self.receiver(lambda _: (503, {}, b""))
        connectors = f"  hook:\n    type: webhook\n    url: {down.url}\n    allow_insecure: true\n"
        gateway = self.gateway(config(self.folder, connectors, MATRIX_TO.format("hook"),
                                      intake="  high_water: { pending: 3 }\n"))
        for number in range(3):
            self.assertEqual(gateway.post({"event_id": f"b{number}", "title": "t"})[0], 202)
        answer = gateway.post({"event_id": "late", "title": "t"})
        while answer[0] == 202:  # the mark is looked at four times a second
            answer = gateway.post({"event_id": "late", "title": "t"})
        self.problem(answer, 429, "intake.high_water.pending")
        self.assertIn("Retry-After", answer[1])
        self.problem(gateway.get("/readyz"), 503, "backlog")

    def raw(self, gateway, data):
        host, port = gateway.base.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=20) as s:
            s.sendall(data)
            answer = b""
            while chunk := s.recv(65536):
                answer += chunk
        return answer

    def test_request_smuggling_shapes_are_refused(self):
        gateway, receiver = self.running()
        body = b'{"title":"smuggled"}'
        line = b"POST /v1/events HTTP/1.1\r\nHost: gateway\r\nContent-Type: application/json\r\n"
        length = b"Content-Length: %d\r\n" % len(body)
        chunked = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
        shapes = {
            "TE and CL": line + length + b"Transfer-Encoding: chunked\r\n\r\n" + chunked,
            "TE not chunked": line + b"Transfer-Encoding: identity\r\n\r\n" + body,
            "TE ends in another coding": line + b"Transfer-Encoding: chunked, x\r\n\r\n" + chunked,
            "chunked in 1.0": line.replace(b"1.1", b"1.0") + b"Transfer-Encoding: chunked\r\n\r\n" + chunked,
            "two lengths": line + length + b"Content-Length: 2\r\n\r\n" + body,
            "two hosts": line + b"Host: other\r\n" + length + b"\r\n" + body,
            "no host": line.replace(b"Host: gateway\r\n", b"") + length + b"\r\n" + body,
            "folded header": line + b"X-A: 1\r\n  2\r\n" + length + b"\r\n" + body,
            "bare LF": line.replace(b"\r\n", b"\n") + length.replace(b"\r\n", b"\n") + b"\n" + body,
            "space before colon": line + b"X-A : 1\r\n" + length + b"\r\n" + body,
            "signed length": line + b"Content-Length: +%d\r\n\r\n" % len(body) + body,
        }
        for name, shape in shapes.items():
            with self.subTest(name):
                answer = self.raw(gateway, shape)
                self.assertRegex(answer[:12], rb"^HTTP/1\.[01] (4\d\d|501)", answer[:200])
                self.assertNotIn(b" 202 ", answer)
        self.assertEqual(gateway.status()["events"], 0)
        self.assertEqual(receiver.requests, [])

    def test_keep_alive_and_pipelining(self):
        gateway, _ = self.running()
        one = lambda n: (b'{"title":"p","event_id":"p%d"}' % n)
        request = lambda n, more=b"": (b"POST /v1/events HTTP/1.1\r\nHost: g\r\nContent-Type: application/json\r\n" + more +
                                       b"Content-Length: %d\r\n\r\n%s" % (len(one(n)), one(n)))
        answer = self.raw(gateway, request(1) + request(2) + request(3, b"Connection: close\r\n"))
        self.assertEqual(answer.count(b"HTTP/1.1 202"), 3)
        self.assertLess(answer.index(b"p1"), answer.index(b"p2"))
        self.assertLess(answer.index(b"p2"), answer.index(b"p3"))


if __name__ == "__main__":
    unittest.main()
