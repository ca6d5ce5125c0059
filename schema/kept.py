"""What is worked out from a text, kept for when the text comes again."""

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import TypeVar

Result = TypeVar("Result")


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
