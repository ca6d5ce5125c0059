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
    """Names of the fields that are selected right below a field, by fragments too."""
    names: set[str] = set()
    spread: set[str] = set()
    for node in nodes:
        if node.selection_set:
            _collect(node.selection_set.selections, fragments, names, spread)
    return frozenset(names)


def _collect(
    selections: Iterable[SelectionNode],
    fragments: Mapping[str, FragmentDefinitionNode],
    names: set[str],
    spread: set[str],
) -> None:
    for selection in selections:
        inner: InlineFragmentNode | FragmentDefinitionNode
        if isinstance(selection, FieldNode):
            names.add(selection.name.value)
            continue
        if isinstance(selection, InlineFragmentNode):
            inner = selection
        elif isinstance(selection, FragmentSpreadNode) and selection.name.value not in spread:
            spread.add(selection.name.value)
            inner = fragments[selection.name.value]
        else:
            continue
        _collect(inner.selection_set.selections, fragments, names, spread)
