"""Counts of what an application answers, in plain numbers: a request pays a microsecond for them.

How they are shown is `metrics`.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from typing import Final, NamedTuple

_SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_LAG_SECONDS: Final = (*_SECONDS[2:], 30.0, 60.0, 300.0)

OTHER: Final = "other"
"Stands for every name that anybody may make up: each would be counted for itself for ever."


class Label(NamedTuple):
    """What an operation is counted under; each part has few values, whatever clients send."""

    kind: str
    field: str
    "Its first field, which the schema has."
    operation: str = OTHER
    "Its name, of a registered document."


REFUSED: Final = Label("refused", "")
"A document that is wrong, or has not the operation that was asked for."


class Histogram:
    """How often values came, by upper bounds, and their sum."""

    __slots__ = ("bounds", "counts", "sum")

    def __init__(self, bounds: Sequence[float] = _SECONDS) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.sum = 0.0

    def note(self, value: float) -> None:
        self.counts[bisect_left(self.bounds, value)] += 1
        self.sum += value


class OperationTally:
    """Seconds and computed cost of operations of one label with one outcome."""

    __slots__ = ("cost", "seconds")

    def __init__(self) -> None:
        self.seconds = Histogram()
        self.cost = 0


class Tallies:
    """All that an application has counted since it was made."""

    def __init__(self) -> None:
        self.operations: dict[tuple[Label, str], OperationTally] = {}
        "By label and code; `OK` where there was no error."
        self.requests: dict[tuple[str, str, int], Histogram] = {}
        "Seconds by method, path and status; both are `other` where clients may make them up."
        self.subscriptions: Counter[Label] = Counter()
        "That began."
        self.socket_errors: Counter[str] = Counter()
        "By code: what ended operations over sockets, or kept them from beginning."
        self.lag = Histogram(_LAG_SECONDS)
        "Seconds from receiving a reading to writing it to a socket; one reading of every turn."
        self.readings: Counter[str] = Counter()
        "That were handed in over HTTP, by what became of them."

    def operation(self, label: Label, code: str, seconds: float, cost: int) -> None:
        tally = self.operations.get((label, code))
        if tally is None:
            tally = self.operations[label, code] = OperationTally()
        tally.seconds.note(seconds)
        tally.cost += cost

    def request(self, method: str, path: str, status: int, seconds: float) -> None:
        histogram = self.requests.get((method, path, status))
        if histogram is None:
            histogram = self.requests[method, path, status] = Histogram()
        histogram.note(seconds)
