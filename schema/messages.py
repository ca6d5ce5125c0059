"""Messages of graphql-transport-ws: what a client may say, and how answers are written."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
from graphql import GraphQLError

from domain.errors import BadInput
from resolvers.trusted_documents import DocumentReference, reference_of
from schema.execution.rows import Text
from schema.frames import Close, header, text_frame
from schema.repeated_names import repeats_a_name

PROTOCOL: Final = "graphql-transport-ws"
PONG: Final = text_frame(b'{"type":"pong"}')
NEXT: Final = b'{"type":"next","payload":'
_LONGEST_ID: Final = 256
"Every frame of an operation ends with its id."
_PAYLOAD: Final = (
    "the payload of subscribe must have a query, and may have variables and operationName"
)


class Violation(Exception):
    """What a client said is against the protocol: its connection is closed."""

    def __init__(self, code: Close, reason: str) -> None:
        super().__init__(reason)
        self.code = code


@dataclass(frozen=True, slots=True)
class Subscribe:
    """A client's wish to run an operation."""

    id: str
    query: str
    "Empty if the document is only named."
    variables: dict[str, Any]
    operation_name: str | None
    size: int
    "Characters of the message."
    reference: DocumentReference | None = None
    "What names the document."


def parsed(text: str) -> dict[str, Any]:
    """A message; raises Violation unless it is a JSON object with a type."""
    try:
        message = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise Violation(Close.BAD_REQUEST, "a message must be JSON") from None
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        raise Violation(Close.BAD_REQUEST, "a message must be an object with a type")
    try:
        repeats = repeats_a_name(text.encode(), message)
    except ValueError as error:
        raise Violation(Close.BAD_REQUEST, f"a message must not be {error}") from None
    if repeats:
        raise Violation(Close.BAD_REQUEST, "a message must not give a name twice")
    return message


def init_payload(message: dict[str, Any]) -> dict[str, Any]:
    payload = message.get("payload")
    if not isinstance(payload, dict | None):
        raise Violation(Close.BAD_REQUEST, "the payload of connection_init must be an object")
    return payload or {}


def operation_id(message: dict[str, Any]) -> str:
    given = message.get("id")
    if not isinstance(given, str) or not 0 < len(given) <= _LONGEST_ID:
        raise Violation(Close.BAD_REQUEST, f"an id must be 1 to {_LONGEST_ID} characters")
    return given


def subscribe_of(message: dict[str, Any], size: int) -> Subscribe:
    """What a message of type `subscribe` asks for; raises Violation."""
    payload = message.get("payload")
    if not isinstance(payload, dict):
        raise Violation(Close.BAD_REQUEST, _PAYLOAD)
    query, name = payload.get("query"), payload.get("operationName")
    variables, extensions = payload.get("variables"), payload.get("extensions")
    if not (
        isinstance(query, str | None)
        and isinstance(variables, dict | None)
        and isinstance(name, str | None)
        and isinstance(extensions, dict | None)
    ):
        raise Violation(Close.BAD_REQUEST, _PAYLOAD)
    reference = _reference(payload)
    if query is None and reference is None:
        raise Violation(Close.BAD_REQUEST, _PAYLOAD)
    return Subscribe(operation_id(message), query or "", variables or {}, name, size, reference)


def _reference(payload: dict[str, Any]) -> DocumentReference | None:
    try:
        return reference_of(payload)
    except BadInput as error:
        raise Violation(Close.BAD_REQUEST, str(error)) from None


def acknowledgement(payload: dict[str, Any]) -> bytes:
    return text_frame(orjson.dumps({"type": "connection_ack", "payload": payload}))


def tail(operation: str) -> bytes:
    """How every `next` message of an operation ends."""
    return b',"id":' + orjson.dumps(operation) + b"}"


def next_frame(parts: Sequence[Text], operation: str) -> list[Text]:
    """A frame, in parts, of a payload in parts."""
    end = tail(operation)
    size = len(NEXT) + sum(map(len, parts)) + len(end)
    return [header(size) + NEXT, *parts, end]


def error_frame(operation: str, errors: Sequence[GraphQLError]) -> bytes:
    """The only word about an operation that did not begin."""
    payload = [error.formatted for error in errors]
    return text_frame(orjson.dumps({"type": "error", "payload": payload, "id": operation}))


def failure_frame(operation: str, errors: Sequence[GraphQLError]) -> bytes:
    """The last event of a subscription that cannot go on."""
    payload = {"data": None, "errors": [error.formatted for error in errors]}
    return text_frame(NEXT + orjson.dumps(payload) + tail(operation))


def complete_frame(operation: str) -> bytes:
    return text_frame(b'{"type":"complete"' + tail(operation))
