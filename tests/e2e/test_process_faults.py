"""The process stands still, is told to end under load, runs out of descriptors, or hears the same thing a thousand times."""

import http.client
import json
import signal
import socket
import threading
import time
import unittest

from deliveries import Arrivals
from harness import MATRIX_TO, TIMEOUT, GatewayTest, Hang, config, figures, webhook
from load import Load, most_within


def numbered(client, number):
    return {"event_id": f"c{client}-{number}", "case_id": f"CASE-{number % 11}", "title": "t"}


def hang(_):
    raise Hang()


class Crowd:
    """Connections from another address of this machine that say nothing."""

    def __init__(self, address, size):
        self._sockets = []
        for _ in range(size):
            one = socket.create_connection(address, timeout=TIMEOUT, source_address=("127.0.0.2", 0))
            self._sockets.append(one)

    def close(self):
        for one in self._sockets:
            one.close()
        self._sockets = []


class Standstill(GatewayTest):
    def test_a_process_that_stood_still_goes_on_as_if_nothing_had_been(self):
        standstill = figures.scale("WARDEX_STOP_SECONDS", 3.5, 60.0)
        rate, burst = 60, 5
        limits = f"    limits: {{ concurrency: 4, rate: {{ per_second: {rate}, burst: {burst} }} }}\n"
        # Everything that can run out while nobody looks is shorter than the standstill.
        short = "    timeout: 1s\n    retry: { initial: 50ms, max: 200ms, give_up_after: 2s }\n"
        intake = "  limits: { header_timeout: 1s, body_timeout: 1s, idle_timeout: 1s }\n"
        paced, slow = self.receiver(), self.receiver()
        slow.answer = lambda _: slow.closing.wait(0.2) and None or (204, {}, b"")
        connectors = (webhook("paced", paced.url, short + limits)
                      + webhook("slow", slow.url, short + "    limits: { concurrency: 8 }\n"))
        gateway = self.gateway(config(self.folder, connectors, MATRIX_TO.format("paced, slow"), intake=intake))

        backlog = [{"event_id": f"b{n}", "case_id": f"B-{n}", "title": "t"} for n in range(150)]
        self.assertEqual(gateway.post(backlog)[0], 202)
        load = Load(gateway, lambda c, n: {**numbered(c, n), "case_id": f"C-{c}-{n}"}, clients=2, persistent=True,
                    pause=0.1)
        paced.wait(50)
        late = socket.create_connection(gateway.address)  # its request is whole only while the process stands still
        self.addCleanup(late.close)
        body = b'{"event_id":"late","title":"t"}'
        late.sendall(b"POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n")
        self.wait_until(lambda: gateway.connector("slow")["in_flight"] > 0)
        gateway.signal(signal.SIGSTOP)
        stopped_at = time.monotonic()
        late.sendall(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        threading.Event().wait(standstill)
        gateway.signal(signal.SIGCONT)
        went_on_at = time.monotonic()
        late.settimeout(TIMEOUT)
        self.assertIn(b" 202 ", late.recv(4096).split(b"\r\n")[0])

        paced.wait(1, where=lambda r: r.at > went_on_at)
        first_again = min(r.at for r in paced.requests if r.at > went_on_at) - went_on_at
        load.wait_acknowledged(len(load.acknowledged) + 20)
        load.stop()
        for name in ("paced", "slow"):
            gateway.wait_account(name, pending=0)
        acknowledged = load.acknowledged | {"late"} | {event["event_id"] for event in backlog}
        arrivals = [Arrivals(receiver.requests) for receiver in (paced, slow)]
        unknown = gateway.query("select coalesce(sum(count), 0) from audit where outcome = 'unknown'")[0][0]
        self.assert_books_balance(gateway)
        self.assertFalse([r for r in paced.requests if stopped_at + 0.2 < r.at < went_on_at], "was it stopped at all?")
        figures.record(
            "standstill", stopped_for=standstill, acknowledged=len(acknowledged),
            lost=sum(len(acknowledged - set(one.times)) for one in arrivals),
            given_up=gateway.query("select count(*) from mailbox")[0][0],
            duplicates=sum(one.duplicates for one in arrivals), ambiguous=unknown,
            burst=most_within(1.0, [r.at for r in paced.requests if r.at >= went_on_at]) / (rate + burst),
            first_delivery=first_again)


class Termination(GatewayTest):
    def test_sigterm_under_load_answers_what_it_took_and_loses_nothing(self):
        rounds = figures.scale("WARDEX_TERM_ROUNDS", 5, 100)
        quick, slow = self.receiver(), self.receiver()
        slow.answer = lambda _: slow.closing.wait(0.02) and None or (204, {}, b"")
        connectors = webhook("quick", quick.url) + webhook("slow", slow.url)
        gateway = self.gateway(config(self.folder, connectors, MATRIX_TO.format("quick, slow")), start=False)
        acknowledged, cut, drains = set(), 0, []
        for number in range(rounds):
            gateway.start()
            load = Load(gateway, lambda c, n, r=number: {**numbered(c, n), "event_id": f"r{r}-c{c}-{n}"})
            load.wait_acknowledged(50)
            began = time.monotonic()
            self.assertEqual(gateway.stop(), 0)
            drains.append(time.monotonic() - began)
            acknowledged |= load.stop().acknowledged
            # A sender may find its idle connection closed, as with any server. An answer once begun is whole.
            cut += sum(isinstance(error, http.client.IncompleteRead) for error in load.broken)
        gateway.start()
        for name in ("quick", "slow"):
            gateway.wait_account(name, pending=0, mailbox=0)
        arrivals = [Arrivals(receiver.requests) for receiver in (quick, slow)]
        self.assert_books_balance(gateway)
        self.assertEqual(gateway.stop(), 0)
        self.assert_store_is_sound(gateway)
        figures.record("termination", rounds=rounds, acknowledged=len(acknowledged),
                       lost=sum(len(acknowledged - set(one.times)) for one in arrivals),
                       duplicates=sum(one.duplicates for one in arrivals), cut_answers=cut,
                       order_breaks=sum(one.order_breaks for one in arrivals), drain_max=max(drains))


class Descriptors(GatewayTest):
    FILES = 64

    def test_without_descriptors_it_stays_reachable_and_loses_nothing(self):
        hanging = [self.receiver(hang) for _ in range(6)]
        healthy = self.receiver()
        connectors = webhook("healthy", healthy.url) + "".join(
            webhook(f"hang{n}", receiver.url, "    timeout: 1s\n    limits: { concurrency: 20 }\n"
                                              "    retry: { initial: 50ms, max: 500ms }\n")
            for n, receiver in enumerate(hanging))
        everywhere = "healthy, " + ", ".join(f"hang{n}" for n in range(6))
        gateway = self.gateway(config(self.folder, connectors, MATRIX_TO.format(everywhere)),
                               command=["prlimit", f"--nofile={self.FILES}:{self.FILES}"])
        # Said before it is ready, which start() waits for.
        self.assertIn("gateway.few_descriptors", [entry["event"] for entry in gateway.log])

        crowd = Crowd(gateway.address, 120)
        self.addCleanup(crowd.close)
        acknowledged, refused, most, answers = set(), 0, 0, []
        for number in range(60):
            event = {"event_id": f"e{number}", "case_id": f"C-{number}", "title": "t"}
            status = gateway.post(event)[0]
            self.assertIn(status, (202, 503))
            if status == 202:
                acknowledged.add(event["event_id"])
            refused += status != 202
            began = time.monotonic()
            self.assertEqual(gateway.get("/healthz")[0], 200)
            self.assertEqual(gateway.local("GET", "/v1/status")[0], 200)
            answers.append(time.monotonic() - began)
            most = max(most, gateway.descriptors())
        self.assertEqual(gateway.cli("reload").returncode, 0)
        self.assertGreater(len(acknowledged), 0)
        healthy.wait(len(acknowledged))
        self.assertNotIn("http.accept_failed", [entry["event"] for entry in gateway.log])

        crowd.close()
        for receiver in hanging:
            receiver.answer = None
        for name in everywhere.split(", "):
            gateway.wait_account(name, pending=0, mailbox=0)
        self.wait_until(lambda: gateway.post({"event_id": "after", "title": "t"})[0] == 202)
        arrived = [Arrivals(receiver.requests).times for receiver in (healthy, *hanging)]
        self.assert_books_balance(gateway)
        self.assertEqual(gateway.stop(), 0)
        self.assert_store_is_sound(gateway)
        figures.record("descriptors", limit=self.FILES, held=most, clients=120, refused=refused,
                       acknowledged=len(acknowledged), lost=sum(len(acknowledged - set(one)) for one in arrived),
                       health_and_status=max(answers))


class Duplicates(GatewayTest):
    def test_a_storm_of_one_key_is_one_event_and_one_delivery(self):
        clients, times = 32, figures.scale("WARDEX_STORM_REPEATS", 20, 3125)
        receiver = self.receiver()
        gateway = self.gateway(config(self.folder, webhook("hook", receiver.url), MATRIX_TO.format("hook")))
        answers, failures = set(), []
        start = threading.Barrier(clients)
        accepted = []

        def client():
            connection = http.client.HTTPConnection(*gateway.address, timeout=TIMEOUT)
            start.wait()
            try:
                for _ in range(times):
                    connection.request("POST", "/v1/events", b'{"title":"storm","case_id":"CASE-1"}',
                                       {"Content-Type": "application/json", "Idempotency-Key": "storm-1"})
                    response = connection.getresponse()
                    answer = json.loads(response.read())
                    accepted.append(answer["accepted"])
                    answers.add((response.status, answer["accepted"] + answer["duplicates"], tuple(answer["ids"])))
            except Exception as error:
                failures.append(error)
            connection.close()

        threads = [threading.Thread(target=client) for _ in range(clients)]
        began = time.monotonic()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        took = time.monotonic() - began
        self.assertEqual(failures, [])
        gateway.wait_account("hook", routed=1, delivered=1, pending=0)
        self.assertEqual(len(answers), 1, answers)
        self.assertEqual(gateway.status()["events"], 1)
        self.assert_books_balance(gateway)
        figures.record("storm", requests=clients * times, accepted=sum(accepted), deliveries=len(receiver.requests),
                       answers=len(answers), per_second=clients * times / took)


if __name__ == "__main__":
    unittest.main()
