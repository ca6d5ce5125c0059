"""Places that stories of several files are about."""

from dataclasses import replace

from domain.facilities import ContractKind, Facility
from tests.world import World


async def with_solar_cells(world: World, home: Facility) -> Facility:
    """A facility that has a contract for what it feeds in, too."""
    (supply,) = home.contracts
    sold = replace(supply, number="B1", kind=ContractKind.BUY_BACK)
    return await world.change(home, contracts=(supply, sold))
