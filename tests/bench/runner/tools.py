"""The load generator and the counting sink, as Python sees them."""

import json
import subprocess
import tempfile
import threading
import urllib.parse
import urllib.request
from pathlib import Path

from runner.processes import Failed, Process


class Sink:
    """A counting receiver on ports of its own; ends with the `with` block."""

    def __init__(self, binaries: Path, folder: Path, once_a_request=False, delay_us=0):
        command = [binaries / "bench_sink", "--delay-us", delay_us]
        self._process = Process(command + (["--once-a-request"] if once_a_request else []), folder / "sink.log")
        ports = json.loads(self._process.wait_line(lambda line: line.startswith("{")))
        self.http, self.syslog, self.admin = ports["http"], ports["syslog"], ports["admin"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.kill()

    @property
    def pid(self):
        return self._process.pid

    def ask(self, path, timeout=120, **query):
        address = f"http://127.0.0.1:{self.admin}{path}?{urllib.parse.urlencode(query)}"
        with urllib.request.urlopen(address, timeout=timeout) as answer:
            return json.loads(answer.read())

    def reset(self, run=None):
        self.ask("/reset", **({"run": run} if run else {}))

    def stats(self, expected=0):
        return self.ask("/stats", expected=expected)

    def wait(self, unique, events=0, idle_s=5.0):
        """Until so many are there, or nothing has come for idle_s. True: they are there."""
        return self.ask("/wait", unique=unique, events=events, idle_ms=int(idle_s * 1000), timeout=3600)["there"]

    def fault(self, kind, **query):
        self.ask("/fault", kind=kind, **query)

    def down(self, seconds=0):
        self.ask("/down", seconds=seconds)

    def up(self):
        self.ask("/up")


class Load:
    """One run of the load generator, in the background until result() is asked for."""

    def __init__(self, binaries: Path, **options):
        command = [str(binaries / "bench_loadgen")]
        for name, value in options.items():
            flag = "--" + name.replace("_", "-")
            if value is True:
                command.append(flag)
            elif value not in (None, False, "", 0):
                command += [flag, str(value)]
        self._errors = tempfile.TemporaryFile()
        self._child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self._errors)
        self._out = b""
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        with self._child.stdout as out:
            self._out = out.read()

    def running(self):
        return self._child.poll() is None

    def wait(self, timeout):
        """True: it has ended."""
        self._reader.join(timeout)
        return not self._reader.is_alive()

    def result(self):
        self._reader.join()
        code = self._child.wait()
        self._errors.seek(0)
        errors = self._errors.read().decode(errors="replace")
        self._errors.close()
        if not self._out:
            raise Failed(f"bench_loadgen exited {code}: {errors}")
        return json.loads(self._out)

    def end(self):
        if self.running():
            self._child.kill()
        self._child.wait()
