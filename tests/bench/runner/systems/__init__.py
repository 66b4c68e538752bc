"""Systems under test. Each is a small class: what it can do, how it is configured for a piece of work, when it is ready."""

import os
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
    """The first of these programs that is there. The environment may name it: FLUENT_BIT=/path/to/fluent-bit."""
    named = os.environ.get(names[0].upper().replace("-", "_"))
    path = f"{os.environ.get('PATH', '')}:/usr/local/sbin:/usr/sbin:/sbin"  # daemons live where only root looks
    return named or next((found for name in names for found in [shutil.which(name, path=path)] if found), None)


def first_line(*command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    lines = (done.stdout + done.stderr).strip().splitlines()
    return lines[0].strip() if lines else "unknown"
