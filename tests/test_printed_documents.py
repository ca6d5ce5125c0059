"""Pages of bills, invoices and certificates: what they say, and that nothing falls off them."""

import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pypdfium2 as pdfium
import pytest

from datasources.certificate_pdf import certificate_pdf
from datasources.consolidated_pdf import consolidated_pdf
from datasources.invoice_pdf import bill_pdf
from datasources.usage_chart import scale_step
from domain.bill_sheets import Place
from domain.bills import LineKind
from domain.facilities import ContractKind
from tests.pdf_texts import lines_of, pages_of, text_of
from tests.printed import ADDRESS, ISSUER, bill, certificate, consolidated, line, place, sheet

LONG = "独立行政法人検針商事北海道・東北支社、総務部施設管理課（電力調達担当）"
NEVER_FIRST = "、。」』ー々ぁっゃゅょ)"
MM = 72 / 25.4


def gas() -> bytes:
    lines = (
        line(LineKind.BASIC_CHARGE, "基本料金（B表）", 105_600),
        line(LineKind.ENERGY_CHARGE, "従量料金", 496_900, "34.2", "m³", "145.2924"),
    )
    of = bill(kind=ContractKind.GAS, usage=34_200, lines=lines)
    return bill_pdf(sheet(of, daily=(), before=None))


def buy_back() -> bytes:
    lines = (line(LineKind.BUY_BACK, "買取料金", 350_200, "412", "kWh", "8.50"),)
    return bill_pdf(sheet(bill(kind=ContractKind.BUY_BACK, usage=412_000, lines=lines)))


def revised() -> bytes:
    before = bill(number="B-0", revision=1, issued_on=date(2026, 10, 14))
    of = bill(revision=2, estimated=12_300, invoice="M-1")
    return bill_pdf(sheet(of, LONG, replaces=before, period=None))


def crowded() -> Place:
    address = replace(ADDRESS, line1=LONG * 3, line2=f"{LONG}ビル" * 3)
    return replace(place(1), name=LONG * 2, address=address, customer_number="C" * 200)


def of_many() -> bytes:
    return consolidated_pdf(consolidated([bill(facility=each + 1) for each in range(60)], 1))


def of_two_rates() -> bytes:
    return consolidated_pdf(consolidated([bill(), bill(facility=2, tax_percent=8)], 0))


def with_many_lines() -> bytes:
    lines = [line(LineKind.ENERGY_CHARGE, f"{LONG}{each}", 100) for each in range(40)]
    return bill_pdf(sheet(bill(lines=tuple(lines))))


def certified() -> bytes:
    (paid,) = certificate().bills
    bills = (paid, replace(paid, amount_yen=1_119), replace(paid, amount_yen=500, tax_percent=8))
    return certificate_pdf(certificate(bills=bills), ISSUER)


KINDS: list[Callable[[], bytes]] = [
    *(gas, buy_back, revised, of_many, of_two_rates, with_many_lines, certified),
    lambda: bill_pdf(sheet()),
    lambda: bill_pdf(sheet(name=f"𠮷田\U000e0100 太郎\n\x07{LONG}" * 9)),
    lambda: bill_pdf(sheet(bill(plan=LONG * 9, contract="9" * 200), place=crowded())),
]
SAID = [
    (gas, ["ガス料金等請求書(2026年10月分)", "34.2m3", "145.2924", "4,969.00", "税込)6,025円"]),
    (buy_back, ["お支払通知書", "購入電力量412kWh", "口座振込", "受電地点特定番号", "3,502円"]),
    (revised, ["B-1(改訂2)", "2026年10月14日発行のB-0(改訂1)に代わる", "推定", "まとめ請求書M-1"]),
    (of_many, ["60件", "駅前第60店", "708,600円", "うち消費税等(10%)64,418円", "2/2ページ"]),
    (of_two_rates, ["11,810円うち消費税等(10%)1,073円", "11,810円うち消費税等(8%)874円"]),
    # The tax of each bill was cut to whole yen: 101 and 101, not the 202.7 of the sum.
    (certified, ["支払証明書", "2026-000007", "2,230円うち消費税等(10%)202円", "(8%)37円"]),
]


