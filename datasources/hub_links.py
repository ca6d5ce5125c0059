"""A connection over which the hub subscribes channels, and what comes over it.

Which channel goes over which connection, and making them again, is in `datasources.hub`.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final

import hiredis

from datasources.hub_channels import Channel, ChannelState
from datasources.redis_slots import is_moved
from datasources.redis_wire import Access, Refused, Reply, Wire, connect, pack, pack_all

_MESSAGES_PER_TICK: Final = 128
"Handled in one tick of the loop: with what listeners do about them it stays well under 10 ms."
_COMMANDS_PER_TICK: Final = 512
_MOST_UNANSWERED: Final = 4096
"Redis cuts off who does not read its answers; so many are far below its limit of 8 MB."
_PING_SECONDS: Final = 3.0
_SILENT_PINGS: Final = 3
"A connection that says nothing while so many PINGs were sent is dead: after 9 to 12 seconds."
_MESSAGES: Final = frozenset((b"message", b"smessage"))
_SUBSCRIBED: Final = frozenset((b"subscribe", b"ssubscribe"))
_UNSUBSCRIBED: Final = frozenset((b"unsubscribe", b"sunsubscribe"))


class Link:
    """A connection that carries channels.

    (UN)SUBSCRIBEs of a tick go out together. Redis answers in order, so what a reply is about is
    known without looking it up, also when a channel was left and joined meanwhile.
    """

    def __init__(
        self,
        *,
        sharded: bool,
        message: Callable[[bytes, bytes], None],
        unplaced: Callable[["Link", bytes], None],
        left: Callable[[Channel], None],
        lost: Callable[["Link", OSError], None],
    ) -> None:
        """Say `message(name, data)` of what was published, `unplaced(link, name)` of a channel that
        this server no longer takes, `left(channel)` of one without listeners that is not subscribed any
        more, and `lost(link, reason)` at the end of the connection.
        """
        self._verbs = (
            (b"SSUBSCRIBE", b"SUNSUBSCRIBE") if sharded else (b"SUBSCRIBE", b"UNSUBSCRIBE")
        )
        self._message = message
        self._unplaced = unplaced
        self._left = left
        self._lost = lost
        self._changed: deque[Channel] = deque()
        self._unanswered: deque[tuple[bytes, Channel | None]] = deque()
        self._scheduled = False
        self._silent_pings = 0
        self._wire: Wire
        self._watching: asyncio.TimerHandle | None = None

    async def connect(self, access: Access, seconds: float) -> None:
        """Raises OSError."""
        self._wire = await connect(
            access, seconds, heard=self._heard, lost=self._ended, per_tick=_MESSAGES_PER_TICK
        )
        self._loop = asyncio.get_running_loop()
        self._watching = self._loop.call_later(_PING_SECONDS, self._watch)

    @property
    def open(self) -> bool:
        return self._wire.open

    def close(self) -> None:
        self._wire.fail(ConnectionAbortedError("closed"))

    def changed(self, channel: Channel) -> None:
        """Subscribe or unsubscribe it soon, whichever its listeners now ask for."""
        self._changed.append(channel)
        self._schedule()

    def _schedule(self) -> None:
        if not self._scheduled and self._changed and len(self._unanswered) < _MOST_UNANSWERED:
            self._scheduled = True
            self._loop.call_soon(self._send)

    def _send(self) -> None:
        self._scheduled = False
        commands = []
        for _ in range(min(_COMMANDS_PER_TICK, len(self._changed))):
            channel = self._changed.popleft()
            if channel.link is not self:  # meanwhile it has gone to another server
                continue
            if channel.listeners and channel.state is ChannelState.IDLE:
                channel.state = ChannelState.ASKED
                commands.append((self._verbs[0], channel.name))
                self._unanswered.append((channel.name, channel))
            elif not channel.listeners and channel.state is not ChannelState.GONE:
                if channel.state is not ChannelState.IDLE:
                    commands.append((self._verbs[1], channel.name))
                    self._unanswered.append((channel.name, None))
                channel.state = ChannelState.GONE
                self._left(channel)
        self._wire.send(pack_all(commands))
        self._schedule()

    def _heard(self, reply: Reply) -> None:
        if isinstance(reply, list):
            kind = reply[0]
            if kind in _MESSAGES:
                self._message(reply[1], reply[2])
            elif kind in _SUBSCRIBED:
                self._answered()
            elif kind in _UNSUBSCRIBED:
                self._unsubscribed(reply[1])
        elif isinstance(reply, hiredis.ReplyError):
            self._refused(str(reply))

    def _unsubscribed(self, name: bytes) -> None:
        if self._unanswered and self._unanswered[0] == (name, None):
            self._answered()
        else:  # nobody asked for it: the slot has gone to another server
            self._unplaced(self, name)

    def _answered(self) -> None:
        _, channel = self._unanswered.popleft()
        if channel and self._waits_for(channel):
            channel.confirm()
        self._schedule()

    def _refused(self, error: str) -> None:
        if not is_moved(error) or not self._unanswered:
            self._wire.fail(Refused(error))
            return
        name, channel = self._unanswered.popleft()
        if channel and self._waits_for(channel):
            self._unplaced(self, name)
        self._schedule()

    def _waits_for(self, channel: Channel) -> bool:
        return channel.state is ChannelState.ASKED and channel.link is self

    def _watch(self) -> None:
        """Make a silent connection speak, and end one that stays silent."""
        self._silent_pings = self._silent_pings + 1 if self._wire.silent else 0
        if self._silent_pings >= _SILENT_PINGS:
            self._wire.fail(TimeoutError("Redis says nothing"))
        elif self._wire.open:
            self._wire.silent = True
            self._wire.send(pack((b"PING",)))
            self._watching = self._loop.call_later(_PING_SECONDS, self._watch)

    def _ended(self, reason: OSError) -> None:
        if self._watching:
            self._watching.cancel()
        self._lost(self, reason)
