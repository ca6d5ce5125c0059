"""Selections of an operation, those of a fragment counted wherever it is put.

Ten fragments, each of which puts the next one in two places, stand for a thousand fields in a few
hundred bytes, and one more doubles them.
"""

from typing import Final

from schema.limits.rule import Rule
from schema.limits.shape import Shape

SELECTIONS: Final[Rule[Shape]] = Rule(
    "max_selections",
    lambda shape: shape.selections,
    "an operation must have at most {most} fields and fragments, those of fragments counted "
    "wherever they are put",
)
