"""Clients that drip, hold, never read, and send bombs: they cost little, and others are served."""

import gzip
import socket
import threading
import time
import unittest

from harness import MATRIX_TO, TIMEOUT, GatewayTest, config, figures, webhook

HEAD = b"POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
SILENT = 400  # connections that say nothing; one address may have 256


class Siege:
    """All kinds of hostile clients at once, from an address of their own, until stop()."""

    def __init__(self, address):
        self._address = address
        self._stopping = threading.Event()
        self._sockets = set()
        self.turned_away = 0   # connections answered 503 at once
        self.timed_out = 0     # requests answered 408
        self.bombs_refused = 0
        bomb = gzip.compress(b"[" + b" " * (200 << 20) + b"]", 9)
        self._bomb = HEAD + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb) + bomb
        kinds = ([self._drip_header] * 20 + [self._drip_body] * 20 + [self._never_read] * 10 + [self._send_bombs] * 2
                 + [self._say_nothing] * (SILENT // 20))
        self._threads = [threading.Thread(target=self._repeat, args=(kind,), daemon=True) for kind in kinds]
        for thread in self._threads:
            thread.start()

    def stop(self):
        self._stopping.set()
        for thread in self._threads:
            thread.join(TIMEOUT)
        for one in self._sockets:
            one.close()

    def _connect(self):
        one = socket.create_connection(self._address, timeout=2, source_address=("127.0.0.2", 0))
        self._sockets.add(one)
        return one

    def _repeat(self, kind):
        while not self._stopping.is_set():
            try:
                one = self._connect()
                try:
                    kind(one)
                finally:
                    self._sockets.discard(one)
                    one.close()
            except OSError:  # refused, reset, or nothing came: as it should be
                pass
            self._stopping.wait(0.02)

    def _outcome(self, one):
        answer = one.recv(200)
        self.timed_out += b" 408 " in answer
        self.turned_away += b" 503 " in answer
        return answer

    def _drip(self, one, data):
        one.settimeout(0.1)
        for byte in data:
            if self._stopping.is_set():
                return
            try:
                if self._outcome(one) is not None:
                    return
            except TimeoutError:
                one.send(bytes([byte]))

    def _drip_header(self, one):
        self._drip(one, HEAD * 100)

    def _drip_body(self, one):
        one.sendall(HEAD + b"Content-Length: 100000\r\n\r\n")
        self._drip(one, b"[" + b" " * 99998)

    def _say_nothing(self, one):
        several = [one] + [self._connect() for _ in range(19)]
        self._stopping.wait(1.5)
        for other in several[1:]:
            self._sockets.discard(other)
            other.close()

    def _never_read(self, one):
        while not self._stopping.is_set():
            one.sendall(b"GET /openapi.yaml HTTP/1.1\r\nHost: x\r\n\r\n" * 50)

    def _send_bombs(self, one):
        one.sendall(self._bomb)
        self.bombs_refused += b" 413 " in self._outcome(one)


class HostileClients(GatewayTest):
    def test_they_cost_little_and_others_are_served(self):
        requests = figures.scale("WARDEX_SIEGE_REQUESTS", 300, 10000)
        receiver = self.receiver()
        limits = "  limits: { header_timeout: 1s, body_timeout: 1s, idle_timeout: 1s }\n"
        gateway = self.gateway(config(self.folder, webhook("hook", receiver.url), MATRIX_TO.format("hook"),
                                      intake=limits))
        quiet = gateway.memory()
        siege = Siege(gateway.address)
        self.addCleanup(siege.stop)
        latencies, connections = [], 0
        for number in range(requests):
            began = time.monotonic()
            status, _, body = gateway.post({"event_id": f"e{number}", "case_id": f"C{number}", "title": "t"})
            latencies.append(time.monotonic() - began)
            self.assertEqual(status, 202, body)
            if number % 10 == 0:
                connections = max(connections, gateway.metric("wardex_gateway_http_connections"))
        self.assertEqual(gateway.get("/healthz")[0], 200)
        receiver.wait(requests)
        self.wait_until(lambda: siege.timed_out >= 20 and siege.bombs_refused >= 2 and siege.turned_away >= 1)
        siege.stop()
        self.wait_until(lambda: gateway.metric("wardex_gateway_http_connections") <= 2)
        gateway.wait_account("hook", delivered=requests, pending=0)
        self.assertEqual(gateway.status()["events"], requests)  # nothing of theirs got in
        self.assert_books_balance(gateway)
        figures.record("hostile_clients", clients=SILENT + 52, connections=int(connections),
                       timed_out=siege.timed_out, bombs_refused=siege.bombs_refused,
                       memory_growth=(gateway.memory("VmHWM") - quiet) / 2**20, served=len(latencies),
                       served_p99=figures.percentile(latencies, 0.99))


if __name__ == "__main__":
    unittest.main()
