"""One round of the benchmark of billing; never how long anything took."""

from concurrent.futures import ThreadPoolExecutor

from bench.billing import Round, Rounds, figures, rounds
from bench.harness import Figure, own_database
from datasources.embedded import Addresses
from domain.settings import Settings


async def test_every_home_of_the_town_is_billed(servers: Addresses) -> None:
    settings = Settings(mongodb_url=servers.mongodb_url, redis_url=servers.redis_url)
    async with own_database(settings) as own:
        measured = await rounds(own, facilities=5, count=1, apart=ThreadPoolExecutor)
    assert len(measured.billing) == len(measured.reading) == 1


def test_billing_is_told_in_seconds_and_against_reading_alone() -> None:
    measured = Rounds([Round(8.0, 70.0), Round(6.0, 50.0), Round(7.0, 60.0)], [Round(2.0, 40.0)])
    assert figures(measured) == [
        Figure("bill_10k_facilities_s", 7.0, "s", "lower"),
        Figure("bill_vs_reading_half_hours", 3.5, "x", "lower"),
        Figure("bill_10k_facilities_peak_mb", 60.0, "MB", "lower"),
    ]


def test_where_the_peak_is_not_told_there_is_no_figure_of_it() -> None:
    measured = Rounds([Round(8.0, None)], [Round(2.0, None)])
    assert [figure.unit for figure in figures(measured)] == ["s", "x"]
