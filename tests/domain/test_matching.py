"""What a person says against a supply contract (MB-7)."""

from dataclasses import replace

import pytest

from domain.facilities import Address, PaymentMethod
from domain.matching import agrees
from domain.policy import ContractFact
from domain.supply import SupplyContract, contract_id

CONTRACT = SupplyContract(
    portal="mirai",
    customer_number="A1-0042",
    name="検針 ガス太郎",
    kana="ケンシン ガスタロウ",
    phone="03-1234-5678",
    address=Address("160-0022", "東京都", "新宿区", "1-2-3", None),
    payment_method=PaymentMethod.CARD,
    voltage=100,
)
GIVEN = {
    "customerNumber": "A1-0042",
    "name": "検針 ガス太郎",
    "kana": "ケンシン ガスタロウ",
    "postalCode": "160-0022",
    "phone": "03-1234-5678",
}
ALL = tuple(ContractFact)


def test_the_same_texts_agree() -> None:
    assert agrees(CONTRACT, GIVEN, ALL)


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("customerNumber", "ａ１００４２"),
        ("customerNumber", "a1 \u22120042"),
        ("name", "検針\u3000ガス太郎"),
        ("name", "検針ｶﾞｽ太郎"),
        ("kana", "ｹﾝｼﾝｶﾞｽﾀﾛｳ"),
        ("postalCode", "1600022"),
        ("postalCode", "〒160-0022".removeprefix("〒")),
        ("phone", "03ー1234ー5678"),
        ("phone", "\uff10\uff13(1234)5678".replace("(", "").replace(")", "")),
    ],
)
def test_width_spaces_hyphens_and_case_are_forgiven(key: str, text: str) -> None:
    assert agrees(CONTRACT, GIVEN | {key: text}, ALL)


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("customerNumber", "A1-0043"),
        ("customerNumber", ""),
        ("name", "検針 ガス次郎"),
        ("name", "検針 ガス太郎様"),
        ("kana", "けんしん がすたろう"),
        ("kana", "ケンシン カスタロウ"),
        ("postalCode", "160-0023"),
        ("phone", "03-1234-567"),
        ("phone", "\ud800"),
    ],
)
def test_content_is_never_forgiven(key: str, text: str) -> None:
    assert not agrees(CONTRACT, GIVEN | {key: text}, ALL)


def test_only_the_facts_of_the_policy_matter() -> None:
    given = {"customerNumber": "A1-0042", "phone": "wrong"}
    assert agrees(CONTRACT, given, (ContractFact.CUSTOMER_NUMBER,))
    assert not agrees(CONTRACT, given, (ContractFact.CUSTOMER_NUMBER, ContractFact.PHONE))


def test_what_the_contract_does_not_have_never_agrees() -> None:
    bare = replace(CONTRACT, kana=None, phone=None)
    assert not agrees(bare, GIVEN | {"kana": ""}, (ContractFact.KANA,))
    assert not agrees(bare, GIVEN | {"phone": "-"}, (ContractFact.PHONE,))


def test_nobody_s_contract_agrees_with_nothing() -> None:
    assert not agrees(None, GIVEN, ALL)
    assert not agrees(None, {}, ALL)
    assert not agrees(None, {}, ())


def test_a_contract_is_found_however_its_number_is_written() -> None:
    assert contract_id("mirai", "ａ１‐００４２ ") == CONTRACT.id == "mirai/a10042"
