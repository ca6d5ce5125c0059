"""What a program that asks is called."""

import pytest

from domain.clients import program_name

AGENTS = {
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0": (
        "Firefox, Windows"
    ),
    "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0": (
        "Edge, Windows"
    ),
    "Mozilla/5.0 (Linux; Android 15; K) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36": (
        "Chrome, Android"
    ),
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1": (
        "Safari, iPhone"
    ),
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/18.0 Safari/605.1.15": (
        "Safari, macOS"
    ),
    "Mozilla/5.0 (X11; Linux x86_64)": "Linux",
    "KenshinApp/2.1": "KenshinApp",
    "curl/8.5.0": "curl",
    "python-httpx/0.28.1": "python-httpx",
    "": "?",
    "\x1b[31m<script>": "?",
    "あ" * 300: "?",
    "x" * 300: "x" * 30,
}


@pytest.mark.parametrize(("agent", "name"), AGENTS.items())
def test_a_program_is_named_in_a_few_words(agent: str, name: str) -> None:
    assert program_name(agent) == name
