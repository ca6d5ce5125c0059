"""Sending browsers on: to the app that waits for an answer, or back to the page."""

from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlencode

from starlette.responses import RedirectResponse, Response


@dataclass(frozen=True, slots=True)
class Redirect:
    """Where an app waits for the answer, and what it wants back with it."""

    address: str
    state: str | None
    issuer: str

    def with_(self, **answer: str) -> Response:
        """Send the browser there with an answer."""
        back = {"state": self.state, "iss": self.issuer}
        query = urlencode(answer | {name: text for name, text in back.items() if text is not None})
        address = f"{self.address}{'&' if '?' in self.address else '?'}{query}"
        return sent_to(address)


def sent_to(address: str) -> Response:
    """Go there with a GET, whatever was sent here."""
    return RedirectResponse(address, int(HTTPStatus.SEE_OTHER), {"cache-control": "no-store"})
