"""Runs the real binary against scripted local receivers. Waits on events, never on time."""

import http.client
import http.server
import json
import os
import queue
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.error
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "reliability"))
import figures  # noqa: E402,F401  the suites have it from here

GATEWAY = os.environ.get("WARDEX_GATEWAY", "build/debug/bin/wardex-gateway")
TIMEOUT = 30.0  # how long a wait may take before the test fails; nothing ever waits this long when all is well

GUIDE_EVENT = {
    "case_id": "CASE-1042",
    "severity": "high",
    "status": "triage",
    "title": "Suspicious shell spawned from Office",
    "endpoint_id": "macbook-sec-17",
    "rule": "office-child-process",
    "mitre": ["T1204", "T1059"],
    "wardex_url": "https://console.example/cases/CASE-1042",
}


class Received:
    """One request that reached a receiver."""

    def __init__(self, method, path, headers, body, answered):
        self.method, self.path, self.headers, self.body = method, path, headers, body
        self.answered = answered
        self.at = time.monotonic()

    def json(self):
        return json.loads(self.body)


class Receiver:
    """A local HTTP receiver that answers as told and remembers what it got.

    `answer` is a callable(Received) -> (status, headers, body), replaceable while it runs; None: 204.
    `tls` is the ssl.SSLContext that new connections are spoken to with, replaceable as well; None: plain.
    """

    def __init__(self, answer=None, port=0, tls=None):
        self.answer = answer
        self.tls = tls
        self.requests = []
        self._changed = threading.Condition()
        self._accepting = threading.Lock()
        self._connections = set()
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True
            wbufsize = -1  # header and body of an answer leave together

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                got = Received(self.command, self.path, dict(self.headers), body, None)
                try:
                    status, headers, reply = receiver.answer(got) if receiver.answer else (204, {}, b"")
                except Hang:
                    receiver.closing.wait(TIMEOUT)
                    self.close_connection = True
                    return
                got.answered = status
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(reply)))
                self.end_headers()
                self.wfile.write(reply)
                self.wfile.flush()
                with receiver._changed:
                    receiver.requests.append(got)
                    receiver._changed.notify_all()

            do_PUT = do_POST
            do_GET = do_POST

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128

            def get_request(self):
                connection, address = super().get_request()
                with receiver._accepting:  # what is accepted under the old certificate is there to be dropped
                    if receiver.tls is not None:  # the handshake is left to the connection's own thread
                        connection = receiver.tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
                    receiver._connections.add(connection)
                return connection, address

            def shutdown_request(self, request):
                with receiver._accepting:
                    receiver._connections.discard(request)
                super().shutdown_request(request)

            def handle_error(self, *_):  # a killed gateway leaves broken connections behind
                pass

        self.closing = threading.Event()
        self._server = Server(("127.0.0.1", port), Handler)
        self.port = self._server.server_address[1]
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}/hook"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def wait(self, count=1, where=lambda _: True, timeout=TIMEOUT):
        """The requests that satisfy `where`, once there are `count` of them."""
        deadline = time.monotonic() + timeout
        with self._changed:
            while True:
                found = [r for r in self.requests if where(r)]
                if len(found) >= count:
                    return found
                left = deadline - time.monotonic()
                if left <= 0:
                    raise AssertionError(f"{len(found)} of {count} requests came within {timeout} s")
                self._changed.wait(left)

    def drop_connections(self):
        """Ends the kept-alive ones, as a restarted receiver does."""
        with self._accepting:
            for connection in self._connections:
                try:
                    connection.shutdown(socket.SHUT_RDWR)
                except OSError:  # gone by itself
                    pass

    def close(self):
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()


class Hang(Exception):
    """Raised by an answer function: never answer."""


def unused_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class LocalConnection(http.client.HTTPConnection):
    """HTTP over the control socket in the data directory."""

    def __init__(self, path):
        super().__init__("local", timeout=TIMEOUT)
        self._path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


