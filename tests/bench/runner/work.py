"""What is to be done, whoever does it; and what came out."""

from dataclasses import asdict, dataclass, field, replace
from statistics import median

EACH = "each"  # the receiver takes one event a request
BATCHES = "batches"  # the receiver takes as many as the sender puts together
HEC = "hec"  # Splunk's HTTP Event Collector
BULK = "bulk"  # Elasticsearch's bulk API
SYSLOG = "syslog"  # syslog over TCP, at both ends


@dataclass(frozen=True)
class Work:
    kind: str = "alert"
    size: int = 500
    batch: int = 100  # events a request, towards the system
    connections: int = 8
    rate: float = 0  # events a second; 0: as fast as it takes them
    events: int = 500_000  # whichever of the two is reached first ends the load
    seconds: float = 10
    warm_up: int = 20_000
    receiver: str = BATCHES
    receiver_connections: int = 4  # at the same time, where the system lets one say so
    once_a_request: bool = False  # senders that write an id twice into a request
    connectors: int = 1  # every event goes to each
    rules: int = 0  # routing rules to look at before the one that decides
    idle_s: float = 6  # nothing for so long means that nothing will come

    def smaller(self, factor):
        return replace(self, events=max(100, self.events // factor), seconds=max(1, self.seconds / 3),
                       warm_up=self.warm_up // factor)


@dataclass
class Run:
    """One measured run of one system."""

    system: str
    version: str
    work: dict
    accepted_per_s: float = 0
    delivered_per_s: float = 0
    delivered: int = 0
    missing: int = 0
    duplicates: int = 0  # arrivals beyond the first at each of the connectors
    order_breaks: int = 0
    cpu_s_per_million: float = 0
    peak_mib: float = 0
    bytes_per_event: float = 0
    accept_us: dict = field(default_factory=dict)
    delay_us: dict = field(default_factory=dict)
    requests_out: int = 0
    statuses: dict = field(default_factory=dict)
    stall: str = ""  # what the stall detector has to say
    busiest_us: float = 0  # CPU an event of the busiest thread: 10^6 by this is the most that one node can do
    tools_us: float = 0  # CPU an event of load generator and sink together

    def json(self):
        return asdict(self)


def stall(stats, expected):
    """What looks like a stall: events that never came, or seconds in which next to nothing did."""
    if stats["missing"]:
        return f"{stats['missing']} of {expected} never came"
    whole = stats["seconds"][1:-1]  # the first and the last are not whole
    if len(whole) < 3:
        return ""
    usual = median(whole)
    slow = longest = 0
    for count in whole:
        slow = slow + 1 if count < usual / 10 else 0
        longest = max(longest, slow)
    return f"{longest} s with less than a tenth of the usual rate" if longest >= 2 else ""
