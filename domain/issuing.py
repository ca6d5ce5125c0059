"""IDs, passwords and codes that the portal makes up: easy to read from paper, hard to guess."""

from collections.abc import Callable
from typing import Final

from domain.identity import normalised
from domain.text_forms import NEEDED, READABLE, TextForm, one_of

_GROUP: Final = 4
_ID_LENGTH: Final = 10
"At least, where the form has room: 50 bits."

Choose = Callable[[str], str]
"Picks one character, every one as likely; `secrets.choice` in a process."


def issued(form: TextForm, length: int, choose: Choose) -> str:
    """A text of a form; its length is `length`, or as near to it as the form lets it be.

    The form must have readable characters, which the policies see to.
    """
    wanted = min(max(length, form.min_length), form.max_length)
    while True:
        text = "".join(choose(form.readable) for _ in range(wanted))
        if all(one_of(NEEDED[need]).search(text) for need in form.needs):
            return text


def issued_login_id(form: TextForm, choose: Choose) -> str:
    return issued(form, _ID_LENGTH, choose).lower()


def issued_code(length: int, choose: Choose) -> str:
    """A code for a postcard, in groups as it is printed."""
    text = "".join(choose(READABLE) for _ in range(length))
    return "-".join(text[place : place + _GROUP] for place in range(0, length, _GROUP))


def code_key(code: str) -> str:
    """What codes are compared by: no matter the width, spaces, hyphens and case."""
    return normalised(code).upper()
