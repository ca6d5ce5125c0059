"""What a query asks of the field that is being resolved."""

from collections.abc import Iterable, Mapping

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    SelectionNode,
)

from schema.info import Info


def mentions(info: Info, name: str) -> bool:
    """Whether a field of this name is selected, be it under a condition that does not hold."""
    raw = info._raw_info  # noqa: SLF001 - its own `selected_fields` converts all that is below
    return any(
        node.selection_set and _mention(node.selection_set.selections, name, raw.fragments, set())
        for node in raw.field_nodes
    )


def _mention(
    selections: Iterable[SelectionNode],
    name: str,
    fragments: Mapping[str, FragmentDefinitionNode],
    seen: set[str],
) -> bool:
    for selection in selections:
        if isinstance(selection, FieldNode):
            if selection.name.value == name:
                return True
            continue
        inner: InlineFragmentNode | FragmentDefinitionNode
        if isinstance(selection, FragmentSpreadNode):
            if selection.name.value in seen:
                continue
            seen.add(selection.name.value)
            inner = fragments[selection.name.value]
        elif isinstance(selection, InlineFragmentNode):
            inner = selection
        else:
            continue
        if _mention(inner.selection_set.selections, name, fragments, seen):
            return True
    return False