@pytest.mark.parametrize(("make", "said"), SAID, ids=[each[0].__name__ for each in SAID])
def test_every_kind_of_document_says_what_it_is_about(
    make: Callable[[], bytes], said: list[str]
) -> None:
    text = text_of(make())
    assert [each for each in said if each not in text] == []


def test_a_bill_has_what_a_qualified_invoice_needs_and_how_it_comes_about() -> None:
    (text,) = pages_of(bill_pdf(sheet()))
    for said in (
        *("電気料金等請求書(2026年10月分)", "〒530-0001", "検針陽子様", "請求番号B-1"),
        *("関西の電力株式会社", "登録番号T1234567890123", "ご請求金額(税込)11,810円"),
        *("お支払期限2026年11月11日", "口座振替日2026年11月9日", "供給地点特定番号06"),
        *("期間2026年9月12日~2026年10月11日(30日間)", "当月指示数12,670.2kWh"),
        *("ご使用量324.6kWh", "基本料金4×10A310.001,240.00", "7,406.52", "-0.85-275.91"),
        *("ご請求金額合計(税込)11,810.00", "10%対象(税込)11,810円うち消費税等(10%)1,073円"),
        *("1日あたりのご使用量は前回に比べ12%増えました", "適格請求書です", "1/1ページ"),
    ):
        assert said in text, said


@pytest.mark.parametrize("make", KINDS)
def test_nothing_falls_off_a_page_and_no_line_begins_with_what_never_may(
    make: Callable[[], bytes],
) -> None:
    document: Any = pdfium.PdfDocument(make())
    for page in document:
        assert [round(side / MM) for side in page.get_size()] == [210, 297]
        texts = page.get_textpage()
        boxes = [texts.get_charbox(index) for index in range(texts.count_chars())]
        assert min(box[0] for box in boxes) > 17 * MM
        assert max(box[2] for box in boxes) < 193 * MM
        assert min(box[1] for box in boxes) > 4 * MM
        assert [each for each in lines_of(page) if each[0] in NEVER_FIRST] == []
    document.close()


def test_the_same_bill_is_the_same_file_whatever_was_printed_before_or_is_meanwhile() -> None:
    wanted = [make() for make in KINDS]
    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(lambda make: make(), KINDS)) == wanted


def test_a_search_finds_the_words_and_the_font_comes_along_with_its_used_glyphs(
    tmp_path: Path,
) -> None:
    file = tmp_path / "bill.pdf"
    file.write_bytes(bill_pdf(sheet()))

    def ask(*command: str) -> str:
        ran = subprocess.run([*command, str(file)], check=True, capture_output=True, text=True)
        return ran.stdout

    (font,) = ask("pdffonts").splitlines()[2:]
    assert font.split()[:3] == ["MPDFAA+NotoSansJP", "CID", "TrueType"]
    assert font.split()[4:7] == ["yes", "yes", "yes"]
    assert file.stat().st_size < 60_000
    text = subprocess.run(
        ["pdftotext", str(file), "-"], check=True, capture_output=True, text=True
    ).stdout
    assert "請求" in text
    assert "Creator" not in ask("pdfinfo")
    assert "CreationDate:" in ask("pdfinfo")


def test_a_character_that_the_font_does_not_have_is_marked_and_variants_are_not_chosen() -> None:
    text = text_of(bill_pdf(sheet(name="検針ก 葛\U000e0100か\u3099城")))
    assert "検針〓葛が城様" in text


@pytest.mark.parametrize(
    ("most", "step"), [(0, 1), (5, 1), (6, 2), (25, 5), (26, 10), (17_900, 5_000), (25_001, 10_000)]
)
def test_a_scale_has_at_most_five_round_steps(most: int, step: int) -> None:
    assert scale_step(most) == step


def test_a_chart_of_days_without_use_is_drawn() -> None:
    text = text_of(bill_pdf(sheet(daily=[0] * 30)))
    assert "1日ごとのご使用量(kWh)" in text
    assert "9/12" in text
