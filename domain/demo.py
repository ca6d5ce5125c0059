"""The demo's members and places: invented people, a home, a home with panels, a company of 60 places.

`resolvers.demo` puts them into the databases; usage comes from `domain.simulation`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from domain.billing import (
    EXAMPLE_BUSINESS_TARIFF,
    EXAMPLE_HOME_TARIFF,
    Tariff,
    bill_lines,
)
from domain.bills import Bill, PaymentState
from domain.calendar import shift_months
from domain.facilities import (
    Address,
    Contract,
    ContractKind,
    Facility,
    PaymentMethod,
    ReadingPeriod,
)
from domain.simulation import Premises, PremisesKind

PASSWORD: Final = "kenshin-demo-1"  # noqa: S105 - printed for everybody to use
_READING_DAY: Final = 12
_DAYS_TO_ISSUE: Final = 4
_DAYS_TO_PAY: Final = 26

_CITIES: Final = (
    ("新宿", "03", "160-0022", "東京都", "新宿区新宿"),
    ("渋谷", "03", "150-0002", "東京都", "渋谷区渋谷"),
    ("横浜", "03", "220-0011", "神奈川県", "横浜市西区高島"),
    ("大宮", "03", "330-0854", "埼玉県", "さいたま市大宮区桜木町"),
    ("千葉", "03", "260-0015", "千葉県", "千葉市中央区富士見"),
    ("仙台", "02", "980-0021", "宮城県", "仙台市青葉区中央"),
    ("札幌", "01", "060-0005", "北海道", "札幌市中央区北五条西"),
    ("名古屋", "04", "450-0002", "愛知県", "名古屋市中村区名駅"),
    ("金沢", "05", "920-0858", "石川県", "金沢市木ノ新保町"),
    ("梅田", "06", "530-0001", "大阪府", "大阪市北区梅田"),
    ("広島", "07", "732-0822", "広島県", "広島市南区松原町"),
    ("博多", "09", "812-0012", "福岡県", "福岡市博多区博多駅中央街"),
)
_KINDS: Final = (
    ("店", PremisesKind.SHOP, 1.0),
    ("駅前店", PremisesKind.SHOP, 0.6),
    ("営業所", PremisesKind.OFFICE, 1.0),
    ("支社", PremisesKind.OFFICE, 2.5),
    ("倉庫", PremisesKind.FACTORY, 0.3),
)


@dataclass(frozen=True, slots=True)
class DemoMember:
    portal: str
    login_id: str
    name: str
    kana: str
    places: tuple["DemoPlace", ...]


@dataclass(frozen=True, slots=True)
class DemoPlace:
    name: str
    supply_point: str
    address: Address
    premises: Premises
    tariff: Tariff
    units: Decimal
    "Contracted basic units of the tariff."
    capacity_unit: str

    @property
    def feeds_in(self) -> bool:
        return self.premises.solar_kw > 0

    def facility(self, portal: str, owner: str, start_on: date) -> Facility:
        """The place as a facility that was supplied from a date on."""
        contracts = [self._contract(ContractKind.ELECTRICITY, self.tariff.name, start_on)]
        if self.feeds_in:
            contracts.append(self._contract(ContractKind.BUY_BACK, "太陽光発電買取", start_on))
        return Facility(
            number=0,
            portal=portal,
            owner=owner,
            name=self.name,
            supply_point=self.supply_point,
            customer_number=f"C{self.supply_point[-9:]}",
            address=self.address,
            contracts=tuple(contracts),
        )

    def _contract(self, kind: ContractKind, plan: str, start_on: date) -> Contract:
        drawn = kind is ContractKind.ELECTRICITY
        size = self.units * 10 if self.tariff.basic_unit == "10A" else self.units
        return Contract(
            number=f"{kind.value[0]}{self.supply_point[-9:]}",
            kind=kind,
            plan=plan,
            capacity=size if drawn else Decimal(str(self.premises.solar_kw)),
            capacity_unit=self.capacity_unit if drawn else "kW",
            start_on=start_on,
            end_on=None,
            payment_method=PaymentMethod.DIRECT_DEBIT,
        )


def demo_members() -> tuple[DemoMember, ...]:
    """The three members, always the same."""
    home = _home(0, "自宅", "1丁目2番3号", Premises(1001, PremisesKind.HOME, 1.1))
    solar = _home(
        1, "屋根に太陽光のある家", "4丁目5番6号", Premises(1002, PremisesKind.SOLAR_HOME, 1.2, 4.5)
    )
    return (
        DemoMember(
            "denki-jtb",
            "demo@kenshin.example",
            "検針商事株式会社",
            "ケンシンショウジ",
            tuple(_company()),
        ),
        DemoMember("mirai", "kenshin-home", "検針 一郎", "ケンシン イチロウ", (home,)),
        DemoMember("hapie", "solar1", "検針 陽子", "ケンシン ヨウコ", (solar,)),
    )


def reading_dates(start_on: date, today: date) -> Iterator[tuple[date, date]]:
    """Bounds of the reading periods that have been read: from the start, then by the reading day."""
    begin = start_on
    end = start_on.replace(day=_READING_DAY)
    if end <= begin:
        end = shift_months(end, 1)
    while end <= today:
        yield begin, end
        begin, end = end, shift_months(end, 1)


def is_issued(read_on: date, today: date) -> bool:
    """Whether the bill of a period that was read on a date is out."""
    return read_on + timedelta(days=_DAYS_TO_ISSUE) <= today


def reading_period(
    number: int, bounds: tuple[date, date], register_wh: int, usage_wh: int
) -> ReadingPeriod:
    start_on, end_on = bounds
    return ReadingPeriod(
        facility=number,
        start_on=start_on,
        end_on=end_on,
        read_on=end_on,
        previous_register_wh=register_wh,
        present_register_wh=register_wh + usage_wh,
        usage_wh=usage_wh,
    )


def demo_bill(
    place: DemoPlace, facility: Facility, period: ReadingPeriod, today: date
) -> Bill | None:
    """Bill of a reading period; None before its day of issue."""
    if not is_issued(period.read_on, today):
        return None
    issued_on = period.read_on + timedelta(days=_DAYS_TO_ISSUE)
    due_on = issued_on + timedelta(days=_DAYS_TO_PAY)
    lines = bill_lines(place.tariff, place.units, period.usage_wh)
    number = f"{place.supply_point[-8:]}-{period.end_on:%Y%m}"
    paid = due_on <= today
    return Bill(
        id=f"{facility.portal}/{number}",
        portal=facility.portal,
        owner=facility.owner,
        facility=facility.number,
        number=number,
        start_on=period.start_on,
        end_on=period.end_on,
        usage_wh=period.usage_wh,
        amount_yen=sum(line.amount_yen for line in lines),
        lines=lines,
        issued_on=issued_on,
        due_on=due_on,
        payment_state=PaymentState.PAID if paid else PaymentState.UNPAID,
        paid_on=due_on if paid else None,
    )


def _home(index: int, name: str, line: str, premises: Premises) -> DemoPlace:
    return DemoPlace(
        name=name,
        supply_point=f"0300000000000000{9000 + index:06d}",
        address=Address("154-0004", "東京都", "世田谷区太子堂", line, None),
        premises=premises,
        tariff=EXAMPLE_HOME_TARIFF,
        units=Decimal(4),
        capacity_unit="A",
    )


def _company() -> Iterator[DemoPlace]:
    places = ((city, kind) for city in _CITIES for kind in _KINDS)
    for index, ((city, area, postal_code, prefecture, town), (suffix, kind, scale)) in enumerate(
        places
    ):
        yield DemoPlace(
            name=f"{city}{suffix}",
            supply_point=f"{area}00000000000000{index + 1:06d}",
            address=Address(
                postal_code, prefecture, town, f"{index % 9 + 1}番{index % 20 + 1}号", None
            ),
            premises=Premises(index + 1, kind, scale * (1 + index % 7 / 20)),
            tariff=EXAMPLE_BUSINESS_TARIFF,
            units=Decimal(10 + index % 30),
            capacity_unit="kVA",
        )
