"""Points that processes hold of a bucket: never more of them in sum than the bucket has."""

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.points_ahead import PointsAhead, standing
from domain.rate_limits import Bucket, Taken

BUCKET = Bucket("member:1", 1000, 100)
POINT = BUCKET.seconds / BUCKET.most

steps = st.lists(
    st.tuples(st.integers(0, 2), st.integers(1, 30), st.floats(0, 3)), min_size=1, max_size=60
)


class Shared:
    """The bucket as all processes have it, and processes that take from it."""

    def __init__(self, processes: int) -> None:
        self.now = 1000.0
        self.full_at = 0.0
        self.asked = 0
        self.processes = [PointsAhead() for _ in range(processes)]

    def ask(self, points: int) -> float | None:
        """After how many seconds it is full once so many points are gone; None if there are fewer."""
        self.asked += 1
        full_at = max(self.now, self.full_at) + points * POINT
        if full_at - self.now > BUCKET.seconds:
            return None
        self.full_at = full_at
        return full_at - self.now

    def take(self, process: int, points: int) -> Taken | None:
        ahead = self.processes[process]
        taken = ahead.take(BUCKET, points, self.now)
        if taken is not None:
            return taken
        more = ahead.begin(BUCKET, self.now)
        spent = self.ask(points + more)
        if spent is None and more:
            ahead.forget(BUCKET)
            more, spent = 0, self.ask(points)
        if spent is None:
            return None
        return standing(BUCKET, spent, ahead.end(BUCKET, more, self.now + spent))


@settings(max_examples=200, deadline=None)
@given(steps=steps)
def test_within_no_span_more_is_taken_than_the_bucket_has_and_gets_in_it(
    steps: list[tuple[int, int, float]],
) -> None:
    shared = Shared(3)
    taken: list[tuple[float, int]] = []
    for process, points, pause in steps:
        shared.now += pause
        if shared.take(process, points) is not None:
            taken.append((shared.now, points))
    for begin, (since, _) in enumerate(taken):
        spent = 0
        for until, points in taken[begin:]:
            spent += points
            assert spent <= BUCKET.most + (until - since) / POINT + 1


def test_a_hundred_takes_ask_a_few_times_and_count_down_one_by_one() -> None:
    shared = Shared(1)

    left = [taken.remaining for _ in range(400) if (taken := shared.take(0, 1))]

    assert left == list(range(999, 599, -1))
    assert shared.asked == 1 + 37  # ten ahead with each


def test_the_second_half_of_a_bucket_is_asked_for_point_by_point() -> None:
    shared = Shared(2)
    for _ in range(60):
        shared.take(0, 10)
    shared.asked = 0

    assert [shared.take(place % 2, 1) is not None for place in range(500)] == [True] * 400 + [
        False
    ] * 100
    assert shared.asked >= 390


def test_what_is_held_spoils_as_the_bucket_fills() -> None:
    ahead = PointsAhead()
    assert ahead.end(BUCKET, 0, 1.0) == 0
    assert ahead.begin(BUCKET, 0.0) == 10
    assert ahead.begin(BUCKET, 0.0) == 0, "one take is under way that asks for more"
    assert ahead.end(BUCKET, 10, 1.1) == 10

    assert ahead.take(BUCKET, 1, 0.0) == Taken(998, 0.0, 1.1 - 9 * POINT)
    assert ahead.take(BUCKET, 4, 0.8) is None, "three have come back: they are not given twice"
    assert ahead.take(BUCKET, 3, 0.79) is not None
    assert ahead.take(BUCKET, 1, 1.2) is None


def test_of_a_small_bucket_nothing_is_held() -> None:
    small, ahead = Bucket("address:1", 999), PointsAhead()
    assert ahead.end(small, 0, 1.0) == 0
    assert ahead.begin(small, 0.0) == 0


def test_of_how_many_buckets_something_is_held_is_bounded() -> None:
    ahead = PointsAhead()
    for number in range(10_001):
        ahead.end(Bucket(f"address:{number}", 1000), 0, 1.0)
    assert ahead.begin(Bucket("address:0", 1000), 0.0) == 0
    assert ahead.begin(Bucket("address:10000", 1000), 0.0) == 10
