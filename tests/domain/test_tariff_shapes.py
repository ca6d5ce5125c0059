"""Bills of the other shapes, worked by hand: market, one price with discounts, gas, buy-back (BI-1)."""

from datetime import date

import pytest

from domain.facilities import Contract
from domain.tariff.refusals import NotPriced, NotPricedReason
from tests.domain.tariffs_given import Halves, bill, contract, worked, written

MARKET = contract("market-linked")
ONE_PRICE = contract("one-price")
GAS = contract("city-gas")
BUY_BACK = contract("buy-back")


@pytest.mark.parametrize(
    ("period", "used", "market", "expected"),
    [
        pytest.param(
            "2025-11-12/2025-12-12",
            {},
            {},
            """
            基本料金: 6 kVA × 300.00 = 1800.00
            = 1800
            """,
            id="zero use needs no prices",
        ),
        pytest.param(
            "2025-11-12/2025-12-12",
            {"2025-11-20 12:00": 1_000, "2025-11-20 18:00": 2_000},
            {"2025-11-20 12:00": 1_000, "2025-11-20 18:00": 2_550},
            # (1 × 10.00 + 2 × 25.50) × 1.1828 = 72.1508
            """
            基本料金: 6 kVA × 300.00 = 1800.00
            電力量料金 固定分: 3 kWh × 15.40 = 46.20
            市場価格連動料金: 3 kWh = 72.15
            再生可能エネルギー発電促進賦課金: 3 kWh × 3.98 = 11.00
            円未満の端数切り捨て: -0.35
            = 1929
            """,
            id="each half hour at its price",
        ),
        pytest.param(
            "2025-11-12/2025-12-12",
            {"2025-11-20 12:00": 1_000},
            {"2025-11-20 12:00": 1},
            # 0.01 × 1.1828 = 0.011828
            """
            基本料金: 6 kVA × 300.00 = 1800.00
            電力量料金 固定分: 1 kWh × 15.40 = 15.40
            市場価格連動料金: 1 kWh = 0.01
            再生可能エネルギー発電促進賦課金: 1 kWh × 3.98 = 3.00
            円未満の端数切り捨て: -0.41
            = 1818
            """,
            id="the lowest price of the market",
        ),
        pytest.param(
            "2025-11-12/2025-12-12",
            {"2025-11-20 12:00": 10_000},
            {"2025-11-20 12:00": 20_000},
            """
            基本料金: 6 kVA × 300.00 = 1800.00
            電力量料金 固定分: 10 kWh × 15.40 = 154.00
            市場価格連動料金: 10 kWh = 2365.60
            再生可能エネルギー発電促進賦課金: 10 kWh × 3.98 = 39.00
            円未満の端数切り捨て: -0.60
            = 4358
            """,
            id="a scarce hour at 200 yen",
        ),
        pytest.param(
            "2024-02-12/2024-03-12",
            {"2024-02-29 00:00": 2_500, "2024-02-29 23:30": 500},
            {"2024-02-29 00:00": 800, "2024-02-29 23:30": 1_200},
            # (2.5 × 8 + 0.5 × 12) × 1.1828 = 30.7528
            """
            基本料金: 6 kVA × 300.00 = 1800.00
            電力量料金 固定分: 3 kWh × 15.40 = 46.20
            市場価格連動料金: 3 kWh = 30.75
            再生可能エネルギー発電促進賦課金: 3 kWh × 1.40 = 4.00
            円未満の端数切り捨て: -0.95
            = 1880
            """,
            id="first and last half hour of a leap day",
        ),
        pytest.param(
            "2025-04-12/2025-05-12",
            {"2025-04-12 00:00": 1_000},
            {"2025-04-12 00:00": 1_300},
            # 13 × 1.1828 = 15.3764
            """
            基本料金: 6 kVA × 300.00 = 1800.00
            電力量料金 固定分: 1 kWh × 15.40 = 15.40
            市場価格連動料金: 1 kWh = 15.38
            再生可能エネルギー発電促進賦課金: 1 kWh × 3.98 = 3.00
            円未満の端数切り捨て: -0.78
            = 1833
            """,
            id="the levy of May",
        ),
    ],
)
def test_market_linked(period: str, used: Halves, market: dict[str, int], expected: str) -> None:
    assert written(bill(period, used, MARKET, market=market)) == worked(expected)


