"""What is selected below a field, whatever its conditions."""

from collections.abc import Iterable, Mapping

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    SelectionNode,
)


def names_below(
    nodes: Iterable[FieldNode], fragments: Mapping[str, FragmentDefinitionNode]
) -> frozenset[str]:
    """Names of the fields that are selected right below a field, by fragments too.

    Those one level further down are named with what they are below: `points.yen`.
    """
    below = _fields_below(nodes, fragments)
    further = (
        f"{name}.{inner}"
        for name, fields in below.items()
        for inner in _fields_below(fields, fragments)
    )
    return frozenset((*below, *further))


def _fields_below(
    nodes: Iterable[FieldNode], fragments: Mapping[str, FragmentDefinitionNode]
) -> dict[str, list[FieldNode]]:
    """Fields right below others, by name."""
    fields: dict[str, list[FieldNode]] = {}
    spread: set[str] = set()
    for node in nodes:
        if node.selection_set:
            _collect(node.selection_set.selections, fragments, fields, spread)
    return fields


def _collect(
    selections: Iterable[SelectionNode],
    fragments: Mapping[str, FragmentDefinitionNode],
    fields: dict[str, list[FieldNode]],
    spread: set[str],
) -> None:
    for selection in selections:
        inner: InlineFragmentNode | FragmentDefinitionNode
        if isinstance(selection, FieldNode):
            fields.setdefault(selection.name.value, []).append(selection)
            continue
        if isinstance(selection, InlineFragmentNode):
            inner = selection
        elif isinstance(selection, FragmentSpreadNode) and selection.name.value not in spread:
            spread.add(selection.name.value)
            inner = fragments[selection.name.value]
        else:
            continue
        _collect(inner.selection_set.selections, fragments, fields, spread)
