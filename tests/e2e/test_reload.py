"""Reloads under load, valid and invalid ones in turn: nothing lost, nothing mixed, no connection dropped."""

import time
import unittest

from deliveries import Arrivals
from harness import MATRIX_TO, GatewayTest, config, figures, webhook
from load import Load

RELOADS = figures.scale("WARDEX_RELOADS", 100, 1000)


class Reloads(GatewayTest):
    def test_many_reloads_under_load(self):
        receiver = self.receiver()

        def text(generation):
            """Whatever a request shows of its configuration names the generation."""
            return config(self.folder, webhook(
                "hook", f"http://127.0.0.1:{receiver.port}/{generation}",
                f"    headers: {{ X-Generation: \"{generation}\" }}\n    auth: {{ bearer: \"generation-{generation}\" }}\n"
                f"    retry: {{ initial: 10ms, max: 50ms }}\n"), MATRIX_TO.format("hook"))

        broken = (
            lambda good: good + "connectors: [twice\n",
            lambda good: good.replace("retry:", "retrie:"),
            lambda good: good.replace("http://", "gopher://"),
            lambda good: good.replace("\"generation-", f"\"${{file:{self.folder}/nowhere}}\" # "),
            lambda good: good.replace("[hook]", "[hok]"),
            lambda good: "",
        )
        gateway = self.gateway(text(0))
        load = Load(gateway, lambda c, n: {"event_id": f"c{c}-{n}", "case_id": f"CASE-{n % 13}", "title": "t"})
        load.wait_acknowledged(20)
        took, refused = [], 0
        for generation in range(1, RELOADS + 1):
            good = text(generation)
            valid = generation % 2 == 0
            written = self.folder / "next.yaml"
            written.write_text(good if valid else broken[generation // 2 % len(broken)](good))
            written.rename(gateway.config_file)  # which the gateway also notices by itself
            began = time.monotonic()
            status, answer = gateway.local("POST", "/v1/reload")
            took.append(time.monotonic() - began)
            self.assertEqual(status, 200 if valid else 422, answer)
            refused += not valid
            load.wait_acknowledged(len(load.acknowledged) + 1)
        load.wait_acknowledged(len(load.acknowledged) + 20)
        load.stop()
        gateway.wait_account("hook", pending=0, mailbox=0)

        arrivals, mixed, invalid, seen = Arrivals(receiver.requests), 0, 0, set()
        for request in receiver.requests:
            shown = {request.path.strip("/"), request.headers["X-Generation"],
                     request.headers["Authorization"].removeprefix("Bearer generation-")}
            mixed += len(shown) != 1
            seen |= shown
        invalid = sum(int(generation) % 2 for generation in seen)
        outcomes = [row[0] for row in gateway.query("select outcome from audit where action = 'config'")]
        self.assertGreaterEqual(outcomes.count("error"), refused)
        self.assert_books_balance(gateway)
        figures.record(
            "reload", reloads=RELOADS, refused=refused, acknowledged=len(load.acknowledged),
            lost=len(load.acknowledged - set(arrivals.times)), duplicates=arrivals.duplicates, generations=len(seen),
            mixed=mixed, invalid=invalid, broken_connections=len(load.broken),
            other_answers=sum(load.answers.values()) - load.answers[202],
            reload_p99=figures.percentile(took, 0.99), intake_p99=figures.percentile(load.latencies, 0.99))


if __name__ == "__main__":
    unittest.main()
