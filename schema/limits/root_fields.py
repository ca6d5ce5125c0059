"""Root fields of an operation: each looks something up, or does something, for itself.

Those of a query start together, so that many would be many commands to the database at once.
"""

from typing import Final

from schema.limits.rule import Rule
from schema.limits.shape import Shape

ROOT_FIELDS: Final[Rule[Shape]] = Rule(
    "max_root_fields",
    lambda shape: shape.root_fields,
    "an operation can have at most {most} root fields, found {found}",
)
