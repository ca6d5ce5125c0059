"""What counts as a postal code, as people type it (MB-12)."""

import pytest

from domain.postal import postal_code


@pytest.mark.parametrize(
    "text",
    [
        "5370001",
        "537-0001",
        "５３７－０００１",
        "〒537-0001",
        "〒 ５３７ー０００１",
        " 537 0001\u3000",
        "537\u20100001",
    ],
)
def test_seven_digits_of_any_width_with_all_that_is_typed_between_them(text: str) -> None:
    assert postal_code(text) == "5370001"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "〒",
        "537000",
        "53700011",
        "537000a",
        "٥٣٧٠٠٠١",
        "537\u200b0001",
        "\u202e5370001",
        "\ud800",
        "5370001" + " " * 40,
        "🍣",
    ],
)
def test_any_other_text_is_none(text: str) -> None:
    assert postal_code(text) is None
