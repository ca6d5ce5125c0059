"""Aliases of a document: each lets a field be asked once more in the same operation.

So one request could guess many secrets, or ask for the most expensive field a thousand times; a page
needs a few.
"""

from typing import Final

from schema.limits.rule import Rule
from schema.limits.shape import Shape

ALIASES: Final[Rule[Shape]] = Rule(
    "max_aliases",
    lambda shape: shape.aliases,
    "a document can have at most {most} aliases, found {found}",
)
