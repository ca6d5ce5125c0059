"""What a document is refused for, by the settings of a test."""

from dataclasses import replace
from typing import Any

from domain.errors import LimitExceeded
from domain.settings import Settings
from schema.limits.document import read_document


def refusal(text: str, **limits: Any) -> str | None:
    """Why a document is over one of the limits; None if it is not."""
    try:
        read_document(text, replace(Settings(), **limits))
    except LimitExceeded as error:
        return str(error)
    return None
