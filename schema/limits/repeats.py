"""Repeats of a field: how often it may stand beside itself, fragments put in their places.

They come to one field of the answer, and are compared with each other before: twice as many take four
times as long. Fragments of the parts of a page each ask for `id`, so some are usual.
"""

from typing import Final

from schema.limits.rule import Rule
from schema.limits.shape import Shape

REPEATS: Final[Rule[Shape]] = Rule(
    "max_repeats",
    lambda shape: shape.repeats,
    "the same field can stand at most {most} times beside itself, found {found}",
)
