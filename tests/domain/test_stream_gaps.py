"""Gaps between where a subscriber stands and what is stored."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.stream_gaps import Gap, first_places, gaps_between, size_of

GAPS = [Gap(1, 0, 5), Gap(2, 7, 10), Gap(3, 1, 2)]


def test_a_gap_is_where_more_is_stored_than_was_seen() -> None:
    gaps = gaps_between({1: 3, 2: 5, 3: 9}, {1: 7, 2: 5, 3: 8, 4: 1})

    assert gaps == [Gap(1, 3, 7)]
    assert size_of(gaps) == 4


@pytest.mark.parametrize(
    ("most", "first"),
    [
        (0, []),
        (3, [Gap(1, 0, 3)]),
        (5, [Gap(1, 0, 5)]),
        (6, [Gap(1, 0, 5), Gap(2, 7, 8)]),
        (9, GAPS),
        (100, GAPS),
    ],
)
def test_the_first_places_of_gaps_are_cut_where_they_are_enough(
    most: int, first: list[Gap]
) -> None:
    assert first_places(GAPS, most) == first


@given(
    st.dictionaries(st.integers(1, 9), st.tuples(st.integers(0, 50), st.integers(0, 50))),
    st.integers(1, 40),
)
def test_going_on_from_part_to_part_closes_every_gap(
    places: dict[int, tuple[int, int]], most: int
) -> None:
    after = {facility: place for facility, (place, _) in places.items()}
    until = {facility: place + more for facility, (place, more) in places.items()}
    seen = 0
    while gaps := gaps_between(after, until):
        part = first_places(gaps, most)
        assert 0 < size_of(part) <= most
        for facility, start, end in part:
            assert after[facility] == start
            after[facility] = end
            seen += end - start

    assert after == until
    assert seen == sum(more for _, more in places.values())
