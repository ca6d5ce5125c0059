"""What is worked out from a text, kept for when the text comes again."""

from collections import OrderedDict
from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Final, Generic, TypeVar

Result = TypeVar("Result")

_LEAST: Final = 100
"What a short text counts beside its characters: the result of an empty one takes memory too."


def kept(most: int, longest: int) -> Callable[[Callable[[str], Result]], Callable[[str], Result]]:
    """Let a function keep its results: of so many texts, none longer than so many characters.

    Clients choose the texts, and both together bound the memory. What it raises is not kept.
    """

    def decorated(function: Callable[[str], Result]) -> Callable[[str], Result]:
        known = lru_cache(most)(function)

        @wraps(function)
        def call(text: str) -> Result:
            return known(text) if len(text) <= longest else function(text)

        return call

    return decorated


class Kept(Generic[Result]):
    """A function of texts that keeps its results within bounds."""

    def __init__(self, function: Callable[[str], Result], in_all: int, longest: int) -> None:
        self._function = function
        self._in_all = in_all
        self._longest = longest
        self._known: OrderedDict[str, Result] = OrderedDict()
        self._size = 0

    def __contains__(self, text: str) -> bool:
        """Whether the result of a text is kept."""
        return text in self._known

    def __call__(self, text: str) -> Result:
        known = self._known
        if text in known:
            known.move_to_end(text)
            return known[text]
        result = self._function(text)
        if len(text) <= self._longest:
            known[text] = result
            self._size += len(text) + _LEAST
            while self._size > self._in_all:
                self._size -= len(known.popitem(last=False)[0]) + _LEAST
        return result


def kept_within(in_all: int, longest: int) -> Callable[[Callable[[str], Result]], Kept[Result]]:
    """Let a function keep its results as `kept` does, of texts with so many characters in all.

    For results that are much larger than their texts, and the larger the longer these are.
    """
    return lambda function: Kept(function, in_all, longest)
