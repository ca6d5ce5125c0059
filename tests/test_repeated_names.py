"""Names that come twice in an object of JSON are found, and nothing else is taken for one."""

import json
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.repeated_names import repeats_a_name

TEXTS = st.text(st.sampled_from('ab:"\\é'), max_size=4)
VALUES = st.recursive(
    st.none() | st.integers(0, 9) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=12,
)


class Pairs:
    """An object of JSON by its names and values, in which names may come again."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        self.pairs = pairs


def written(value: Any, *, spaces: str, ascii_only: bool) -> str:
    def one(value: Any) -> str:
        if isinstance(value, Pairs):
            named = [f"{one(name)}{spaces}:{spaces}{one(item)}" for name, item in value.pairs]
            return f"{{{','.join(named)}}}"
        if isinstance(value, dict):
            return one(Pairs(list(value.items())))
        if isinstance(value, list):
            return f"[{','.join(map(one, value))}]"
        return json.dumps(value, ensure_ascii=ascii_only)

    return one(value)


@given(VALUES, st.sampled_from(["", " ", "\n"]), st.booleans())
def test_a_value_as_anybody_writes_it_has_none(value: Any, spaces: str, ascii_only: bool) -> None:
    text = written(value, spaces=spaces, ascii_only=ascii_only).encode()
    assert not repeats_a_name(text, orjson.loads(text))


@given(
    VALUES,
    VALUES,
    TEXTS,
    st.lists(st.booleans(), max_size=3),
    st.sampled_from(["", " "]),
    st.booleans(),
)
def test_one_that_comes_twice_is_found_however_deep_it_is(
    one: Any, other: Any, name: str, way: list[bool], spaces: str, ascii_only: bool
) -> None:
    value: Any = Pairs([(name, one), ("between", None), (name, other)])
    for as_list in way:
        value = [value] if as_list else {"down": value}
    text = written(value, spaces=spaces, ascii_only=ascii_only).encode()
    assert repeats_a_name(text, orjson.loads(text))


def test_an_escaped_colon_hides_none() -> None:
    text = b'{"a":":","a":"\\u003a"}'
    assert repeats_a_name(text, orjson.loads(text))


@pytest.mark.parametrize("text", [b'{"a":' * 900 + b"1" + b"}" * 900, b"[" * 900 + b"]" * 900])
def test_what_is_nested_too_deeply_is_refused(text: bytes) -> None:
    with pytest.raises(ValueError, match="nested too deeply"):
        repeats_a_name(text, orjson.loads(text))
