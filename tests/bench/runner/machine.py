"""The machine that a figure belongs to: a figure without one says nothing."""

import os
import platform
import tempfile
import time
from pathlib import Path
from statistics import median


def describe(folder: Path):
    """One line: processor, cores, memory, kernel, and what a sync of 4 KiB costs in the folder measured in."""
    return (f"{os.cpu_count()} × {_processor()}, {_memory_gib():.0f} GiB, {_system()}, Linux {_kernel()}, "
            f"fdatasync of 4 KiB {sync_micros(folder):.0f} us")


def _processor():
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _memory_gib():
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / (1 << 30)


def _kernel():
    return platform.release().partition("-")[0]


def _system():
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError):
        return platform.system()


def sync_micros(folder: Path, times=200):
    """The median of appending a page and syncing it: the floor under every durable acknowledgement."""
    folder.mkdir(parents=True, exist_ok=True)
    took = []
    with tempfile.TemporaryFile(dir=folder) as file:
        for _ in range(times):
            file.write(b"x" * 4096)
            file.flush()
            before = time.perf_counter()
            os.fdatasync(file.fileno())
            took.append(time.perf_counter() - before)
    return median(took) * 1e6
