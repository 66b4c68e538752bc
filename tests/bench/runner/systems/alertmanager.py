"""Prometheus Alertmanager, one notification an alert (grouped by id, no waiting). Debian: prometheus-alertmanager."""

from runner.processes import Process, unused_port
from runner.systems import Entrance, System, find_program, first_line
from runner.work import EACH

CONFIGURATION = """\
global: {{ resolve_timeout: 1h }}
route:
  receiver: hook
  group_by: [id]
  group_wait: 0s
  group_interval: 1s
  repeat_interval: 4h
receivers:
  - name: hook
    webhook_configs:
      - {{ url: "http://127.0.0.1:{sink}/hook", send_resolved: false }}
"""


class Alertmanager(System):
    name = "alertmanager"
    title = "Alertmanager"

    def __init__(self):
        self.program = find_program("prometheus-alertmanager", "alertmanager")

    def missing(self, work):
        if self.program is None:
            return "skipped, prometheus-alertmanager is not installed"
        return "" if work.receiver == EACH else "Alertmanager notifies once a group"

    def version(self):
        return first_line(self.program, "--version")

    def start(self, work, sink, folder):
        port = unused_port()
        file = folder / "alertmanager.yml"
        file.write_text(CONFIGURATION.format(sink=sink.http))
        process = Process([self.program, f"--config.file={file}", f"--storage.path={folder}/store",
                           f"--web.listen-address=127.0.0.1:{port}", "--cluster.listen-address=", "--log.level=warn"],
                          folder / "alertmanager.log")
        process.wait_port(port)
        return process, Entrance(port, "/api/v2/alerts", batch_format="alertmanager", single_format="alertmanager")
