"""A form's pattern says the same as the check behind it: in Python, and in JavaScript."""

import json
import re
import subprocess
from collections.abc import Iterator
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.identity import email_fault, profile_faults, text_fault
from domain.profile_form import FieldForm, ProfileForm
from domain.text_forms import CLASSES, Characters, Need, TextForm
from tests.domain.texts_given import ANY_TEXT, addresses, texts_for, values_of
from tests.node import NPM
from tests.policies import PORTALS
from web.build import find_node

TEXT_FORMS: Final = sorted(
    {
        form
        for portal in PORTALS.values()
        for form in (
            portal.login_id.form,
            portal.password.form,
            portal.recovery.answer,
            portal.second_factor and portal.second_factor.form,
            *(field.text_form for field in portal.profile.fields),
        )
        if form
    },
    key=str,
)
EMAILS: Final = list({portal.email.pattern: portal.email for portal in PORTALS.values()}.values())
OTHERS: Final = list(
    {
        field.pattern: field
        for portal in PORTALS.values()
        for field in portal.profile.fields
        if field.form is not FieldForm.TEXT
    }.values()
)


class JavaScript:
    """Node, which matches patterns."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def matches(self, pattern: str, text: str) -> list[bool]:
        """Whether it matches the whole text, with flag u and with flag v."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps({"pattern": pattern, "text": text}) + "\n")
        self._process.stdin.flush()
        found: list[bool] = json.loads(self._process.stdout.readline())
        return found


@pytest.fixture(scope="module")
def javascript() -> Iterator[JavaScript]:
    process = subprocess.Popen(
        [*find_node().node, str(NPM / "match.mjs")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )
    try:
        yield JavaScript(process)
    finally:
        process.kill()
        process.communicate()


def as_sent(text: str) -> str:
    """A text as JSON brings it: surrogates that make a pair are one character."""
    sent: str = json.loads(json.dumps(text))
    return sent


def agree(javascript: JavaScript, pattern: str, text: str, fault: Any) -> None:
    good = not fault
    assert (re.fullmatch(pattern, text) is not None) == good, fault
    assert javascript.matches(pattern, text) == [good, good], fault


@pytest.mark.parametrize("form", TEXT_FORMS, ids=repr)
@settings(max_examples=60)
@given(data=st.data())
def test_a_pattern_matches_the_texts_that_have_no_fault(
    javascript: JavaScript, form: TextForm, data: st.DataObject
) -> None:
    text = as_sent(data.draw(texts_for(form) | ANY_TEXT))
    agree(javascript, form.pattern, text, text_fault(form, text, ()))


@pytest.mark.parametrize("needs", [(Need.LETTER,), (Need.DIGIT,), tuple(Need)])
@pytest.mark.parametrize("characters", CLASSES)
@settings(max_examples=30)
@given(data=st.data())
def test_it_does_so_for_every_set_of_characters_and_need(
    javascript: JavaScript,
    characters: Characters,
    needs: tuple[Need, ...],
    data: st.DataObject,
) -> None:
    form = TextForm(2, 5, characters, needs)
    text = as_sent(data.draw(texts_for(form)))
    agree(javascript, form.pattern, text, text_fault(form, text, ()))


@settings(max_examples=150)
@given(text=st.one_of(addresses(), ANY_TEXT).map(as_sent), rule=st.sampled_from(EMAILS))
def test_an_address_pattern_matches_the_addresses_that_have_no_fault(
    javascript: JavaScript, text: str, rule: Any
) -> None:
    agree(javascript, rule.pattern, text, email_fault(rule, text))


@pytest.mark.parametrize("rule", EMAILS, ids=lambda rule: rule.characters)
@pytest.mark.parametrize(
    ("local", "domain"),
    [
        *((local, "b.jp") for local in ("k", "k" * 64, "k" * 65, "k.k", "k..k", ".k", "k.", "")),
        *(("k", f"{'d' * length}.jp") for length in (1, 63, 64)),
        *(("k", f"d.{'j' * length}") for length in (1, 2, 63, 64)),
        *(("k", domain) for domain in ("jp", "-d.jp", "d-.jp", "d.-jp", "d.j-", "d.j1", "d.1j")),
        *(("k", f"{'d' * 60}.{'d' * 60}.{'d' * 60}.{'d' * length}.jp") for length in (62, 63, 64)),
        *(("k" * (length - 5), "b.jp") for length in (5, 6, 40, 41, 50, 51)),
        *(("k" * 60, f"{'d' * (length - 64)}.jp") for length in (100, 101)),
    ],
)
def test_it_does_so_at_every_bound(
    javascript: JavaScript, rule: Any, local: str, domain: str
) -> None:
    text = f"{local}@{domain}"
    agree(javascript, rule.pattern, text, email_fault(rule, text))


@pytest.mark.parametrize("field", OTHERS, ids=lambda field: field.key)
@settings(max_examples=60)
@given(data=st.data())
def test_a_field_s_pattern_matches_the_values_that_have_no_fault(
    javascript: JavaScript, field: Any, data: st.DataObject
) -> None:
    if text := as_sent(data.draw(values_of(field))):
        agree(
            javascript,
            field.pattern,
            text,
            profile_faults(ProfileForm((field,)), {field.key: text}),
        )


@pytest.mark.parametrize("field", OTHERS, ids=lambda field: field.key)
def test_no_value_that_a_pattern_matches_is_longer_than_the_field_says(field: Any) -> None:
    texts = {"5370001", "537-0001", "06-6441-8821", "090-1234-5678", "1980-04", "12"}
    texts |= {"0-9-0-1-2-3-4-5-6-7-8", *(choice.key for choice in field.choices)}
    lengths = [len(text) for text in texts if re.fullmatch(field.pattern, text)]
    assert 0 < max(lengths) <= field.length


@pytest.mark.parametrize("characters", Characters)
def test_every_character_of_plane_0_is_in_a_set_for_both_languages_or_for_none(
    javascript: JavaScript, characters: Characters
) -> None:
    class_of_one = f"[{CLASSES[characters]}]"
    every = "".join(map(chr, range(0x10000)))
    not_in_it = re.sub(class_of_one, "", every)
    # The rest is as long as the set is large, and JavaScript finds nothing of the set in it.
    assert javascript.matches(f"[^{CLASSES[characters]}]*", not_in_it) == [True, True]
    in_it = "".join(re.findall(class_of_one, every))
    assert len(in_it) + len(not_in_it) == 0x10000
    assert javascript.matches(f"{class_of_one}*", in_it) == [True, True]
