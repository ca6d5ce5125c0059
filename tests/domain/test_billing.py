from decimal import ROUND_FLOOR, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.billing import (
    EXAMPLE_BUSINESS_TARIFF,
    EXAMPLE_HOME_TARIFF,
    LineItem,
    LineKind,
    Tariff,
    Tier,
    bill_lines,
)

THIRTY_AMPERE = Decimal(3)


def prices(least: str, most: str) -> st.SearchStrategy[Decimal]:
    return st.decimals(Decimal(least), Decimal(most), places=2)


@st.composite
def tariffs(draw: st.DrawFn, least_fuel: str = "-9") -> Tariff:
    borders = sorted(draw(st.sets(st.integers(1, 800), max_size=4)))
    return Tariff(
        code="T",
        name="T",
        basic_yen_per_unit=draw(prices("0", "2000")),
        basic_unit="kVA",
        tiers=tuple(Tier(border, draw(prices("0", "60"))) for border in [*borders, None]),
        fuel_yen_per_kwh=draw(prices(least_fuel, "9")),
        levy_yen_per_kwh=draw(prices("0", "5")),
    )


USAGES_WH = st.integers(0, 1_000_000)
SIZES = st.integers(0, 49).map(Decimal)


def amount(lines: tuple[LineItem, ...]) -> int:
    return sum(line.amount_yen for line in lines)


@pytest.mark.parametrize(
    ("usage_wh", "yen"),
    [
        pytest.param(0, [465], id="no use: half the basic charge and nothing else"),
        pytest.param(1, [930, 0, 0, 0], id="one Wh: the whole basic charge"),
        pytest.param(100_000, [930, 2950, 85, 398], id="first tier"),
        pytest.param(120_000, [930, 3540, 102, 477], id="up to the first border"),
        pytest.param(120_001, [930, 3540, 0, 102, 477], id="over the first border"),
        pytest.param(300_000, [930, 3540, 6516, 255, 1194], id="up to the second border"),
        pytest.param(301_000, [930, 3540, 6516, 40, 255, 1197], id="over the second border"),
        pytest.param(456_789, [930, 3540, 6516, 6318, 388, 1818], id="all tiers"),
    ],
)
def test_a_home_is_billed_by_tier(usage_wh: int, yen: list[int]) -> None:
    lines = bill_lines(EXAMPLE_HOME_TARIFF, THIRTY_AMPERE, usage_wh)
    assert [line.amount_yen for line in lines] == yen


def test_a_business_is_billed_at_one_energy_price() -> None:
    assert bill_lines(EXAMPLE_BUSINESS_TARIFF, Decimal(12), 2_345_600) == (
        LineItem(LineKind.BASIC_CHARGE, "基本料金", Decimal(12), "kVA", Decimal("1150.00"), 13_800),
        LineItem(
            LineKind.ENERGY_CHARGE,
            "電力量料金",
            Decimal("2345.6"),
            "kWh",
            Decimal("26.40"),
            61_923,
        ),
        LineItem(
            LineKind.FUEL_ADJUSTMENT,
            "燃料費調整額",
            Decimal("2345.6"),
            "kWh",
            Decimal("0.85"),
            1_993,
        ),
        LineItem(
            LineKind.RENEWABLE_LEVY,
            "再生可能エネルギー発電促進賦課金",
            Decimal("2345.6"),
            "kWh",
            Decimal("3.98"),
            9_335,
        ),
    )


def test_tiers_are_named_by_their_step() -> None:
    lines = bill_lines(EXAMPLE_HOME_TARIFF, THIRTY_AMPERE, 301_000)
    assert [line.label for line in lines if line.kind is LineKind.ENERGY_CHARGE] == [
        "電力量料金（第1段階）",
        "電力量料金（第2段階）",
        "電力量料金（第3段階）",
    ]


