"""Bills with three tiers, worked by hand: by ampere, by kVA, and with a minimum charge (BI-1)."""

from datetime import date

import pytest

from domain.facilities import Contract
from tests.domain.tariffs_given import bill, contract, worked, written

LIGHTING_B = contract("lighting-b")
LIGHTING_C = contract("lighting-c", capacity=10)
MINIMUM_A = contract("minimum-a")


@pytest.mark.parametrize(
    ("period", "used", "expected"),
    [
        pytest.param(
            "2025-11-12/2025-12-12",
            0,
            """
            基本料金（ご使用がないため半額）: 4 10A × 155.875 = 623.50
            円未満の端数切り捨て: -0.50
            = 623
            """,
            id="zero use halves the basic charge",
        ),
        pytest.param(
            "2025-11-12/2025-12-12",
            120_000,
            """
            基本料金: 4 10A × 311.75 = 1247.00
            電力量料金（第1段階）: 120 kWh × 29.80 = 3576.00
            燃料費調整額: 120 kWh × 0.41 = 49.20
            再生可能エネルギー発電促進賦課金: 120 kWh × 3.98 = 477.00
            円未満の端数切り捨て: -0.20
            = 5349
            """,
            id="a border belongs to the tier below it; the levy is cut to whole yen",
        ),
        pytest.param(
            "2025-11-12/2025-12-12",
            120_001,
            """
            基本料金: 4 10A × 311.75 = 1247.00
            電力量料金（第1段階）: 120 kWh × 29.80 = 3576.00
            電力量料金（第2段階）: 0.001 kWh × 36.40 = 0.04
            燃料費調整額: 120.001 kWh × 0.41 = 49.20
            再生可能エネルギー発電促進賦課金: 120.001 kWh × 3.98 = 477.00
            円未満の端数切り捨て: -0.24
            = 5349
            """,
            id="one Wh above a border",
        ),
        pytest.param(
            "2025-11-12/2025-12-12",
            300_000,
            """
            基本料金: 4 10A × 311.75 = 1247.00
            電力量料金（第1段階）: 120 kWh × 29.80 = 3576.00
            電力量料金（第2段階）: 180 kWh × 36.40 = 6552.00
            燃料費調整額: 300 kWh × 0.41 = 123.00
            再生可能エネルギー発電促進賦課金: 300 kWh × 3.98 = 1194.00
            = 12692
            """,
            id="whole yen need no rounding",
        ),
        pytest.param(
            "2025-11-12/2025-12-12",
            350_500,
            """
            基本料金: 4 10A × 311.75 = 1247.00
            電力量料金（第1段階）: 120 kWh × 29.80 = 3576.00
            電力量料金（第2段階）: 180 kWh × 36.40 = 6552.00
            電力量料金（第3段階）: 50.5 kWh × 40.49 = 2044.75
            燃料費調整額: 350.5 kWh × 0.41 = 143.71
            再生可能エネルギー発電促進賦課金: 350.5 kWh × 3.98 = 1394.00
            円未満の端数切り捨て: -0.46
            = 14957
            """,
            id="half a sen is rounded up",
        ),
        pytest.param(
            "2025-03-30/2025-05-01",
            100_000,
            """
            基本料金: 4 10A × 311.75 = 1247.00
            電力量料金（第1段階）: 100 kWh × 29.80 = 2980.00
            燃料費調整額: 100 kWh × -1.84 = -184.00
            再生可能エネルギー発電促進賦課金: 100 kWh × 3.49 = 349.00
            = 4392
            """,
            id="the last day in April: still the levy of the year before",
        ),
        pytest.param(
            "2025-04-12/2025-05-12",
            100_000,
            """
            基本料金: 4 10A × 311.75 = 1247.00
            電力量料金（第1段階）: 100 kWh × 29.80 = 2980.00
            燃料費調整額: 100 kWh × -1.53 = -153.00
            再生可能エネルギー発電促進賦課金: 100 kWh × 3.98 = 398.00
            = 4472
            """,
            id="the last day in May: the new levy for all of it, though most was used in April",
        ),
        pytest.param(
            "2024-03-12/2024-04-12",
            310_000,
            # 77 of 120 kWh and 194 of 300 kWh in 20 of 31 days, 43 and 106 in 11 of them.
            """
            基本料金（日割 20/31日）: 4 10A × 286.00 = 738.06
            電力量料金（第1段階、3/12～3/31）: 77 kWh × 19.88 = 1530.76
            電力量料金（第2段階、3/12～3/31）: 117 kWh × 26.48 = 3098.16
            電力量料金（第3段階、3/12～3/31）: 6 kWh × 30.57 = 183.42
            基本料金（日割 11/31日）: 4 10A × 311.75 = 442.48
            電力量料金（第1段階、4/1～4/11）: 43 kWh × 29.80 = 1281.40
            電力量料金（第2段階、4/1～4/11）: 63 kWh × 36.40 = 2293.20
            電力量料金（第3段階、4/1～4/11）: 4 kWh × 40.49 = 161.96
            燃料費調整額: 310 kWh × -3.42 = -1060.20
            再生可能エネルギー発電促進賦課金: 310 kWh × 1.40 = 434.00
            円未満の端数切り捨て: -0.24
            = 9103
            """,
            id="new prices from April 1: each part by its days, levy and fuel by the month",
        ),
    ],
)
def test_lighting_by_ampere(period: str, used: int, expected: str) -> None:
    assert written(bill(period, used, LIGHTING_B)) == worked(expected)


