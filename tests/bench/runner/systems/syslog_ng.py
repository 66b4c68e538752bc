"""syslog-ng with its reliable disk buffer, TCP in and out. Debian: syslog-ng-core, which excludes rsyslog."""

from runner.processes import Process, unused_port
from runner.systems import Entrance, System, find_program, first_line
from runner.work import SYSLOG

CONFIGURATION = """\
@version: {version}
options {{ stats_freq(0); use_dns(no); keep_hostname(yes); chain_hostnames(no); flush_lines(100); log_msg_size(65536); }};
source s_in {{ network(ip(127.0.0.1) port({port}) transport(tcp) flags(syslog-protocol) log_iw_size(200000)
                      max_connections(100) log_fetch_limit(1000)); }};
destination d_out {{ network("127.0.0.1" port({sink}) transport(tcp) flags(syslog-protocol)
  disk-buffer(reliable(yes) disk-buf-size(4294967296) mem-buf-size(67108864) dir("{folder}/queue")) time_reopen(1)); }};
log {{ source(s_in); destination(d_out); flags(flow-control); }};
"""


class SyslogNg(System):
    name = "syslog-ng reliable"
    title = "syslog-ng, reliable disk buffer"

    def __init__(self):
        self.program = find_program("syslog-ng")

    def missing(self, work):
        if self.program is None:
            return "skipped, syslog-ng is not installed"
        return "" if work.receiver == SYSLOG else "syslog-ng speaks syslog only"

    def version(self):
        return first_line(self.program, "--version")

    def start(self, work, sink, folder):
        (folder / "queue").mkdir()
        port = unused_port()
        version = ".".join(part for part in self.version().replace("(", " ").split()[-1].split(".")[:2])
        file = folder / "syslog-ng.conf"
        file.write_text(CONFIGURATION.format(version=version, port=port, sink=sink.syslog, folder=folder))
        process = Process([self.program, "-F", "--no-caps", "-f", file, "-R", folder / "persist", "-c", folder / "control",
                           "-p", folder / "pid"], folder / "syslog-ng.log")
        process.wait_port(port)
        return process, Entrance(port, batch_format="syslog", single_format="syslog")
