"""The hub: hears of readings for all listeners of a process, over one connection per Redis server.

A listener never misses anything without knowing: whenever messages may have been lost (a new
connection, one that cannot be read) it is told so, and it reads the database instead.
"""

import asyncio
import random
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Final

import structlog

from datasources.announcements import channel_of, decode
from datasources.hub_channels import Channel, ChannelState, Confirmation, Listener
from datasources.hub_links import Link
from datasources.redis_slots import Slots, survey
from datasources.redis_wire import Access, Address, describe

__all__ = ["Listener", "ReadingHub"]

_log = structlog.get_logger()

_FIRST_RETRY_SECONDS: Final = 0.1
_LAST_RETRY_SECONDS: Final = 2.0
_STEADY_SECONDS: Final = 10.0
"A connection that lasted so long was a good one: the next attempt need not wait."
_SURVEY_SECONDS: Final = 15.0
"How often a cluster is asked who takes what, should its own word of a change be lost."
_WARNING_SECONDS: Final = 10.0
_CHANNELS_PER_TICK: Final = 1000


class ReadingHub:
    """Hears announcements on behalf of listeners while `run` runs."""

    def __init__(self, redis_url: str, deployment: str, timeout_seconds: float) -> None:
        """Raise ValueError for a URL that cannot be used."""
        self._access = Access.of(redis_url)
        self._deployment = deployment
        self._timeout = timeout_seconds
        self._slots = Slots.of_one(self._access.address)
        self._links: dict[Address, Link] = {}
        self._channels: dict[bytes, Channel] = {}
        self._trouble = asyncio.Event()
        self._problem: str | None = "not connected yet"
        self._next_warning = 0.0

    @property
    def connected(self) -> bool:
        """Whether every server that takes channels is connected."""
        return self._problem is None

    @property
    def channels(self) -> int:
        """How many channels are subscribed, or will be once Redis is there."""
        return len(self._channels)

    async def run(self) -> None:
        """Keep the connections; comes back only when cancelled."""
        failures = 0
        try:
            while True:
                steady = await self._connect_and_wait()
                failures = 0 if steady else failures + 1
                await asyncio.sleep(_pause(failures))
        finally:
            for address in tuple(self._links):
                self._drop(address)
            self._problem = "not connected any more"

    async def join(self, facilities: Iterable[int], listener: Listener) -> None:
        """Tell a listener of everything that is announced about facilities from now on.

        Comes back when Redis has confirmed it. When Redis is away or takes more than two seconds
        it comes back all the same, and `missed` is called once the channels are heard. Cancelled, it
        has joined nothing. A listener that joins again hears everything once.
        """
        channels = [self._channel(facility) for facility in facilities]
        for channel in channels:
            channel.listeners.add(listener)
        awaited = [channel for channel in channels if channel.state is not ChannelState.CONFIRMED]
        if awaited:
            try:
                await self._confirmed([channel for channel in awaited if channel.link])
            except asyncio.CancelledError:
                self._leave(channels, listener)
                raise
            for channel in awaited:
                channel.uncertain |= channel.state is not ChannelState.CONFIRMED

    def leave(self, facilities: Iterable[int], listener: Listener) -> None:
        """Tell a listener no more; a channel that nobody listens to is given up."""
        names = [channel_of(self._deployment, facility) for facility in facilities]
        found = [self._channels[name] for name in names if name in self._channels]
        self._leave(found, listener)

    def _channel(self, facility: int) -> Channel:
        name = channel_of(self._deployment, facility)
        channel = self._channels.get(name)
        if channel is None:
            channel = self._channels[name] = Channel(name, facility)
            self._place(channel)
        return channel

    async def _confirmed(self, channels: Sequence[Channel]) -> None:
        if channels:
            confirmation = Confirmation(len(channels))
            for channel in channels:
                channel.waits.append(confirmation)
            await confirmation.wait()

    def _leave(self, channels: Iterable[Channel], listener: Listener) -> None:
        for channel in channels:
            channel.listeners.discard(listener)
            if not channel.listeners:
                if channel.link:
                    channel.link.changed(channel)
                else:
                    self._forget(channel)

    def _forget(self, channel: Channel) -> None:
        channel.state = ChannelState.GONE
        channel.release()
        if self._channels.get(channel.name) is channel:
            del self._channels[channel.name]

    async def _connect_and_wait(self) -> bool:
        """Connect what is not connected, and wait for trouble; says whether all was well for long."""
        self._trouble.clear()
        try:
            await self._connect()
        except OSError as error:
            self._report(describe(error))
            return False
        if self._trouble.is_set():
            return False
        if self._problem is not None:
            self._problem = None
            _log.info("redis is connected", servers=len(self._links))
        loop = asyncio.get_running_loop()
        began = loop.time()
        with suppress(TimeoutError):
            async with asyncio.timeout(_SURVEY_SECONDS if self._slots.sharded else None):
                await self._trouble.wait()
        return loop.time() - began >= _STEADY_SECONDS

    async def _connect(self) -> None:
        """Find out who takes what, connect to those, and put every channel where it belongs."""
        slots = await survey(self._access, self._slots.masters, self._timeout)
        kept = slots.masters if slots.sharded == self._slots.sharded else frozenset()
        for address in self._links.keys() - kept:
            self._drop(address)
        self._slots = slots
        new = slots.masters - self._links.keys()
        failures = await asyncio.gather(*map(self._open, new), return_exceptions=True)
        await self._place_all()
        for failure in failures:
            if failure is not None:
                raise failure
        if strays := sum(channel.link is None for channel in self._channels.values()):
            raise ConnectionError(f"{strays} channels have no server")

    async def _open(self, address: Address) -> None:
        link = Link(
            sharded=self._slots.sharded,
            message=self._message,
            unplaced=self._unplaced,
            left=self._forget,
            lost=partial(self._link_lost, address),
        )
        try:
            await link.connect(replace(self._access, address=address), self._timeout)
        except OSError as error:
            raise ConnectionError(f"{address}: {describe(error)}") from error
        if not link.open:  # meanwhile it has ended again
            raise ConnectionError(f"{address} closed the connection")
        self._links[address] = link

    async def _place_all(self) -> None:
        for count, channel in enumerate(tuple(self._channels.values())):
            if count % _CHANNELS_PER_TICK == 0:
                await asyncio.sleep(0)
            self._place(channel)

    def _place(self, channel: Channel) -> None:
        """Let the connection of the server that takes a channel subscribe it, if there is one."""
        master = self._slots.master(channel.name)
        link = self._links.get(master) if master else None
        if channel.link is not link:
            if channel.link:
                channel.interrupt()
            channel.link = link
            if link:
                link.changed(channel)

    def _unplaced(self, link: Link, name: bytes) -> None:
        channel = self._channels.get(name)
        if channel and channel.link is link:
            self._interrupt(channel)
            self._trouble.set()

    def _link_lost(self, address: Address, link: Link, reason: OSError) -> None:
        if self._links.get(address) is link:
            self._report(f"{address}: {describe(reason)}")
            self._drop(address)
            self._trouble.set()

    def _drop(self, address: Address) -> None:
        link = self._links.pop(address)
        link.close()
        for channel in tuple(self._channels.values()):
            if channel.link is link:
                self._interrupt(channel)

    def _interrupt(self, channel: Channel) -> None:
        channel.interrupt()
        if not channel.listeners:
            self._forget(channel)

    def _report(self, problem: str) -> None:
        if problem != self._problem:
            self._problem = problem
            _log.warning("waiting for Redis", error=problem)

    def _message(self, name: bytes, data: bytes) -> None:
        channel = self._channels.get(name)
        if channel is None:
            return
        try:
            announcement = decode(data)
            if announcement.facility != channel.facility:
                raise ValueError(announcement.facility)
        except ValueError:  # of another version, say: as good as lost
            self._unreadable(name, data)
            channel.missed()
        else:
            channel.announced(announcement)

    def _unreadable(self, name: bytes, data: bytes) -> None:
        now = asyncio.get_running_loop().time()
        if now >= self._next_warning:
            self._next_warning = now + _WARNING_SECONDS
            _log.warning("announcement cannot be read", channel=name.decode(), size=len(data))


def _pause(failures: int) -> float:
    """Seconds until the next attempt, longer each time; spread, so that processes don't come as one."""
    longest = min(_FIRST_RETRY_SECONDS * 2 ** min(failures, 10), _LAST_RETRY_SECONDS)
    return random.uniform(longest / 2, longest)  # noqa: S311 - spreads, hides nothing
