"""What a document defines."""

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    OperationDefinitionNode,
    OperationType,
)


def operations(
    document: DocumentNode, kind: OperationType
) -> dict[str | None, OperationDefinitionNode]:
    """Operations of one kind by their names."""
    return {
        one.name.value if one.name else None: one
        for one in document.definitions
        if isinstance(one, OperationDefinitionNode) and one.operation is kind
    }


def fragments(document: DocumentNode) -> dict[str, FragmentDefinitionNode]:
    """Fragments by their names."""
    return {
        one.name.value: one
        for one in document.definitions
        if isinstance(one, FragmentDefinitionNode)
    }
