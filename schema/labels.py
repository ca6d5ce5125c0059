"""Under which names the operations of a document are counted."""

from collections.abc import Mapping
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    OperationDefinitionNode,
    SelectionSetNode,
)

from schema.tallies import Label


def labels(document: DocumentNode) -> Mapping[str | None, Label]:
    """Labels of the operations of a valid document, by their names.

    Registered documents are few and their makers known: for them a label takes the operation's name
    beside. All others may call themselves what they like.
    """
    fragments = {
        one.name.value: one
        for one in document.definitions
        if isinstance(one, FragmentDefinitionNode)
    }
    return {
        None if one.name is None else one.name.value: Label(
            one.operation.value, _first_field(one.selection_set, fragments)
        )
        for one in document.definitions
        if isinstance(one, OperationDefinitionNode)
    }


def _first_field(
    selected: SelectionSetNode, fragments: Mapping[str, FragmentDefinitionNode]
) -> str:
    """Name of a root field; empty where there is none, which graphql-core lets pass."""
    while selected.selections:
        first: Any = selected.selections[0]
        if isinstance(first, FieldNode):
            return first.name.value
        spread = isinstance(first, FragmentSpreadNode)
        selected = fragments[first.name.value].selection_set if spread else first.selection_set
    return ""
