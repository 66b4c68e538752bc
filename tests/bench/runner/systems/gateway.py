"""wardex-gateway itself."""

import json
import subprocess
from functools import cached_property
from pathlib import Path

from runner.processes import Process
from runner.systems import Entrance, System, first_line
from runner.work import BATCHES, BULK, EACH, HEC

TOKEN = "bench-token-of-32-bytes-or-so-0001"
SIGNING = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
SEVERITIES = ("critical", "high", "medium", "low", "info")
# What each receiver needs of the gateway, and the settings for it: everything is signed or authenticated, as usual.
CONNECTORS = {
    EACH: ("webhook", "url: \"http://127.0.0.1:{http}/hook/{number}\", allow_insecure: true, signing_secret: {signing}"),
    BATCHES: ("webhook", "url: \"http://127.0.0.1:{http}/hook/{number}\", allow_insecure: true, signing_secret: {signing}, "
                         "batch: {{ max_events: 500, max_bytes: 1MiB, format: array }}"),
    HEC: ("splunk-hec", "url: \"http://127.0.0.1:{http}\", allow_insecure: true, token: \"${{env:BENCH_TOKEN}}\""),
    BULK: ("elastic", "url: \"http://127.0.0.1:{http}\", allow_insecure: true, api_key: \"${{env:BENCH_TOKEN}}\""),
}


class Gateway(System):
    name = "gateway"
    title = "wardex-gateway"

    def __init__(self, binary: Path):
        self.binary = binary

    @cached_property
    def _types(self):
        listed = subprocess.run([self.binary, "connectors", "--json"], capture_output=True, text=True, check=True).stdout
        return {one["name"] for one in json.loads(listed)}

    def missing(self, work):
        needed = CONNECTORS.get(work.receiver, ("syslog", ""))[0]
        return "" if needed in self._types else f"skipped, it has no connector '{needed}'"

    def version(self):
        return first_line(str(self.binary), "version")

    def start(self, work, sink, folder, backlog_port=None):
        """With backlog_port, one more connector, `backlog`, to which no event is routed."""
        file = folder / "gateway.yaml"
        file.write_text(self.configuration(work, sink, folder, backlog_port))
        file.chmod(0o600)
        process = Process([self.binary, "run", "--config", file], folder / "gateway.log",
                          env={"BENCH_TOKEN": TOKEN, "BENCH_SIGNING": SIGNING, "WARDEX_CONFIG": ""})
        listening = json.loads(process.wait_line(lambda line: '"gateway.listening"' in line))
        process.wait_line(lambda line: '"gateway.ready"' in line)
        port = int(listening["fields"]["address"].rpartition(":")[2])
        return process, Entrance(port, "/v1/events", TOKEN)

    def configuration(self, work, sink, folder, backlog_port=None):
        kind, settings = CONNECTORS[work.receiver]
        names = [f"hook-{i}" for i in range(work.connectors)]
        lines = ["gateway:", "  listen: \"127.0.0.1:0\"", f"  data_dir: {folder}/data",
                 "intake:",
                 "  auth: { tokens: [ { name: bench, token: \"${env:BENCH_TOKEN}\" } ] }",
                 "  high_water: { pending: 100000000, database: 200GiB }",
                 "logging: { level: info, format: json }",
                 "egress: { allow: [\"127.0.0.0/8\"] }",
                 "connectors:"]
        for number, name in enumerate(names):
            own = settings.format(http=sink.http, number=number, signing="\"${env:BENCH_SIGNING}\"")
            lines.append(f"  {name}: {{ type: {kind}, {own}, limits: {{ concurrency: {work.receiver_connections} }} }}")
        if backlog_port is not None:
            own = CONNECTORS[BATCHES][1].format(http=backlog_port, number="backlog", signing="\"${env:BENCH_SIGNING}\"")
            lines.append(f"  backlog: {{ type: webhook, {own} }}")
        lines.append("matrix: { " + ", ".join(f"{severity}: [{', '.join(names)}]" for severity in SEVERITIES) + " }")
        if work.rules:
            lines.append("routes:")
            lines += [f"  - {{ name: rule {i}, match: {{ severity: \">=low\", rule: \"no-such-rule-{i}\" }}, "
                      f"to: [{names[0]}], continue: true }}" for i in range(work.rules)]
        return "\n".join(lines) + "\n"
