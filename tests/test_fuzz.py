"""What nobody would write is answered with a code, and costs what it is worth. `make bench ONLY=fuzz`
sends a hundred times as many."""

from dataclasses import replace
from datetime import date

import pytest

from bench.drawn_operations import Known
from bench.fuzz_askers import Askers
from bench.fuzz_client import Fuzzing, nodes
from domain.settings import Settings
from tests.api import Api
from tests.world import World


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(
        settings, cost_per_minute_member=0, cost_per_minute_app=0, cost_per_minute_address=0
    )


async def test_drawn_operations_find_no_fault(api: Api, world: World) -> None:
    place = world.alice.facility
    await world.use(place, date(2040, 5, 1), 40)
    await world.period(place, date(2040, 4, 12), date(2040, 5, 12))
    await world.bill(place, date(2040, 6, 1))
    people = (world.alice, world.bob, world.carol)
    askers = await Askers.of(api.sources, [one.facility for one in people])
    host = f"127.0.0.1:{api.port}"
    ids = await askers.ids(api.client, f"http://{host}/graphql")
    known = Known(ids, date(2040, 6, 15))
    fuzzing = Fuzzing(host, api.client, known, askers, api.sources.settings.max_cost)
    await fuzzing.play(160, 20)

    assert len(ids) >= 6
    assert fuzzing.sent == 160
    assert fuzzing.faults == []
    assert fuzzing.codes["OK"] > 20
    assert fuzzing.codes["BAD_INPUT"] > 20


def test_nodes_are_objects_and_items() -> None:
    assert nodes({"a": 1, "b": {"c": [1, None, {"d": 2}]}, "e": []}) == 5
