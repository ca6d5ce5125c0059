"""Texts as people, pasted documents and attackers hand them in: good ones, near misses, nonsense."""

import re
from functools import cache
from typing import Final

from hypothesis import strategies as st

from domain.profile_form import ProfileField
from domain.text_forms import CLASSES, MAIL_CLASSES, MAX_LOCAL, TextForm

NASTY: Final = (
    *"09AZaz_-.@!~ 'あアヲー漢𠮷",
    *"\uff10\uff11\uff21\uff41\uff20\uff0e\uff3f\uff0d\uff0c\u3002\u3001",  # full-width 01Aa@._-,
    *"\uff61\uff64\uff65\uff71\uff76\uff9e\uff9f\u3000\u3099",  # half-width kana
    "\u200b",  # zero width space
    "\u200d",
    "\u202e",  # right-to-left override
    "\u200f",
    "\ufeff",
    "\u00ad",
    "\u3164",  # hangul filler, blank
    "\U000e0100",  # ideographic variation selector
    "😀",
    "👨\u200d👩",
    "\ud83d",  # lone surrogates
    "\udc00",
    "\x00",
    "\n",
    "\t",
    "\x1f",
    "\u2028",
    "\u0085",
    "\u00a0",
    "é",
    "e\u0301",
    "か\u3099",
    "㈱",
    "①",
    "#",
    "İ",
)
"Characters that rules disagree on."

LONG: Final = ("a" * 300, "あ" * 300, "😀" * 300, "a@" * 150, "x@" + "a." * 149 + "jp", " " * 300)

_ANY_CHARACTER: Final = st.one_of(st.sampled_from(NASTY), st.characters(categories=None))
ANY_TEXT: Final = st.one_of(
    st.lists(_ANY_CHARACTER, max_size=30).map("".join), st.sampled_from(LONG)
)


@cache
def _members(inside: str) -> str:
    """Characters of a class: those of ASCII, and the first and last of what follows each other."""
    every: str = "".join(re.findall(f"[{inside}]", "".join(map(chr, range(0x10000)))))
    return "".join(
        character
        for before, character, after in zip("\0" + every, every, every[1:] + "\0", strict=False)
        if character.isascii()
        or ord(character) - ord(before) > 1
        or ord(after) - ord(character) > 1
    )


_MEMBERS: Final = {characters: _members(inside) for characters, inside in CLASSES.items()}


@st.composite
def texts_for(draw: st.DrawFn, form: TextForm) -> str:
    """Texts that a form takes or almost takes: about its lengths, with one thing wrong or none."""
    members = _MEMBERS[form.characters]
    inner = members.strip(" \u3000")
    alphabet = draw(st.sampled_from([members, members, inner, inner[:1], inner[-1:]]))
    length = draw(
        st.sampled_from(
            [form.min_length - 1, form.min_length, form.max_length, form.max_length + 1]
        )
        | st.integers(form.min_length, form.max_length)
    )
    text: str = draw(st.text(alphabet, min_size=length, max_size=length))
    wrong: str = draw(st.sampled_from(["", "", "", " ", "\u3000", *NASTY]))
    place = draw(st.sampled_from([0, len(text) // 2, len(text)]))
    replaced = f"{text[:place]}{wrong}{text[place + 1 :]}"
    return draw(st.sampled_from([replaced, text + wrong, text]))


_LABELS: Final = st.from_regex(re.compile("[a-z0-9-]{0,8}", re.ASCII), fullmatch=True)
_GOOD_DOMAINS: Final = st.sampled_from(
    ["example.co.jp", "docomo.ne.jp", "b.jp", "a" * 63 + ".jp", "j." + "p" * 63]
)
_DOMAINS: Final = st.one_of(
    _GOOD_DOMAINS,
    _GOOD_DOMAINS,
    st.sampled_from(["localhost", "-a.jp", "a..jp", "1.2", "a_b.jp", ""]),
    st.sampled_from(["a" * 64 + ".jp", "a." * 120 + "jp", "j." + "p" * 64]),
    st.lists(_LABELS, max_size=4).map(".".join),
)


@st.composite
def addresses(draw: st.DrawFn) -> str:
    """E-mail addresses, about half of them with something wrong."""
    atoms = _members(draw(st.sampled_from(sorted(MAIL_CLASSES.values()))))
    word = st.text(atoms, min_size=1, max_size=draw(st.sampled_from([3, 8, 70])))
    parts = st.lists(word, min_size=1, max_size=3)
    local = draw(
        st.one_of(
            parts.map(".".join),
            parts.map(".".join),
            st.lists(st.one_of(word, st.just("")), max_size=4).map(".".join),
            st.tuples(word, st.sampled_from(NASTY)).map("".join),
        )
    )
    if draw(st.integers(0, 9)) == 0:
        local = "k" * draw(st.integers(MAX_LOCAL - 1, MAX_LOCAL + 1))
    at = draw(st.sampled_from(["@"] * 8 + ["", "@@", "\uff20"]))
    return f"{local}{at}{draw(_DOMAINS)}"


def values_of(field: ProfileField) -> st.SearchStrategy[str]:
    """Values for a field that is no TEXT: good ones, near ones, those of other fields, any."""
    return st.one_of(
        st.from_regex(re.compile(field.pattern, re.ASCII), fullmatch=True),
        st.from_regex(re.compile("0?[0-9-]{1,21}", re.ASCII), fullmatch=True),
        st.sampled_from(
            ["5370001", "537-0001", "06-6441-8821", "090-1234-5678", "0664418821", "1980-04"]
        ),
        st.sampled_from(["1980-13", "0-6-6-4-4-1-8-8-2-1", "12", "0", "99", "100", "HOME", "home"]),
        ANY_TEXT,
    )
