"""The pages for browsers, as `python -m web.build` made them: the member's page, the widget, GraphiQL.

They are clients of the API like any other; what is said to them here is known to everybody.
"""

import html
import secrets
from collections.abc import Iterable, Sequence
from http import HTTPStatus
from pathlib import PurePath
from typing import Final

import orjson
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from domain.demo import PASSWORD, demo_members
from domain.portal import Portal
from schema.page_files import PAGE_FOLDER, file_response

_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data: blob:; font-src 'self'; form-action 'self'; "
    # No text becomes HTML but the templates of Lit, which are code.
    "require-trusted-types-for 'script'; trusted-types lit-html 'allow-duplicates'"
)
_GRAPHIQL_POLICY: Final = (
    "default-src 'none'; script-src 'self'; worker-src 'self'; connect-src 'self'; "
    "style-src 'self' 'nonce-{nonce}'; font-src 'self' data:; img-src 'self' data:; "
    "form-action 'none'"
)
_NONCE_BYTES: Final = 16
_PAGE: Final = {"cache-control": "no-cache", "content-security-policy": _POLICY}
_ASSET: Final = {"cache-control": "public, max-age=31536000, immutable"}
"Their names tell of their content."
_WIDGET: Final = {
    "cache-control": "public, max-age=300",
    "access-control-allow-origin": "*",
    "cross-origin-resource-policy": "cross-origin",
}
WIDGET: Final = "/widget.js"
"What pages of any origin load."

_NOT_BUILT: Final = """<!doctype html><meta charset="utf-8"><title>Kenshin</title>
<p>The API runs, its GraphQL endpoint is <code>/graphql</code>. This page was not built:
run <code>make page</code>, which needs Node.js 20 or later.</p>
"""


class Pages:
    """The pages of a server; those of a demo know how to log in."""

    def __init__(self, portals: Iterable[Portal], *, demo: bool) -> None:
        known = [{"key": portal.key, "name": portal.name} for portal in portals]
        self._portals = _meta("portals", known)
        self._demo = _meta("demo", _demo_log_in()) if demo else ""

    @property
    def routes(self) -> Sequence[Route]:
        """All pages but GraphiQL, which is at the endpoint's own address."""
        return [
            Route("/", self._index),
            Route("/examples/widget", self._example),
            Route(WIDGET, self._widget),
            Route("/assets/{name}", self._asset),
        ]

    def graphiql(self) -> Response:
        """GraphiQL, or a page that says why it is not there."""
        page = PAGE_FOLDER / "graphiql.html"
        if not page.is_file():
            return _not_built()
        # By it the editor shows that the styles that it makes are its own, for this one answer.
        nonce = secrets.token_urlsafe(_NONCE_BYTES)
        head = f'<meta property="csp-nonce" nonce="{nonce}" />{self._demo}</head>'
        policy = _GRAPHIQL_POLICY.format(nonce=nonce)
        return HTMLResponse(
            page.read_text("utf-8").replace("</head>", head, 1),
            headers={"cache-control": "no-store", "content-security-policy": policy},
        )

    async def _index(self, request: Request) -> Response:
        return await _page(request, "index.html", self._portals + self._demo)

    async def _example(self, request: Request) -> Response:
        return await _page(request, "widget-example.html", self._portals + self._demo)

    async def _widget(self, request: Request) -> Response:
        return await file_response(request, PAGE_FOLDER / WIDGET[1:], _WIDGET) or _missing()

    async def _asset(self, request: Request) -> Response:
        name = request.path_params["name"]
        if PurePath(name).name != name:  # on Windows other characters part a path too
            return _missing()
        return await file_response(request, PAGE_FOLDER / "assets" / name, _ASSET) or _missing()


async def _page(request: Request, name: str, head: str) -> Response:
    return await file_response(request, PAGE_FOLDER / name, _PAGE, head) or _not_built()


def _not_built() -> Response:
    headers = {"content-security-policy": _POLICY}
    return HTMLResponse(_NOT_BUILT, int(HTTPStatus.NOT_FOUND), headers)


def _missing() -> Response:
    return Response(status_code=int(HTTPStatus.NOT_FOUND))


def _meta(name: str, content: object) -> str:
    text = html.escape(orjson.dumps(content).decode())
    return f'<meta name="kenshin-{name}" content="{text}" />'


def _demo_log_in() -> dict[str, str]:
    """What everybody logs in with on the demo."""
    member = demo_members()[0]
    return {"portal": member.portal, "loginId": member.login_id, "password": PASSWORD}
