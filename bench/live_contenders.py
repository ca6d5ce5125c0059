"""Who is measured with live readings: how each is started, joined, and told of a reading."""

import struct
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import orjson

from bench.api_process import SERVE, environment_of
from bench.contenders import OURS, Contender
from bench.live_homes import Home, event_of
from bench.node import PEERS, node
from bench.processes import python
from datasources.announcements import channel_of, encode
from domain.settings import Settings
from domain.stored import Announcement

Message = tuple[bytes, bytes]
"Channel, and what is published on it."
Event = Mapping[str, Any]
"Data of an event."
Step = tuple[str, str]
"Text that a socket sends, and what its answer must hold."

QUERY: Final = """\
subscription Live($facilityIds: [ID!]!) {
  readings(facilityIds: $facilityIds) { reading { facilityId startAt kwh } cursor }
}"""
NEXT: Final = '"type":"next"'
READING: Final = '"startAt"'
"Only the event of a reading holds it."

MERCURIUS: Final = "mercurius"
GRAPHQL_WS: Final = "graphql_ws"
UNCHECKED: Final = "graphql_ws_unchecked"
STRAWBERRY: Final = "strawberry"
BROADCAST: Final = "websockets_broadcast"


@dataclass(frozen=True, slots=True)
class LiveContender:
    """A server, and how to speak to it."""

    contender: Contender
    steps: Callable[[int, Home], Sequence[Step]]
    "What the socket of a place does to hear of a home."
    messages: Callable[[Sequence[Announcement]], Iterable[Message]]
    readiness: str | None = None
    "Path that answers with success once the server is ready; None: it accepts connections then."
    tells_lag: bool = False

    @property
    def name(self) -> str:
        return self.contender.name


def ours(settings: Settings, deployment: str, *, tells_lag: bool = False) -> LiveContender:
    """The whole application, where all clients have one address."""
    settings = replace(
        settings,
        log_level="warning",
        max_sockets_per_member=0,
        max_sockets_per_address=0,
        drain_seconds=1,
    )
    command = python("-m", "bench.live_api") if tells_lag else SERVE

    def messages(announcements: Sequence[Announcement]) -> Iterable[Message]:
        for one in announcements:
            yield channel_of(deployment, one.facility), encode(one)

    return LiveContender(
        Contender(OURS, command, environment_of(settings)),
        lambda place, home: _steps(place, home, greeting=NEXT),
        messages,
        readiness="/readyz",
        tells_lag=tells_lag,
    )


def peer(name: str, settings: Settings) -> LiveContender:
    environment = {
        "NODE_ENV": "production",
        "PEER_REDIS_URL": settings.redis_url,
        "PEER_CHANNELS": name,
        "PEER_MONGODB_URL": "" if name == UNCHECKED else settings.mongodb_url,
    }
    form = {MERCURIUS: _packed_message, BROADCAST: _frame_message}.get(name, _json_message)

    def messages(announcements: Sequence[Announcement]) -> Iterable[Message]:
        for one in announcements:
            event = event_of(one)
            channel = f"{name}:{event['readings']['reading']['facilityId']}"
            yield (channel if name != BROADCAST else name).encode(), form(channel, event)

    return LiveContender(
        Contender(name, _command(name), environment),
        _no_steps if name == BROADCAST else _steps,
        messages,
    )


def _command(name: str) -> Sequence[str]:
    if name == STRAWBERRY:
        app = "bench.peers.strawberry_live_app:app"
        return python("-m", "uvicorn", app, "--no-access-log", "--log-level", "warning")
    if name == BROADCAST:
        return python("-m", "bench.peers.broadcast_app")
    script = {MERCURIUS: "mercurius_live.js"}.get(name, "graphql_ws.js")
    return [*node(), str(PEERS / script)]


def _steps(place: int, home: Home, greeting: str = "") -> Sequence[Step]:
    """Begin a connection, and subscribe to a home."""
    hello = {"type": "connection_init", "payload": {"authorization": f"Bearer {home.token}"}}
    subscribe = {
        "id": operation_id(place),
        "type": "subscribe",
        "payload": {"query": QUERY, "variables": {"facilityIds": [home.facility_id]}},
    }
    return [(_text(hello), "connection_ack"), (_text(subscribe), greeting)]


def _no_steps(_place: int, _home: Home) -> Sequence[Step]:
    """Being connected is enough."""
    return []


def operation_id(place: int) -> str:
    """As long as those of clients, which draw them."""
    return f"{place:08x}-1234-4abc-8def-0123456789ab"


def _json_message(_channel: str, event: Event) -> bytes:
    return orjson.dumps(event)


def _packed_message(channel: str, event: Event) -> bytes:
    """As mqemitter-redis publishes it: MessagePack, with an id that comes only once."""
    message = {"topic": channel, "payload": event}
    return message_pack({"id": uuid.uuid4().hex, "msg": message})


def _frame_message(_channel: str, event: Event) -> bytes:
    """The text that all sockets get."""
    return orjson.dumps({"type": "next", "payload": {"data": event}, "id": operation_id(0)})


def message_pack(value: Any) -> bytes:
    """MessagePack of texts, floats and maps of up to 15 entries."""
    if isinstance(value, dict):
        pairs = [message_pack(key) + message_pack(entry) for key, entry in value.items()]
        return bytes([0x80 | len(pairs)]) + b"".join(pairs)
    if isinstance(value, float):
        return struct.pack(">Bd", 0xCB, value)
    text = str(value).encode()
    return bytes([0xD9, len(text)]) + text


def _text(message: Mapping[str, Any]) -> str:
    return orjson.dumps(message).decode()
