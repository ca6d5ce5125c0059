"""Buckets of points, kept in Redis for all processes: full at first, emptied by what is asked for,
and full again after a while.

Takes are exact however many come at once: each is one atomic script. What is taken in the same moment,
or while others are under way, goes in one write, and who takes much of a large bucket has some points
taken ahead. Nobody waits for a server that did not answer: until it does again there are no buckets,
and who asks is told so.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha1
from typing import Any, Final

import structlog

from datasources.redis_slots import Slots, ignore, survey
from datasources.redis_wire import Access, Address, Reply, Wire, connect, describe, pack
from domain.points_ahead import PointsAhead, standing
from domain.rate_limits import Bucket, Taken

_log = structlog.get_logger()

_SCRIPT: Final = b"""
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local span = ARGV[3] * 1000000
local full_at = math.max(now, tonumber(redis.call('GET', KEYS[1]) or 0))
full_at = full_at + math.ceil(ARGV[1] * span / ARGV[2])
local spent = full_at - now
if spent > span then
  return span - spent
end
redis.call('SET', KEYS[1], string.format('%.0f', full_at), 'PX', math.ceil(spent / 1000))
return spent
"""
"""Keeps the microsecond at which the bucket is full again, by the clock of Redis alone. Answers after
how many it is, or less than zero: so many are missing."""
_HASH: Final = sha1(_SCRIPT, usedforsecurity=False).hexdigest().encode()  # as EVALSHA names it
_SECOND: Final = 1_000_000
"In microseconds, which the script answers."
_REPLIES_PER_TICK: Final = 2000
_LOOKS_EVERY: Final = 0.5
"Seconds between looks at a server that did not answer."
_LOGS_EVERY: Final = 60.0


class Buckets:
    """The buckets of a deployment."""

    def __init__(self, redis_url: str, deployment: str, timeout_seconds: float) -> None:
        """Raise ValueError for a URL that cannot be used."""
        self._access = Access.of(redis_url)
        self._prefix = f"{deployment}:bucket:".encode()
        self._timeout = timeout_seconds
        self._slots: Slots | None = None
        self._wires: dict[Address, Wire] = {}
        self._ahead = PointsAhead()
        self._moment: list[_Take] = []
        self._under_way = 0
        "Writes that are not answered: a second one would cost as much as the takes in it."
        self._tasks: set[asyncio.Task[None]] = set()
        self._reaching = asyncio.Lock()
        self._looking: asyncio.Task[None] | None = None
        self._logged = -_LOGS_EVERY

    @property
    def answers(self) -> bool:
        """Whether takes are counted, as far as is known."""
        return self._looking is None

    def take(self, bucket: Bucket, points: int) -> "asyncio.Future[Taken | None]":
        """Take points if there are so many; None where Redis does not answer."""
        answer, now = asyncio.get_running_loop().create_future(), time.monotonic()
        if self._looking is not None:
            answer.set_result(None)
        elif (taken := self._ahead.take(bucket, points, now)) is not None:
            answer.set_result(taken)
        else:
            more = self._ahead.begin(bucket, now)
            key = self._prefix + bucket.name.encode()
            self._join(_Take(bucket, points, more, key, now, answer))
        return answer

    async def close(self) -> None:
        tasks = [*self._tasks, *([self._looking] if self._looking else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.gather(*(wire.close() for wire in self._wires.values()))

    def _join(self, take: "_Take") -> None:
        if not self._moment and not self._under_way:
            asyncio.get_running_loop().call_soon(self._end_moment)
        self._moment.append(take)

    def _end_moment(self) -> None:
        moment, self._moment = self._moment, []
        if moment and not self._send(moment, again=True):
            self._start(self._reach_and_send(moment))

    def answered(self) -> None:
        """A write was answered: what gathered meanwhile goes in the next one."""
        self._under_way -= 1
        if not self._under_way:
            self._end_moment()

    def _send(self, moment: Sequence["_Take"], *, again: bool) -> bool:
        """Send takes to their servers; False if one of them is not connected, and nothing was sent."""
        if self._slots is None:
            return False
        by_wire: defaultdict[Wire, list[_Take]] = defaultdict(list)
        for take in moment:
            master = self._slots.master(take.key)
            wire = self._wires.get(master) if master else None
            if wire is None or not wire.open:
                return False
            by_wire[wire].append(take)
        self._under_way += len(by_wire)
        for wire, takes in by_wire.items():
            _Write(self, wire, takes, self._timeout, again=again)
        return True

    async def _reach_and_send(self, moment: Sequence["_Take"]) -> None:
        try:
            await self._reach()
        except OSError as error:
            self.fail(moment, error)
        else:
            if not self._send(moment, again=False):
                self.fail(moment, ConnectionError("a slot has no server"))

    async def _reach(self) -> None:
        """Connect to all servers and bring them the script; raises OSError."""
        async with asyncio.timeout(self._timeout), self._reaching:
            self._slots = await survey(self._access, self._wires, self._timeout)
            for master in self._slots.masters:
                wire = self._wires.get(master)
                if wire is None or not wire.open:
                    wire = await self._connected(master)
                await wire.ask(b"SCRIPT", b"LOAD", _SCRIPT)

    async def _connected(self, address: Address) -> Wire:
        wire = self._wires[address] = await connect(
            replace(self._access, address=address),
            self._timeout,
            heard=ignore,
            lost=ignore,
            per_tick=_REPLIES_PER_TICK,
        )
        return wire

    def settle(self, take: "_Take", spent: float) -> None:
        """Answer a take with the seconds after which its bucket is full; less than zero if so many more
        would have to pass.
        """
        bucket, ahead = take.bucket, self._ahead
        if spent >= 0:
            held = ahead.end(bucket, take.more, take.begun + spent)
            take.settle(standing(bucket, spent, held))
        elif take.more:
            ahead.forget(bucket)
            take.more = 0
            self._join(take)
        else:  # the points of another take that came meanwhile may do
            taken = ahead.take(bucket, take.points, time.monotonic())
            take.settle(taken or Taken(0, -spent, bucket.seconds))

    def again(self, takes: Sequence["_Take"]) -> None:
        """Take once more: another server has these buckets by now, or one has forgotten the script."""
        self._slots = None
        self._start(self._reach_and_send(takes))

    def fail(self, takes: Sequence["_Take"], error: OSError) -> None:
        """Answer that there are no buckets, and look from time to time whether there are."""
        if time.monotonic() >= self._logged + _LOGS_EVERY:
            self._logged = time.monotonic()
            _log.warning(
                "redis does not count what is asked for: who is logged in passes, others do not",
                error=describe(error),
            )
        self._ahead.forget_all()
        if self._looking is None:
            self._looking = asyncio.get_running_loop().create_task(self._look())
        for take in takes:
            take.settle(None)

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(_LOOKS_EVERY)
            try:
                await self._reach()
            except OSError:
                continue
            self._looking = None
            return

    def _start(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


class _Take:
    """Somebody who waits for points."""

    __slots__ = ("answer", "begun", "bucket", "key", "more", "points")

    def __init__(
        self,
        bucket: Bucket,
        points: int,
        more: int,
        key: bytes,
        begun: float,
        answer: "asyncio.Future[Taken | None]",
    ) -> None:
        self.bucket = bucket
        self.points = points
        self.more = more
        self.key = key
        self.answer = answer
        self.begun = begun

    def command(self) -> bytes:
        bucket, points = self.bucket, self.points + self.more
        return pack((b"EVALSHA", _HASH, 1, self.key, points, bucket.most, bucket.seconds))

    def settle(self, taken: Taken | None) -> None:
        if not self.answer.done():  # else who asked has given up
            self.answer.set_result(taken)


class _Write:
    """Takes that were sent to a server together."""

    __slots__ = ("_again", "_answer", "_buckets", "_takes", "_timer", "_wire")

    def __init__(
        self, buckets: Buckets, wire: Wire, takes: Sequence[_Take], timeout: float, *, again: bool
    ) -> None:
        self._buckets = buckets
        self._wire = wire
        self._takes = takes
        self._again = again
        self._timer = asyncio.get_running_loop().call_later(timeout, self._late)
        self._answer = wire.request(b"".join([take.command() for take in takes]), len(takes))
        self._answer.add_done_callback(self._answered)

    def _late(self) -> None:
        self._wire.fail(TimeoutError("Redis does not answer"))

    def _answered(self, answer: "asyncio.Future[list[Reply]]") -> None:
        self._timer.cancel()
        self._buckets.answered()
        error = answer.exception()
        if error is not None:
            self._buckets.fail(self._takes, _as_os_error(error))
            return
        refused: list[_Take] = []
        for take, reply in zip(self._takes, answer.result(), strict=True):
            if isinstance(reply, int):
                self._buckets.settle(take, reply / _SECOND)
            else:
                refused.append(take)
                error = ConnectionError(str(reply))
        if refused and self._again:
            self._buckets.again(refused)
        elif refused:
            self._buckets.fail(refused, _as_os_error(error))


def _as_os_error(error: object) -> OSError:
    return error if isinstance(error, OSError) else ConnectionError(str(error))
