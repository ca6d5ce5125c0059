"""The consent pages as HTML: no script, nothing from elsewhere, in no frame."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from http import HTTPStatus
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from domain.outbox import Language
from schema.oauth.texts import TEXTS

PATH: Final = "/oauth/authorize"

_FOLDER: Final = Path(__file__).parent / "templates"
_POLICY: Final = (
    "default-src 'none'; style-src 'self'; form-action {forms}; frame-ancestors 'none'; "
    "base-uri 'none'"
)
_HOST: Final = re.compile(r"[a-z0-9.-]+(:\d+)?")
_STYLE_SECONDS: Final = 3600
_QUALITY: Final = re.compile(r"q=([01](?:\.\d{0,3})?)")


@dataclass(frozen=True, slots=True)
class Frame:
    """What the pages of a visit share: language, the way back here, and where forms may lead."""

    language: Language
    fields: Sequence[tuple[str, str]] = ()
    leads_to: str | None = None
    "Address to which the answer to a form may send the browser."
    errors: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    "What is wrong, by the id of a form's field."

    @property
    def here(self) -> str:
        """Address of this page."""
        return f"{PATH}?{urlencode(self.fields)}"

    @property
    def other(self) -> Mapping[str, str]:
        """The other language, and this page in it."""
        language = Language.EN if self.language is Language.JA else Language.JA
        rest = [(name, value) for name, value in self.fields if name != "ui_locales"]
        query = urlencode([*rest, ("ui_locales", language.value)])
        return {"language": language.value, "address": f"{PATH}?{query}"}


def page(
    template: str, frame: Frame, status: HTTPStatus = HTTPStatus.OK, **values: Any
) -> HTMLResponse:
    """A page of the visit."""
    html = (
        _templates()
        .get_template(f"{template}.html")
        .render(
            text=TEXTS[frame.language],
            language=frame.language.value,
            errors=frame.errors,
            here=frame.here,
            other=frame.other,
            **values,
        )
    )
    forms = "'self'" if frame.leads_to is None else f"'self' {_source(frame.leads_to)}"
    headers = {
        "cache-control": "no-store",
        "content-language": frame.language.value,
        "content-security-policy": _POLICY.format(forms=forms),
    }
    return HTMLResponse(html, int(status), headers)


def language_of(request: Request, wanted: str | None) -> Language:
    """The language of pages: that of `ui_locales`, else that of the browser, else Japanese."""
    for tag in [*(wanted or "").split(), *_accepted(request.headers.get("accept-language", ""))]:
        primary = tag.partition("-")[0].lower()
        if primary in set(Language):
            return Language(primary)
    return Language.JA


async def stylesheet(_request: Request) -> Response:
    """GET /oauth/pages.css."""
    headers = {"cache-control": f"max-age={_STYLE_SECONDS}"}
    return Response(_style(), headers=headers, media_type="text/css")


@cache
def _style() -> str:
    return (_FOLDER / "pages.css").read_text("utf-8")


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        auto_reload=False,
        undefined=StrictUndefined,
        trim_blocks=True,
    )


def _accepted(header: str) -> list[str]:
    """Language tags of `Accept-Language` that are wanted, the most wanted first."""
    tags = []
    for part in header.split(","):
        tag, _, option = part.partition(";")
        quality = _QUALITY.fullmatch(option.strip())
        weight = float(quality[1]) if quality else 1.0
        if weight:
            tags.append((-weight, tag.strip()))
    return [tag for _, tag in sorted(tags, key=lambda each: each[0])]


def _source(address: str) -> str:
    """Where a form may lead, in the terms of a content security policy.

    Browsers apply it to every redirect that follows, and an app may well redirect to another host of
    its own: so any host by https.
    """
    parts = urlsplit(address)
    if parts.scheme == "http" and _HOST.fullmatch(parts.netloc):
        return f"http://{parts.netloc}"
    return f"{parts.scheme}:"
