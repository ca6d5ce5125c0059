"""A real Redis Cluster of three masters, whose nodes a test may kill and start again.

Slots can be moved from one node to another while it runs.
"""

from pathlib import Path

from redis.crc import REDIS_CLUSTER_HASH_SLOTS, key_slot

from datasources.embedded_binaries import free_port
from tests.command_line import wait_until
from tests.redis_server import RedisServer

_LIMIT_SECONDS = 30
_SLOTS_PER_NODE = -(-REDIS_CLUSTER_HASH_SLOTS // 3)


class Node(RedisServer):
    """A server that keeps its part in the cluster from one start to the next."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.bus_port = free_port()
        super().__init__(
            folder,
            *("--cluster-enabled", "yes"),
            *("--cluster-port", str(self.bus_port)),
            *("--cluster-node-timeout", "1000"),
            *("--cluster-require-full-coverage", "no"),
        )

    @property
    def id(self) -> str:
        name: bytes = self.ask("CLUSTER", "MYID")
        return name.decode()

    def take_part(self, part: int) -> None:
        """Serve one of the thirds of the slots."""
        first = part * _SLOTS_PER_NODE
        last = min(first + _SLOTS_PER_NODE, REDIS_CLUSTER_HASH_SLOTS) - 1
        self.ask("CLUSTER", "ADDSLOTSRANGE", first, last)
        self.ask("CLUSTER", "SET-CONFIG-EPOCH", part + 1)

    def channels(self) -> set[bytes]:
        """Channels that somebody has subscribed here."""
        return set(self.ask("PUBSUB", "SHARDCHANNELS"))

    def is_well(self) -> bool:
        """Whether it sees every slot served by somebody."""
        info = self.ask("CLUSTER INFO")
        return (info["cluster_state"], info["cluster_slots_ok"]) == ("ok", "16384")


class RedisCluster:
    """Three masters on this machine, each with a third of the slots."""

    def __init__(self, folder: Path) -> None:
        self.nodes = [Node(folder / f"node{part}") for part in range(3)]

    def start(self) -> None:
        """Start the nodes and make them a cluster."""
        for part, node in enumerate(self.nodes):
            node.start()
            node.take_part(part)
        first, *others = self.nodes
        for node in others:
            first.ask("CLUSTER", "MEET", "127.0.0.1", node.port, node.bus_port)
        self.wait_until_well()

    @property
    def url(self) -> str:
        """URL that names one of the nodes; the others are found by it."""
        return f"redis://127.0.0.1:{self.nodes[0].port}"

    def owner(self, channel: bytes) -> Node:
        """The node that takes a channel unless its slot was moved."""
        return self.nodes[key_slot(channel) // _SLOTS_PER_NODE]

    def move(self, channel: bytes, target: Node) -> None:
        """Give the slot of a channel to a node, as far as nodes run.

        A node that imports a slot gets a new epoch with it. Without one, word of before that is still
        on its way would give the slot back.
        """
        slot = key_slot(channel)
        giver = next(node for node in self.nodes if node.runs and node is not target)
        target.ask("CLUSTER", "SETSLOT", slot, "IMPORTING", giver.id)
        for node in (target, *self.nodes):
            if node.runs:
                node.ask("CLUSTER", "SETSLOT", slot, "NODE", target.id)

    def wait_until_well(self) -> None:
        wait_until(lambda: all(node.is_well() for node in self.nodes), _LIMIT_SECONDS)

    def stop(self) -> None:
        for node in self.nodes:
            node.kill()
