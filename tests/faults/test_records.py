"""The check of a client's record finds whatever may be wrong with one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.faults.records import Name, Reading, faults, first_of_each, missing, spoiled

HALVES = [f"2024-06-01T{hour:02}:{minute:02}:00+09:00" for hour in range(24) for minute in (0, 30)]


def reading(facility: str = "a", half: int = 0, revision: int = 0) -> Reading:
    return Reading(Name(facility, "IMPORT", HALVES[half], revision), (half + 1) / 1000)


STORED = [reading("a", 0), reading("b", 0), reading("a", 2), reading("a", 1), reading("b", 1)]
CORRECTED = [reading("a", 0), reading("a", 1), reading("a", 0, revision=1)]


@pytest.mark.parametrize(
    ("stored", "heard"),
    [
        (STORED, STORED),
        (STORED, [reading("b", 0), reading("b", 1), *(STORED[at] for at in (0, 2, 3))]),
        (CORRECTED, CORRECTED),
        (CORRECTED, CORRECTED[1:]),
        ([], []),
    ],
    ids=["the same", "facilities in another order", "corrected", "only the newest", "nothing"],
)
def test_a_record_without_fault(stored: list[Reading], heard: list[Reading]) -> None:
    assert faults(stored, heard) == []


@pytest.mark.parametrize(
    ("stored", "heard", "kinds"),
    [
        (STORED, STORED[:-1], {"missing"}),
        (STORED, STORED[1:], {"missing"}),
        (STORED, [*STORED, STORED[0]], {"came 2 times", "out of order"}),
        (STORED, [STORED[0], *STORED], {"came 2 times"}),
        (STORED, [*STORED[:2], STORED[3], STORED[2], STORED[4]], {"out of order"}),
        (STORED, [*STORED, reading("c", 0)], {"never stored"}),
        (CORRECTED, CORRECTED[:2], {"missing"}),
        (CORRECTED, [CORRECTED[2], CORRECTED[1]], {"out of order"}),
        (STORED, [], {"missing"}),
    ],
)
def test_a_fault_is_named(stored: list[Reading], heard: list[Reading], kinds: set[str]) -> None:
    assert {fault.partition(":")[0] for fault in faults(stored, heard)} == kinds


@given(
    st.lists(
        st.tuples(st.sampled_from("ab"), st.integers(0, 47)), min_size=4, max_size=40, unique=True
    ).filter(lambda drawn: sum(facility == drawn[0][0] for facility, _ in drawn) > 1)
)
def test_a_record_that_is_spoiled_anywhere_is_found(drawn: list[tuple[str, int]]) -> None:
    stored = [reading(facility, half) for facility, half in drawn]

    assert faults(stored, stored) == []
    assert all(faults(stored, record) for record in spoiled(stored))


def test_who_drops_what_was_seen_keeps_the_first_of_each() -> None:
    assert first_of_each([STORED[0], STORED[2], STORED[0], STORED[3]]) == [
        STORED[0],
        STORED[2],
        STORED[3],
    ]


def test_a_replaced_revision_is_not_missing() -> None:
    assert missing(CORRECTED, CORRECTED[1:]) == []
    assert missing(CORRECTED, CORRECTED[:1]) == [CORRECTED[2], CORRECTED[1]]
