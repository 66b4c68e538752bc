"""Processes, what they say and what they cost: CPU time, memory and disk of a whole process tree, from /proc."""

import os
import queue
import signal
import socket
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
MIB = 1 << 20


class Failed(Exception):
    """A measurement that could not be made; the message says why."""


@dataclass(frozen=True)
class Usage:
    """What a process tree has used so far; differences of two are what lies between them."""

    cpu_s: float = 0.0
    written_bytes: int = 0
    switches: int = 0  # voluntary context switches: every one is a wake-up
    rss_mib: float = 0.0
    peak_mib: float = 0.0


class Process:
    """A child with its log in a file. Its lines can be waited for as well."""

    def __init__(self, command, log: Path, env=None, cwd=None):
        self.command = [str(part) for part in command]
        self.log = log
        self._lines = queue.Queue()
        self._child = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, cwd=cwd,
                                       stderr=subprocess.STDOUT, env={**os.environ, **(env or {})}, start_new_session=True)
        self._pump = threading.Thread(target=self._copy, daemon=True)
        self._pump.start()

    def _copy(self):
        with open(self.log, "ab") as log, self._child.stdout as lines:
            for line in lines:
                log.write(line)
                log.flush()
                self._lines.put(line.decode(errors="replace"))
        self._lines.put(None)

    @property
    def pid(self):
        return self._child.pid

    def running(self):
        return self._child.poll() is None

    def wait_line(self, wanted, timeout=30.0):
        """The first line, from here on, for which wanted(line) is true."""
        deadline = time.monotonic() + timeout
        while True:
            try:
                line = self._lines.get(timeout=max(0.001, deadline - time.monotonic()))
            except queue.Empty:
                raise Failed(f"{self.command[0]} did not say what was waited for within {timeout} s; see {self.log}") from None
            if line is None:
                raise Failed(f"{self.command[0]} ended early: {self.log.read_text(errors='replace')[-600:]}")
            if wanted(line):
                return line

    def wait_port(self, port, timeout=30.0):
        """Until it takes connections. There is no event for that from outside, so it is tried again and again."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return
            if not self.running():
                raise Failed(f"{self.command[0]} ended early: {self.log.read_text(errors='replace')[-600:]}")
            threading.Event().wait(0.02)
        raise Failed(f"{self.command[0]} does not listen on port {port} after {timeout} s; see {self.log}")

    def kill(self):
        self._end(signal.SIGKILL, 10.0)

    def stop(self, timeout=40.0):
        self._end(signal.SIGTERM, timeout)

    def _end(self, number, timeout):
        if self.running():
            os.killpg(self.pid, number)
            try:
                self._child.wait(timeout)
            except subprocess.TimeoutExpired:
                os.killpg(self.pid, signal.SIGKILL)
                self._child.wait(10)
        self._pump.join(10)

    def usage(self) -> Usage:
        return usage(self.pid)

    def wait_quiet(self, timeout=15.0, look=0.1):
        """Until it uses next to no CPU any more: what it had to finish, such as commits, is finished."""
        deadline = time.monotonic() + timeout
        before = cpu_ns(self.pid)
        while time.monotonic() < deadline and self.running():
            threading.Event().wait(look)
            now = cpu_ns(self.pid)
            if now - before < look * 1e9 * 0.02:
                return
            before = now


def tree(pid):
    """The process and all below it that are still there."""
    found, left = [], [pid]
    while left:
        one = left.pop()
        found.append(one)
        for task in _list(f"/proc/{one}/task"):
            left += [int(child) for child in _read(f"/proc/{one}/task/{task}/children").split()]
    return found


def usage(pid) -> Usage:
    cpu, written, switches, rss, peak = 0.0, 0, 0, 0.0, 0.0
    for one in tree(pid):
        stat = _read(f"/proc/{one}/stat").rpartition(")")[2].split()
        if stat:
            cpu += (int(stat[11]) + int(stat[12])) / TICKS
        written += _field(_read(f"/proc/{one}/io"), "write_bytes:")
        status = _read(f"/proc/{one}/status")
        rss += _field(status, "VmRSS:") / 1024
        peak += _field(status, "VmHWM:") / 1024
        for task in _list(f"/proc/{one}/task"):
            switches += _field(_read(f"/proc/{one}/task/{task}/status"), "voluntary_ctxt_switches:")
    return Usage(cpu, written, switches, rss, peak)


def cpu_ns(pid):
    """CPU time of the threads that are alive, to the nanosecond."""
    return sum(cpu_ns_of_threads(pid).values())


def cpu_ns_of_threads(pid):
    """The same by thread, of the whole tree."""
    found = {}
    for one in tree(pid):
        for task in _list(f"/proc/{one}/task"):
            fields = _read(f"/proc/{one}/task/{task}/schedstat").split()
            if fields:
                found[int(task)] = int(fields[0])
    return found


def busiest_ns(before, after):
    """What the thread used that used most between two answers of cpu_ns_of_threads()."""
    return max((spent - before.get(thread, 0) for thread, spent in after.items()), default=0)


def unused_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def _read(path):
    try:
        with open(path) as file:
            return file.read()
    except OSError:  # it has just ended
        return ""


def _list(path):
    try:
        return os.listdir(path)
    except OSError:
        return []


def _field(text, name):
    for line in text.splitlines():
        if line.startswith(name):
            return int(line.split()[1])
    return 0
