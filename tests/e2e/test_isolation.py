"""A healthy receiver does not feel that all others are dead or slow: the same minutes with and without them, in turns."""

import http.client
import json
import statistics
import time
import unittest

import hostile
from harness import MATRIX_TO, TIMEOUT, GatewayTest, config, figures, unused_port, webhook
from hostile import HostileServer


class Isolation(GatewayTest):
    def test_a_healthy_receiver_does_not_feel_the_others(self):
        kinds = (hostile.never_answers, hostile.never_reads, hostile.drips_its_header, hostile.drips_its_body)
        urls = []
        for kind in kinds:
            server = HostileServer(kind)
            self.addCleanup(server.close)
            urls.append(server.url)
        urls.append(f"http://127.0.0.1:{unused_port()}/")
        names = [f"bad{n}" for n in range(len(urls))]
        healthy = self.receiver()
        connectors = webhook("healthy", healthy.url) + "".join(
            webhook(name, url, "    timeout: 1s\n    limits: { concurrency: 4 }\n"
                               "    retry: { initial: 50ms, max: 500ms }\n") for name, url in zip(names, urls))
        gateway = self.gateway(config(self.folder, connectors, MATRIX_TO.format(", ".join(["healthy", *names]))))
        self.connection = http.client.HTTPConnection(*gateway.address, timeout=TIMEOUT)
        self.addCleanup(self.connection.close)
        self.sent = 0

        # Held or not, the others are routed to: what a phase adds is what they do, not what is written for them.
        phases, posts = figures.scale("WARDEX_ISOLATION_PHASES", 4, 20), figures.scale("WARDEX_ISOLATION_POSTS", 150, 1000)
        baseline, disturbed = [], []
        self.delays(healthy, posts)  # connections, pages and caches warm up
        for _ in range(phases):
            self.turn(gateway, names, "hold")
            baseline.append(figures.percentile(self.delays(healthy, posts), 0.99))
            self.turn(gateway, names, "resume")
            disturbed.append(figures.percentile(self.delays(healthy, posts), 0.99))
        for name in names:
            account = gateway.connector(name)["account"]
            self.assertEqual((account["pending"], account["delivered"]), (self.sent, 0))
        attempts = gateway.query("select coalesce(sum(count), 0) from audit where action = 'deliver' and connector <> 'healthy'")
        self.assertGreater(attempts[0][0], phases * len(names) // 2)  # they were tried all along
        self.assert_books_balance(gateway)
        figures.record("isolation", phases=phases, posts=posts, others=len(names), attempts=attempts[0][0],
                       baseline_p99=statistics.median(baseline), disturbed_p99=statistics.median(disturbed),
                       ratio=statistics.median(disturbed) / statistics.median(baseline))

    def turn(self, gateway, names, action):
        for name in names:
            gateway.cli("connector", action, name)
        if action == "hold":
            self.wait_until(lambda: sum(c["in_flight"] for c in gateway.status()["connectors"]) == 0)
        else:
            self.wait_until(lambda: all(gateway.connector(name)["state"] != "held" for name in names))

    def delays(self, healthy, posts):
        """Post to arrival, in seconds, of one event after the other."""
        out = []
        for _ in range(posts):
            name, seen = f"e{self.sent}", len(healthy.requests)
            self.sent += 1
            began = time.monotonic()
            self.connection.request("POST", "/v1/events", json.dumps({"event_id": name, "case_id": name, "title": "t"}),
                                    {"Content-Type": "application/json"})
            response = self.connection.getresponse()
            self.assertEqual((response.status, response.read() and None), (202, None))
            out.append(healthy.wait(seen + 1)[seen].at - began)
        return out


if __name__ == "__main__":
    unittest.main()
