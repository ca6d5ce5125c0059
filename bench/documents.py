"""What a bill as PDF costs: fetched from a server of our own, whose bill has a chart of its days.

`pdf_invoice_ms` is the median from the request for the file to its last byte, `…_first_ms` the same
for the first one, which loads libraries and font; `…_peak_mb` is what the server's memory grows by
for that one.
`…_vs_fpdf2` is the processor time of the same pages with a font that fpdf2 reads and cuts itself for
every document, over ours.
"""

import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from statistics import median
from typing import Final
from unittest.mock import patch

import orjson
from fpdf import FPDF
from pylopdf_fonts_jp import sans_path

from bench.contenders import Server, ours_over_mongodb, serving
from bench.cores import two_cores
from bench.harness import Figure
from bench.homes import Homes
from bench.peak_memory import peak_mb
from bench.questions import Call
from datasources.document_font import FONT, DocumentFont
from datasources.invoice_pdf import bill_pdf
from domain.bill_sheets import BillSheet, Issuer, addressee, place_of
from domain.bills import Bill, BillSource, LineItem, LineKind, Payment, PaymentState
from domain.facilities import ContractKind, Facility, PaymentMethod
from domain.settings import Settings
from domain.slots import date_of_day
from resolvers.sources import open_sources
from schema.nodes import facility_number, node_id

_DAYS: Final = 60
_PERIOD: Final = timedelta(days=30)
_LINES: Final = (
    LineItem(LineKind.BASIC_CHARGE, "基本料金", None, None, None, 124_000),
    LineItem(LineKind.ENERGY_CHARGE, "電力量料金（第1段階）", None, None, None, 354_000),
    LineItem(LineKind.ENERGY_CHARGE, "電力量料金（第2段階）", None, None, None, 651_600),
    LineItem(LineKind.FUEL_ADJUSTMENT, "燃料費調整額", None, None, None, -27_600),
    LineItem(
        LineKind.RENEWABLE_LEVY, "再生可能エネルギー発電促進賦課金", None, None, None, 129_000
    ),
)
_ADDRESS: Final = (
    "query Q($id: ID!) { node(id: $id) { ... on Bill { download(format: PDF) { url } } } }"
)


async def run(settings: Settings, rounds: int = 20) -> Sequence[Figure]:
    """All figures."""
    homes = await Homes.made(settings, (_DAYS,))
    printed = await _with_a_bill(settings, homes)
    body = {"query": _ADDRESS, "variables": {"id": node_id("Bill", printed.bill.id)}}
    call = Call(homes.tokens[0], orjson.dumps(body))
    with two_cores() as cores:
        ours = ours_over_mongodb(replace(settings, downloads_per_member=0))
        async with serving(ours, cores.server) as server:
            await server.running.ready(server.accepts)
            figures = await _fetched(server, call, rounds)
        ratio = _vs_fpdf2(printed, rounds)
    return [*figures, Figure("pdf_invoice_vs_fpdf2", ratio, "x", "higher")]


async def _with_a_bill(settings: Settings, homes: Homes) -> BillSheet:
    """Store a bill of the newest days of the home's usage."""
    sources = open_sources(settings)
    try:
        number = facility_number(homes.facilities[0][0])
        home = (await sources.facilities.by_numbers([number]))[number]
        bill = _bill(home, date_of_day(homes.end_day) - timedelta(days=1))
        await sources.bills.put([bill], sources.clock())
    finally:
        await sources.close()
    days = [8_000 + 300 * day for day in range(_PERIOD.days)]
    to = addressee("検針 陽子", home.address)
    issuer = Issuer("検針電力株式会社", "T1234567890123")
    return BillSheet(bill, issuer, to, place_of(home, home.owner), None, None, None, days)


def _bill(home: Facility, end_on: date) -> Bill:
    return Bill(
        id=f"{home.portal}/B-1",
        portal=home.portal,
        owner=home.owner,
        facility=home.number,
        kind=ContractKind.ELECTRICITY,
        contract="E-1",
        plan="従量電灯（例）",
        number="B-1",
        source=BillSource.IMPORTED,
        start_on=end_on - _PERIOD,
        end_on=end_on,
        read_on=end_on,
        usage=324_600,
        amount_yen=sum(line.amount_sen for line in _LINES) // 100,
        lines=_LINES,
        tax_percent=10,
        issued_on=end_on,
        available_on=end_on,
        payment=Payment(PaymentMethod.DIRECT_DEBIT, PaymentState.UNPAID, end_on + _PERIOD),
    )


async def _fetched(server: Server, call: Call, rounds: int) -> Sequence[Figure]:
    times: list[float] = []
    figures = []
    try:
        peak = await peak_mb(server, _fetch(server, call, times))
        figures.append(Figure("pdf_invoice_peak_mb", peak, "MB", "lower"))
    except (FileNotFoundError, PermissionError) as error:
        print(f"documents: this system tells no peak of memory: {error}", file=sys.stderr)
        await _fetch(server, call, times)
    for _ in range(rounds):
        await _fetch(server, call, times)
    return [
        *figures,
        Figure("pdf_invoice_first_ms", times[0] * 1000, "ms", "lower"),
        Figure("pdf_invoice_ms", median(times[1:]) * 1000, "ms", "lower"),
    ]


async def _fetch(server: Server, call: Call, times: list[float]) -> None:
    """Fetch the file, whose address is asked for before."""
    path = orjson.loads(await server.ask(call))["data"]["node"]["download"]["url"]
    started = time.perf_counter()
    response = await server.client.get(server.url.replace("/graphql", path))
    response.raise_for_status()
    times.append(time.perf_counter() - started)


class _FontOfFpdf2(DocumentFont):
    """The font as fpdf2 uses it by itself."""

    def put_into(self, pdf: FPDF) -> None:
        pdf.add_font(FONT, fname=sans_path())

    def output(self, pdf: FPDF) -> bytes:
        return bytes(pdf.output())


def _vs_fpdf2(printed: BillSheet, rounds: int) -> float:
    """Median processor time of fpdf2's own fonts over ours for the same pages."""
    ours, theirs = DocumentFont(), _FontOfFpdf2()
    _seconds(ours, printed)
    times = [(_seconds(theirs, printed), _seconds(ours, printed)) for _ in range(rounds)]
    their, our = median(one for one, _ in times), median(one for _, one in times)
    for name, seconds in (("fpdf2", their), ("ours", our)):
        print(f"  {name:10} {seconds * 1000:8.1f} ms", file=sys.stderr, flush=True)
    return their / our


def _seconds(font: DocumentFont, printed: BillSheet) -> float:
    with patch("datasources.sheet.document_font", lambda: font):
        started = time.process_time()
        bill_pdf(printed)
        return time.process_time() - started