class Gateway:
    """One gateway process on a folder of its own.

    `command` stands before the binary: prlimit, unshare ...
    """

    def __init__(self, config, folder=None, env=None, arguments=(), command=()):
        self.folder = Path(folder or tempfile.mkdtemp(prefix="wardex-e2e-"))
        self.config_file = self.folder / "gateway.yaml"
        self.config_arguments = [] if config is None else ["--config", str(self.config_file)]
        if config is not None:
            self.config_file.write_text(config)
        self.env = {**os.environ, "WARDEX_CONFIG": "", **(env or {})}
        self.arguments = list(arguments)
        self.command = list(command)
        self.process = None
        self.log = []
        self._lines = queue.Queue()

    @property
    def data_dir(self):
        return self.folder / "data"

    @property
    def database(self):
        return self.data_dir / "gateway.db"

    def start(self, wait=True):
        self.started_at = time.monotonic()
        self.process = subprocess.Popen(
            [*self.command, GATEWAY, "run", *self.config_arguments, *self.arguments],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=self.env)
        self._lines = queue.Queue()
        self._reader = threading.Thread(target=self._pump, args=(self.process, self._lines), daemon=True)
        self._reader.start()
        if wait:
            listening = self.wait_log("gateway.listening")
            self.base = "http://" + listening["address"]
            self.wait_log("gateway.ready")
        return self

    def _pump(self, process, lines):
        for line in process.stderr:
            try:
                entry = json.loads(line)
                entry |= entry.pop("fields", {})
            except ValueError:
                entry = {"event": "raw", "text": line.decode(errors="replace")}
            self.log.append(entry)
            lines.put(entry)
        process.stderr.close()
        lines.put(None)

    def wait_log(self, event, where=lambda _: True, timeout=TIMEOUT):
        """The next log line with this event code (lines before it are skipped)."""
        deadline = time.monotonic() + timeout
        while True:
            try:
                entry = self._lines.get(timeout=max(0.001, deadline - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"no log line {event} within {timeout} s; the last: {self.log[-5:]}") from None
            if entry is None:
                self._lines.put(None)
                raise AssertionError(f"the gateway ended before {event}; its log: {self.log[-10:]}")
            if entry.get("event") == event and where(entry):
                return entry

    def wait_exit(self, timeout=TIMEOUT):
        code = self.process.wait(timeout)
        self._reader.join(timeout)
        return code

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.wait_exit()

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.wait_exit()
        return self.process.returncode if self.process else None

    def signal(self, number):
        self.process.send_signal(number)

    def cli(self, *arguments, stdin=None, check=True):
        done = subprocess.run([GATEWAY, *arguments, "--config", str(self.config_file)], input=stdin, text=True,
                              capture_output=True, env=self.env, timeout=TIMEOUT)
        if check and done.returncode != 0:
            raise AssertionError(f"{arguments} exited {done.returncode}: {done.stdout}{done.stderr}")
        return done

    def cli_json(self, *arguments, **more):
        return json.loads(self.cli(*arguments, "--json", **more).stdout)

    def post(self, payload, headers=None, path="/v1/events"):
        """(status, headers, body) of POST /v1/events; bytes and str are sent as they are."""
        body = payload if isinstance(payload, bytes) else (
            payload.encode() if isinstance(payload, str) else json.dumps(payload).encode())
        request = urllib.request.Request(self.base + path, data=body, method="POST",
                                         headers={"Content-Type": "application/json", **(headers or {})})
        return _open(request)

    def get(self, path, headers=None):
        return _open(urllib.request.Request(self.base + path, headers=headers or {}))

    @property
    def address(self):
        """(host, port) of the listener."""
        host, port = self.base.removeprefix("http://").removeprefix("https://").rsplit(":", 1)
        return host, int(port)

    def local(self, method, path, body=None):
        """(status, document) of a request over the control socket."""
        connection = LocalConnection(self.data_dir / "gateway.sock")
        try:
            connection.request(method, path, body=None if body is None else json.dumps(body),
                               headers={} if body is None else {"Content-Type": "application/json"})
            response = connection.getresponse()
            return response.status, json.loads(response.read())
        finally:
            connection.close()

    def status(self):
        return self.local("GET", "/v1/status")[1]

    def connector(self, connector_id):
        return next(c for c in self.status()["connectors"] if c["id"] == connector_id)

    def wait_account(self, connector_id, timeout=TIMEOUT, **wanted):
        """Until the connector's accounts hold these figures. The store has no push; the local socket answers in ms."""
        deadline = time.monotonic() + timeout
        while True:
            account = self.connector(connector_id)["account"]
            if all(account[key] == value for key, value in wanted.items()):
                return account
            if time.monotonic() > deadline:
                raise AssertionError(f"{connector_id}: {account}, wanted {wanted}")
            threading.Event().wait(0.02)

    def query(self, statement, *values):
        """Rows from its database, as a user's sqlite3 would read them."""
        with sqlite3.connect(f"file:{self.database}?mode=ro", uri=True) as db:
            return db.execute(statement, values).fetchall()

    def metric(self, name):
        """A sample of /metrics by its full name, labels included; None: it is not there."""
        for line in self.get("/metrics")[2].decode().splitlines():
            if line.startswith(name + " "):
                return float(line.rsplit(" ", 1)[1])
        return None

    def memory(self, field="VmRSS"):
        """Resident bytes; VmHWM: the most there ever were."""
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith(field + ":"):
                return int(line.split()[1]) * 1024
        raise AssertionError(f"no {field} in /proc")

    def descriptors(self, kind=""):
        """How many it holds; kind "socket:": of sockets."""
        count = 0
        for entry in Path(f"/proc/{self.process.pid}/fd").iterdir():
            try:
                count += os.readlink(entry).startswith(kind)
            except OSError:  # closed meanwhile
                pass
        return count

    def clean(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait(TIMEOUT)
        shutil.rmtree(self.folder, ignore_errors=True)


def _open(request):
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT) as response:
            return response.status, dict(response.headers), response.read()
    except urllib.error.HTTPError as error:
        return error.code, dict(error.headers), error.read()


def config(folder, connectors, extra="", auth="  auth: none\n", listen="127.0.0.1:0", logging="  format: json\n",
           intake=""):
    """A configuration text; `connectors` is YAML indented by two."""
    return (f"gateway:\n  listen: \"{listen}\"\n  data_dir: {folder}/data\n"
            f"intake:\n{auth}{intake}"
            f"logging:\n{logging}"
            f"egress:\n  allow: [\"127.0.0.0/8\"]\n"
            f"connectors:\n{connectors}{extra}")


def webhook(name, url, more=""):
    """A connector of that type, for config()."""
    return f"  {name}:\n    type: webhook\n    url: {url}\n    allow_insecure: true\n{more}"


MATRIX_TO = "matrix: {{critical: [{0}], high: [{0}], medium: [{0}], low: [{0}], info: [{0}]}}\n"


class GatewayTest(unittest.TestCase):
    """Gives every test a folder of its own and cleans up processes, receivers and files."""

    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="wardex-e2e-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def receiver(self, answer=None, **more):
        receiver = Receiver(answer, **more)
        self.addCleanup(receiver.close)
        return receiver

    def gateway(self, config_text, start=True, **more):
        gateway = Gateway(config_text, folder=self.folder, **more)
        self.addCleanup(gateway.clean)
        return gateway.start() if start else gateway

    def wait_until(self, condition, timeout=TIMEOUT):
        """For what has no event to wait on."""
        deadline = time.monotonic() + timeout
        while not condition():
            self.assertLess(time.monotonic(), deadline, "it did not come to pass")
            threading.Event().wait(0.02)

    def assert_books_balance(self, gateway):
        status = gateway.status()
        self.assertEqual(status["conservation_mismatch"], 0, status)

    def assert_store_is_sound(self, gateway):
        """Of a gateway that has ended: the database is whole and the audit chain proves itself."""
        with sqlite3.connect(gateway.database) as db:
            self.assertEqual(db.execute("pragma integrity_check").fetchall(), [("ok",)])
            self.assertEqual(db.execute("pragma foreign_key_check").fetchall(), [])
        verified = gateway.cli("audit", "verify", check=False)
        self.assertTrue(verified.stdout.startswith("ok"), verified.stdout + verified.stderr)
