"""Turns: everybody gets one in a round, and they are spread."""

from collections import Counter

from resolvers.turns import Turns


def test_everybody_gets_a_turn_in_every_round() -> None:
    turns: Turns[int] = Turns(32)
    for item in range(1000):
        turns.add(item)
        if item % 7 == 0:
            turns.next()

    for _ in range(3):
        assert Counter(item for _ in range(32) for item in turns.next()) == Counter(range(1000))


def test_the_first_turn_comes_after_half_a_round_to_a_whole_one() -> None:
    turns: Turns[int] = Turns(32)
    for item in range(1000):
        turns.add(item)
    parts = [turns.next() for _ in range(32)]

    assert not any(parts[:16])
    assert {len(part) for part in parts[16:]} == {62, 63}


def test_whoever_is_discarded_gets_no_turn() -> None:
    turns: Turns[int] = Turns(4)
    for item in range(8):
        turns.add(item)
    for item in range(0, 8, 2):
        turns.discard(item)
        turns.discard(item)

    assert len(turns) == 4
    assert sorted(item for _ in range(4) for item in turns.next()) == [1, 3, 5, 7]
