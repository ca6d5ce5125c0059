"""Resolvers with a check before them."""

from collections.abc import Callable
from typing import Any

from graphql import GraphQLResolveInfo


class Guarded:
    """A resolver that is only called when `check(source, context)` does not raise."""

    __slots__ = ("check", "resolve")

    def __init__(self, resolve: Callable[..., Any], check: Callable[[Any, Any], None]) -> None:
        self.resolve = resolve
        self.check = check

    def __call__(self, source: Any, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
        self.check(source, info.context)
        return self.resolve(source, info, **arguments)
