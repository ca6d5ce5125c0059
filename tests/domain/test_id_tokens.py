"""What an ID token must say: one wrong claim, and nobody is let in."""

from datetime import UTC, datetime
from typing import Any

import pytest

from domain.external_log_in import OutsideAccount
from domain.id_tokens import Expected, WrongIdToken, account_of

NOW = datetime(2040, 6, 15, 3, 10, tzinfo=UTC)
AT = int(NOW.timestamp())
EXPECTED = Expected("https://id.example", "kenshin", "of this visit")
RIGHT: dict[str, Any] = {
    "iss": "https://id.example",
    "aud": "kenshin",
    "sub": "248289761001",
    "nonce": "of this visit",
    "iat": AT,
    "exp": AT + 3600,
}


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"aud": ["kenshin"]},
        {"aud": ["kenshin", "others"], "azp": "kenshin"},
        {"azp": "kenshin"},
        {"iat": AT + 59.5, "nbf": AT + 60},
        {"exp": AT - 59, "iat": AT - 600},
        {"sub": "s" * 255, "email": "somebody@example.jp"},
    ],
)
def test_a_right_token_names_an_account_of_its_provider(claims: dict[str, Any]) -> None:
    found = account_of(RIGHT | claims, EXPECTED, NOW)

    assert found == OutsideAccount("https://id.example", claims.get("sub", "248289761001"))


@pytest.mark.parametrize(
    ("claim", "values"),
    [
        ("iss", [None, "", "https://id.example/", "https://ID.example", "http://id.example"]),
        ("aud", [None, "", "others", ["others"], [], {"kenshin": 1}, ["kenshin", "others"], 7]),
        ("azp", ["others", None, ["kenshin"]]),
        ("nonce", [None, "", "of another visit", "of this visit ", 7, ["of this visit"], "\ud800"]),
        ("exp", [None, "tomorrow", str(AT + 60), True, AT - 60, -1, float("nan"), float("inf")]),
        ("iat", [None, "today", AT + 61, AT - 660, False, 10**400]),
        ("nbf", [None, AT + 61, "now"]),
        ("sub", [None, "", "s" * 256, 248289761001, ["248289761001"]]),
    ],
)
def test_a_wrong_claim_is_named_without_its_value(claim: str, values: list[object]) -> None:
    for value in values:
        with pytest.raises(WrongIdToken, match=f"^{'azp|aud' if claim == 'aud' else claim}") as why:
            account_of(RIGHT | {claim: value}, EXPECTED, NOW)
        assert not value or str(value) not in str(why.value)


@pytest.mark.parametrize("claim", RIGHT)
def test_a_claim_that_is_missing_is_wrong(claim: str) -> None:
    with pytest.raises(WrongIdToken, match=f"^{claim}"):
        account_of({key: text for key, text in RIGHT.items() if key != claim}, EXPECTED, NOW)
