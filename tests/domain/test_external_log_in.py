"""Secrets of a visit to a provider, and the providers and addresses that settings name."""

import pytest

from domain.external_log_in import challenge_of, nonce_of, state_of, verifier_of
from domain.external_providers import ProviderClient, is_safe, read_providers, read_redirects
from domain.settings import SettingsError


def test_the_challenge_is_the_one_of_the_standard() -> None:
    """RFC 7636, appendix B."""
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    assert challenge_of(verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_what_comes_of_a_token_is_always_the_same_and_all_different() -> None:
    made = [
        part
        for token in ("a", "b", "\ud800")
        for part in (state_of(token), nonce_of(token), verifier_of(token))
    ]
    assert len({*made, challenge_of(made[2])}) == 10
    assert {len(part) for part in made} == {43}
    assert made[:3] == [state_of("a"), nonce_of("a"), verifier_of("a")]


def test_providers_are_read_with_secrets_of_any_characters() -> None:
    text = """a=https://kenshin:s%2F%3A%40%25@id.example b-2=http://public@127.0.0.1:9/realm/
        c=http://x:y@[::1]:8 d=http://x:y@localhost"""

    assert read_providers(text) == {
        "a": ProviderClient("a", "https://id.example", "kenshin", "s/:@%"),
        "b-2": ProviderClient("b-2", "http://127.0.0.1:9/realm/", "public"),
        "c": ProviderClient("c", "http://[::1]:8", "x", "y"),
        "d": ProviderClient("d", "http://localhost", "x", "y"),
    }
    assert read_providers("") == {}
    assert "s/:@%" not in repr(read_providers(text))


@pytest.mark.parametrize(
    "wrong",
    [
        "a",
        "https://kenshin:SECRET@id.example",
        "A=https://kenshin:SECRET@id.example",
        "a=https://id.example/SECRET",
        "a=https://:SECRET@id.example",
        "a=https://kenshin:SECRET@",
        "a=https://kenshin:SECRET@[id",
        "a=http://kenshin:SECRET@id.example",
        "a=ftp://kenshin:SECRET@localhost",
        "a=https://kenshin:SECRET@id.example?tenant=1",
        "a=https://kenshin:SECRET@id.example#here",
        "a=https://kenshin:SECRET@id.example a=https://kenshin:SECRET@id.example",
    ],
)
def test_a_wrong_provider_is_refused_by_its_place_and_not_shown(wrong: str) -> None:
    place = len(wrong.split()) + 1
    with pytest.raises(
        SettingsError, match=f"^KENSHIN_EXTERNAL_PROVIDERS .* number {place}$"
    ) as why:
        read_providers(f"right=https://kenshin:secret@id.example {wrong}")
    assert "SECRET" not in str(why.value)


def test_redirects_are_whole_addresses() -> None:
    text = "https://portal.example/back jp.example.app:/back"
    assert read_redirects(text) == set(text.split())
    assert read_redirects("") == frozenset()
    for wrong in ("portal.example", "/back", "https://portal.example/#back", "https:"):
        with pytest.raises(SettingsError, match=f"found '{wrong}'$"):
            read_redirects(f"https://portal.example/back {wrong}")


@pytest.mark.parametrize(
    ("address", "safe"),
    [
        ("https://id.example/token", True),
        ("http://127.0.0.2:9/token", True),
        ("http://id.example/token", False),
        ("http://127.0.0.1.example/token", False),
        ("http://10.0.0.1/token", False),
        ("https://who@id.example/token", False),
        ("file:///etc/passwd", False),
        ("https://", False),
        ("http://[::1", False),
        ("", False),
    ],
)
def test_what_is_sent_unseen_goes_by_https_or_stays_here(address: str, safe: bool) -> None:
    assert is_safe(address) is safe
