"""Systems under test. Each is a small class: what it can do, how it is configured for a piece of work, when it is ready."""

import shutil
import subprocess
from dataclasses import dataclass


@dataclass(frozen=True)
class Entrance:
    """Where a system takes events, and in which form."""

    port: int
    path: str = "/"
    token: str = ""
    batch_format: str = "array"
    single_format: str = "json"


class System:
    name = ""
    title = ""

    def missing(self, work) -> str:
        """Why it cannot do this work; empty: it can."""
        raise NotImplementedError

    def version(self) -> str:
        raise NotImplementedError

    def start(self, work, sink, folder):
        """(Process, Entrance), once it takes events."""
        raise NotImplementedError


def find_program(*names):
    """The first of these programs that is there; some live where only root looks."""
    return next((path for name in names for path in [shutil.which(name, path=SEARCH_PATH)] if path), None)


SEARCH_PATH = "/usr/local/bin:/usr/bin:/usr/local/sbin:/usr/sbin:/bin:/sbin"


def first_line(*command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    lines = (done.stdout + done.stderr).strip().splitlines()
    return lines[0].strip() if lines else "unknown"
