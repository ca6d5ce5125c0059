"""Announcements of stored readings: their form on the wire, and publishing them through Redis.

Pub/sub is at most once and only wakes listeners up; what they missed they read from the database.
"""

import asyncio
import struct
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

import structlog

from datasources.redis_pipelines import Pipelines
from datasources.redis_slots import Slots, ignore, survey
from datasources.redis_wire import Access, Address, Refused, Wire, connect
from domain.readings import Direction
from domain.stored import Announcement, StoredReading, stored_reading

_log = structlog.get_logger()

_HEAD: Final = struct.Struct("<BQQQ")
_ROW: Final = struct.Struct("<?IiIQQ")
_WITH_READINGS: Final = 2
_WITHOUT_READINGS: Final = 3
_WITH_ONE_ROW: Final = _HEAD.size + _ROW.size
_DIRECTIONS: Final = tuple(Direction)
_WEIGHT_OF_PART: Final = 500
_MOST_UNDER_WAY: Final = 4
_REPLIES_PER_TICK: Final = 2000
_ATTEMPTS: Final = 3
"How often slots may move while announcements are sent."


def channel_of(deployment: str, facility: int) -> bytes:
    """Channel on which a facility's readings are announced; deployments may share a Redis."""
    return f"{deployment}:readings:{facility}".encode()


def encode(announcement: Announcement) -> bytes:
    """Announcement as bytes: kind, facility, first and last place, then a row for each reading."""
    facility, first, last, readings = announcement
    if readings is None:
        return _HEAD.pack(_WITHOUT_READINGS, facility, first, last)
    rows = [
        _ROW.pack(one.direction, one.slot, one.wh, one.state, one.order, one.received_ms)
        for one in readings
    ]
    return b"".join([_HEAD.pack(_WITH_READINGS, facility, first, last), *rows])


def decode(message: bytes) -> Announcement:
    """Inverse of `encode`; raises ValueError for what is none."""
    try:
        kind, facility, first, last = _HEAD.unpack_from(message)
        if kind == _WITHOUT_READINGS and len(message) == _HEAD.size:
            return Announcement(facility, first, last, None)
        if kind != _WITH_READINGS:
            raise ValueError(kind)
        if len(message) == _WITH_ONE_ROW:  # as nearly all have: a quarter of the time
            readings = [_reading(facility, *_ROW.unpack_from(message, _HEAD.size))]
        else:
            rows = _ROW.iter_unpack(message[_HEAD.size :])
            readings = [_reading(facility, *row) for row in rows]
    except struct.error as error:
        raise ValueError(len(message)) from error
    return Announcement(facility, first, last, readings)


def _reading(
    facility: int, direction: int, slot: int, wh: int, state: int, order: int, received_ms: int
) -> StoredReading:
    return stored_reading(facility, _DIRECTIONS[direction], slot, wh, state, order, received_ms)


class Announcer:
    """Publishes announcements over one connection per Redis server."""

    def __init__(self, redis_url: str, deployment: str, timeout_seconds: float) -> None:
        """Raise ValueError for a URL that cannot be used."""
        self._access = Access.of(redis_url)
        self._deployment = deployment
        self._timeout = timeout_seconds
        self._slots: Slots | None = None
        self._wires: dict[Address, Wire] = {}
        self._opening = asyncio.Lock()

    async def publish(self, announcements: Sequence[Announcement]) -> bool:
        """Publish, in order per facility; False if Redis does not answer or refuses.

        However many there are, few of them are under way at once, and the loop goes on meanwhile.
        """
        try:
            for _ in range(_ATTEMPTS):
                announcements = await self._publish(announcements)
                if not announcements:
                    return True
                self._slots = None
        except Refused as error:
            _log.warning("redis refuses announcements", error=str(error))
        except OSError:
            self._slots = None
        return False

    async def ping(self) -> bool:
        """Whether all servers answer."""
        try:
            slots = await self._servers()
            for wire in await self._reached(slots.masters):
                if isinstance(wire, OSError):
                    raise wire
                async with asyncio.timeout(self._timeout):
                    await wire.ask(b"PING")
        except OSError:
            self._slots = None
            return False
        return True

    async def close(self) -> None:
        await asyncio.gather(*(wire.close() for wire in self._wires.values()))

    async def _publish(self, announcements: Sequence[Announcement]) -> list[Announcement]:
        """Publish what servers take; gives those that another server takes by now. Raises OSError."""
        slots = await self._servers()
        verb = b"SPUBLISH" if slots.sharded else b"PUBLISH"
        wires = dict(zip(slots.masters, await self._reached(slots.masters), strict=True))
        pipelines = Pipelines[Announcement](self._timeout)
        try:
            for part in _parts(announcements):
                for master, messages in self._by_master(slots, part).items():
                    wire = wires[master] if master else ConnectionError("a channel has no server")
                    commands = ((verb, name, encode(item)) for name, item in messages)
                    pipelines.send(wire, [item for _, item in messages], commands)
                await pipelines.settle(_MOST_UNDER_WAY)
                await asyncio.sleep(0)
            await pipelines.settle(0)
        finally:
            pipelines.give_up()
        if pipelines.failure:
            raise pipelines.failure
        return pipelines.moved

    def _by_master(
        self, slots: Slots, announcements: Iterable[Announcement]
    ) -> Mapping[Address | None, list[tuple[bytes, Announcement]]]:
        """Announcements with their channels by the server that takes them."""
        messages: defaultdict[Address | None, list[tuple[bytes, Announcement]]] = defaultdict(list)
        for announcement in announcements:
            channel = channel_of(self._deployment, announcement.facility)
            messages[slots.master(channel)].append((channel, announcement))
        return messages

    async def _servers(self) -> Slots:
        if self._slots is None:
            async with asyncio.timeout(self._timeout), self._opening:
                if self._slots is None:
                    self._slots = await survey(self._access, self._wires, self._timeout)
        return self._slots

    async def _reached(self, masters: Iterable[Address]) -> list[Wire | OSError]:
        return [await self._wire(master) for master in masters]

    async def _wire(self, address: Address) -> Wire | OSError:
        """Connection to a server, or why there is none."""
        wire = self._wires.get(address)
        if wire and wire.open:
            return wire
        try:
            async with asyncio.timeout(self._timeout), self._opening:
                wire = self._wires.get(address)
                if wire is None or not wire.open:
                    wire = self._wires[address] = await connect(
                        replace(self._access, address=address),
                        self._timeout,
                        heard=ignore,
                        lost=ignore,
                        per_tick=_REPLIES_PER_TICK,
                    )
        except OSError as error:
            return error
        return wire


def _parts(announcements: Sequence[Announcement]) -> Iterator[Sequence[Announcement]]:
    """Announcements in order, in parts that are written down in about a millisecond."""
    first = weight = 0
    for place, announcement in enumerate(announcements):
        weight += 1 + len(announcement.readings or ())
        if weight >= _WEIGHT_OF_PART:
            yield announcements[first : place + 1]
            first, weight = place + 1, 0
    if first < len(announcements):
        yield announcements[first:]
