"""Receivers and clients that misbehave on the level of the wire."""

import socket
import struct
import threading

from harness import TIMEOUT

BODY = b'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n'


class HostileServer:
    """Accepts connections and leaves each to `behaviour(connection)`, replaceable while it runs.

    A Connection knows what was received; `sent` counts what all of them could get rid of.
    """

    def __init__(self, behaviour):
        self.behaviour = behaviour
        self.accepted = 0
        self.sent = 0
        self.closing = threading.Event()
        self._open = set()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/hook"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                one, _ = self._listener.accept()
            except OSError:
                return
            self.accepted += 1
            self._open.add(one)
            threading.Thread(target=self._serve, args=(one,), daemon=True).start()

    def _serve(self, one):
        try:
            self.behaviour(Connection(self, one))
        except OSError:  # the gateway had enough
            pass
        finally:
            self._open.discard(one)
            one.close()

    def close(self):
        self.closing.set()
        # shutdown() wakes the thread in accept(); close() alone would not.
        for one in [self._listener, *self._open]:
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        self._listener.close()


class Connection:
    def __init__(self, server, one):
        self._server, self.socket = server, one
        one.settimeout(TIMEOUT)

    def request(self):
        """Reads one request to its end."""
        data = b""
        while b"\r\n\r\n" not in data:
            data += self._some()
        head, _, body = data.partition(b"\r\n\r\n")
        length = next((int(line.split(b":")[1]) for line in head.split(b"\r\n")
                       if line.lower().startswith(b"content-length:")), 0)
        while len(body) < length:
            body += self._some()
        return body

    def _some(self):
        data = self.socket.recv(65536)
        if not data:
            raise ConnectionError("the gateway closed")
        return data

    def send(self, data):
        self.socket.sendall(data)
        self._server.sent += len(data)

    def drip(self, data, every=0.1):
        """A byte at a time."""
        for byte in data:
            self.send(bytes([byte]))
            if self.wait(every):
                return

    def flood(self, block):
        """The block without end, until the other side has had enough."""
        while True:
            self.send(block)

    def wait(self, seconds=TIMEOUT):
        """Does nothing, unless the test is over."""
        return self._server.closing.wait(seconds)

    def reset(self):
        """Ends with RST rather than FIN."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()


def answers(data, *, keep=False):
    """Reads a request and sends these bytes; `keep`: and leaves the connection open."""

    def behave(connection):
        connection.request()
        connection.send(data)
        if keep:
            connection.wait()

    return behave


def status(code, headers=""):
    return answers(f"HTTP/1.1 {code} X\r\n{headers}Content-Length: 0\r\n\r\n".encode(), keep=True)


def closes_at_once(_):
    pass


def plain_text_at_once(connection):
    connection.socket.recv(10)
    connection.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")


def closes_without_an_answer(connection):
    connection.request()


def resets_without_an_answer(connection):
    connection.request()
    connection.reset()


def never_answers(connection):
    connection.request()
    connection.wait()


def never_reads(connection):
    connection.wait()


def drips_its_header(connection):
    connection.request()
    connection.drip(BODY + b"X-Padding: " + b"x" * 4000 + b"\r\nContent-Length: 0\r\n\r\n")


def drips_its_body(connection):
    connection.request()
    connection.send(BODY + b"Content-Length: 4000\r\n\r\n")
    connection.drip(b"x" * 4000)


def resets_in_the_body(connection):
    connection.request()
    connection.send(BODY + b"Content-Length: 100\r\n\r\nhalf of")
    connection.wait(0.1)  # or the reset overtakes what was sent
    connection.reset()


def endless_header(connection):
    connection.request()
    connection.send(BODY)
    connection.flood(b"X-More: " + b"x" * 8000 + b"\r\n")


def endless_body(connection):
    connection.request()
    connection.send(BODY + b"Connection: close\r\n\r\n")
    connection.flood(b"x" * 65536)


def endless_chunks(connection):
    connection.request()
    connection.send(BODY + b"Transfer-Encoding: chunked\r\n\r\n")
    connection.flood(b"1000\r\n" + b"x" * 4096 + b"\r\n")


def endless_interim_answers(connection):
    connection.request()
    connection.flood(b"HTTP/1.1 102 Processing\r\n\r\n")


def refuses_before_it_has_read(connection):
    connection.socket.recv(100)
    connection.send(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    connection.socket.shutdown(socket.SHUT_WR)
    while connection.socket.recv(65536):
        pass
