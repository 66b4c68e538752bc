"""Fluent Bit with filesystem storage and storage.sync full: the most durable it can be made. Used if it is on PATH."""

from runner.processes import Process, unused_port
from runner.systems import Entrance, System, find_program, first_line
from runner.work import BATCHES, BULK, HEC

SERVICE = """\
[SERVICE]
    flush                     {flush}
    grace                     5
    log_level                 warn
    http_server               off
    storage.path              {folder}/store
    storage.sync              full
    storage.checksum          off
    storage.max_chunks_up     128
    storage.backlog.mem_limit 64M
[INPUT]
    name            http
    listen          127.0.0.1
    port            {port}
    buffer_max_size 64M
    storage.type    filesystem
[OUTPUT]
    match           *
    retry_limit     no_limits
    host            127.0.0.1
    port            {sink}
"""
OUTPUTS = {
    BATCHES: "    name          http\n    uri           /hook\n    format        json\n    json_date_key false\n",
    HEC: "    name          splunk\n    splunk_token  00000000-0000-0000-0000-000000000000\n",
    BULK: "    name          es\n    index         events\n    suppress_type_name on\n    buffer_size   64M\n",
}


class FluentBit(System):
    name = "fluent-bit"
    title = "Fluent Bit, filesystem storage, sync full"

    def __init__(self, flush=1):
        self.flush = flush
        self.program = find_program("fluent-bit", "/opt/fluent-bit/bin/fluent-bit")

    def missing(self, work):
        if self.program is None:
            return "skipped, fluent-bit is not on PATH (nor named by FLUENT_BIT)"
        return "" if work.receiver in OUTPUTS else "Fluent Bit always sends whole chunks"

    def version(self):
        return first_line(self.program, "--version")

    def start(self, work, sink, folder):
        port = unused_port()
        file = folder / "fluent-bit.conf"
        file.write_text(SERVICE.format(flush=self.flush, folder=folder, port=port, sink=sink.http) + OUTPUTS[work.receiver])
        process = Process([self.program, "-q", "-c", file], folder / "fluent-bit.log")
        process.wait_port(port)
        return process, Entrance(port, "/events")
