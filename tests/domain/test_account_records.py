"""Accounts as a company hands them in, one object a line (MB-2)."""

from typing import Any

import pytest

from domain.account_records import NewAccount, parse_account
from domain.outbox import Language
from domain.record_fields import InvalidRecord

LINE: dict[str, Any] = {"portal": "hepco", "account": "A-1", "customerNumbers": ["C-1", "C-2"]}


def test_an_account_has_a_number_and_the_contracts_that_it_opens() -> None:
    assert parse_account(LINE) == NewAccount("hepco", "A-1", ("C-1", "C-2"), Language.JA)
    assert parse_account(LINE | {"language": "en"}).language is Language.EN
    assert parse_account(LINE | {"language": None}).language is Language.JA


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"portal": None}, "portal must be given, found none"),
        ({"account": ""}, "account must have 1 to 200 characters, found 0"),
        ({"account": "A\x00"}, "account must have no control characters, found 'A\\x00'"),
        ({"customerNumbers": None}, "customerNumbers must be given, found none"),
        ({"customerNumbers": "C-1"}, "customerNumbers must be a list, found 'C-1'"),
        ({"customerNumbers": []}, "customerNumbers must have 1 to 1000 customer numbers, found 0"),
        (
            {"customerNumbers": ["C-1"] * 1_001},
            "customerNumbers must have 1 to 1000 customer numbers, found 1001",
        ),
        (
            {"customerNumbers": ["C-1", "C-2", "\uff23 1"]},
            "customerNumbers[2] must be another customer number, found it twice",
        ),
        ({"customerNumbers": [7]}, "customerNumbers[0] must be a string, found 7"),
        ({"language": "fr"}, "language must be ja or en, found 'fr'"),
        (
            {"password": "x"},
            "keys must be among portal, account, customerNumbers, language, found 'password'",
        ),
    ],
)
def test_a_line_that_is_none_is_refused_with_one_clause(
    changes: dict[str, Any], reason: str
) -> None:
    with pytest.raises(InvalidRecord) as refusal:
        parse_account(LINE | changes)
    assert str(refusal.value) == reason
