from tests.api import Api
from tests.world import World
import time


async def test_it(api: Api, world: World) -> None:
    t = time.time()
    from datetime import date

    await world.use(world.alice.facility, date(2040, 6, 14), 2)
    print(time.time() - t)
    print(
        await api.ask(
            """query($id: ID!){ viewer { id loginId facilities(first: 10) { totalCount nodes { id name supplyPointNumber address { city } contracts { plan startOn }
      usage(from:"2040-06-14T00:00:00+09:00", to: "2040-06-16T00:00:00+09:00", resolution: DAY) { from to totalKwh points { startAt endAt kwh quality missingHalfHours } coverage { expected present missing { from to } settledUntil } cursor peak { startAt kwh } comparedWith(what: MONTH_BEFORE) { totalKwh } }
      latestReading { startAt kwh receivedAt } today { kwh kwhYesterday } bills(first: 3) { nodes { id amountYen } } readingPeriods(first: 2) { nodes { startOn } } } } } facility(id: $id) { name } }""",
            world.alice.token,
            id=world.bob.facility_id,
        )
    )
