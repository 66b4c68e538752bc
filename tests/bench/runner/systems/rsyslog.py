"""rsyslog, TCP in and out, with its three kinds of queue. Debian: rsyslog."""

from runner.processes import Process, unused_port
from runner.systems import Entrance, System, find_program, first_line
from runner.work import SYSLOG

QUEUES = {
    "disk-assisted": 'queue.type="LinkedList" queue.size="200000" queue.filename="actions" queue.saveOnShutdown="on"',
    "disk": 'queue.type="Disk" queue.filename="actions" queue.saveOnShutdown="on"',
    "disk, synced": 'queue.type="Disk" queue.syncQueueFiles="on" queue.checkpointInterval="1" queue.filename="actions" '
                    'queue.saveOnShutdown="on"',
}
CONFIGURATION = """\
global(workDirectory="{folder}/queue" maxMessageSize="64k")
module(load="imptcp")
main_queue(queue.type="LinkedList" queue.size="1000000")
input(type="imptcp" address="127.0.0.1" port="{port}" ruleset="forward")
ruleset(name="forward") {{
  action(type="omfwd" target="127.0.0.1" port="{sink}" protocol="tcp" template="RSYSLOG_SyslogProtocol23Format"
         action.resumeRetryCount="-1" action.resumeInterval="1"
         {queue} queue.dequeueBatchSize="1024" queue.maxDiskSpace="8g")
}}
"""


class Rsyslog(System):
    def __init__(self, queue="disk-assisted"):
        self.queue = queue
        self.name = f"rsyslog {queue}"
        self.title = f"rsyslog, queue {queue}"
        self.program = find_program("rsyslogd")

    def missing(self, work):
        if self.program is None:
            return "skipped, rsyslog is not installed"
        return "" if work.receiver == SYSLOG else "rsyslog speaks syslog only"

    def version(self):
        return first_line(self.program, "-v")

    def start(self, work, sink, folder):
        (folder / "queue").mkdir()
        port = unused_port()
        file = folder / "rsyslog.conf"
        file.write_text(CONFIGURATION.format(folder=folder, port=port, sink=sink.syslog, queue=QUEUES[self.queue]))
        process = Process([self.program, "-n", "-f", file, "-i", folder / "pid"], folder / "rsyslog.log")
        process.wait_port(port)
        return process, Entrance(port, batch_format="syslog", single_format="syslog")
