"""Which server takes a channel: the only one, or the master of a slot in a Redis Cluster."""

import asyncio
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from redis.crc import REDIS_CLUSTER_HASH_SLOTS, key_slot

from datasources.redis_wire import Access, Address, Refused, Reply, connect, describe

_MOVED: Final = ("MOVED", "ASK", "TRYAGAIN", "CLUSTERDOWN")
_NO_CLUSTER: Final = ("ERR", "NOPERM")
"What a server says to CLUSTER SLOTS that is not in a cluster, or does not know the word."
_NO_HOST: Final = (None, b"", b"?")


@dataclass(frozen=True, slots=True)
class Slots:
    """Servers by slot; `sharded` is False, and all slots are the same server's, outside a cluster."""

    sharded: bool
    masters: frozenset[Address]
    _by_slot: Sequence[Address | None]

    @classmethod
    def of_one(cls, address: Address) -> "Slots":
        return cls(sharded=False, masters=frozenset((address,)), _by_slot=(address,))

    @classmethod
    def of_ranges(cls, ranges: Iterable[Any], asked: Address) -> "Slots":
        """Slots of a reply to CLUSTER SLOTS; a server without a host is where we `asked`.

        Raises ConnectionError for any other reply.
        """
        by_slot: list[Address | None] = [None] * REDIS_CLUSTER_HASH_SLOTS
        try:
            for first, last, (host, port, *_), *_ in ranges:
                address = Address(asked.host if host in _NO_HOST else host.decode(), port)
                by_slot[first : last + 1] = [address] * (last + 1 - first)
        except (TypeError, ValueError, AttributeError) as error:
            raise ConnectionError(f"CLUSTER SLOTS has another form: {error}") from None
        if masters := frozenset(address for address in by_slot if address):
            return cls(True, masters, by_slot)
        raise ConnectionError("the cluster has no slots yet")

    def master(self, channel: bytes) -> Address | None:
        """Who takes a channel now; None while nobody does."""
        return self._by_slot[key_slot(channel) if self.sharded else 0]


def is_moved(error: str) -> bool:
    """Whether an error says that another server takes the channel, or that none does by now."""
    return error.startswith(_MOVED)


async def survey(access: Access, known: Iterable[Address], seconds: float) -> Slots:
    """Ask any server that answers who takes what; raises OSError when none does.

    The `known` ones are asked in any order, so that one that is cut off does not mislead for ever,
    and then that of the URL.
    """
    servers = [address for address in known if address != access.address]
    random.shuffle(servers)
    problems = []
    for address in (*servers, access.address):
        try:
            return await _ask(replace(access, address=address), seconds)
        except OSError as error:
            problems.append(f"{address}: {describe(error)}")
    raise ConnectionError("; ".join(problems))


async def _ask(access: Access, seconds: float) -> Slots:
    async with asyncio.timeout(seconds):
        wire = await connect(access, seconds, heard=ignore, lost=ignore, per_tick=1)
        try:
            ranges: Any = await wire.ask(b"CLUSTER", b"SLOTS")
        except Refused as refused:
            if str(refused).startswith(_NO_CLUSTER):
                return Slots.of_one(access.address)
            raise
        finally:
            await wire.close()
    return Slots.of_ranges(ranges, access.address)


def ignore(_: Reply | Exception) -> None:
    """What a connection says of itself and nobody needs to know."""
