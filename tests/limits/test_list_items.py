"""Items of lists in the variables."""

from dataclasses import replace
from typing import Any

import pytest

from domain.errors import LimitExceeded
from domain.settings import Settings
from schema.limits.list_items import LIST_ITEMS


def test_a_list_may_have_as_many_items_as_the_setting_says_and_no_more() -> None:
    two = replace(Settings(), max_list_items=2)
    short: list[dict[str, Any]] = [{}, {"a": [1, 2], "b": "1234"}, {"a": {"b": [[1, 2], [3, 4]]}}]
    for variables in short:
        LIST_ITEMS.check(variables, two)
    long: list[dict[str, Any]] = [{"a": [1, 2, 3]}, {"a": {"b": [[1, 2], [{"c": [3, 4, 5]}]]}}]
    for variables in long:
        LIST_ITEMS.check(variables, replace(two, max_list_items=0))
        with pytest.raises(LimitExceeded, match="at most 2 items, found 3"):
            LIST_ITEMS.check(variables, two)
