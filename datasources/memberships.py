"""Which documents of members are of somebody who has not left."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from domain.members import MemberState

STILL_MEMBER: Final[Mapping[str, Any]] = MappingProxyType(
    {"state": {"$ne": MemberState.WITHDRAWN.value}}
)
"Part of a choice of documents."
