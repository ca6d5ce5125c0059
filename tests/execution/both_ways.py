"""A query answered by the fast path and by Strawberry as it comes, as JSON that can be compared."""

import json
from typing import Any

import orjson

from resolvers.context import RequestContext
from schema.http import answered
from schema.media_types import JSON
from schema.root import KenshinSchema

Variables = dict[str, Any]


async def fast_text(
    schema: KenshinSchema, query: str, variables: Variables, context: RequestContext
) -> bytes | None:
    """Text of the answer over HTTP; None for what the fast path does not take."""
    document = schema.known_document(query)
    prepared = None if document is None else document.query(None)
    if prepared is None:
        return None
    result = await schema.answer(prepared, variables, context)
    return b"".join(answered(result, JSON).parts)


async def stock_text(
    schema: KenshinSchema, query: str, variables: Variables, context: RequestContext
) -> bytes:
    result = await schema.execute(query, variable_values=variables, context_value=context)
    answer: dict[str, Any] = {}
    if result.errors:
        answer["errors"] = [error.formatted for error in result.errors]
    if result.data is not None or any(error.path for error in result.errors or ()):
        answer["data"] = result.data
    return orjson.dumps(answer)


def exact(text: bytes) -> str:
    """What a text parses to, with the order of keys, and 0 other than 0.0.

    Errors of fields that wait come in any order.
    """
    answer = [
        (key, sorted(map(repr, value)) if key == "errors" else value)
        for key, value in _parsed(text)
    ]
    return repr(answer)


def data_of(text: bytes) -> str:
    """The same without the errors."""
    return repr([value for key, value in _parsed(text) if key == "data"])


def _parsed(text: bytes) -> list[tuple[str, Any]]:
    _, pairs = json.loads(text, object_pairs_hook=lambda pairs: ("object", pairs))
    return list(pairs)
