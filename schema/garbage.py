"""Keeps the garbage collector from idle connections.

It looks at all that lives long whenever there is a quarter more of it. With ten thousand connections
that takes a tenth of a second, in the middle of a burst as likely as not, and finds nothing. Here what
outlived one such look is set aside, and looked at again only when much has been added to it.
"""

import gc
from typing import Final

_OLDEST: Final = 2
_MANY: Final = 200_000
"Objects that are no reason to look at everything."


class LongLived:
    """What is set aside. Nothing is done before `begin`."""

    def __init__(self) -> None:
        self._begun = False
        self._looks = 0
        self._kept = 0
        self._added = 0

    def begin(self) -> None:
        """Set everything aside that is there by now."""
        self._begun = True
        self._look_at_everything()

    def tend(self) -> None:
        """To be called often; does nothing unless the collector has looked at the oldest objects."""
        if self._begun and _looks() != self._looks:
            self._added += len(gc.get_objects())
            gc.freeze()
            self._looks = _looks()
            if self._added > max(self._kept, _MANY):
                self._added = gc.get_freeze_count() - self._kept
                # Most of what was added has gone since, if all is well.
                if self._added > max(self._kept, _MANY):
                    self._look_at_everything()

    def _look_at_everything(self) -> None:
        gc.unfreeze()
        gc.collect()
        gc.freeze()
        self._kept = gc.get_freeze_count()
        self._added = 0
        self._looks = _looks()


def _looks() -> int:
    """How often the collector has looked at the oldest objects."""
    return int(gc.get_stats()[_OLDEST]["collections"])
