"""What is kept of texts that clients choose: the last ones, within bounds."""

from collections.abc import Callable

import pytest

from schema.kept import kept, kept_within

Calls = tuple[Callable[[str], int], list[str]]


def counted(keeping: Callable[[Callable[[str], int]], Callable[[str], int]]) -> Calls:
    """A function that keeps what it worked out, and what it was called with."""
    calls: list[str] = []

    def length(text: str) -> int:
        calls.append(text)
        return len(text)

    return keeping(length), calls


@pytest.mark.parametrize("keeping", [kept(3, 10), kept_within(400, 10)])
def test_the_texts_that_came_last_are_kept(
    keeping: Callable[[Callable[[str], int]], Callable[[str], int]],
) -> None:
    call, calls = counted(keeping)
    assert [call(text) for text in ("a", "bb", "ccc", "a", "dddd", "a", "bb")] == [
        *(1, 2, 3, 1),
        *(4, 1, 2),
    ]
    assert calls == ["a", "bb", "ccc", "dddd", "bb"]


@pytest.mark.parametrize("keeping", [kept(3, 10), kept_within(400, 10)])
def test_a_long_text_is_worked_out_again(
    keeping: Callable[[Callable[[str], int]], Callable[[str], int]],
) -> None:
    call, calls = counted(keeping)
    assert [call(text) for text in ("x" * 10, "x" * 10, "x" * 11, "x" * 11)] == [10, 10, 11, 11]
    assert calls == ["x" * 10, "x" * 11, "x" * 11]


def test_a_few_long_texts_take_the_place_of_many_short_ones() -> None:
    call, calls = counted(kept_within(1000, 500))
    for text in ("a", "b", "c", "d"):
        call(text)
    call("x" * 500)  # and the 404 of the others, with 600 of its own: the first one goes
    call("b")
    call("a")
    assert calls == ["a", "b", "c", "d", "x" * 500, "a"]


def test_what_is_raised_is_not_kept() -> None:
    calls = []

    def fails(text: str) -> int:
        calls.append(text)
        raise ValueError(text)

    call = kept_within(1000, 10)(fails)
    for _ in range(2):
        with pytest.raises(ValueError, match="a"):
            call("a")
    assert calls == ["a", "a"]
