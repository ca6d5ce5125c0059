"""A partner's app, and a member's browser before the consent page."""

import base64
import hashlib
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx

from domain.consents import App, AppGrant, Scope
from resolvers.sources import Sources
from tests.api import Api
from tests.world import PASSWORD

CALLBACK = "https://app.example/callback"
VERIFIER = "a-verifier-that-only-this-app-knows-1234567890"
SECRET = "secret-of-the-app"


def challenge_of(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


async def register(
    sources: Sources, id_: str = "energy-coach", secret: str | None = None, **changes: Any
) -> App:
    """An app, public unless it has a secret."""
    columns: dict[str, Any] = {
        "name": f"{id_} のアプリ",
        "redirect_uris": (CALLBACK,),
        "scopes": frozenset(Scope),
        "grants": frozenset({AppGrant.AUTHORIZATION_CODE}),
        "origins": (),
        "documents_only": False,
        "website": "https://app.example/",
        "contact": "dev@app.example",
        "created_at": sources.clock(),
    }
    app = App(id=id_, public=secret is None, **columns | changes)
    await sources.apps.put(app, secret)
    return app


@dataclass
class Partner:
    """What an app sends from its own server, or from a phone."""

    api: Api
    app: App
    secret: str | None = None

    async def post(self, endpoint: str, **fields: str) -> httpx.Response:
        """A form to an endpoint, from this app."""
        post, address = self.api.client.post, f"/oauth/{endpoint}"
        if self.secret is None:
            return await post(address, data={"client_id": self.app.id} | fields)
        return await post(address, data=fields, auth=(self.app.id, self.secret))

    async def exchange(self, code: str, **changes: str) -> httpx.Response:
        fields = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.app.redirect_uris[0],
            "code_verifier": VERIFIER,
        }
        return await self.post("token", **fields | changes)

    async def refresh(self, token: str, **changes: str) -> httpx.Response:
        return await self.post("token", grant_type="refresh_token", refresh_token=token, **changes)

    async def active(self, token: str) -> bool:
        """Whether an access token still opens anything."""
        answer = await self.api.ask("{ viewer { __typename } }", token)
        return "errors" not in answer

    def asked(self, **changes: str | None) -> dict[str, str]:
        """The parameters of an authorization request; those that are None are left out."""
        parameters: dict[str, str | None] = {
            "response_type": "code",
            "client_id": self.app.id,
            "redirect_uri": self.app.redirect_uris[0],
            "scope": "usage:read usage:live",
            "state": "s-1",
            "code_challenge": challenge_of(VERIFIER),
            "code_challenge_method": "S256",
        }
        return {name: text for name, text in (parameters | changes).items() if text is not None}


class Browser:
    """A member's browser: it keeps cookies, and sends the forms that it is shown."""

    def __init__(self, client: httpx.AsyncClient, query: str) -> None:
        self._client = client
        self.query = query
        self.page: httpx.Response

    @classmethod
    @asynccontextmanager
    async def at(
        cls, api: Api, asked: Mapping[str, str], **headers: str
    ) -> AsyncIterator["Browser"]:
        """One that an app has sent to the consent page."""
        address = api.client.base_url
        async with httpx.AsyncClient(base_url=address, verify=False, headers=headers) as client:
            browser = cls(client, urlencode(asked))
            await browser.open()
            yield browser

    @property
    def cookies(self) -> httpx.Cookies:
        return self._client.cookies

    async def open(self) -> httpx.Response:
        self.page = await self._client.get(f"/oauth/authorize?{self.query}")
        return self.page

    async def send(
        self, step: str, fields: Sequence[tuple[str, str]] = (), **changes: str
    ) -> httpx.Response:
        """Send the form of the page with a button; a redirect to the page itself is followed."""
        hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', self.page.text))
        body = urlencode([*(hidden | {"step": step} | changes).items(), *fields])
        self.page = await self._client.post(
            f"/oauth/authorize?{self.query}",
            content=body,
            headers={"content-type": "application/x-www-form-urlencoded"},
        )
        if self.page.headers.get("location", "").startswith("/oauth/authorize?"):
            return await self.open()
        return self.page

    async def log_in(
        self, login_id: str, password: str = PASSWORD, portal: str = "denki-jtb"
    ) -> httpx.Response:
        fields = {"portal": portal, "login_id": login_id, "password": password}
        return await self.send("log-in", list(fields.items()))

    async def approve(self, facilities: Sequence[int], **changes: str) -> httpx.Response:
        """Allow what the page proposes, for these facilities."""
        chosen = [("facility", str(number)) for number in facilities]
        chosen += [("scope", scope) for scope in self.checked("scope")]
        days = {name: self.value(name) for name in ("from", "until")}
        chosen += (days | changes).items()
        return await self.send("approve", chosen)

    def checked(self, name: str) -> list[str]:
        """Values of the boxes of a name that are checked."""
        return re.findall(rf'name="{name}" value="([^"]*)" checked', self.page.text)

    def value(self, name: str) -> str:
        (found,) = re.findall(rf'name="{name}" type="date"[^>]* value="([^"]*)"', self.page.text)
        return str(found)

    @property
    def errors(self) -> list[str]:
        """What the page says is wrong, in its summary."""
        return [
            unescape(text) for text in re.findall(r'<li><a href="#[^"]*">([^<]*)', self.page.text)
        ]

    def back(self) -> dict[str, str]:
        """What the app was sent with the browser."""
        assert self.page.status_code == 303, self.page.text
        return dict(parse_qsl(urlsplit(self.page.headers["location"]).query))


async def consented(
    partner: Partner, login_id: str, facilities: Sequence[int], **asked: str
) -> str:
    """The code that an app gets for a member who allows what it asks for."""
    async with Browser.at(partner.api, partner.asked(**asked)) as browser:
        await browser.log_in(login_id)
        await browser.approve(facilities)
        return browser.back()["code"]


async def tokens_for(
    partner: Partner, login_id: str, facilities: Sequence[int], **asked: str
) -> dict[str, Any]:
    """The tokens that an app gets for a member who allows what it asks for."""
    code = await consented(partner, login_id, facilities, **asked)
    answer = await partner.exchange(code)
    assert answer.status_code == 200, answer.text
    tokens: dict[str, Any] = answer.json()
    return tokens