def test_use_without_a_market_price_has_no_price() -> None:
    with pytest.raises(
        NotPriced, match="no market price in 1 half hours from 2025-11-20"
    ) as refused:
        bill(
            "2025-11-12/2025-12-12",
            {"2025-11-20 12:00": 1, "2025-11-20 12:30": 1},
            MARKET,
            market={"2025-11-20 12:00": 1_000, "2025-11-21 12:30": 1_000},
        )
    assert refused.value.reason is NotPricedReason.NEEDS_MARKET_PRICES


@pytest.mark.parametrize(
    ("contracts", "period", "used", "expected"),
    [
        pytest.param([ONE_PRICE], "2025-11-12/2025-12-12", 0, "= 0", id="nothing to take off"),
        pytest.param(
            [ONE_PRICE],
            "2025-11-12/2025-12-12",
            1_000,
            # 55 yen would be more than the charges.
            """
            電力量料金: 1 kWh × 34.10 = 34.10
            燃料費調整額: 1 kWh × 0.41 = 0.41
            ガスセット割引: -0.17
            口座振替割引: -34.34
            再生可能エネルギー発電促進賦課金: 1 kWh × 3.98 = 3.00
            = 3
            """,
            id="a month's discount takes off all at most",
        ),
        pytest.param(
            [ONE_PRICE],
            "2025-11-12/2025-12-12",
            100_000,
            """
            電力量料金: 100 kWh × 34.10 = 3410.00
            燃料費調整額: 100 kWh × 0.41 = 41.00
            ガスセット割引: -17.05
            口座振替割引: -55.00
            再生可能エネルギー発電促進賦課金: 100 kWh × 3.98 = 398.00
            円未満の端数切り捨て: -0.95
            = 3776
            """,
            id="half a percent of the energy charge",
        ),
        pytest.param(
            [ONE_PRICE],
            "2025-11-12/2025-12-12",
            123_456,
            """
            電力量料金: 123.456 kWh × 34.10 = 4209.85
            燃料費調整額: 123.456 kWh × 0.41 = 50.62
            ガスセット割引: -21.05
            口座振替割引: -55.00
            再生可能エネルギー発電促進賦課金: 123.456 kWh × 3.98 = 491.00
            円未満の端数切り捨て: -0.42
            = 4675
            """,
            id="percent of what the line says",
        ),
        pytest.param(
            [contract("one-price", date(2024, 2, 20))],
            "2024-02-20/2024-03-12",
            100_000,
            # 55 × 21 / 29 = 39.83
            """
            電力量料金: 100 kWh × 34.10 = 3410.00
            燃料費調整額: 100 kWh × -3.70 = -370.00
            ガスセット割引: -17.05
            口座振替割引: -39.83
            再生可能エネルギー発電促進賦課金: 100 kWh × 1.40 = 140.00
            円未満の端数切り捨て: -0.12
            = 3123
            """,
            id="a month's discount by days, with a leap day",
        ),
        pytest.param(
            [ONE_PRICE],
            "2025-04-12/2025-05-12",
            10_000,
            """
            電力量料金: 10 kWh × 34.10 = 341.00
            燃料費調整額: 10 kWh × -1.53 = -15.30
            ガスセット割引: -1.71
            口座振替割引: -55.00
            再生可能エネルギー発電促進賦課金: 10 kWh × 3.98 = 39.00
            円未満の端数切り捨て: -0.99
            = 307
            """,
            id="the levy of May",
        ),
    ],
)
def test_one_price_with_discounts(
    contracts: list[Contract], period: str, used: int, expected: str
) -> None:
    assert written(bill(period, used, *contracts)) == worked(expected)


