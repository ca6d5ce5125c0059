"""Answers as bytes, with texts spliced in."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.execution.encoding import Spliced, encoded, spliced

LONG = b'"' + b"x" * 200_000 + b'"'


def text(answer: Any) -> bytes:
    return b"".join(encoded(answer))


VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text() | st.just("\0\\u0000"),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


def spliced_somewhere(value: Any, data: st.DataObject) -> Any:
    """The same value, some parts of it as text."""
    if data.draw(st.integers(0, 3)) == 0:
        whole = json.dumps(value).encode()
        cut = data.draw(st.integers(0, len(whole)))
        return Spliced([whole[:cut], memoryview(whole)[cut:]])
    if isinstance(value, dict):
        return {key: spliced_somewhere(each, data) for key, each in value.items()}
    if isinstance(value, list):
        return [spliced_somewhere(each, data) for each in value]
    return value


@given(VALUES, st.data())
def test_values_and_spliced_texts_of_them_read_the_same(value: Any, data: st.DataObject) -> None:
    answer = spliced_somewhere(value, data)
    assert repr(json.loads(text(answer))) == repr(value)


def test_texts_are_spliced_in_their_places() -> None:
    first, second, third = Spliced([b"[1,", b"2]"]), Spliced([b"{}"]), Spliced([b"null"])
    answer = {"a": first, "b": [second, {"c": third}], "d": "\0"}
    assert text(answer) == b'{"a":[1,2],"b":[{},{"c":null}],"d":"\\u0000"}'


def test_an_answer_may_be_nothing_but_a_spliced_text() -> None:
    assert text(Spliced([b"[", b"]"])) == b"[]"


def test_a_spliced_text_may_hold_what_stands_for_one_elsewhere() -> None:
    assert text([Spliced([b'"\0"']), Spliced([b"1"]), 2]) == b'["\0",1,2]'


def test_an_answer_without_spliced_texts_is_one_part() -> None:
    assert encoded({"a": "\0"}) == [b'{"a":"\\u0000"}']


@pytest.mark.parametrize("value", [object(), {1}, 1j, {"a": [b"bytes"]}])
def test_what_json_cannot_say_is_a_type_error(value: Any) -> None:
    with pytest.raises(TypeError):
        encoded({"data": value})


def test_a_long_answer_keeps_its_parts_uncopied_and_a_short_one_is_joined() -> None:
    parts = encoded({"a": Spliced([b"[", LONG, b",", b"1", b"]"]), "b": 2})
    assert parts == [b'{"a":', b"[", LONG, b",", b"1", b"]", b',"b":2}']
    assert parts[2] is LONG
    assert encoded({"a": Spliced([b"[", b"1", b"]"]), "b": 2}) == [b'{"a":[1],"b":2}']


@pytest.mark.parametrize("parts", [[b"[1]"], [b'"\0"'], [b"[", b"1]"], [LONG], [memoryview(b"1")]])
def test_a_text_reads_the_same_however_it_is_spliced(parts: list[Any]) -> None:
    answer = {"a": [spliced(parts), Spliced([b"2"])], "b": spliced(parts)}
    one = b"".join(parts)
    assert text(answer) == b'{"a":[%b,2],"b":%b}' % (one, one)


def test_a_long_text_is_spliced_uncopied() -> None:
    assert encoded({"a": spliced([LONG])})[1] is LONG
