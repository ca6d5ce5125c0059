"""Whether an ID, a password, an address or a profile has the form that a portal asks for (MB-3, 4, 5).

Each check gives what is wrong first, as a `Fault`, and never raises, whatever the text holds. What a
check lets pass, the pattern of the rule matches, and nothing else: see `domain.text_forms`.
"""

import re
import unicodedata
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from domain.policy import EmailRule, PasswordRule
from domain.portal import Portal
from domain.profile_form import FieldForm, ProfileField, ProfileForm
from domain.text_forms import (
    CLASSES,
    DOMAIN,
    MAIL_CLASSES,
    MAX_LOCAL,
    NEEDED,
    Need,
    TextForm,
    one_of,
)


class FaultCode(StrEnum):
    """What is wrong with a text: the `code` of a user error, and when a client gets it."""

    REQUIRED = "REQUIRED"
    "nothing was given where something is needed"
    TOO_SHORT = "TOO_SHORT"
    "fewer characters than the portal asks for; the message names the number"
    TOO_LONG = "TOO_LONG"
    "more characters than can be; the message names the number"
    STRAY_SPACE = "STRAY_SPACE"
    "a space at one of the ends, or where none may be"
    BAD_CHARACTER = "BAD_CHARACTER"
    "a character that may not be there; the message names it and its place"
    FULL_WIDTH = "FULL_WIDTH"
    "a full-width character where a half-width one is needed"
    HALF_WIDTH = "HALF_WIDTH"
    "a half-width character where a full-width one is needed"
    NEEDS_LETTER = "NEEDS_LETTER"
    "no letter, where one is needed"
    NEEDS_DIGIT = "NEEDS_DIGIT"
    "no digit, where one is needed"
    SAME_AS_LOGIN_ID = "SAME_AS_LOGIN_ID"
    "the password is the login ID"
    BREACHED = "BREACHED"
    "the password is known from leaks"
    FULL_WIDTH_AT = "FULL_WIDTH_AT"
    "a full-width @ in an e-mail address"
    FULL_WIDTH_DOT = "FULL_WIDTH_DOT"
    "a full-width dot in an e-mail address"
    COMMA_FOR_DOT = "COMMA_FOR_DOT"
    "a comma in an e-mail address, where a dot is meant"
    NO_AT = "NO_AT"
    "an e-mail address without @"
    SEVERAL_AT = "SEVERAL_AT"
    "an e-mail address with more than one @"
    MISPLACED_DOT = "MISPLACED_DOT"
    "a dot at one of the ends, or two in a row, before the @"
    BAD_DOMAIN = "BAD_DOMAIN"
    "what follows the @ is no domain such as example.co.jp"
    TOO_MANY = "TOO_MANY"
    "a list that is longer than may be"
    REPEATED = "REPEATED"
    "an entry that stands there already"
    BAD_FORM = "BAD_FORM"
    "no number of the form that is asked for; the message shows an example"
    UNKNOWN_CHOICE = "UNKNOWN_CHOICE"
    "none of the choices, which the message names"
    UNKNOWN_FIELD = "UNKNOWN_FIELD"
    "the portal's form has no such field; the message names those that it has"