@pytest.mark.parametrize(
    ("contracts", "period", "used", "expected"),
    [
        pytest.param(
            [contract("lighting-b", date(2024, 2, 20))],
            "2024-02-20/2024-03-12",
            100_000,
            # February 12 to March 12 of a leap year has 29 days, 21 of them supplied: 86.9 kWh.
            """
            基本料金（日割 21/29日）: 4 10A × 286.00 = 828.41
            電力量料金（第1段階）: 87 kWh × 19.88 = 1729.56
            電力量料金（第2段階）: 13 kWh × 26.48 = 344.24
            燃料費調整額: 100 kWh × -3.70 = -370.00
            再生可能エネルギー発電促進賦課金: 100 kWh × 1.40 = 140.00
            円未満の端数切り捨て: -0.21
            = 2672
            """,
            id="a first period with a leap day",
        ),
        pytest.param(
            [contract("lighting-b", date(2025, 2, 20))],
            "2025-02-20/2025-03-12",
            100_000,
            """
            基本料金（日割 20/28日）: 4 10A × 311.75 = 890.71
            電力量料金（第1段階）: 86 kWh × 29.80 = 2562.80
            電力量料金（第2段階）: 14 kWh × 36.40 = 509.60
            燃料費調整額: 100 kWh × -2.12 = -212.00
            再生可能エネルギー発電促進賦課金: 100 kWh × 3.49 = 349.00
            円未満の端数切り捨て: -0.11
            = 4100
            """,
            id="the same in a common year",
        ),
        pytest.param(
            [contract("lighting-b", end_on=date(2025, 6, 20))],
            "2025-06-12/2025-06-20",
            40_000,
            # 8 of 30 days: 32 kWh in the first tier.
            """
            基本料金（日割 8/30日）: 4 10A × 311.75 = 332.53
            電力量料金（第1段階）: 32 kWh × 29.80 = 953.60
            電力量料金（第2段階）: 8 kWh × 36.40 = 291.20
            燃料費調整額: 40 kWh × -1.21 = -48.40
            再生可能エネルギー発電促進賦課金: 40 kWh × 3.98 = 159.00
            円未満の端数切り捨て: -0.93
            = 1687
            """,
            id="moving out",
        ),
        pytest.param(
            [contract("lighting-b", date(2025, 6, 1))],
            "2025-06-01/2025-07-12",
            100_000,
            """
            基本料金: 4 10A × 311.75 = 1247.00
            電力量料金（第1段階）: 100 kWh × 29.80 = 2980.00
            燃料費調整額: 100 kWh × -0.87 = -87.00
            再生可能エネルギー発電促進賦課金: 100 kWh × 3.98 = 398.00
            = 4538
            """,
            id="a first period that is longer than a month is one month",
        ),
        pytest.param(
            [
                contract("lighting-b", end_on=date(2025, 6, 22), capacity=30),
                contract("lighting-b", date(2025, 6, 22), capacity=60),
            ],
            "2025-06-12/2025-07-12",
            150_000,
            # 10 and 20 of 30 days: 50 and 100 kWh, borders at 40 and 80 kWh.
            """
            基本料金（日割 10/30日）: 3 10A × 311.75 = 311.75
            電力量料金（第1段階、6/12～6/21）: 40 kWh × 29.80 = 1192.00
            電力量料金（第2段階、6/12～6/21）: 10 kWh × 36.40 = 364.00
            基本料金（日割 20/30日）: 6 10A × 311.75 = 1247.00
            電力量料金（第1段階、6/22～7/11）: 80 kWh × 29.80 = 2384.00
            電力量料金（第2段階、6/22～7/11）: 20 kWh × 36.40 = 728.00
            燃料費調整額: 150 kWh × -0.87 = -130.50
            再生可能エネルギー発電促進賦課金: 150 kWh × 3.98 = 597.00
            円未満の端数切り捨て: -0.25
            = 6693
            """,
            id="more ampere from the middle of a period",
        ),
        pytest.param(
            [
                contract("lighting-b", end_on=date(2025, 6, 22)),
                contract("minimum-a", date(2025, 6, 22)),
            ],
            "2025-06-12/2025-07-12",
            30_000,
            # 20 of 30 days include 10 kWh, which bear the levy but no fuel adjustment.
            """
            基本料金（日割 10/30日）: 4 10A × 311.75 = 415.67
            電力量料金（第1段階、6/12～6/21）: 10 kWh × 29.80 = 298.00
            最低料金（最初の10kWhまで、日割 20/30日）: 348.39
            電力量料金（第1段階、6/22～7/11）: 10 kWh × 20.21 = 202.10
            燃料費調整額: 20 kWh × -0.87 = -17.40
            再生可能エネルギー発電促進賦課金: 30 kWh × 3.98 = 119.00
            円未満の端数切り捨て: -0.76
            = 1365
            """,
            id="another plan from the middle of a period",
        ),
    ],
)
def test_parts_of_a_month_go_by_days(
    contracts: list[Contract], period: str, used: int, expected: str
) -> None:
    assert written(bill(period, used, *contracts)) == worked(expected)


