"""The work that the goals speak of, a function each. `ALL` is the order of the table."""

from runner.scenarios import compare, growth, limits, micro, scaling

ALL = {
    "alerts": compare.alerts,
    "telemetry": compare.telemetry,
    "single": compare.single,
    "hec": compare.hec,
    "elastic": compare.elastic,
    "paced": compare.paced,
    "one-at-a-time": limits.one_at_a_time,
    "per-event": limits.per_event,
    "alertmanager": compare.alertmanager,
    "growth": growth.growth,
    "idle": limits.idle,
    "dead-sink": limits.dead_sink,
    "scaling": scaling.scaling,
    "others": compare.others,
    "micro": micro.micro,
}
