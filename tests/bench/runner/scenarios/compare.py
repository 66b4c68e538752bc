"""The gateway beside others, in alternation, on the same work."""

from dataclasses import replace

from runner.measure import load, running, warm_up
from runner.pairs import middle, ratio
from runner.result import Result, figures, medians, millis
from runner.systems.alertmanager import Alertmanager
from runner.systems.fluent_bit import FluentBit
from runner.systems.rsyslog import QUEUES, Rsyslog
from runner.systems.syslog_ng import SyslogNg
from runner.work import BULK, EACH, HEC, SYSLOG, Work


def delivered(run):
    return run.delivered_per_s


def cpu(run):
    return run.cpu_s_per_million


def p99(run):
    return run.delay_us["p99"]


def beside_fluent_bit(session, name, description, work, factor):
    """A result with the systems' figures and the goal of `factor` times the peer's rate; and the runs of both."""
    work, peer = session.scaled(work), FluentBit()
    runs, unable = session.runs(work, session.gateway, peer)
    result = Result(name, description, notes=unable)
    ours, theirs = runs.get("gateway", []), runs.get(peer.name, [])
    result.figures = [figures(system.title, runs[system.name]) for system in (session.gateway, peer) if runs.get(system.name)]
    result.medians = medians(ours) if ours else {}
    goal = f"≥ {factor:g} × Fluent Bit's delivered/s"
    if ours and theirs:
        speed = ratio(ours, theirs, delivered)
        result.find(goal, speed.text(unit=" ×"), speed.middle >= factor)
    else:
        result.find(goal, "not compared")
    result.notes += [f"{run.system}: {run.stall}." for run in ours + theirs if run.stall]
    return result, ours, theirs


def alerts(session):
    result, ours, theirs = beside_fluent_bit(
        session, "alerts", "alerts in batches of 100, batching HTTP sink", Work(kind="mixed"), 1.5)
    if theirs:
        cost = ratio(ours, theirs, cpu)
        result.find("≤ its CPU s per million", cost.text(unit=" ×"), cost.middle <= 1)
    peak = max(run.peak_mib for run in ours)
    result.find("RSS ≤ 100 MiB", f"{peak:.0f} MiB", peak <= 100)
    stalls = [run.stall for run in ours if run.stall]
    result.find("no stall", "; ".join(stalls) or "none", not stalls)
    return result


def telemetry(session):
    return beside_fluent_bit(
        session, "telemetry", "telemetry in batches of 100, same sink", Work(kind="telemetry"), 2)[0]


def single(session):
    work = Work(batch=1, connections=64, events=200_000, warm_up=5_000)
    return beside_fluent_bit(session, "single", "one event per request, 64 connections", work, 1.5)[0]


def hec(session):
    return beside_fluent_bit(session, "hec", "batches of 100, HEC sink", Work(receiver=HEC), 1.5)[0]


def elastic(session):
    return beside_fluent_bit(session, "elastic", "batches of 100, Elastic bulk sink", Work(receiver=BULK), 1.5)[0]


def paced(session):
    """The delay counts from the moment an event was meant to be sent, so it holds the way to the 202 as well."""
    work = session.scaled(Work(batch=1, connections=16, rate=5_000, events=100_000, seconds=20, warm_up=5_000))
    peer = FluentBit()
    runs, unable = session.runs(work, session.gateway, peer)
    ours, theirs = runs["gateway"], runs.get(peer.name, [])
    result = Result("paced", "5 000 events/s, one a request: delay from the sender's clock to the sink", notes=unable)
    result.figures = [figures(system.title, runs[system.name]) for system in (session.gateway, peer) if runs.get(system.name)]
    for percentile, most in (("p50", 2), ("p99", 10)):
        value = middle(ours, lambda run, p=percentile: run.delay_us[p])
        result.find(f"{percentile} ≤ {most} ms", f"{millis(value)} ms", value <= most * 1000)
    if theirs:
        cost = ratio(ours, theirs, cpu)
        result.find("no more CPU than Fluent Bit", cost.text(unit=" ×"), cost.middle <= 1)
    else:
        result.find("no more CPU than Fluent Bit", "not compared")
    return result


def alertmanager(session):
    work = session.scaled(Work(receiver=EACH, receiver_connections=64, connections=4, events=20_000, seconds=60,
                               warm_up=1_000, once_a_request=True))
    peer = Alertmanager()
    runs, unable = session.runs(work, session.gateway, peer)
    ours, theirs = runs["gateway"], runs.get(peer.name, [])
    result = Result("alertmanager", "batches of 100 alerts, one request an alert to the receiver", notes=unable)
    result.figures = [figures(system.title, runs[system.name]) for system in (session.gateway, peer) if runs.get(system.name)]
    goals = ("≥ 6 × its notifications/s", "≤ 1/20 of its memory a waiting alert", "≤ 1/10 of its p99 delay")
    if not theirs:
        for goal in goals:
            result.find(goal, "not compared")
        return result
    speed, delay = ratio(ours, theirs, delivered), ratio(ours, theirs, p99)
    result.find(goals[0], speed.text(unit=" ×"), speed.middle >= 6)
    mine, its = (waiting_bytes(session, system, work) for system in (session.gateway, peer))
    result.find(goals[1], f"{mine:,.0f} of {its:,.0f} bytes".replace(",", " "), mine <= its / 20)
    result.find(goals[2], delay.text(unit=" ×"), delay.middle <= 0.1)
    return result


def waiting_bytes(session, system, work):
    """Growth of memory by each alert that waits for a receiver that is down."""
    work = replace(work, seconds=120)
    with running(session.bench, system, work) as (process, entrance, sink, _):
        warm_up(session.bench, work, entrance, sink)
        process.wait_quiet()
        sink.down()
        before = process.usage().rss_mib
        accepted = load(session.bench, work, entrance).result()["accepted"]
        process.wait_quiet()
        return max(0.0, process.usage().rss_mib - before) * (1 << 20) / max(1, accepted)


def others(session):
    """For orientation: what else relays events, in its own protocol. No goal is attached."""
    result = Result("others", "syslog over TCP in and out, 20 messages a write")
    for system in (*(Rsyslog(queue) for queue in QUEUES), SyslogNg()):
        synced = system.name == "rsyslog disk, synced"  # a sync per message: a small part of the others' speed
        work = session.scaled(Work(receiver=SYSLOG, batch=20, connections=4, events=2_000 if synced else 500_000,
                                   warm_up=200 if synced else 20_000))
        runs, unable = session.runs(work, system, rounds=min(session.rounds, 3))
        result.notes += unable
        if runs:
            result.figures.append(figures(system.title, runs[system.name]))
    return result
