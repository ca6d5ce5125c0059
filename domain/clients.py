"""What is known of the program that asks: where it is, and what it calls itself."""

import re
from dataclasses import dataclass
from typing import Final

_BROWSERS: Final = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("CriOS/", "Chrome"),
    ("Safari/", "Safari"),
)
"Marks in the order in which they count: most browsers also name those that they are like."

_SYSTEMS: Final = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Macintosh", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)
_OTHER_PROGRAM: Final = re.compile(r"[A-Za-z][A-Za-z0-9 ._-]{0,29}")
UNKNOWN_PROGRAM: Final = "?"


@dataclass(frozen=True, slots=True)
class Client:
    """Who sends a request, as the connection says; `address` is empty where there is none."""

    address: str = ""
    agent: str = ""
    "Header `User-Agent`."


def program_name(agent: str) -> str:
    """A `User-Agent` in a few words, e.g. `Firefox, Windows`, of plain characters only."""
    browser = _first(_BROWSERS, agent)
    system = _first(_SYSTEMS, agent)
    if browser is None:
        program = _OTHER_PROGRAM.match(agent.partition("/")[0])
        browser = program[0].strip() if program else None
        browser = None if browser == "Mozilla" else browser
    return ", ".join(part for part in (browser, system) if part) or UNKNOWN_PROGRAM


def _first(marks: tuple[tuple[str, str], ...], agent: str) -> str | None:
    return next((name for mark, name in marks if mark in agent), None)
