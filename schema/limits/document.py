"""All rules for a document, in the order in which they are cheapest."""

from typing import Final

from graphql import DocumentNode

from domain.settings import Settings
from schema.limits.aliases import ALIASES
from schema.limits.depth import DEPTH
from schema.limits.directives import DIRECTIVES
from schema.limits.document_bytes import DOCUMENT_BYTES
from schema.limits.fragments import FRAGMENTS
from schema.limits.repeats import REPEATS
from schema.limits.root_fields import ROOT_FIELDS
from schema.limits.rule import Rule, check_all
from schema.limits.selections import SELECTIONS
from schema.limits.shape import Shape, shape_of
from schema.limits.tokens import parsed

SHAPE_RULES: Final[tuple[Rule[Shape], ...]] = (
    FRAGMENTS,
    ALIASES,
    DIRECTIVES,
    DEPTH,
    SELECTIONS,
    ROOT_FIELDS,
    REPEATS,
)


def read_document(text: str, settings: Settings) -> DocumentNode:
    """A document within its limits, which may still be wrong.

    Raises GraphQLSyntaxError, or LimitExceeded.
    """
    DOCUMENT_BYTES.check(text, settings)
    document = parsed(text, settings.max_document_tokens)
    shape = shape_of(document, settings.max_depth, settings.max_selections)
    check_all(SHAPE_RULES, shape, settings)
    return document
