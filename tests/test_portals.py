"""`Query.portal`: all that a sign-up form needs, so that a client never hard-codes a rule."""

import re
from collections.abc import AsyncIterator
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
from graphql import GraphQLObjectType, get_named_type

from datasources.mongo import Mongo
from domain.billing_policy import BillingPolicy, CertificateRule
from domain.identity import FaultCode
from domain.portal import Portal
from domain.settings import Settings
from domain.text_forms import Characters
from resolvers.sources import open_sources
from schema.root import KenshinSchema
from tests.api import Api, Clock
from tests.policies import PORTALS, SHIPPED, six_portals
from tests.portal_table import PAGE, printed, table

ROOT = Path(__file__).parents[1]


@pytest.fixture
async def api(settings: Settings, mongo: Mongo, clock: Clock, tmp_path: Path) -> AsyncIterator[Api]:
    """The API with six portals: the invented one is a file and nothing else."""
    sources = open_sources(replace(settings, portals=six_portals(tmp_path)), mongo, clock)
    async with Api.serving(sources) as serving:
        yield serving


def whole(kind: GraphQLObjectType) -> str:
    """Selection of every field of a type."""
    parts = []
    for name, field in kind.fields.items():
        inner = get_named_type(field.type)
        parts.append(f"{name} {whole(inner)}" if isinstance(inner, GraphQLObjectType) else name)
    return f"{{ {' '.join(parts)} }}"


PORTAL: Any = KenshinSchema()._schema.type_map["Portal"]
EVERYTHING = f"query ($key: String!) {{ portal(key: $key) {whole(PORTAL)} }}"


async def test_all_rules_of_the_invented_portal_are_told(api: Api) -> None:
    found = (await api.data(EVERYTHING, key="aozora"))["portal"]
    fields = {field["key"]: field for field in found["profile"].pop("fields")}

    assert found == {
        "key": "aozora",
        "name": "あおぞらの窓",
        "company": "あおぞら電力",
        "zone": "Asia/Tokyo",
        "historyMonths": 36,
        "registration": {
            "by": "CONTRACT_HOLDER",
            "lowVoltageOnly": True,
            "emailFirst": False,
            "linkHours": 2,
        },
        "loginId": {
            "label": {"ja": "そらID", "en": "Sky ID"},
            "source": "CHOSEN",
            "caseSensitive": True,
            "changeable": True,
            "form": {
                "minLength": 3,
                "maxLength": 5,
                "pattern": "(?![ \u3000])(?=[0-9]*[0-9])[0-9]{3,5}(?<![ \u3000])",
            },
        },
        "password": {
            "label": {"ja": "合言葉", "en": "Pass phrase"},
            "mayEqualLoginId": True,
            "form": {
                "minLength": 5,
                "maxLength": 100,
                "pattern": "(?![ \u3000])[!-~]{5,100}(?<![ \u3000])",
            },
        },
        "email": {
            "label": {"ja": "メール", "en": "Mail"},
            "form": {
                "minLength": 6,
                "maxLength": 40,
                "pattern": PORTALS["aozora"].email.pattern,
            },
            "maxAddresses": 5,
            "oneMemberEach": True,
        },
        "proof": {
            "matches": ["kana", "postalCode", "customerNumber"],
            "courses": [
                {
                    "kind": "POSTCARD",
                    "label": {"ja": "はがき", "en": "Postcard"},
                    "paymentMethods": ["PAYMENT_SLIP"],
                    "lastFour": False,
                    "postcard": {"secret": "CODE", "length": 6, "days": 14},
                },
                {
                    "kind": "INSTANT",
                    "label": {"ja": "カード", "en": "Card"},
                    "paymentMethods": ["CARD"],
                    "lastFour": True,
                    "postcard": None,
                },
            ],
        },
        "lockout": {"attempts": 3, "untilHour": 0},
        "secondFactor": {
            "keywords": 2,
            "form": {
                "minLength": 2,
                "maxLength": 8,
                "pattern": PORTALS["aozora"].second_factor.form.pattern,  # type: ignore[union-attr]
            },
        },
        "externalProviders": [],
        "recovery": {
            "ways": ["EMAIL_LINK", "SECRET_QUESTION", "CUSTOMER_NUMBER", "KEYWORD_AND_NICKNAME"],
            "linkMinutes": 5,
            "questions": [
                {"key": "CLOUD", "label": {"ja": "好きな雲は?", "en": "Which cloud do you like?"}}
            ],
            "answer": {
                "minLength": 2,
                "maxLength": 30,
                "pattern": PORTALS["aozora"].recovery.answer.pattern,  # type: ignore[union-attr]
            },
        },
        "profile": {"oneOf": ["phone", "mobile"]},
        "firstLogin": ["PROFILE", "KEYWORDS", "NEW_PASSWORD"],
        "withdrawal": {
            "effect": "WITHIN_MONTH",
            "lastNotice": False,
            "accessAfterContractMonths": 0,
            "contractEndWithdraws": True,
        },
        "billing": {
            "plans": ["market-linked", "city-gas"],
            "issuerNumber": "T0000000000000",
            "taxPercent": 8,
            "dueDays": 10,
            "availableBusinessDays": 2,
            "debitResultBusinessDays": 1,
            "closed": ["06-15", "02-29"],
            "detailsOpen": "CONTRACT_START",
            "contractsOpen": "FIRST_BILL",
            "noBillMail": ["city-gas"],
            "certificate": {
                "months": 6,
                "downloadDays": 7,
                "excludedMethods": ["DIRECT_DEBIT", "CARD"],
            },
        },
        "terms": [],
        "mailKinds": [
            {
                "topic": "ADVERTISING",
                "label": {"ja": "広告", "en": "Advertising"},
                "atFirst": True,
            }
        ],
    }
    assert list(fields) == [
        "kana",
        "postalCode",
        "customerNumber",
        "phone",
        "mobile",
        "nickname",
        "sky",
    ]
    assert fields["sky"] == {
        "key": "sky",
        "label": {"ja": "空もよう", "en": "Sky"},
        "form": "CHOICE",
        "required": False,
        "asked": "LATER",
        "changeable": True,
        "maxLength": 6,
        "pattern": "CLEAR|CLOUDY",
        "choices": [
            {"key": "CLEAR", "label": {"ja": "晴れ", "en": "Clear"}},
            {"key": "CLOUDY", "label": {"ja": "くもり", "en": "Cloudy"}},
        ],
    }
    assert (fields["kana"]["required"], fields["kana"]["maxLength"]) == (True, 30)


