"""Suggestions: who nobody knows is not told which names there are that are like a wrong one.

Validation leaves them out by itself; messages about variables and arguments are shortened here.
"""

import re
from collections.abc import Iterable
from typing import Final

from graphql import GraphQLError

from domain.errors import KenshinError

_SUGGESTION: Final = re.compile(r" Did you mean [^?]*\?")


def hide_suggestions(errors: Iterable[GraphQLError]) -> None:
    """Take what graphql-core suggests from its errors, in place; ours suggest no names."""
    for error in errors:
        if not isinstance(error.original_error, KenshinError):
            error.message = _SUGGESTION.sub("", error.message)
