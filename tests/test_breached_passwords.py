"""The list of breached passwords that ships with the product (MB-4)."""

import pytest

from datasources.breached_passwords import breached_passwords
from domain.identity import FaultCode, password_fault
from tests.policies import SHIPPED


@pytest.mark.parametrize("password", ["123456", "password1", "abcd1234", "sakura", "michael"])
def test_it_has_what_leaks_are_full_of(password: str) -> None:
    assert password in breached_passwords()


def test_it_is_large_and_in_lower_case() -> None:
    found = breached_passwords()
    assert len(found) > 30_000
    assert all(word == word.lower() for word in found)
    assert "kx7p2q" not in found


@pytest.mark.parametrize(
    ("password", "code"),
    [("abcd1234", FaultCode.BREACHED), ("kx7p2q", None), ("abc12", "TOO_SHORT")],
)
def test_a_weak_length_that_the_policy_allows_is_refused_only_for_it(
    password: str, code: str | None
) -> None:
    rule = SHIPPED["hapie"].password
    fault = password_fault(rule, password, "hanako1", breached_passwords())
    assert (fault.code if fault else None) == code
