"""Receivers that misbehave: what becomes of the delivery, and what it costs the others."""

import time
import unittest

import hostile
from harness import MATRIX_TO, GatewayTest, config, figures, unused_port, webhook
from hostile import HostileServer, answers, status

# What the receiver does -> the outcome in the audit, and words of its reason. "unknown" where our request had left and no
# answer is known: the receiver may have acted. "retry" where it certainly has not, or says so itself.
LATE = "timed out after 3s"
OUTCOMES = {
    "closes-at-once": (hostile.closes_at_once, "unknown retry", "127.0.0.1"),  # whether all had left is a race
    "closes-without-an-answer": (hostile.closes_without_an_answer, "unknown", "closed without an answer"),
    "resets-without-an-answer": (hostile.resets_without_an_answer, "unknown", "no answer from"),
    "never-answers": (hostile.never_answers, "unknown", LATE),
    "never-reads": (hostile.never_reads, "unknown", LATE),
    "drips-its-header": (hostile.drips_its_header, "unknown", LATE),
    "drips-its-body": (hostile.drips_its_body, "unknown", LATE),
    "resets-in-the-body": (hostile.resets_in_the_body, "unknown", "answer of"),
    "closes-in-the-header": (answers(b"HTTP/1.1 200 OK\r\nX-Ha"), "unknown", "closed inside the response header"),
    "closes-in-the-body": (answers(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nha"), "unknown", "inside the response body"),
    "endless-header": (hostile.endless_header, "unknown", "malformed HTTP response"),
    "endless-interim": (hostile.endless_interim_answers, "unknown", "too many interim"),
    "garbage": (answers(b"\x00\xff\xfe garbage \r\n\r\n" * 9), "unknown", "malformed HTTP response"),
    "speaks-ssh": (answers(b"SSH-2.0-OpenSSH_9.2p1\r\n"), "unknown", "malformed HTTP response"),
    "speaks-tls": (answers(b"\x15\x03\x01\x00\x02\x02\x46"), "unknown", "answer of"),
    "bad-length": (answers(b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"), "unknown", "malformed HTTP response"),
    "two-lengths": (answers(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx"), "unknown",
                    "malformed HTTP response"),
    "bad-chunks": (answers(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"), "unknown",
                   "malformed HTTP response"),
    "endless-body": (hostile.endless_body, "delivered", ""),  # the status is all we need
    "endless-chunks": (hostile.endless_chunks, "delivered", ""),
    "says-more-than-asked": (answers(b"HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 500 X\r\n\r\n"), "delivered", ""),
    "http-1.0-without-length": (answers(b"HTTP/1.0 200 OK\r\n\r\nfine"), "delivered", ""),
    "refuses-before-reading": (hostile.refuses_before_it_has_read, "rejected", "413"),
    "204": (status(204), "delivered", ""),
    "302": (status(302, "Location: http://169.254.169.254/\r\n"), "unauthorised", "redirects are not followed"),
    "400": (status(400), "rejected", "400"),
    "401": (status(401), "unauthorised", "401"),
    "404": (status(404), "unauthorised", "check `url`"),
    "429": (status(429, "Retry-After: 3600\r\n"), "throttled", "429"),
    "500": (status(500), "retry", "500"),
    "503": (status(503, "Retry-After: 3600\r\n"), "retry", "503"),
    "refused": (None, "retry", "refused"),
    "tls-to-plain": (hostile.plain_text_at_once, "retry", "does not speak TLS"),
}
ONCE = "    retry: { initial: 30m, max: 1h }\n"  # one attempt is all the table needs


class HostileReceivers(GatewayTest):
    def hostile(self, behaviour):
        server = HostileServer(behaviour)
        self.addCleanup(server.close)
        return server

    def test_the_outcome_of_each_is_classed_right(self):
        connectors, servers = "", {}
        for name, (behaviour, _, words) in OUTCOMES.items():
            url = f"http://127.0.0.1:{unused_port()}/"
            if behaviour is not None:
                servers[name] = self.hostile(behaviour)
                url = servers[name].url
            if name == "tls-to-plain":
                url = url.replace("http:", "https:")
            connectors += webhook(f"c-{name}".replace(".", "-"), url, ONCE + f"    timeout: {'3s' if words == LATE else '30s'}\n")
        ids = {name: f"c-{name}".replace(".", "-") for name in OUTCOMES}
        gateway = self.gateway(config(self.folder, connectors, MATRIX_TO.format(", ".join(ids.values()))))
        self.assertEqual(gateway.post({"event_id": "e", "case_id": "C", "title": "t", "description": "x" * 50000})[0], 202)

        def rows():
            return dict((connector, (outcome, detail)) for connector, outcome, detail in gateway.query(
                "select connector, outcome, detail from audit where action = 'deliver' order by id desc"))

        self.wait_until(lambda: set(ids.values()) <= set(rows()))
        wrong = []
        for name, (outcome, detail) in ((name, rows()[connector]) for name, connector in ids.items()):
            _, wanted, words = OUTCOMES[name]
            if outcome not in wanted.split() or words not in detail:
                wrong.append(f"{name}: {outcome} ({detail}), wanted {wanted} ({words})")
        self.assertEqual(wrong, [])
        self.assert_books_balance(gateway)
        self.assertEqual(gateway.stop(), 0)
        figures.record("hostile_outcomes", receivers=len(OUTCOMES), classed_right=len(OUTCOMES) - len(wrong),
                       taken_of_endless=max(servers[name].sent for name in servers if name.startswith("endless")) / 2**20)

    def test_they_hold_few_sockets_and_little_memory_and_disturb_nobody(self):
        kinds = [hostile.never_answers, hostile.never_reads, hostile.drips_its_header, hostile.drips_its_body,
                 hostile.endless_header, hostile.endless_body, hostile.endless_interim_answers,
                 hostile.closes_without_an_answer]
        concurrency, events = 4, figures.scale("WARDEX_HOSTILE_EVENTS", 400, 20000)
        servers = [self.hostile(kind) for kind in kinds]
        healthy = self.receiver()
        connectors = webhook("healthy", healthy.url) + "".join(
            webhook(f"h{n}", server.url, f"    timeout: 1s\n    limits: {{ concurrency: {concurrency} }}\n"
                                         "    retry: { initial: 20ms, max: 100ms }\n")
            for n, server in enumerate(servers))
        names = [f"h{n}" for n in range(len(servers))]
        gateway = self.gateway(config(self.folder, connectors, MATRIX_TO.format("healthy, " + ", ".join(names))))
        before = gateway.memory()
        posted, sockets = {}, 0
        for number in range(events):
            name = f"e{number}"
            posted[name] = time.monotonic()
            self.assertEqual(gateway.post({"event_id": name, "case_id": name, "title": "t"})[0], 202)
            if number % 20 == 0:
                sockets = max(sockets, gateway.descriptors("socket:"))
        arrived = {r.json()["event_id"]: r.at for r in healthy.wait(events)}
        delays = [arrived[name] - at for name, at in posted.items()]
        for name, kind in zip(names, kinds):  # nothing was settled that was not delivered
            account = gateway.connector(name)["account"]
            self.assertEqual(account["pending"] + account["delivered"], events, kind.__name__)
            self.assertTrue(account["delivered"] == 0 or kind is hostile.endless_body, kind.__name__)
        self.assert_books_balance(gateway)
        figures.record("hostile_receivers", receivers=len(kinds), events=events,
                       sockets=sockets, sockets_excess=max(0, sockets - concurrency * (len(kinds) + 1) - 8),
                       memory_growth=(gateway.memory("VmHWM") - before) / 2**20,
                       healthy_p99=figures.percentile(delays, 0.99))


if __name__ == "__main__":
    unittest.main()
