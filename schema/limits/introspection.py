"""Introspection: who may ask what there is.

The schema is published (`schema.graphql`), so it is no secret; but it is by far the longest answer that
anybody could ask for, and a stranger with the names of all fields goes on to try them.
"""

from typing import Final

from graphql import DocumentNode, ExecutableDefinitionNode, FieldNode

from domain.errors import Forbidden, KenshinError, Unauthenticated
from schema.limits.shape import written

_FIELDS: Final = frozenset({"__schema", "__type"})


def introspects(document: DocumentNode) -> bool:
    """Whether any part of a document asks for the schema; `__typename` does not."""
    return any(
        isinstance(selection, FieldNode) and selection.name.value in _FIELDS
        for definition in document.definitions
        if isinstance(definition, ExecutableDefinitionNode)
        for selection in written(definition.selection_set)
    )


def introspection_refusal(who_may: str, *, known: bool) -> KenshinError | None:
    """Why somebody may not ask for the schema, by the setting; None if they may."""
    if who_may == "everybody" or (who_may == "members" and known):
        return None
    if who_may == "members":
        return Unauthenticated("log in to ask for the schema, or take schema.graphql")
    return Forbidden("the schema is not told here: take schema.graphql")
