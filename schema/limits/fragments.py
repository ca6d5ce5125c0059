"""Fragments that a document defines: validation compares the pairs of those that meet.

A page has one for each of its parts.
"""

from typing import Final

from schema.limits.rule import Rule
from schema.limits.shape import Shape

FRAGMENTS: Final[Rule[Shape]] = Rule(
    "max_fragments",
    lambda shape: shape.fragments,
    "a document can define at most {most} fragments, found {found}",
)
