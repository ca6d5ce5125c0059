"""Points that are taken before anybody asks for them, so that most takes need not ask for theirs.

No more can be had of a bucket in sum than it has: what is held of it spoils as it fills. And as points
are taken ahead only while it is half full, who is refused misses a hundredth at most that somebody
else holds.
"""

from typing import Final

from domain.rate_limits import Bucket, Taken

_LEAST: Final = 1000
"Of a smaller bucket nothing is held."
_SHARE: Final = 100
"Into so many parts a bucket is divided; one is taken ahead."
_MOST_BUCKETS: Final = 10_000
_TINY: Final = 1e-6
"Of a point: so much is lost in reckoning."


class PointsAhead:
    """What one process holds of buckets. `now` is in seconds, from anywhere."""

    def __init__(self) -> None:
        self._held: dict[Bucket, _Held] = {}

    def take(self, bucket: Bucket, points: int, now: float) -> Taken | None:
        """Take points of those that are held; None if there are too few."""
        held = self._held.get(bucket)
        if held is None or held.points < points:
            return None
        spent = held.full_at - now
        good = int(spent * bucket.most / bucket.seconds)
        if good < points:
            return None
        held.points = min(held.points, good) - points
        return standing(bucket, spent, held.points)

    def begin(self, bucket: Bucket, now: float) -> int:
        """How many points more a take should ask for. If any, `end` or `forget` must follow."""
        held = self._held.get(bucket)
        if held is None or held.asked or held.full_at - now > bucket.seconds / 2:
            return 0
        held.asked = True
        return bucket.most // _SHARE

    def end(self, bucket: Bucket, ahead: int, full_at: float) -> int:
        """Note what a take came back with: points more, and when the bucket is full, or shortly before.

        Answers how many points are held.
        """
        held = self._held.get(bucket)
        if held is None:
            if bucket.most < _LEAST:
                return 0
            if len(self._held) >= _MOST_BUCKETS:
                self._held.clear()
            held = self._held[bucket] = _Held()
        held.full_at = full_at
        if ahead:
            held.points += ahead
            held.asked = False
        return held.points

    def forget(self, bucket: Bucket) -> None:
        """Hold nothing of a bucket: so many points more could not be had."""
        self._held.pop(bucket, None)

    def forget_all(self) -> None:
        """Hold nothing of any bucket: nobody keeps them."""
        self._held.clear()


class _Held:
    """What is held of a bucket."""

    __slots__ = ("asked", "full_at", "points")

    def __init__(self) -> None:
        self.points = 0
        self.full_at = 0.0
        self.asked = False
        "Whether a take is under way that asks for more."


def standing(bucket: Bucket, spent: float, held: int) -> Taken:
    """What is left of a bucket that is full after so many seconds, to who holds points of it."""
    point = bucket.seconds / bucket.most
    spent = max(0.0, spent - held * point)
    return Taken(int((bucket.seconds - spent) / point + _TINY), 0.0, spent)
