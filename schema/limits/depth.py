"""Depth of an operation: how many fields stand below each other, fragments put in their places.

A series leads to the one that it is compared with, that to the next, and types tell of their fields'
types: the schema sets no bound, and every list on the way multiplies what an answer comes to.
"""

from typing import Final

from schema.limits.rule import Rule
from schema.limits.shape import Shape

DEPTH: Final[Rule[Shape]] = Rule(
    "max_depth",
    lambda shape: shape.depth,
    "fields of an operation must be at most {most} deep",
)
