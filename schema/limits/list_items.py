"""Items of lists in the variables: those of a document are bounded by its tokens.

Fields bound what they take (pages and ids to 100, forms to 100 values), but reading a list into that
comes before.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from schema.limits.rule import Rule

LIST_ITEMS: Final[Rule[Mapping[str, Any]]] = Rule(
    "max_list_items",
    lambda variables: _longest(variables.values()),
    "a list in the variables can have at most {most} items, found {found}",
)


def _longest(values: Iterable[Any]) -> int:
    """Items of the longest list in some values, however deep it is."""
    longest, waiting = 0, [values]
    while waiting:
        for value in waiting.pop():
            if isinstance(value, list):
                longest = max(longest, len(value))
                waiting.append(value)
            elif isinstance(value, dict):
                waiting.append(value.values())
    return longest
