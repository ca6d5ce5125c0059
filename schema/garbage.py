"""Keeps the garbage collector from idle connections.

It looks at all that lives long whenever there is a quarter more of it. With ten thousand connections
that takes most of a second, in the middle of a burst as likely as not, and finds nothing. Here what
outlived one such look is set aside, and looked at again when much was added to it and little is to do.
"""

import gc
import time
from collections.abc import Callable
from typing import Final

_OLDEST: Final = 2
_YOUNG: Final = 5_000
_YOUNG_LOOKS: Final = 2
"""New objects before the collector looks at them, in a burst most are gone by then; and such looks
before one at what outlived them, which must not take long."""
_MANY: Final = 200_000
"Objects that are no reason to look at everything."
_TOO_MANY: Final = 20
"Times as many are looked at even if there is much to do."
_QUIET: Final = 0.2
"Share of a core that the process takes when little is to do."


class _Load:
    """How much the process was at work."""

    def __init__(self) -> None:
        self._at = self._worked = 0.0

    def __call__(self) -> float:
        """Share of a core since this was last asked."""
        at, worked = time.monotonic(), time.process_time()
        share = (worked - self._worked) / max(at - self._at, 1e-9)
        self._at, self._worked = at, worked
        return share


class LongLived:
    """What is set aside. Nothing is done before `begin`."""

    def __init__(self, load: Callable[[], float] | None = None) -> None:
        """`load` answers what share of a core was used since the last call."""
        self._load = load or _Load()
        self._begun = False
        self._looks = 0
        self._added = 0
        self._most = _MANY

    def begin(self) -> None:
        """Set everything aside that is there by now."""
        self._begun = True
        gc.set_threshold(_YOUNG, _YOUNG_LOOKS)
        self._look_at_everything()

    def tend(self) -> None:
        """To be called often, at any time; costs little unless the collector was at work."""
        if not self._begun:
            return
        quiet = self._load() < _QUIET
        if _looks() != self._looks:
            # Much of it is only just used, and goes although it was set aside: a generous count.
            self._added += len(gc.get_objects())
            gc.freeze()
            self._looks = _looks()
        if self._added > self._most * (1 if quiet else _TOO_MANY):
            self._look_at_everything()

    def _look_at_everything(self) -> None:
        gc.unfreeze()
        gc.collect()
        gc.freeze()
        self._most = max(gc.get_freeze_count(), _MANY)
        self._added = 0
        self._looks = _looks()


def _looks() -> int:
    """How often the collector has looked at the oldest objects."""
    return int(gc.get_stats()[_OLDEST]["collections"])
