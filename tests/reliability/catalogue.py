"""What is measured and what is promised of it: the one table behind the suites that measure and the page that shows."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    name: str                 # in the suite's JSON file
    words: str                # on the page
    bound: str = ""           # "== 0", "<= 1.1"; "": a figure without a promise
    unit: str = ""            # written behind the value: " s", " MiB"
    quick: str | None = None  # the bound in CI, where other work disturbs the clock; None: the same


@dataclass(frozen=True)
class Suite:
    name: str   # of the JSON file
    title: str
    what: str   # what is done to the gateway
    where: str  # the file that does it
    figures: tuple[Figure, ...]


CRASH_POINTS = (
    Figure("points", "crash points", ">= 1000"),
    Figure("acknowledged", "events acknowledged, over all of them"),
    Figure("lost", "acknowledged and lost", "== 0"),
    Figure("ambiguous", "attempts of unknown outcome"),
    Figure("duplicates", "deliveries made more than once"),
    Figure("unexcused", "duplicates that no attempt of unknown outcome excuses", "== 0"),
    Figure("recovery", "longest recovery, virtual time", unit=" s"),
)

SUITES = (
    Suite(
        "kill", "kill -9 under load",
        "The real binary is killed at random moments while four clients post single events and batches for connectors "
        "that work, take batches, are slow, and are dead. At the end all receivers are well, and every event that was "
        "acknowledged must have reached every one of them.",
        "tests/e2e/test_crash.py",
        (
            Figure("kills", "kills"),
            Figure("acknowledged", "events acknowledged"),
            Figure("lost", "acknowledged and lost, over all connectors", "== 0"),
            Figure("phantoms", "delivered but never sent", "== 0"),
            Figure("duplicates", "deliveries made more than once"),
            Figure("ambiguous", "attempts of unknown outcome"),
            Figure("duplicates_per_ambiguous", "duplicates for each of those", "<= 1"),
            Figure("changed_keys", "duplicates under another key", "== 0"),
            Figure("order_breaks", "an older state of a case arriving after a newer one", "== 0"),
            Figure("quarantined", "under way at three deaths in a row, set aside and replayed"),
            Figure("restart_p95", "process start to first delivery, p95", "<= 1", " s", quick="<= 10"),
        ),
    ),
    Suite(
        "standstill", "A process that stands still",
        "SIGSTOP under load for longer than every timeout there is (attempt, age of an event, header, body, idle "
        "connection), then SIGCONT. Receivers answer meanwhile, and a client completes its request.",
        "tests/e2e/test_process_faults.py",
        (
            Figure("stopped_for", "stopped for", unit=" s"),
            Figure("acknowledged", "events acknowledged"),
            Figure("lost", "acknowledged and lost", "== 0"),
            Figure("given_up", "given up because time had passed", "== 0"),
            Figure("duplicates", "deliveries made more than once"),
            Figure("ambiguous", "attempts of unknown outcome"),
            Figure("burst", "most requests in a second afterwards, as a share of the connector's rate limit", "<= 1.1"),
            Figure("first_delivery", "first delivery after it went on", "<= 1", " s"),
        ),
    ),
    Suite(
        "termination", "SIGTERM under load",
        "SIGTERM while clients post; the process must end with status 0 within its drain timeout, and what was pending "
        "goes on with the next start.",
        "tests/e2e/test_process_faults.py",
        (
            Figure("rounds", "times"),
            Figure("acknowledged", "events acknowledged"),
            Figure("lost", "acknowledged and lost", "== 0"),
            Figure("duplicates", "deliveries made more than once", "== 0"),
            Figure("cut_answers", "answers cut off in the middle", "== 0"),
            Figure("order_breaks", "an older state of a case arriving after a newer one", "== 0"),
            Figure("drain_max", "SIGTERM to exit, longest", "<= 25", " s"),
        ),
    ),
    Suite(
        "outage", "A receiver that is away",
        "200 events wait for a receiver that refuses connections, and for one that answers 503. The breaker opens after "
        "five failures; then one probe at a time. (An hour of it is run in virtual time, by `engine_test`.)",
        "tests/e2e/test_outages.py",
        (
            Figure("seconds", "the outage lasts", unit=" s"),
            Figure("waiting", "events waiting"),
            Figure("probe_interval", "longest probe interval", unit=" s"),
            Figure("attempts_refused", "attempts, probes included, connection refused"),
            Figure("excess_refused", "of them beyond the schedule", "== 0"),
            Figure("charged_refused", "events charged for it, beyond those that opened the breaker", "== 0"),
            Figure("recovery_refused", "receiver well to first delivery (interval + 1 s)", "<= 2", " s"),
            Figure("attempts_failing", "attempts, probes included, answered 503"),
            Figure("excess_failing", "of them beyond the schedule", "== 0"),
            Figure("charged_failing", "events charged for it, beyond those that opened the breaker", "== 0"),
            Figure("recovery_failing", "receiver well to first delivery (interval + 1 s)", "<= 2", " s"),
        ),
    ),
    Suite(
        "credential", "A credential that ends at noon",
        "The receiver begins to answer 401 while events come; later the file with the secret is replaced, and nobody "
        "restarts anything. Owner and reason must show in `status`, `/v1/connectors` and `/metrics`.",
        "tests/e2e/test_outages.py",
        (
            Figure("waiting", "events that waited"),
            Figure("refused", "requests that the receiver refused"),
            Figure("mailbox", "sent to the failure mailbox", "== 0"),
            Figure("recovery", "new secret to first delivery", "<= 2", " s"),
        ),
    ),
    Suite(
        "clock", "A wall clock that jumps",
        "libfaketime moves the clock of the running process by an hour and by ten years, both ways, under load; then it is "
        "stopped ten years ahead and started ten years behind.",
        "tests/e2e/test_clock.py",
        (
            Figure("jumps", "jumps"),
            Figure("acknowledged", "events acknowledged"),
            Figure("lost", "acknowledged and lost", "== 0"),
            Figure("given_up", "given up because time seemed to have passed", "== 0"),
            Figure("repeats_not_recognised", "repeats not recognised after an hour's jump", "== 0"),
            Figure("burst", "most requests in a second, as a share of the connector's rate limit", "<= 1.1"),
            Figure("probes_per_second", "most probes of a failing receiver in a second (interval 0.375 to 0.5 s)", "<= 4"),
            Figure("longest_silence", "longest time without one", "<= 1", " s", quick="<= 10"),
            Figure("delivery_after_jump", "jump to next delivery, longest", "<= 0.5", " s", quick="<= 10"),
            Figure("restart", "process start to first delivery, with the clock behind", "<= 1", " s", quick="<= 10"),
        ),
    ),
    Suite(
        "reload", "Reloads under load",
        "Reloads while four clients post over one connection each, every second one of a configuration that is wrong in one "
        "of six ways. Each generation has its own path, header and credential, and each request must show one of them only.",
        "tests/e2e/test_reload.py",
        (
            Figure("reloads", "reloads"),
            Figure("refused", "of them refused"),
            Figure("acknowledged", "events acknowledged meanwhile"),
            Figure("lost", "acknowledged and lost", "== 0"),
            Figure("duplicates", "deliveries made more than once", "== 0"),
            Figure("generations", "generations seen by the receiver"),
            Figure("mixed", "requests of more than one generation", "== 0"),
            Figure("invalid", "refused generations seen", "== 0"),
            Figure("broken_connections", "intake connections broken", "== 0"),
            Figure("other_answers", "posts not accepted", "== 0"),
            Figure("reload_p99", "reload, p99", "<= 0.25", " s", quick="<= 10"),
            Figure("intake_p99", "answer to a post meanwhile, p99", "<= 0.25", " s", quick="<= 10"),
        ),
    ),
    Suite(
        "hostile_outcomes", "Receivers that misbehave, and what becomes of the delivery",
        "Receivers that close or reset at every stage, never read or answer, drip header or body, answer without end, speak "
        "something else, frame wrongly, or refuse: each must be classed as delivered, failed, or unknown. The table is in the "
        "test.",
        "tests/e2e/test_hostile_receivers.py",
        (
            Figure("receivers", "kinds of receivers"),
            Figure("classed_right", "classed right"),
            Figure("taken_of_endless", "taken of an endless answer, socket buffers included", "<= 32", " MiB"),
        ),
    ),
    Suite(
        "hostile_receivers", "Receivers that misbehave, and what they cost",
        "Eight receivers that hang, drip or flood, each with a backlog and four attempts at a time, beside a healthy one.",
        "tests/e2e/test_hostile_receivers.py",
        (
            Figure("receivers", "hostile receivers"),
            Figure("events", "events for each"),
            Figure("sockets", "sockets held at most"),
            Figure("sockets_excess", "of them beyond the connectors' concurrency, listeners and idle ones", "== 0"),
            Figure("memory_growth", "growth of resident memory", "<= 48", " MiB"),
            Figure("healthy_p99", "delivery delay of the healthy receiver, p99", "<= 0.25", " s", quick="<= 10"),
        ),
    ),
    Suite(
        "hostile_clients", "Clients that misbehave",
        "Clients that drip headers or bodies, hold connections, never read answers, or send gzip bombs (1000:1), from one "
        "address; a well-behaved one posts from another.",
        "tests/e2e/test_hostile_clients.py",
        (
            Figure("clients", "hostile connections wanted"),
            Figure("connections", "connections held at most", "<= 260"),
            Figure("timed_out", "requests ended with 408"),
            Figure("bombs_refused", "bombs refused with 413"),
            Figure("memory_growth", "growth of resident memory", "<= 96", " MiB"),
            Figure("served", "posts of the well-behaved client, all accepted"),
            Figure("served_p99", "answer to one of those, p99", "<= 0.25", " s", quick="<= 10"),
        ),
    ),
    Suite(
        "tls_receivers", "Certificates of receivers",
        "Under load the receiver's certificate is rotated, then expired, for another name, and of another authority; each is "
        "mended by replacing a file, the last one on our side.",
        "tests/e2e/test_tls.py",
        (
            Figure("faults", "faults"),
            Figure("named", "of them named in the connector's status and in the audit"),
            Figure("acknowledged", "events acknowledged meanwhile"),
            Figure("lost", "acknowledged and lost", "== 0"),
            Figure("order_breaks", "an older state of a case arriving after a newer one", "== 0"),
            Figure("recovery", "file replaced to first delivery, longest", "<= 1.5", " s", quick="<= 10"),
        ),
    ),
    Suite(
        "tls_intake", "The gateway's own certificate",
        "Its certificate and key are replaced, one after the other, while clients post over TLS.",
        "tests/e2e/test_tls.py",
        (
            Figure("rotations", "rotations"),
            Figure("acknowledged", "events acknowledged meanwhile"),
            Figure("lost", "acknowledged and lost", "== 0"),
            Figure("broken_connections", "connections broken", "== 0"),
            Figure("switch", "file replaced to new certificate shown, longest", "<= 0.5", " s", quick="<= 10"),
        ),
    ),
    Suite(
        "descriptors", "Out of file descriptors",
        "The process may open 64 files; 120 clients hold connections and say nothing, six receivers hang with twenty "
        "attempts each. Meanwhile others post, ask for its health, its status, and have it reload.",
        "tests/e2e/test_process_faults.py",
        (
            Figure("limit", "descriptors allowed"),
            Figure("held", "descriptors held at most", "<= 64"),
            Figure("clients", "silent connections"),
            Figure("acknowledged", "events acknowledged meanwhile", ">= 1"),
            Figure("refused", "posts refused with 503 meanwhile"),
            Figure("lost", "acknowledged and lost", "== 0"),
            Figure("health_and_status", "health over TCP and status over the local socket together, slowest", "<= 1",
                   " s", quick="<= 10"),
        ),
    ),
    Suite(
        "storm", "A storm of duplicates",
        "32 clients send one event under one `Idempotency-Key`, again and again, at the same time.",
        "tests/e2e/test_process_faults.py",
        (
            Figure("requests", "requests"),
            Figure("accepted", "accepted as new", "== 1"),
            Figure("deliveries", "delivered", "== 1"),
            Figure("answers", "different answers (status, id)", "== 1"),
            Figure("per_second", "requests answered in a second", unit="/s"),
        ),
    ),
    Suite(
        "backlog_batches", "A backlog, many events in a request",
        "The receiver is away while events for 1000 cases pile up; the gateway is killed with SIGKILL and started again with the "
        "receiver well. The connector sends up to a hundred events in a request.",
        "tests/e2e/test_backlog.py",
        (
            Figure("events", "events waiting"),
            Figure("lost", "acknowledged and lost", "== 0"),
            Figure("duplicates", "deliveries made more than once", "== 0"),
            Figure("order_breaks", "an older state of a case arriving after a newer one", "== 0"),
            Figure("first_delivery", "process start to first delivery", "<= 1", " s", quick="<= 10"),
            Figure("memory", "resident memory at most, from process start to the end", "<= 150", " MiB"),
            Figure("steady_rate", "delivered in a second while as much comes in", unit="/s"),
            Figure("drain_rate", "delivered in a second while draining", unit="/s"),
            Figure("share", "drain rate as a share of the steady one", ">= 0.8", quick=">= 0.1"),
        ),
    ),
    Suite(
        "backlog", "A backlog, one event in a request",
        "The same with one event in a request.",
        "tests/e2e/test_backlog.py",
        (
            Figure("events", "events waiting"),
            Figure("lost", "acknowledged and lost", "== 0"),
            Figure("duplicates", "deliveries made more than once", "== 0"),
            Figure("order_breaks", "an older state of a case arriving after a newer one", "== 0"),
            Figure("first_delivery", "process start to first delivery", "<= 1", " s", quick="<= 10"),
            Figure("memory", "resident memory at most, from process start to the end", "<= 150", " MiB"),
            Figure("steady_rate", "delivered in a second while as much comes in", unit="/s"),
            Figure("drain_rate", "delivered in a second while draining", unit="/s"),
            Figure("share", "drain rate as a share of the steady one", ">= 0.8", quick=">= 0.1"),
        ),
    ),
    Suite(
        "isolation", "One healthy receiver among bad ones",
        "Four receivers that never answer, never read, drip headers or bodies, and one that refuses connections, each with a "
        "growing backlog, beside a healthy one. In turns the bad ones are held by an operator (the baseline) and let go; one "
        "event is posted after the other, for all of them, and p99 is taken of each turn.",
        "tests/e2e/test_isolation.py",
        (
            Figure("others", "bad receivers"),
            Figure("attempts", "attempts at them"),
            Figure("phases", "turns of each kind"),
            Figure("posts", "events in a turn"),
            Figure("baseline_p99", "post to arrival at the healthy receiver, p99, the others held; median", unit=" s"),
            Figure("disturbed_p99", "the same with the others going", unit=" s"),
            Figure("ratio", "disturbed to baseline", "<= 1.1", quick="<= 5"),
        ),
    ),
    Suite(
        "disk_full", "A disk that is full",
        "The data directory is a tmpfs of 16 MiB. Events are posted until there is no space, the operator makes room by "
        "discarding from the mailbox, other files take it all; then these go away, and nobody restarts anything.",
        "tests/e2e/test_pressure.py",
        (
            Figure("acknowledged", "events acknowledged"),
            Figure("refused", "posts refused with 503 and Retry-After"),
            Figure("lost", "acknowledged and lost", "== 0"),
            Figure("phantoms", "refused and delivered all the same", "== 0"),
            Figure("recovery", "space there to the next event accepted", "<= 2", " s", quick="<= 10"),
        ),
    ),
    Suite(
        "disk_failed", "A disk that fails",
        "fsync answers EIO once. It is never retried: the gateway takes nothing more, says so, and ends with status 1.",
        "tests/e2e/test_pressure.py",
        (
            Figure("refused", "posts refused with 503 from then on"),
            Figure("taken", "posts accepted from then on, before a restart", "== 0"),
            Figure("lost", "acknowledged and lost", "== 0"),
        ),
    ),
    Suite(
        "simulation", "Simulated lives",
        "The pipeline with the real schema and SQLite on a disk in memory that loses and tears what was not synced, a virtual "
        "clock, and receivers that are state machines: faults by seed, then all is healed, and judged.",
        "tests/simulation/simulation_test.cpp",
        (
            Figure("seeds", "seeds"),
            Figure("violations", "invariants violated", "== 0"),
            Figure("repeated", "run twice and found the same, step for step"),
            Figure("pairs", "pairs of fault and engine state reached"),
            Figure("pairs_missing", "of those possible not reached", "== 0"),
            Figure("days", "simulated", unit=" days"),
            Figure("acknowledged", "events acknowledged"),
            Figure("lost", "acknowledged and lost", "== 0"),
            Figure("requests", "requests to receivers"),
            Figure("faults", "faults injected"),
            Figure("kills", "processes killed"),
            Figure("power_failures", "power failures"),
            Figure("disk_failures", "disk failures"),
            Figure("disk_full", "writes refused for want of space"),
            Figure("ambiguous", "attempts of unknown outcome"),
            Figure("duplicates", "deliveries made more than once"),
            Figure("duplicates_per_ambiguous", "duplicates for each of those", "<= 1"),
            Figure("unexcused", "duplicates that no attempt of unknown outcome excuses", "== 0"),
            Figure("checks", "commits after which the books were checked"),
            Figure("pruned", "rows removed by retention"),
            Figure("slowest_healthy", "slowest delivery by a healthy receiver", unit=" s"),
        ),
    ),
    Suite(
        "crash_points_killed", "Every crash point: the process is killed",
        "A scripted life of the gateway, ended before every single operation on its files, in turn; then a "
        "new life on what is left, and the judgement.",
        "tests/simulation/crash_points_test.cpp", CRASH_POINTS,
    ),
    Suite(
        "crash_points_power_lost", "Every crash point: power is lost",
        "The same, and of what was not synced a random part is gone or torn.",
        "tests/simulation/crash_points_test.cpp", CRASH_POINTS,
    ),
    Suite(
        "crash_points_failing", "Every crash point: the disk fails",
        "The same, and the operation fails with an I/O error instead.",
        "tests/simulation/crash_points_test.cpp", CRASH_POINTS,
    ),
)


def suite(name):
    return next(suite for suite in SUITES if suite.name == name)
