"""What is selected below a field: its fields by name, and those of these with what they are below."""

import pytest
from graphql import FieldNode, FragmentDefinitionNode, OperationDefinitionNode, parse

from schema.execution.selected import names_below


def below(selection: str, fragments: str = "") -> set[str]:
    """What is below the field `f`."""
    document = parse(f"{{ f {selection} }} {fragments}")
    (operation,) = (
        each for each in document.definitions if isinstance(each, OperationDefinitionNode)
    )
    fields = [each for each in operation.selection_set.selections if isinstance(each, FieldNode)]
    by_name = {
        each.name.value: each
        for each in document.definitions
        if isinstance(each, FragmentDefinitionNode)
    }
    return set(names_below(fields, by_name))


@pytest.mark.parametrize(
    ("selection", "names"),
    [
        ("", set()),
        ("{ a b: c }", {"a", "c"}),
        ("{ a { b { c { d } } } }", {"a", "a.b"}),
        ("{ a { b } x: a { c @skip(if: true) } }", {"a", "a.b", "a.c"}),
        ("{ ... on T { a } ...one }", {"a", "b", "b.c", "b.a"}),
        ("{ ...one b { ...two } }", {"b", "b.c", "b.a"}),
    ],
)
def test_names_are_told_two_levels_deep_through_fragments_and_aliases(
    selection: str, names: set[str]
) -> None:
    fragments = "fragment one on T { b { c ...two } } fragment two on T { a { d } }"
    assert below(selection, fragments) == names
