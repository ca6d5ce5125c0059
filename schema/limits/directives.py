"""Directives of a document: `@skip` and `@include`, of which a field needs two at most.

They add nothing to an answer, so no other rule meets a field with a thousand of them.
"""

from typing import Final

from schema.limits.rule import Rule
from schema.limits.shape import Shape

DIRECTIVES: Final[Rule[Shape]] = Rule(
    "max_directives",
    lambda shape: shape.directives,
    "a document can have at most {most} directives, found {found}",
)