def test_a_line_below_zero_is_floored_too() -> None:
    tariff = Tariff(
        code="T",
        name="T",
        basic_yen_per_unit=Decimal(0),
        basic_unit="10A",
        tiers=(Tier(None, Decimal(30)),),
        fuel_yen_per_kwh=Decimal("-1.25"),
        levy_yen_per_kwh=Decimal(0),
    )
    lines = bill_lines(tariff, THIRTY_AMPERE, 10_000)
    assert [line.amount_yen for line in lines] == [0, 300, -13, 0]


@given(tariff=tariffs(), contracted=SIZES, usage_wh=USAGES_WH)
def test_each_line_is_its_quantity_times_its_price_in_whole_yen(
    tariff: Tariff, contracted: Decimal, usage_wh: int
) -> None:
    for line in bill_lines(tariff, contracted, usage_wh):
        assert line.quantity is not None
        assert line.unit_price is not None
        exact = line.quantity * line.unit_price
        assert line.amount_yen == int(exact.to_integral_value(ROUND_FLOOR))


@given(tariff=tariffs(), contracted=SIZES, usage_wh=USAGES_WH)
def test_the_amount_is_less_than_a_yen_per_line_below_the_exact_price(
    tariff: Tariff, contracted: Decimal, usage_wh: int
) -> None:
    lines = bill_lines(tariff, contracted, usage_wh)
    below = exact_price(tariff, contracted, Decimal(usage_wh) / 1000) - amount(lines)
    assert 0 <= below < len(lines)


@given(tariff=tariffs(), contracted=SIZES, usage_wh=USAGES_WH)
def test_the_tiers_hold_the_whole_use_once(
    tariff: Tariff, contracted: Decimal, usage_wh: int
) -> None:
    lines = bill_lines(tariff, contracted, usage_wh)
    energy = [line.quantity or 0 for line in lines if line.kind is LineKind.ENERGY_CHARGE]
    assert all(energy)
    assert sum(energy) * 1000 == usage_wh


@given(tariff=tariffs(least_fuel="0"), contracted=SIZES, usages=st.tuples(USAGES_WH, USAGES_WH))
def test_more_use_never_costs_less(
    tariff: Tariff, contracted: Decimal, usages: tuple[int, int]
) -> None:
    less, more = sorted(usages)
    assert amount(bill_lines(tariff, contracted, less)) <= amount(
        bill_lines(tariff, contracted, more)
    )


@pytest.mark.parametrize(
    "borders",
    [(), (120,), (None, 120), (None, None), (300, 120, None), (120, 120, None), (0, None)],
)
def test_tiers_that_leave_use_without_one_price_are_refused(
    borders: tuple[int | None, ...],
) -> None:
    with pytest.raises(ValueError, match="tiers must rise"):
        Tariff(
            code="T",
            name="T",
            basic_yen_per_unit=Decimal(0),
            basic_unit="10A",
            tiers=tuple(Tier(border, Decimal(30)) for border in borders),
            fuel_yen_per_kwh=Decimal(0),
            levy_yen_per_kwh=Decimal(0),
        )


@pytest.mark.parametrize(("contracted", "usage_wh"), [(Decimal(3), -1), (Decimal(-3), 1)])
def test_nothing_negative_is_billed(contracted: Decimal, usage_wh: int) -> None:
    with pytest.raises(ValueError, match="neither may be negative"):
        bill_lines(EXAMPLE_HOME_TARIFF, contracted, usage_wh)


def exact_price(tariff: Tariff, contracted: Decimal, kwh: Decimal) -> Decimal:
    """Price before flooring, each kWh looked up by its border."""
    if not kwh:
        return contracted * tariff.basic_yen_per_unit / 2
    price = contracted * tariff.basic_yen_per_unit
    price += kwh * (tariff.fuel_yen_per_kwh + tariff.levy_yen_per_kwh)
    price += kwh * tariff.tiers[0].yen_per_kwh
    for lower, upper in zip(tariff.tiers, tariff.tiers[1:], strict=False):
        over = max(kwh - Decimal(lower.up_to_kwh or 0), Decimal(0))
        price += over * (upper.yen_per_kwh - lower.yen_per_kwh)
    return price
