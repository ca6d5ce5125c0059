"""What a partner's app may be: its addresses above all, to which codes are sent."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from domain.app_forms import LONGEST, MOST_ADDRESSES, app_faults, is_redirect
from domain.consents import App, AppGrant, Scope
from domain.demo import demo_apps

NOW = datetime(2040, 6, 15, tzinfo=UTC)
APP = App(
    id="app-example",
    name="例",
    redirect_uris=("https://app.example/callback",),
    public=False,
    scopes=frozenset(Scope),
    grants=frozenset(AppGrant),
    origins=("https://app.example", "http://localhost:8765", "https://app.example:8443"),
    documents_only=False,
    website="https://app.example",
    contact="help@app.example",
    created_at=NOW,
)


@pytest.mark.parametrize(
    ("uri", "right"),
    [
        ("https://app.example/callback", True),
        ("https://app.example:8443/callback?from=kenshin", True),
        ("http://127.0.0.1:8765/callback", True),
        ("http://[::1]:8765/", True),
        ("http://localhost/callback", True),
        ("jp.example.app:/callback", True),
        ("http://app.example/callback", False),
        ("http://127.0.0.1.evil.example/", False),
        ("https://app.example/callback#part", False),
        ("https://app.example/callback#", False),
        ("https://somebody@app.example/", False),
        ("https://somebody:secret@app.example/", False),
        ("https://*.app.example/", False),
        ("https:///callback", False),
        ("https://app.example:x/", False),
        ("https://app.example:0/", False),
        ("https://app.example/a b", False),
        ("https://app.example\\@evil.example/", False),
        ("https://アプリ.example/", False),
        ("https://app.example/\r\nlocation:", False),
        ("myapp:/callback", False),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("https://[broken/", False),
        ("/callback", False),
        ("", False),
    ],
)
def test_a_code_is_sent_to_no_address_that_could_be_another_ones(uri: str, right: bool) -> None:
    assert is_redirect(uri) is right


def test_apps_of_all_kinds_have_no_faults() -> None:
    assert [*app_faults(APP)] == []
    for app in demo_apps(NOW):
        assert [*app_faults(app)] == []


@pytest.mark.parametrize(
    ("app", "told"),
    [
        (replace(APP, name=" "), "the name must be one line"),
        (replace(APP, name="a\nb"), "the name must be one line"),
        (replace(APP, website="x" * (LONGEST + 1)), "is longer than 200 characters"),
        (replace(APP, scopes=frozenset()), "at least one scope"),
        (replace(APP, redirect_uris=()), "only be sent back"),
        (replace(APP, public=True), "has no secret"),
        (replace(APP, redirect_uris=("http://app.example/",)), "must be https://"),
        (
            replace(APP, origins=tuple(f"https://{n}.example" for n in range(MOST_ADDRESSES + 1))),
            "at most 20 redirect addresses",
        ),
        (replace(APP, origins=("https://app.example/",)), "as browsers write it"),
        (replace(APP, origins=("http://app.example",)), "as browsers write it"),
        (replace(APP, origins=("https://App.example",)), "as browsers write it"),
        (replace(APP, origins=("*",)), "as browsers write it"),
        (replace(APP, origins=("null",)), "as browsers write it"),
        (replace(APP, origins=("https://[broken",)), "as browsers write it"),
    ],
)
def test_each_fault_of_an_app_is_told(app: App, told: str) -> None:
    (fault,) = app_faults(app)
    assert told in fault
