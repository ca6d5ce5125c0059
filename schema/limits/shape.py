"""How large a document is, counted before it is validated: that takes longest for what is largest."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
)


@dataclass(frozen=True, slots=True)
class Shape:
    """What the rules count. Of several operations the largest counts, whichever is executed.

    `depth` and `selections` are not counted on when they pass their limits.
    """

    aliases: int
    directives: int
    fragments: int
    root_fields: int
    depth: int
    selections: int
    repeats: int


def shape_of(document: DocumentNode, most_depth: int, most_selections: int) -> Shape:
    """Shape of any document that can be parsed; fragments may be missing, or be part of themselves."""
    fragments = [one for one in document.definitions if isinstance(one, FragmentDefinitionNode)]
    operations = [one for one in document.definitions if isinstance(one, OperationDefinitionNode)]
    walk = _Walk({one.name.value: one for one in fragments}, most_depth, most_selections)
    for operation in operations:
        walk.operation(operation.selection_set)
    aliases, directives = _marks([*operations, *fragments])
    return Shape(
        aliases,
        directives,
        len(fragments),
        walk.root_fields,
        walk.depth,
        walk.selections,
        walk.repeats,
    )


def _marks(
    definitions: Sequence[OperationDefinitionNode | FragmentDefinitionNode],
) -> tuple[int, int]:
    """Aliases and directives as they are written."""
    aliases = directives = 0
    for definition in definitions:
        variables = definition.variable_definitions or ()
        directives += sum(len(one.directives or ()) for one in (definition, *variables))
        for selection in written(definition.selection_set):
            directives += len(selection.directives or ())
            aliases += isinstance(selection, FieldNode) and selection.alias is not None
    return aliases, directives


def written(selections: SelectionSetNode) -> Iterator[SelectionNode]:
    """All selections, those of selections too."""
    waiting = [selections]
    while waiting:
        for selection in waiting.pop().selections:
            yield selection
            below: SelectionSetNode | None = getattr(selection, "selection_set", None)
            if below is not None:
                waiting.append(below)


@dataclass(slots=True)
class _Group:
    """Fields of one response key beside each other, which are one field of the answer."""

    count: int = 0
    below: list[SelectionSetNode] = field(default_factory=list)


class _Walk:
    """Goes through operations as they are executed, fragments in their places, types left aside."""

    def __init__(
        self, fragments: dict[str, FragmentDefinitionNode], most_depth: int, most_selections: int
    ) -> None:
        self.root_fields = self.depth = self.selections = self.repeats = 0
        self._fragments = fragments
        self._most_depth = most_depth
        self._most_selections = most_selections
        self._counted = 0

    def operation(self, selections: SelectionSetNode) -> None:
        self._counted = 0
        self.root_fields = max(self.root_fields, len(self._level([selections], 1)))
        self.selections = max(self.selections, self._counted)

    def _level(self, sets: Sequence[SelectionSetNode], depth: int) -> dict[str, _Group]:
        groups = self._groups(sets)
        self.depth = max(self.depth, depth)
        for group in groups.values():
            self.repeats = max(self.repeats, group.count)
            if group.below and self._goes_on(depth):
                self._level(group.below, depth + 1)
        return groups

    def _goes_on(self, depth: int) -> bool:
        return depth <= self._most_depth and self._counted <= self._most_selections

    def _groups(self, sets: Sequence[SelectionSetNode]) -> dict[str, _Group]:
        groups: dict[str, _Group] = {}
        spread: set[str] = set()
        waiting = list(sets)
        while waiting:
            for selection in waiting.pop().selections:
                self._counted += 1
                if isinstance(selection, FieldNode):
                    key = (selection.alias or selection.name).value
                    group = groups.setdefault(key, _Group())
                    group.count += 1
                    if selection.selection_set:
                        group.below.append(selection.selection_set)
                elif (below := self._below(selection, spread)) is not None:
                    waiting.append(below)
        return groups

    def _below(self, selection: SelectionNode, spread: set[str]) -> SelectionSetNode | None:
        """What a fragment brings; None if it is there already."""
        if not isinstance(selection, FragmentSpreadNode):
            inline: SelectionSetNode | None = getattr(selection, "selection_set", None)
            return inline
        name = selection.name.value
        if name in spread or name not in self._fragments:
            return None
        spread.add(name)
        return self._fragments[name].selection_set
