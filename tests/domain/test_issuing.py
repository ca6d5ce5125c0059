"""IDs, passwords and codes that are made up (MB-3, MB-7, MB-8)."""

import random
import re

import pytest

from domain.issuing import code_key, issued, issued_code, issued_login_id
from domain.policy_tables import InvalidPolicy
from domain.portal import parse_portal
from domain.text_forms import READABLE, Characters, Need, TextForm
from tests.policies import SHIPPED, changed

CHOOSE = random.Random(7).choice


@pytest.mark.parametrize("needs", [(), (Need.LETTER,), (Need.DIGIT,), (Need.LETTER, Need.DIGIT)])
def test_what_is_issued_has_its_form(needs: tuple[Need, ...]) -> None:
    form = TextForm(4, 6, Characters.HALF_WIDTH_ALPHANUMERIC, needs)
    for length in (1, 5, 100):
        for _ in range(50):
            text = issued(form, length, CHOOSE)
            assert re.fullmatch(form.pattern, text)
            assert len(text) == min(max(length, 4), 6)


def test_an_issued_id_has_the_form_of_its_portal() -> None:
    form = SHIPPED["hokulink"].login_id.form
    assert form is not None
    found = {issued_login_id(form, CHOOSE) for _ in range(100)}
    assert len(found) == 100
    assert all(re.fullmatch(form.pattern, text) and text.islower() for text in found)


def test_digits_alone_can_be_issued() -> None:
    assert issued(TextForm(6, 6, Characters.DIGITS), 6, CHOOSE).isdigit()


def test_nothing_issued_looks_like_something_else() -> None:
    assert set(READABLE).isdisjoint("01IO")


def test_a_code_is_printed_in_groups_and_read_however_it_is_typed() -> None:
    code = issued_code(10, CHOOSE)
    assert re.fullmatch(f"[{READABLE}]{{4}}-[{READABLE}]{{4}}-[{READABLE}]{{2}}", code)
    wide = "".join(chr(ord(char) + 0xFEE0) if char != "-" else " " for char in code.lower())
    assert code_key(wide) == code_key(code) == code.replace("-", "")


@pytest.mark.parametrize(
    "form",
    [
        TextForm(1, 9, Characters.FULL_WIDTH),
        TextForm(1, 9, Characters.KATAKANA),
        TextForm(1, 9, Characters.DIGITS, (Need.LETTER,)),
    ],
)
def test_what_cannot_be_made_up_is_known_before(form: TextForm) -> None:
    assert form.readable == ""


def test_a_policy_whose_ids_or_first_passwords_cannot_be_made_up_is_refused() -> None:
    policy = changed(("password", "form", "characters"), "FULL_WIDTH")
    policy["login_id"] |= {"source": "ISSUED_BY_MAIL"}
    policy["login_id"]["form"] = {"min_length": 1, "max_length": 9, "characters": "KATAKANA"}
    policy["proof"]["courses"][0]["postcard"]["secret"] = "PASSWORD"
    expected = "expected characters that have half-width letters or digits, as the portal makes"

    with pytest.raises(InvalidPolicy) as refusal:
        parse_portal("aozora", policy)

    assert str(refusal.value).splitlines() == [
        f"login_id.form.characters: {expected} IDs",
        f"password.form.characters: {expected} passwords",
    ]
