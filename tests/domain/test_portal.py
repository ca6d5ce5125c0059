"""Portal policies: the five files that ship, and how a wrong one is refused."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from datasources import portal_files
from datasources.portal_files import read_portals
from domain.portal import InvalidPolicy, Portal, parse_portal

DOCUMENT: Mapping[str, object] = {
    "name": "みらいサイト",
    "company": "九電ネクスト",
    "zone": "Asia/Tokyo",
    "history_months": 24,
    "reading_due_minutes": 90,
}


def test_the_five_portals_parse_with_their_names() -> None:
    assert {key: (portal.name, portal.company) for key, portal in read_portals().items()} == {
        "denki-jtb": ("でんきJTB お客さまポータルサイト", "JTBコミュニケーションデザイン"),
        "hapie": ("はぴeみる電", "関西電力"),
        "hepco": ("Web請求サービス", "北海道電力"),
        "hokulink": ("ほくリンク", "北陸電力"),
        "mirai": ("みらいサイト", "九電ネクスト"),
    }


def test_each_portal_shows_24_months_and_knows_its_key() -> None:
    """US-1, BI-1."""
    for key, portal in read_portals().items():
        assert portal.key == key
        assert portal.zone == "Asia/Tokyo"
        assert portal.history_months == 24
        assert portal.reading_due == timedelta(minutes=90)


def test_a_document_becomes_a_policy() -> None:
    assert parse_portal("mirai", DOCUMENT) == Portal(
        key="mirai",
        name="みらいサイト",
        company="九電ネクスト",
        zone="Asia/Tokyo",
        history_months=24,
        reading_due=timedelta(minutes=90),
    )


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("name", "", "name: expected a text, found ''"),
        ("name", " \t", r"name: expected a text, found ' \t'"),
        ("name", 7, "name: expected a text, found 7"),
        ("company", None, "company: expected a text, found None"),
        ("company", ["九電"], "company: expected a text, found ['九電']"),
        ("zone", "", "zone: expected a text, found ''"),
        ("zone", "UTC", "zone: usage is kept by Asia/Tokyo days, found 'UTC'"),
        ("zone", "Japan", "zone: usage is kept by Asia/Tokyo days, found 'Japan'"),
        ("history_months", 0, "history_months: expected a whole number 1 to 120, found 0"),
        ("history_months", 121, "history_months: expected a whole number 1 to 120, found 121"),
        ("history_months", -1, "history_months: expected a whole number 1 to 120, found -1"),
        ("history_months", 24.0, "history_months: expected a whole number 1 to 120, found 24.0"),
        ("history_months", "24", "history_months: expected a whole number 1 to 120, found '24'"),
        ("history_months", True, "history_months: expected a whole number 1 to 120, found True"),
        (
            "reading_due_minutes",
            -1,
            "reading_due_minutes: expected a whole number 0 to 1440, found -1",
        ),
        (
            "reading_due_minutes",
            1441,
            "reading_due_minutes: expected a whole number 0 to 1440, found 1441",
        ),
        (
            "colour",
            "red",
            f"colour: unknown key; known are {', '.join(sorted(DOCUMENT))}",
        ),
    ],
)
def test_a_wrong_value_is_refused_by_its_key_and_what_was_found(
    key: str, value: object, message: str
) -> None:
    with pytest.raises(InvalidPolicy) as refusal:
        parse_portal("mirai", {**DOCUMENT, key: value})
    assert str(refusal.value) == message


@pytest.mark.parametrize("key", sorted(DOCUMENT))
def test_a_missing_value_is_named(key: str) -> None:
    rest = {name: value for name, value in DOCUMENT.items() if name != key}
    with pytest.raises(InvalidPolicy, match=rf"^{key}: expected .*, found None$"):
        parse_portal("mirai", rest)


@pytest.mark.parametrize(
    ("key", "least", "most"), [("history_months", 1, 120), ("reading_due_minutes", 0, 1440)]
)
def test_the_bounds_of_a_number_are_allowed(key: str, least: int, most: int) -> None:
    for value in (least, most):
        portal = parse_portal("mirai", {**DOCUMENT, key: value})
        assert value in {portal.history_months, portal.reading_due // timedelta(minutes=1)}


@pytest.mark.parametrize(
    ("now", "months", "opens_on"),
    [
        pytest.param(datetime(2026, 11, 22, 1, tzinfo=UTC), 24, date(2024, 11, 22), id="same day"),
        pytest.param(
            datetime(2026, 11, 22, 14, 59, tzinfo=UTC), 24, date(2024, 11, 22), id="before midnight"
        ),
        pytest.param(
            datetime(2026, 11, 22, 15, tzinfo=UTC), 24, date(2024, 11, 23), id="Tokyo midnight"
        ),
        pytest.param(datetime(2024, 2, 29, 1, tzinfo=UTC), 24, date(2022, 2, 28), id="leap day"),
        pytest.param(datetime(2026, 3, 31, 1, tzinfo=UTC), 1, date(2026, 2, 28), id="short month"),
    ],
)
def test_the_history_opens_so_many_months_before_the_tokyo_date(
    now: datetime, months: int, opens_on: date
) -> None:
    """US-1."""
    portal = parse_portal("mirai", {**DOCUMENT, "history_months": months})
    assert portal.history_from(now) == opens_on


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('name = ""', "^portals/sixth.toml: name: expected a text, found ''$"),
        ("name = ", "^portals/sixth.toml: Invalid value"),
    ],
)
def test_a_wrong_file_is_named(
    text: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "README.txt").write_text("not a policy", "utf-8")
    (tmp_path / "sixth.toml").write_text(text, "utf-8")
    monkeypatch.setattr(portal_files, "_FOLDER", tmp_path)
    with pytest.raises(InvalidPolicy, match=message):
        read_portals()
