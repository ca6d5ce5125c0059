"""A few rounds of the limits' benchmark; never how long anything took."""

from dataclasses import fields

from bench.contenders import Contender
from bench.contest import Measured
from bench.limits import figures, without_limits
from bench.load import Sample
from domain.settings import Settings


def measured(*cpu_ms: float) -> Measured:
    samples = [Sample(100, each / 10, 1.0) for each in cpu_ms]
    return Measured(Contender("one", [], {}), samples)


def test_the_medians_are_compared() -> None:
    found = figures([measured(1.1, 9.0, 1.0), measured(1.0, 1.0, 0.1)])
    assert [round(figure.value, 6) for figure in found] == [10.0]
    assert [(one.figure, one.unit) for one in found] == [("limits_overhead_pct", "%")]


def test_no_limit_is_left_on() -> None:
    free = without_limits(Settings())
    limits = [
        field.name
        for field in fields(Settings)
        if field.name.startswith(("max_", "cost_per_minute_"))
        and "socket" not in field.name
        and field.name != "max_request_bytes"
    ]
    on = {name: getattr(free, name) for name in limits if getattr(free, name)}
    assert on == {"max_depth": 100, "max_selections": 1_000_000}
    assert (free.operation_seconds, free.introspection) == (0, "everybody")