@pytest.mark.parametrize(
    ("period", "used", "expected"),
    [
        pytest.param(
            "2025-11-12/2025-12-12",
            0,
            """
            基本料金（ご使用がないため半額）: 10 kVA × 155.875 = 1558.75
            円未満の端数切り捨て: -0.75
            = 1558
            """,
            id="zero use",
        ),
        pytest.param(
            "2025-11-12/2025-12-12",
            1,
            """
            基本料金: 10 kVA × 311.75 = 3117.50
            電力量料金（第1段階）: 0.001 kWh × 29.80 = 0.03
            燃料費調整額: 0.001 kWh × 0.41 = 0.00
            再生可能エネルギー発電促進賦課金: 0.001 kWh × 3.98 = 0.00
            円未満の端数切り捨て: -0.53
            = 3117
            """,
            id="one Wh is use",
        ),
        pytest.param(
            "2025-11-12/2025-12-12",
            1_000_000,
            """
            基本料金: 10 kVA × 311.75 = 3117.50
            電力量料金（第1段階）: 120 kWh × 29.80 = 3576.00
            電力量料金（第2段階）: 180 kWh × 36.40 = 6552.00
            電力量料金（第3段階）: 700 kWh × 40.49 = 28343.00
            燃料費調整額: 1000 kWh × 0.41 = 410.00
            再生可能エネルギー発電促進賦課金: 1000 kWh × 3.98 = 3980.00
            円未満の端数切り捨て: -0.50
            = 45978
            """,
            id="all tiers",
        ),
        pytest.param(
            "2024-02-12/2024-03-12",
            120_500,
            """
            基本料金: 10 kVA × 311.75 = 3117.50
            電力量料金（第1段階）: 120 kWh × 29.80 = 3576.00
            電力量料金（第2段階）: 0.5 kWh × 36.40 = 18.20
            燃料費調整額: 120.5 kWh × -3.70 = -445.85
            再生可能エネルギー発電促進賦課金: 120.5 kWh × 1.40 = 168.00
            円未満の端数切り捨て: -0.85
            = 6433
            """,
            id="29 days with a leap day are a whole month",
        ),
        pytest.param(
            "2024-04-12/2024-05-12",
            10_000,
            """
            基本料金: 10 kVA × 311.75 = 3117.50
            電力量料金（第1段階）: 10 kWh × 29.80 = 298.00
            燃料費調整額: 10 kWh × -3.18 = -31.80
            再生可能エネルギー発電促進賦課金: 10 kWh × 3.49 = 34.00
            円未満の端数切り捨て: -0.70
            = 3417
            """,
            id="the levy of 2024 from May",
        ),
        pytest.param(
            "2040-04-12/2040-05-12",
            10_000,
            """
            基本料金: 10 kVA × 311.75 = 3117.50
            電力量料金（第1段階）: 10 kWh × 29.80 = 298.00
            燃料費調整額: 10 kWh × 0.85 = 8.50
            再生可能エネルギー発電促進賦課金: 10 kWh × 4.00 = 40.00
            = 3464
            """,
            id="rates of examples go on",
        ),
    ],
)
def test_lighting_by_kva(period: str, used: int, expected: str) -> None:
    assert written(bill(period, used, LIGHTING_C)) == worked(expected)


