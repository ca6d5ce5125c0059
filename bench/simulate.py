"""How long the answer takes what a year of half hours would have cost on twenty plans, and its memory.

`…_ms` is the median from a request to its last byte, one after the other, on a server with a core for
itself; `…_cpu_ms` is the server's processor time. Half hours and market prices are read from the
database every time.
"""

import re
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from itertools import cycle, islice
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Final

import numpy as np
import orjson

from bench.contenders import Server, ours_over_mongodb, serving
from bench.cores import two_cores
from bench.harness import BenchError, Figure
from bench.homes import Homes
from bench.household import PORTAL
from bench.peak_memory import peak_mb
from bench.questions import Call
from bench.series import without_cache
from datasources.policy_files import POLICY_FOLDER
from domain.market_price_records import MarketDay
from domain.settings import Settings
from domain.slots import SLOTS_PER_DAY, date_of_day
from resolvers.sources import open_sources
from schema.nodes import facility_number

PLANS: Final = 20
_DAYS: Final = 365
_SPARE_DAYS: Final = 2
"Of usage more than is asked for: the day that runs is not over."
_WARM_UP: Final = 3
_ROUNDS: Final = 30
_FITTING: Final = (
    "lighting-c",
    "lighting-b",
    "season-hours",
    "night-saver",
    "market-linked",
    "minimum-a",
    "one-price",
)
"Shipped plans that a home with 6 kVA can be on; the first is the one that it is on."
CAPACITY: Final = Decimal(6)
_QUERY: Final = """\
query Q($id: ID!, $from: Date!, $to: Date!) {
  simulatePlans(facilityId: $id, from: $from, to: $to) {
    kwh missingHalfHours
    plans {
      key yen yearlyDifferenceYen fixedYen
      bands { key kwh yen } shift { kwh savedYen }
    }
  }
}"""


async def run(settings: Settings, rounds: int = _ROUNDS) -> Sequence[Figure]:
    homes = await Homes.made(settings, (_DAYS + _SPARE_DAYS,))
    await _equip(settings, homes)
    with two_cores() as cores, plan_folder() as folder:
        ours = ours_over_mongodb(replace(without_cache(settings), portals=folder))
        async with serving(ours, cores.server) as server:
            await server.running.ready(server.accepts)
            return await _measured(server, _call(homes), rounds)


async def _measured(server: Server, call: Call, rounds: int) -> Sequence[Figure]:
    found: list[Figure] = []
    try:
        peak = await peak_mb(server, server.ask(call))
        found.append(Figure("simulate_year_20_plans_peak_mb", peak, "MB", "lower"))
    except (FileNotFoundError, PermissionError) as error:
        print(f"simulate: this system tells no peak of memory: {error}", file=sys.stderr)
    for _ in range(_WARM_UP):
        await _ms(server, call)
    before = server.running.cpu_seconds()
    times = [await _ms(server, call) for _ in range(rounds)]
    cpu_ms = (server.running.cpu_seconds() - before) / rounds * 1000
    return [
        Figure("simulate_year_20_plans_ms", median(times), "ms", "lower"),
        Figure("simulate_year_20_plans_cpu_ms", cpu_ms, "ms", "lower"),
        *found,
    ]


async def _ms(server: Server, call: Call) -> float:
    begun = perf_counter()
    answer = await server.ask(call)
    took = (perf_counter() - begun) * 1000
    found = orjson.loads(answer)
    if "errors" in found or len(found["data"]["simulatePlans"]["plans"]) != PLANS:
        raise BenchError(f"not all of {PLANS} plans were priced: {answer.decode()[:400]}")
    return took


def _call(homes: Homes) -> Call:
    end_on = date_of_day(homes.end_day - 1)
    variables = {
        "id": homes.facilities[0][0],
        "from": date_of_day(homes.end_day - 1 - _DAYS).isoformat(),
        "to": end_on.isoformat(),
    }
    return Call(homes.tokens[0], orjson.dumps({"query": _QUERY, "variables": variables}))


async def _equip(settings: Settings, homes: Homes) -> None:
    """Give the home a contract that is known, and the market prices of the year."""
    sources = open_sources(settings)
    try:
        number = facility_number(homes.facilities[0][0])
        home = (await sources.facilities.by_numbers([number]))[number]
        contracts = tuple(
            replace(each, plan=_FITTING[0], capacity=CAPACITY, capacity_unit="kVA")
            for each in home.contracts
        )
        await sources.facilities.put(replace(home, contracts=contracts))
        chance = np.random.default_rng(1)
        await sources.market_prices.put(
            [
                MarketDay(
                    home.area or "",
                    date_of_day(homes.end_day - back),
                    tuple(chance.integers(1, 4000, SLOTS_PER_DAY).tolist()),
                )
                for back in range(_DAYS + _SPARE_DAYS + 1)
            ]
        )
    finally:
        await sources.close()


@contextmanager
def plan_folder() -> Iterator[str]:
    """A folder of policies in which so many plans are open to the home: those that ship, repeated."""
    with tempfile.TemporaryDirectory(prefix="kenshin-bench-") as name:
        folder = Path(name, "portals")
        shutil.copytree(POLICY_FOLDER, folder)
        keys = [*islice(_repeated(folder / "plans"), PLANS)]
        portal = folder / f"{PORTAL}.toml"
        text = re.sub(
            r"(?m)^plans = .*$", f"plans = {orjson.dumps(keys).decode()}", portal.read_text()
        )
        portal.write_text(text)
        yield str(folder)


def _repeated(plans: Path) -> Iterator[str]:
    """Keys of the fitting plans, then of copies of them with other names."""
    yield from _FITTING
    for place, key in enumerate(cycle(_FITTING)):
        text = (plans / f"{key}.toml").read_text()
        text = text.replace("（例）", f" {place}（例）", 1)
        text = text.replace(" (example)", f" {place} (example)", 1)
        (plans / f"{key}-{place}.toml").write_text(text)
        yield f"{key}-{place}"
