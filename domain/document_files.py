"""Files of documents to be registered: a document, or a manifest as code generators write it."""

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any


def documents_of(name: str, text: str) -> Mapping[str, str]:
    """Documents by their ids; raises ValueError for what is no such file.

    A file of GraphQL is one document, whose id is `sha256:` and the hash of its text. A file `*.json`
    is a manifest: an object of texts by ids (GraphQL Code Generator, Relay), or `operations` with `id`
    and `body` (Apollo). An id that is a bare hash also gets the name `sha256:…`.
    """
    if not name.endswith(".json"):
        return {f"sha256:{hash_of(text)}": text}
    found = _manifest(json.loads(text))
    return {key: body for one, body in found.items() for key in _names(one, body)}


def hash_of(text: str) -> str:
    """Name of a document among persisted queries."""
    return sha256(text.encode()).hexdigest()


def _manifest(given: Any) -> dict[str, str]:
    match given:
        case {"format": "apollo-persisted-query-manifest", "operations": list(operations)}:
            return dict(_apollo(one) for one in operations)
        case dict() if given and all(isinstance(body, str) for body in given.values()):
            return given
    raise ValueError("a manifest must be an object of documents by ids, or Apollo's")


def _apollo(operation: Any) -> tuple[str, str]:
    match operation:
        case {"id": str(key), "body": str(body)}:
            return key, body
    raise ValueError("each operation of the manifest must have id and body")


def _names(key: str, body: str) -> tuple[str, ...]:
    return (key, f"sha256:{key}") if key == hash_of(body) else (key,)
