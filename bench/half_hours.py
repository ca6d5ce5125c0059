"""Half hours of households that look like real ones, as the store and the peers are given them."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from domain.readings import Direction, Quality
from domain.simulation import Premises, PremisesKind, simulate
from domain.slots import SLOTS_PER_DAY, first_slot
from domain.stored import ReadingColumns

_PROVISIONAL_DAYS: Final = 3
_GAPS_PER_YEAR: Final = 12
_LONGEST_GAP: Final = 2 * SLOTS_PER_DAY


@dataclass(frozen=True, slots=True)
class HalfHours:
    """Consecutive half hours from slot `first` on; MISSING ones have no Wh."""

    first: int
    wh: NDArray[np.int32]
    quality: NDArray[np.int32]

    @classmethod
    def simulated(cls, seed: int, end_day: int, days: int) -> "HalfHours":
        """A family's, settled but for the last days, with gaps of a half hour to two days."""
        drawn = simulate(Premises(seed, PremisesKind.HOME), end_day - days, days)
        wh = drawn.drawn_wh.ravel()
        quality = np.full(len(wh), Quality.SETTLED, np.int32)
        quality[-_PROVISIONAL_DAYS * SLOTS_PER_DAY :] = Quality.PROVISIONAL
        chance = np.random.default_rng(seed)
        gaps = max(2, _GAPS_PER_YEAR * days // 365)
        for start in chance.integers(SLOTS_PER_DAY, len(wh) - SLOTS_PER_DAY, gaps):
            quality[start : start + int(_LONGEST_GAP ** chance.random())] = Quality.MISSING
        return cls(first_slot(end_day - days), np.where(quality, wh, 0).astype(np.int32), quality)

    @property
    def end(self) -> int:
        return self.first + len(self.wh)

    def readings(self, facility: int) -> ReadingColumns:
        """As a meter system reports them: without those that are MISSING."""
        there = self.quality != Quality.MISSING
        count = int(there.sum())
        return ReadingColumns(
            facility=np.full(count, facility, np.int64),
            direction=np.full(count, Direction.IMPORT, np.int64),
            slot=np.arange(self.first, self.end)[there],
            wh=self.wh[there],
            quality=self.quality[there],
            revision=np.zeros(count, np.int32),
        )
