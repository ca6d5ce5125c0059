"""Announcements over a real Redis Cluster: every node carries its part, and any may go away."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import replace

import pytest

from datasources.announcements import Announcer, channel_of
from datasources.buckets import Buckets
from datasources.hub import ReadingHub
from domain.rate_limits import Bucket
from domain.settings import Settings
from tests.api import Api, eventually, fresh_name
from tests.hearing import Ear, announcement, hearing
from tests.redis_cluster import Node, RedisCluster
from tests.stream import kwh_of, live, store
from tests.world import World

FACILITIES = range(10, 70)
"Names of channels that differ in two neighbouring bytes are never of one slot."


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisCluster]:
    cluster = RedisCluster(tmp_path_factory.mktemp("cluster"))
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()


@pytest.fixture
def settings(settings: Settings, cluster: RedisCluster) -> Settings:
    """As they come, over the cluster; heartbeats are too far apart to find what a message brings."""
    cluster.wait_until_well()
    return replace(settings, redis_url=cluster.url, heartbeat_seconds=60.0)


@pytest.fixture
def deployment() -> str:
    return fresh_name()


@pytest.fixture
async def hub(cluster: RedisCluster, deployment: str) -> AsyncIterator[ReadingHub]:
    cluster.wait_until_well()
    async with hearing(ReadingHub(cluster.url, deployment, 1.0)) as hub:
        yield hub


@pytest.fixture
async def announcer(cluster: RedisCluster, deployment: str) -> AsyncIterator[Announcer]:
    announcer = Announcer(cluster.url, deployment, 1.0)
    yield announcer
    await announcer.close()


class Ears:
    """A listener for each facility."""

    def __init__(self, cluster: RedisCluster, hub: ReadingHub, deployment: str) -> None:
        self._cluster = cluster
        self._deployment = deployment
        self._hub = hub
        self.by_facility = {facility: Ear() for facility in FACILITIES}

    async def join(self) -> None:
        joins = (self._hub.join([number], ear) for number, ear in self.by_facility.items())
        await asyncio.gather(*joins)

    def channel(self, facility: int) -> bytes:
        return channel_of(self._deployment, facility)

    def of(self, node: Node) -> list[int]:
        """Facilities whose channels a node takes."""
        owner = self._cluster.owner
        return [number for number in FACILITIES if owner(self.channel(number)) is node]

    async def hear(self, facilities: Iterable[int], place: int) -> None:
        """Wait until an announcement has come for each."""
        ears = [self.by_facility[facility] for facility in facilities]
        await eventually(lambda: all(place in ear.places for ear in ears))

    def missed(self) -> list[int]:
        """Facilities whose listeners were told that they may have missed something."""
        return [number for number, ear in self.by_facility.items() if ear.misses]


@pytest.fixture
async def ears(cluster: RedisCluster, hub: ReadingHub, deployment: str) -> Ears:
    ears = Ears(cluster, hub, deployment)
    await ears.join()
    return ears


async def published_everywhere(announcer: Announcer, place: int) -> bool:
    return await announcer.publish([announcement(facility, place) for facility in FACILITIES])


async def test_every_node_carries_the_channels_of_its_slots_and_no_others(
    cluster: RedisCluster, hub: ReadingHub, ears: Ears
) -> None:
    for node in cluster.nodes:
        assert node.channels() == {ears.channel(facility) for facility in ears.of(node)}
        assert len(ears.of(node)) > 5

    for facility, ear in ears.by_facility.items():
        hub.leave([facility], ear)
    await eventually(lambda: not any(node.channels() for node in cluster.nodes))
    assert hub.channels == 0


async def test_everything_announced_after_joining_is_heard_once_over_whichever_node(
    announcer: Announcer, ears: Ears
) -> None:
    for place in (1, 2, 3):
        assert await published_everywhere(announcer, place)
        await ears.hear(FACILITIES, place)

    assert all(ear.places == [1, 2, 3] for ear in ears.by_facility.values())
    assert ears.missed() == []


async def test_a_burst_goes_to_all_nodes_in_order_per_facility(
    announcer: Announcer, ears: Ears
) -> None:
    burst = [announcement(facility, place) for place in range(1, 101) for facility in FACILITIES]

    assert await announcer.publish(burst)

    await ears.hear(FACILITIES, 100)
    assert all(ear.places == list(range(1, 101)) for ear in ears.by_facility.values())


async def test_a_slot_that_moves_is_followed_and_only_its_listeners_are_told(
    cluster: RedisCluster, hub: ReadingHub, announcer: Announcer, ears: Ears
) -> None:
    assert await published_everywhere(announcer, 1)
    await ears.hear(FACILITIES, 1)
    source, target, _ = cluster.nodes
    moved = ears.of(source)[0]
    channel = ears.channel(moved)

    cluster.move(channel, target)
    try:
        await eventually(lambda: ears.missed() == [moved])
        assert channel in target.channels()
        assert channel not in source.channels()
        assert await published_everywhere(announcer, 2)
        await ears.hear(FACILITIES, 2)
        assert ears.by_facility[moved].log == [1, "missed", 2]
        assert hub.connected
    finally:
        cluster.move(channel, source)
    await eventually(lambda: ears.by_facility[moved].misses == 2)


async def test_a_killed_node_disturbs_no_other_and_is_heard_again_when_it_is_back(
    cluster: RedisCluster, hub: ReadingHub, announcer: Announcer, ears: Ears
) -> None:
    killed = cluster.nodes[1]
    theirs = ears.of(killed)
    others = [facility for facility in FACILITIES if facility not in theirs]
    assert await published_everywhere(announcer, 1)
    await ears.hear(FACILITIES, 1)

    killed.kill()
    try:
        await eventually(lambda: not hub.connected)
        assert not await published_everywhere(announcer, 2)
        assert not await announcer.ping()
        await ears.hear(others, 2)
        late = Ear()
        await hub.join(theirs, late)
        assert late.log == []
    finally:
        killed.start()
    await eventually(lambda: hub.connected, 15)

    await eventually(lambda: sorted(ears.missed()) == sorted(theirs))
    await eventually(lambda: late.misses == len(theirs))
    assert await published_everywhere(announcer, 3)
    await ears.hear(FACILITIES, 3)
    await eventually(lambda: late.places.count(3) >= len(theirs))
    assert all(ears.by_facility[facility].misses == 0 for facility in others)


async def test_a_slot_is_followed_though_the_node_of_the_url_is_gone(
    cluster: RedisCluster, hub: ReadingHub, announcer: Announcer, ears: Ears
) -> None:
    named, source, target = cluster.nodes
    moved = ears.of(source)[0]
    channel = ears.channel(moved)
    assert await published_everywhere(announcer, 1)
    await ears.hear(FACILITIES, 1)

    named.kill()
    try:
        await eventually(lambda: not hub.connected)
        cluster.move(channel, target)
        await eventually(lambda: ears.by_facility[moved].misses == 1, 15)
        assert await announcer.publish([announcement(moved, 2)])
        await ears.hear([moved], 2)
    finally:
        named.start()
        cluster.move(channel, source)
    await eventually(lambda: hub.connected, 15)


async def test_the_api_over_a_cluster_is_ready_and_its_subscribers_hear_of_readings(
    api: Api, world: World
) -> None:
    dana = await world.person("denki-jtb", "dana@example.jp", facilities=12)
    await eventually(lambda: api.sources.hub.connected)

    assert (await api.client.get("/readyz")).json()["redis"] == "ok"
    async with live(api, dana) as socket:
        for half, facility in enumerate(dana.facilities):
            await store(world, facility, half + 1)
            assert await kwh_of(socket, 1) == [(half + 1) / 1000]


async def test_buckets_are_spread_over_the_nodes_and_followed_when_their_slot_moves(
    cluster: RedisCluster, deployment: str
) -> None:
    buckets, hour = Buckets(cluster.url, deployment, 5), 3600
    try:
        untouched, *named = [Bucket(f"member:{place}", 100, hour) for place in range(31)]
        takes = await asyncio.gather(*(buckets.take(bucket, 40) for bucket in named * 3))
        assert [take.missing_seconds > 0 for take in takes if take] == [False] * 60 + [True] * 30
        key = f"{deployment}:bucket:member:0".encode()
        other = next(node for node in cluster.nodes if node is not cluster.owner(key))
        cluster.move(key, other)
        moved = await buckets.take(untouched, 1)
        assert moved is not None
        assert not moved.missing_seconds
    finally:
        await buckets.close()
