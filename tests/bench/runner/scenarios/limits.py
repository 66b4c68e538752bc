"""The gateway against figures rather than against somebody."""

import threading

from runner.measure import load, running
from runner.pairs import Spread, middle
from runner.processes import cpu_ns
from runner.result import Result, figures, medians, millis, thousands
from runner.work import EACH, Work


def one_at_a_time(session):
    """Slow enough that each event has long arrived when the next one is sent."""
    work = session.scaled(Work(batch=1, connections=1, rate=50, events=1_500, seconds=30, warm_up=100))
    runs = session.runs(work, session.gateway)[0]["gateway"]
    result = Result("one-at-a-time", "one event at a time (50/s) on an idle machine, from accept to the sink's receipt")
    result.figures = [figures(session.gateway.title, runs)]
    value = middle(runs, lambda run: run.delay_us["p99"])
    result.find("p99 ≤ 5 ms including two fsyncs", f"{millis(value)} ms", value <= 5000)
    return result


def per_event(session):
    work = session.scaled(Work(receiver=EACH, receiver_connections=64, events=200_000, warm_up=5_000))
    runs = session.runs(work, session.gateway)[0]["gateway"]
    result = Result("per-event", "one event a request to the receiver, 64 connections, an audit row each")
    result.figures = [figures(session.gateway.title, runs)]
    result.medians = medians(runs)
    speed = Spread.of(run.delivered_per_s for run in runs)
    result.find("≥ 20 000 deliveries/s", speed.text("{:,.0f}").replace(",", " "), speed.middle >= 20_000)
    return result


def idle(session):
    """Threads are looked at, not sampled: CPU to the nanosecond, and every voluntary switch is a wake-up."""
    seconds = 5 if session.quick else 30
    with running(session.bench, session.gateway, Work()) as (process, _, __, ___):
        process.wait_quiet()
        before, cpu_before = process.usage(), cpu_ns(process.pid)
        threading.Event().wait(seconds)  # this is the measurement, not a wait for something
        after, cpu_after = process.usage(), cpu_ns(process.pid)
    share = (cpu_after - cpu_before) / 1e9 / seconds * 100
    wakes = (after.switches - before.switches) / seconds
    result = Result("idle", f"nothing to do for {seconds} s, one connector")
    result.find("RSS ≤ 25 MiB", f"{after.rss_mib:.1f} MiB", after.rss_mib <= 25)
    result.find("< 0.2 % CPU", f"{share:.3f} %", share < 0.2)
    result.find("no wake-ups beyond timers due (≤ 1/s)", f"{wakes:.2f}/s", wakes <= 1)
    return result


def dead_sink(session):
    """Memory while more and more events wait for a receiver that nobody can reach."""
    work = session.scaled(Work(events=session.backlog, seconds=600, warm_up=0))
    memory = []
    with running(session.bench, session.gateway, work) as (process, entrance, sink, _):
        process.wait_quiet()
        sink.down()
        sending = load(session.bench, work, entrance)
        try:
            while not sending.wait(0.5):
                memory.append(process.usage().rss_mib)
            sent = sending.result()
        finally:
            sending.end()
        process.wait_quiet()
        peak, end = process.usage().peak_mib, process.usage().rss_mib
    half = memory[len(memory) // 2] if memory else end
    result = Result("dead-sink", f"{thousands(sent['accepted'])} events pending at a receiver that is down")
    result.find("RSS ≤ 150 MiB", f"{peak:.0f} MiB at most", peak <= 150)
    result.find("RSS flat", f"{half:.0f} MiB at half, {end:.0f} MiB at the end", end <= half * 1.1)
    result.notes.append(f"accepted/s meanwhile: {thousands(sent['accepted_per_s'])}")
    return result