@pytest.mark.parametrize(
    ("contracts", "period", "used", "expected"),
    [
        pytest.param(
            [GAS],
            "2025-11-12/2025-12-12",
            0,
            """
            基本料金: 759.00
            = 759
            """,
            id="zero use",
        ),
        pytest.param(
            [GAS],
            "2025-11-12/2025-12-12",
            20_000,
            """
            基本料金: 759.00
            従量料金: 20 m³ × 145.31 = 2906.20
            原料費調整額: 20 m³ × 2.02 = 40.40
            円未満の端数切り捨て: -0.60
            = 3705
            """,
            id="a border belongs to the table below it",
        ),
        pytest.param(
            [GAS],
            "2025-11-12/2025-12-12",
            21_000,
            """
            基本料金: 1056.00
            従量料金: 21 m³ × 130.46 = 2739.66
            原料費調整額: 21 m³ × 2.02 = 42.42
            円未満の端数切り捨て: -0.08
            = 3838
            """,
            id="the next table prices all of it",
        ),
        pytest.param(
            [GAS],
            "2024-02-12/2024-03-12",
            80_000,
            """
            基本料金: 1056.00
            従量料金: 80 m³ × 130.46 = 10436.80
            原料費調整額: 80 m³ × -1.98 = -158.40
            円未満の端数切り捨て: -0.40
            = 11334
            """,
            id="the second border, with a leap day",
        ),
        pytest.param(
            [GAS],
            "2025-04-12/2025-05-12",
            201_500,
            """
            基本料金: 1892.00
            従量料金: 201.5 m³ × 124.96 = 25179.44
            原料費調整額: 201.5 m³ × 3.88 = 781.82
            円未満の端数切り捨て: -0.26
            = 27853
            """,
            id="the last table; gas bears no levy",
        ),
        pytest.param(
            [contract("city-gas", date(2025, 11, 26))],
            "2025-11-26/2025-12-12",
            11_000,
            # 16 of 30 days: the first table ends at 10.67 m³.
            """
            基本料金（日割 16/30日）: 563.20
            従量料金: 11 m³ × 130.46 = 1435.06
            原料費調整額: 11 m³ × 2.02 = 22.22
            円未満の端数切り捨て: -0.48
            = 2020
            """,
            id="borders by days",
        ),
    ],
)
def test_gas(contracts: list[Contract], period: str, used: int, expected: str) -> None:
    assert written(bill(period, used, *contracts)) == worked(expected)


@pytest.mark.parametrize(
    ("period", "used", "expected"),
    [
        pytest.param("2025-11-12/2025-12-12", 0, "= 0", id="nothing fed in"),
        pytest.param(
            "2025-11-12/2025-12-12",
            1,
            """
            買取料金: 0.001 kWh × 8.50 = 0.01
            円未満の端数切り捨て: -0.01
            = 0
            """,
            id="one Wh",
        ),
        pytest.param(
            "2025-11-12/2025-12-12",
            100_000,
            """
            買取料金: 100 kWh × 8.50 = 850.00
            = 850
            """,
            id="no fuel adjustment and no levy",
        ),
        pytest.param(
            "2025-04-12/2025-05-12",
            123_456,
            """
            買取料金: 123.456 kWh × 8.50 = 1049.38
            円未満の端数切り捨て: -0.38
            = 1049
            """,
            id="whole yen, whatever changes in May",
        ),
        pytest.param(
            "2024-02-12/2024-03-12",
            {"2024-02-29 12:00": 1_500, "2024-02-29 12:30": 501},
            """
            買取料金: 2.001 kWh × 8.50 = 17.01
            円未満の端数切り捨て: -0.01
            = 17
            """,
            id="by half hours, on a leap day",
        ),
        pytest.param(
            "2025-06-12/2025-06-20",
            50_000,
            """
            買取料金: 50 kWh × 8.50 = 425.00
            = 425
            """,
            id="nothing goes by days",
        ),
    ],
)
def test_buy_back(period: str, used: int | Halves, expected: str) -> None:
    assert written(bill(period, used, BUY_BACK)) == worked(expected)