@pytest.mark.parametrize("key", SHIPPED)
async def test_every_portal_tells_all_of_its_rules(api: Api, key: str) -> None:
    found = (await api.data(EVERYTHING, key=key))["portal"]
    rules = SHIPPED[key]
    assert found["name"] == rules.name
    assert found["lockout"] == {"attempts": 10, "untilHour": 6}
    assert [field["key"] for field in found["profile"]["fields"]] == [
        field.key for field in rules.profile.fields
    ]
    assert (found["secondFactor"] is None) == (rules.second_factor is None)


async def test_nobody_need_be_logged_in_and_an_unknown_portal_is_null(api: Api) -> None:
    for key in ("", "MIRAI", "nowhere", "\u202emirai", "x" * 300):
        assert await api.data(EVERYTHING, key=key) == {"portal": None}


GOOD = {
    "mirai": ("taro_den-ki", "tsubame-no-su", "taro@example.jp"),
    "hepco": ("hepco1234", "Tsubame_no-su!", "a/b=c@example.jp"),
    "denki-jtb": ("taro@example.jp", "tsubame-no-su", "taro@example.jp"),
    "hokulink": ("hoku12345", "tsubame-no-su", "taro_1@example.jp"),
    "hapie": ("abcd1234", "pass01word", "kanden.taro@kepco.co.jp"),
    "aozora": ("1234", "tsubame", "taro@example.jp"),
}


@pytest.mark.parametrize("key", PORTALS)
async def test_a_form_that_knows_no_rules_takes_what_the_portal_takes(api: Api, key: str) -> None:
    query = """query ($key: String!) { portal(key: $key) {
      loginId { form { pattern } } password { form { pattern } } email { form { pattern } }
    } }"""
    found = (await api.data(query, key=key))["portal"]
    patterns = [found[part]["form"]["pattern"] for part in ("loginId", "password", "email")]
    for pattern, text in zip(patterns, GOOD[key], strict=True):
        assert re.fullmatch(pattern, text)
        for wrong in (f" {text}", f"{text}\u200b", text + "x" * 300, "", "\uff21" * 8, "😀" * 8):
            assert not re.fullmatch(pattern, wrong)


def test_no_code_asks_which_portal_it_serves() -> None:
    """A sixth utility is a new file; only the demo's data name portals."""
    keys = "|".join(SHIPPED)
    naming = {
        str(file.relative_to(ROOT))
        for folder in ("domain", "datasources", "resolvers", "schema", "commands")
        for file in (ROOT / folder).rglob("*.py")
        if re.search(rf"[\"'`]({keys})[\"'`]", file.read_text("utf-8"))
    }
    assert naming <= {"domain/demo.py", "resolvers/demo.py"}
    assert not re.search(rf"[\"'`]({keys})[\"'`]", (ROOT / "server.py").read_text("utf-8"))


def test_the_table_of_the_page_says_what_the_files_say() -> None:
    """`python -m tests.portal_table` writes it anew."""
    assert printed() == table()


def test_the_page_names_every_fault_and_every_rule() -> None:
    page = PAGE.read_text("utf-8")
    names = {code.value for code in FaultCode} | {kind.value for kind in Characters}
    for kind in (Portal, BillingPolicy, CertificateRule):
        names |= {field.name for field in fields(kind)} - {"key"}
    assert {name for name in names if not re.search(rf"`[^`]*\b{name}\b[^`]*`", page)} == set()
