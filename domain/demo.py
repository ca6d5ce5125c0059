"""The demo's members and places: invented people, a home, a home with panels, a company of 60 places.

`resolvers.demo` puts them into the databases; usage comes from `domain.simulation`, bills from
`domain.demo_bills`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from domain.consents import App, AppGrant, Scope
from domain.facilities import Address, Contract, Facility, PaymentMethod
from domain.simulation import Premises, PremisesKind
from domain.tariff.book import PlanBook

PASSWORD: Final = "kenshin-demo-1"  # noqa: S105 - printed for everybody to use
APP_SECRET: Final = "kenshin-demo-app-secret-1"  # noqa: S105 - printed for everybody to use
_GROUPED: Final = 5
"Places of the company, those of the first city, whose bills are paid with one invoice."

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
    email: str
    places: tuple["DemoPlace", ...]


@dataclass(frozen=True, slots=True)
class DemoSupply:
    """What is contracted for a place: a plan by its key, and how it is paid."""

    plan: str
    capacity: Decimal | None = None
    unit: str | None = None
    method: PaymentMethod = PaymentMethod.DIRECT_DEBIT
    group: str | None = None


@dataclass(frozen=True, slots=True)
class DemoPlace:
    name: str
    supply_point: str
    address: Address
    premises: Premises
    supplies: tuple[DemoSupply, ...]

    @property
    def feeds_in(self) -> bool:
        return self.premises.solar_kw > 0

    def facility(self, portal: str, owner: str, start_on: date, book: PlanBook) -> Facility:
        """The place as a facility that was supplied from a date on."""
        return Facility(
            number=0,
            portal=portal,
            owner=owner,
            name=self.name,
            supply_point=self.supply_point,
            customer_number=f"C{self.supply_point[-9:]}",
            address=self.address,
            contracts=tuple(self._contract(supply, start_on, book) for supply in self.supplies),
        )

    def _contract(self, supply: DemoSupply, start_on: date, book: PlanBook) -> Contract:
        plan = book.plans[supply.plan]
        return Contract(
            number=f"{plan.kind.value[0]}{self.supply_point[-9:]}",
            kind=plan.kind,
            plan=plan.label.ja,
            capacity=supply.capacity,
            capacity_unit=supply.unit,
            start_on=start_on,
            end_on=None,
            payment_method=supply.method,
            invoice_group=supply.group,
            paper_receipts=supply.method is PaymentMethod.PAYMENT_SLIP,
        )


def demo_members() -> tuple[DemoMember, ...]:
    """The three members, always the same."""
    home = _home(
        0,
        "自宅",
        "1丁目2番3号",
        Premises(1001, PremisesKind.HOME, 1.1),
        DemoSupply("lighting-b", Decimal(40), "A"),
    )
    solar = _home(
        1,
        "屋根に太陽光のある家",
        "4丁目5番6号",
        Premises(1002, PremisesKind.SOLAR_HOME, 1.2, 4.5),
        DemoSupply("night-saver", Decimal(6), "kVA"),
        DemoSupply("buy-back", Decimal("4.5"), "kW"),
        DemoSupply("city-gas", method=PaymentMethod.CARD),
    )
    return (
        DemoMember(
            "denki-jtb",
            "demo@kenshin.example",
            "検針商事株式会社",
            "ケンシンショウジ",
            "demo@kenshin.example",
            tuple(_company()),
        ),
        DemoMember(
            "mirai",
            "kenshin-home",
            "検針 一郎",
            "ケンシン イチロウ",
            "home@kenshin.example",
            (home,),
        ),
        DemoMember(
            "hapie", "solar1", "検針 陽子", "ケンシン ヨウコ", "solar@kenshin.example", (solar,)
        ),
    )


def _home(index: int, name: str, line: str, premises: Premises, *supplies: DemoSupply) -> DemoPlace:
    return DemoPlace(
        name=name,
        supply_point=f"0300000000000000{9000 + index:06d}",
        address=Address("154-0004", "東京都", "世田谷区太子堂", line, None),
        premises=premises,
        supplies=supplies,
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
            supplies=(_of_company(index, city),),
        )


def _of_company(index: int, city: str) -> DemoSupply:
    size = Decimal(10 + index % 30)
    if index < _GROUPED:
        slip = PaymentMethod.PAYMENT_SLIP
        return DemoSupply("business-low-voltage", size, "kW", slip, f"{city}地区")
    return DemoSupply("business-low-voltage", size, "kW")


def demo_apps(now: datetime) -> tuple[App, App]:
    """Apps to try the API with: one on this machine, and one that keeps `APP_SECRET`."""
    sandbox = App(
        id="sandbox",
        name="Sandbox",
        redirect_uris=("http://127.0.0.1:8765/callback", "http://localhost:8765/callback"),
        public=True,
        scopes=frozenset(Scope),
        grants=frozenset({AppGrant.AUTHORIZATION_CODE}),
        origins=("http://127.0.0.1:8765", "http://localhost:8765"),
        documents_only=False,
        website="",
        contact="",
        created_at=now,
    )
    server = replace(
        sandbox,
        id="sandbox-server",
        name="Sandbox Server",
        public=False,
        grants=frozenset(AppGrant),
    )
    return sandbox, server
