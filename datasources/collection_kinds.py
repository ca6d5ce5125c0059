"""What a collection is made of: a validator and indexes.

A validator states what every document must have; finer rules are checked where documents are made.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pymongo import ASCENDING, IndexModel

from datasources.mongo import Document


@dataclass(frozen=True, slots=True)
class Collection:
    """A collection: BSON types of its required fields, and its indexes."""

    name: str
    required: dict[str, str | list[str]]
    indexes: Sequence[IndexModel] = ()

    @property
    def validator(self) -> Document:
        return {
            "$jsonSchema": {
                "bsonType": "object",
                "required": sorted(self.required),
                "properties": {key: {"bsonType": kind} for key, kind in self.required.items()},
            }
        }


def index(name: str, *keys: str | tuple[str, int], **options: Any) -> IndexModel:
    pairs = [(key, ASCENDING) if isinstance(key, str) else key for key in keys]
    return IndexModel(pairs, name=name, **options)
