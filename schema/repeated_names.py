"""Whether an object of a JSON text gives a name twice, of which every reader takes another one.

orjson takes the last and says nothing. A check in front of this server that took the first would let
pass what it should not.
"""

import json
from typing import Any

import orjson


def repeats_a_name(text: bytes | bytearray, value: Any) -> bool:
    """Whether it does; `value` is what was read from the text, which is valid JSON in UTF-8.

    Raises ValueError for a value that is nested more than some hundred times.

    Most texts are just what would be written of their value. Of others the colons are counted: one
    stands behind every name, and else only in strings, so that as many as there should be show that no
    name got lost. Escapes can hide one, and a text with any is read once more.
    """
    try:
        if orjson.dumps(value) == text:
            return False
        if b"\\u" not in text and text.count(b":") == _colons(value):
            return False
        json.loads(text, object_pairs_hook=_once)
    except _RepeatedName:
        return True
    except (TypeError, RecursionError):  # the first is orjson's
        raise ValueError("nested too deeply") from None
    return False


class _RepeatedName(Exception):
    """Some object has one."""


def _once(pairs: list[tuple[str, Any]]) -> None:
    if len(dict(pairs)) < len(pairs):
        raise _RepeatedName


def _colons(value: object) -> int:
    """Colons in the text of a value, unless one is escaped."""
    if isinstance(value, str):
        return value.count(":")
    if isinstance(value, dict):
        in_it: list[int] = [key.count(":") + _colons(one) for key, one in value.items()]
        return len(value) + sum(in_it)
    return sum(map(_colons, value)) if isinstance(value, list) else 0
