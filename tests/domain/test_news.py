"""What members are told of, and of which plan a bill is (NO-1)."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from domain.facilities import Address, Contract, ContractKind, Facility, PaymentMethod
from domain.news import News, NewsKind, bill_news, plan_billed, reading_news
from tests.billed import home_bill

TODAY = date(2040, 6, 15)
OLD = Contract(
    number="E1",
    kind=ContractKind.ELECTRICITY,
    plan="従量電灯B",
    capacity=Decimal(40),
    capacity_unit="A",
    start_on=date(2038, 1, 1),
    end_on=date(2040, 5, 20),
    payment_method=PaymentMethod.CARD,
)
NEW = replace(OLD, number="E2", plan="低圧電力", start_on=date(2040, 5, 20), end_on=None)
GAS = replace(NEW, number="G1", kind=ContractKind.GAS, plan="一般ガス")
HOME = Facility(
    number=1,
    portal="hepco",
    owner="a",
    name="自宅",
    supply_point="03" + "0" * 20,
    customer_number="C1",
    address=Address("160-0022", "東京都", "新宿区", "1番1号", None),
    contracts=(OLD, GAS, NEW),
)
BILL = home_bill(HOME, date(2040, 5, 1), date(2040, 6, 1), date(2040, 6, 5), 1_000)


@pytest.mark.parametrize(
    ("days", "told"),
    [
        pytest.param(3, 3, id="it comes out later"),
        pytest.param(0, 0, id="it comes out today"),
        pytest.param(-7, 0, id="it came out a week ago"),
        pytest.param(-8, None, id="it is history"),
    ],
)
def test_news_are_told_when_they_come_out_unless_they_are_history(
    days: int, told: int | None
) -> None:
    bill = replace(BILL, available_on=TODAY + timedelta(days=days))
    on = None if told is None else TODAY + timedelta(days=told)
    assert bill_news(bill, TODAY) == (on and News(NewsKind.BILL, bill.id, 0, on))
    assert reading_news("1/2040-05-01", bill.available_on, TODAY) == (
        on and News(NewsKind.READING, "1/2040-05-01", 0, on)
    )
    corrected = bill_news(replace(bill, revision=2), TODAY)
    assert corrected == News(NewsKind.BILL, bill.id, 2, on or TODAY)


@pytest.mark.parametrize(
    ("plan", "contract", "end_on", "found"),
    [
        pytest.param("ひとつの単価", "E1", date(2040, 6, 1), "ひとつの単価", id="as it says"),
        pytest.param(None, "E1", date(2040, 6, 1), "従量電灯B", id="of the contract it names"),
        pytest.param(None, None, date(2040, 6, 1), "低圧電力", id="of the contract at its end"),
        pytest.param(None, None, date(2040, 5, 20), "従量電灯B", id="at the end of a contract"),
        pytest.param(None, None, date(2037, 5, 20), None, id="before any contract"),
        pytest.param(None, "E9", date(2040, 6, 1), "低圧電力", id="of a contract not known here"),
    ],
)
def test_a_bill_is_of_the_plan_that_it_or_its_contract_says(
    plan: str | None, contract: str | None, end_on: date, found: str | None
) -> None:
    bill = replace(BILL, plan=plan, contract=contract, end_on=end_on)
    assert plan_billed(bill, HOME) == found


def test_the_last_bill_after_a_contract_has_ended_is_of_its_plan() -> None:
    closed = replace(HOME, contracts=(OLD,))
    assert plan_billed(replace(BILL, plan=None, contract=None), closed) == OLD.plan