FieldPath = tuple[str, ...]
"Where in a mutation's input a text stands."


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a text is refused; the message never repeats the text."""

    code: FaultCode
    message: str
    field: FieldPath


_EXAMPLES: Final = {
    FieldForm.POSTAL_CODE: "seven digits like 537-0001",
    FieldForm.PHONE: "a number of 10 or 11 half-width digits like 06-6441-8821",
    FieldForm.HYPHENATED_PHONE: "half-width digits with hyphens like 06-6441-8821",
    FieldForm.MONTH: "a year and a month like 1980-04",
    FieldForm.COUNT: "a whole number 1 to 99",
}

_AT_SIGNS: Final = frozenset("\uff20\ufe6b")
_DOTS: Final = frozenset("\uff0e\u3002\uff61\ufe52")
_COMMAS: Final = frozenset(",\uff0c\u3001\uff64\ufe50")
_NEED_CODES: Final = {Need.LETTER: FaultCode.NEEDS_LETTER, Need.DIGIT: FaultCode.NEEDS_DIGIT}
_WANTED: Final = {
    FaultCode.FULL_WIDTH: "; it must be half-width",
    FaultCode.HALF_WIDTH: "; it must be full-width",
}
_TO_FULL_WIDTH: Final = 0xFEE0
"Between a character of ASCII and its full-width form."
_VISIBLE: Final = "!-~"
_FILLERS: Final = re.compile(r"[\s\-\u00ad\u2010-\u2015\u2043\u2212\u2500\u2501]+")
"Spaces, and all that people type for a hyphen."
_LONG_MARK_FOR_HYPHEN: Final = re.compile("(?<=[0-9])ー+(?=[0-9])")
"Elsewhere the mark is part of a word."


def login_id_fault(portal: Portal, text: str, field: FieldPath = ("loginId",)) -> Fault | None:
    """What is wrong with a login ID that a person chose (MB-3)."""
    form = portal.login_id.form
    if form is None:
        return email_fault(portal.email, text, field)
    return text_fault(form, text, field)


def password_fault(
    rule: PasswordRule,
    text: str,
    login_id: str,
    breached: Container[str],
    field: FieldPath = ("password",),
) -> Fault | None:
    """What is wrong with a new password (MB-4); `breached` holds such passwords in lower case."""
    if fault := text_fault(rule.form, text, field):
        return fault
    if not rule.may_equal_login_id and text.casefold() == login_id.casefold():
        return Fault(FaultCode.SAME_AS_LOGIN_ID, "must differ from the login ID", field)
    if text.casefold() in breached:
        return Fault(FaultCode.BREACHED, "is known from leaks of passwords; choose another", field)
    return None


def text_fault(form: TextForm, text: str, field: FieldPath) -> Fault | None:
    """What is wrong with the length or the characters of a text."""
    if not text:
        return Fault(FaultCode.REQUIRED, "must not be empty", field)
    if text != text.strip():
        return Fault(FaultCode.STRAY_SPACE, "has a space at one of its ends", field)
    if len(text) > form.max_length:
        return _too_long(form.max_length, text, field)
    return _character_fault(CLASSES[form.characters], text, field) or _lack(form, text, field)


def email_fault(rule: EmailRule, text: str, field: FieldPath = ("email",)) -> Fault | None:
    """What is wrong with an e-mail address (MB-5)."""
    if not text:
        return Fault(FaultCode.REQUIRED, "must not be empty", field)
    # No more than shows that it is too long: whoever sends a megabyte is not kept company.
    if fault := _mistyped(text[: rule.max_length + 1], field):
        return fault
    if len(text) > rule.max_length:
        return _too_long(rule.max_length, text, field)
    if fault := _character_fault(_VISIBLE, text, field):
        return fault
    if text.count("@") != 1:
        code = FaultCode.SEVERAL_AT if "@" in text else FaultCode.NO_AT
        return Fault(code, f"must have one @, found {text.count('@')}", field)
    local, _, domain = text.partition("@")
    return _local_fault(rule, local, field) or _domain_fault(domain, field)


def profile_faults(
    form: ProfileForm, values: Mapping[str, str], field: FieldPath = ("profile",)
) -> tuple[Fault, ...]:
    """What is wrong with the values of a form by their keys (MB-12); an empty one is none."""
    return tuple(_each_profile_fault(form, values, field))


def normalised(text: str) -> str:
    """What is compared with the supply contract: no matter the width, the spaces, the hyphens."""
    bare = _FILLERS.sub("", unicodedata.normalize("NFKC", text))
    return unicodedata.normalize("NFKC", _LONG_MARK_FOR_HYPHEN.sub("", bare))


def _lack(form: TextForm, text: str, field: FieldPath) -> Fault | None:
    """What a text has too little of."""
    if len(text) < form.min_length:
        message = f"must have at least {form.min_length} characters, found {len(text)}"
        return Fault(FaultCode.TOO_SHORT, message, field)
    for need in form.needs:
        if one_of(NEEDED[need]).search(text) is None:
            return Fault(_NEED_CODES[need], f"must have a {need.lower()}", field)
    return None


def _each_profile_fault(
    form: ProfileForm, values: Mapping[str, str], field: FieldPath
) -> Iterator[Fault]:
    for key in values:
        if form.field(key) is None:
            known = ", ".join(each.key for each in form.fields)
            yield Fault(FaultCode.UNKNOWN_FIELD, f"expected fields among {known}", field)
    for each in form.fields:
        if fault := _value_fault(each, values.get(each.key, ""), (*field, each.key)):
            yield fault
    if form.one_of and not any(values.get(key) for key in form.one_of):
        message = f"must have one of {', '.join(form.one_of)}"
        yield Fault(FaultCode.REQUIRED, message, (*field, form.one_of[0]))


def _value_fault(rule: ProfileField, text: str, field: FieldPath) -> Fault | None:
    if not text:
        return Fault(FaultCode.REQUIRED, "must not be empty", field) if rule.required else None
    if form := rule.text_form:
        return text_fault(form, text, field)
    if rule.form is FieldForm.CHOICE:
        return _choice_fault(rule, text, field)
    return _number_fault(rule, text, field)


def _number_fault(rule: ProfileField, text: str, field: FieldPath) -> Fault | None:
    """Of the forms that are made of digits and hyphens."""
    if text != text.strip():
        return Fault(FaultCode.STRAY_SPACE, "has a space at one of its ends", field)
    if len(text) > rule.length:
        return _too_long(rule.length, text, field)
    expected = f"must be {_EXAMPLES[rule.form]}"
    if fault := _character_fault("0-9\\-", text, field):
        if fault.code is FaultCode.BAD_CHARACTER:
            return replace(fault, message=f"{expected}, {fault.message}")
        return fault
    if re.fullmatch(rule.pattern, text) is None:
        return Fault(FaultCode.BAD_FORM, expected, field)
    return None


def _choice_fault(rule: ProfileField, text: str, field: FieldPath) -> Fault | None:
    keys = [choice.key for choice in rule.choices]
    if text in keys:
        return None
    return Fault(FaultCode.UNKNOWN_CHOICE, f"expected one of {', '.join(keys)}", field)


def _mistyped(text: str, field: FieldPath) -> Fault | None:
    """What people mistype in addresses, named exactly."""
    if any(character.isspace() for character in text):
        return Fault(FaultCode.STRAY_SPACE, "has a space", field)
    if not _AT_SIGNS.isdisjoint(text):
        return Fault(FaultCode.FULL_WIDTH_AT, "has a full-width @", field)
    if not _DOTS.isdisjoint(text):
        return Fault(FaultCode.FULL_WIDTH_DOT, "has a full-width dot", field)
    if not _COMMAS.isdisjoint(text):
        return Fault(FaultCode.COMMA_FOR_DOT, "has a comma where a dot is meant", field)
    return None


def _local_fault(rule: EmailRule, local: str, field: FieldPath) -> Fault | None:
    if not local:
        return Fault(FaultCode.TOO_SHORT, "must have something before the @", field)
    if len(local) > MAX_LOCAL:
        message = f"must have at most {MAX_LOCAL} characters before the @, found {len(local)}"
        return Fault(FaultCode.TOO_LONG, message, field)
    if fault := _character_fault(f"{MAIL_CLASSES[rule.characters]}.", local, field):
        return fault
    if "" in local.split("."):
        message = "must not begin or end with a dot or have two in a row before the @"
        return Fault(FaultCode.MISPLACED_DOT, message, field)
    return None


def _domain_fault(domain: str, field: FieldPath) -> Fault | None:
    if re.fullmatch(DOMAIN, domain) is None:
        message = "must have a domain like example.co.jp after the @"
        return Fault(FaultCode.BAD_DOMAIN, message, field)
    return None


def _too_long(most: int, text: str, field: FieldPath) -> Fault:
    return Fault(
        FaultCode.TOO_LONG, f"must have at most {most} characters, found {len(text)}", field
    )


def _character_fault(inside: str, text: str, field: FieldPath) -> Fault | None:
    """The first character that is not of a class."""
    allowed = one_of(inside)
    for place, character in enumerate(text, 1):
        if allowed.match(character) is None:
            code = _character_code(allowed, character)
            wanted = _WANTED.get(code, "")
            return Fault(code, f"has {_named(character)} at place {place}{wanted}", field)
    return None


def _character_code(allowed: re.Pattern[str], character: str) -> FaultCode:
    width = unicodedata.east_asian_width(character)
    plain = unicodedata.normalize("NFKC", character)
    if width == "F" and allowed.match(plain):
        return FaultCode.FULL_WIDTH
    if width in {"H", "Na"} and allowed.match(_widened(character, plain)):
        return FaultCode.HALF_WIDTH
    return FaultCode.STRAY_SPACE if character.isspace() else FaultCode.BAD_CHARACTER


def _widened(character: str, plain: str) -> str:
    """The full-width form of a half-width character."""
    if not character.isascii():
        return plain
    return "\u3000" if character == " " else chr(ord(character) + _TO_FULL_WIDTH)


def _named(character: str) -> str:
    """A character as text that always can be encoded."""
    return f"U+{ord(character):04X} {unicodedata.name(character, '')}".rstrip()
