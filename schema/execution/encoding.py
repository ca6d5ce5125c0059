"""Answers as bytes: JSON in which long texts that are there already are spliced in, uncopied."""

from collections.abc import Sequence
from typing import Any, Final

import orjson

from schema.execution.rows import Text

_PLACE: Final = b"\0"
"Stands for a spliced text; JSON escapes it everywhere else."

_SHORT: Final = 65_536
"Bytes of an answer whose parts are joined: the copy costs less than to hand on many parts."


class Spliced:
    """A JSON value as parts of its text; only `encoded` can read it."""

    __slots__ = ("parts",)

    def __init__(self, parts: Sequence[Text]) -> None:
        self.parts = parts


def spliced(parts: Sequence[Text]) -> Spliced | orjson.Fragment:
    """A JSON value by its text; only `encoded` can read it. One short part orjson itself copies."""
    if len(parts) == 1 and len(parts[0]) <= _SHORT:
        text = bytes(parts[0])
        if _PLACE not in text:
            return orjson.Fragment(text)
    return Spliced(parts)


def encoded(answer: Any) -> list[Text]:
    """Text of an answer in parts; raises TypeError for what JSON cannot say."""
    found: list[Spliced] = []

    def default(value: Any) -> orjson.Fragment:
        if not isinstance(value, Spliced):
            raise TypeError(f"{type(value).__name__} is no JSON value")
        found.append(value)
        return orjson.Fragment(_PLACE)

    text = orjson.dumps(answer, default)
    if not found:
        return [text]
    parts = _between(text.split(_PLACE), found)
    return [b"".join(parts)] if sum(map(len, parts)) <= _SHORT else parts


def _between(texts: Sequence[bytes], found: Sequence[Spliced]) -> list[Text]:
    parts: list[Text] = []
    for text, value in zip(texts, found, strict=False):
        parts.append(text)
        parts += value.parts
    parts.append(texts[-1])
    return parts