@pytest.mark.parametrize(
    ("period", "used", "expected"),
    [
        pytest.param(
            "2025-11-12/2025-12-12",
            0,
            """
            最低料金（最初の15kWhまで）: 522.58
            円未満の端数切り捨て: -0.58
            = 522
            """,
            id="zero use",
        ),
        pytest.param(
            "2025-11-12/2025-12-12",
            15_000,
            """
            最低料金（最初の15kWhまで）: 522.58
            再生可能エネルギー発電促進賦課金: 15 kWh × 3.98 = 59.00
            円未満の端数切り捨て: -0.58
            = 581
            """,
            id="what is included bears the levy alone",
        ),
        pytest.param(
            "2025-11-12/2025-12-12",
            16_000,
            """
            最低料金（最初の15kWhまで）: 522.58
            電力量料金（第1段階）: 1 kWh × 20.21 = 20.21
            燃料費調整額: 1 kWh × 0.41 = 0.41
            再生可能エネルギー発電促進賦課金: 16 kWh × 3.98 = 63.00
            円未満の端数切り捨て: -0.20
            = 606
            """,
            id="the first kWh that is not included",
        ),
        pytest.param(
            "2025-11-12/2025-12-12",
            120_000,
            """
            最低料金（最初の15kWhまで）: 522.58
            電力量料金（第1段階）: 105 kWh × 20.21 = 2122.05
            燃料費調整額: 105 kWh × 0.41 = 43.05
            再生可能エネルギー発電促進賦課金: 120 kWh × 3.98 = 477.00
            円未満の端数切り捨て: -0.68
            = 3164
            """,
            id="the border of a tier counts what is included",
        ),
        pytest.param(
            "2025-04-12/2025-05-12",
            310_000,
            """
            最低料金（最初の15kWhまで）: 522.58
            電力量料金（第1段階）: 105 kWh × 20.21 = 2122.05
            電力量料金（第2段階）: 180 kWh × 25.61 = 4609.80
            電力量料金（第3段階）: 10 kWh × 28.59 = 285.90
            燃料費調整額: 295 kWh × -1.53 = -451.35
            再生可能エネルギー発電促進賦課金: 310 kWh × 3.98 = 1233.00
            円未満の端数切り捨て: -0.98
            = 8321
            """,
            id="all tiers, with the new levy in May",
        ),
        pytest.param(
            "2024-02-12/2024-03-12",
            20_000,
            """
            最低料金（最初の15kWhまで）: 522.58
            電力量料金（第1段階）: 5 kWh × 20.21 = 101.05
            燃料費調整額: 5 kWh × -3.70 = -18.50
            再生可能エネルギー発電促進賦課金: 20 kWh × 1.40 = 28.00
            円未満の端数切り捨て: -0.13
            = 633
            """,
            id="cheap fuel takes nothing off the minimum charge",
        ),
    ],
)
def test_minimum_charge(period: str, used: int, expected: str) -> None:
    assert written(bill(period, used, MINIMUM_A)) == worked(expected)
