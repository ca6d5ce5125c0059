"""How much may be asked for in a minute: who counts, and what they have left."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class Asker(StrEnum):
    """Whose bucket an operation takes from: always one."""

    MEMBER = "MEMBER"
    APP = "APP"
    STAFF = "STAFF"
    ADDRESS = "ADDRESS"


@dataclass(slots=True)
class Standing:
    """What an asker has left once an operation has taken what it costs. Never changed."""

    asker: Asker
    per_minute: int
    remaining: int
    full_seconds: float
    "After which the bucket is full again."


class Bucket(NamedTuple):
    """So many points, which come back one by one within some seconds."""

    name: str
    most: int
    seconds: int = 60


class Taken(NamedTuple):
    """What became of a take."""

    remaining: int
    "Points that are left."
    missing_seconds: float
    "After which the same points could be had; 0 if they were taken."
    full_seconds: float
    "After which the bucket is full again."
