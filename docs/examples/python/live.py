"""A partner's app: a member consents, yesterday is printed, then every reading as it comes.

It keeps its tokens and how far it has read in `kenshin.json`; started again, it goes on from there.
"""

import asyncio
import base64
import hashlib
import json
import os
import random
import secrets
import sys
import time
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import parse_qsl, urlencode, urlsplit
from urllib.request import urlopen

from gql import Client, GraphQLRequest
from gql.transport.exceptions import TransportError, TransportQueryError
from gql.transport.websockets import WebsocketsTransport
from websockets.exceptions import ConnectionClosed

SERVER = os.environ.get("SERVER", "http://127.0.0.1:8000")
CLIENT_ID = os.environ.get("CLIENT_ID", "sandbox")
REDIRECT = os.environ.get("REDIRECT", "http://127.0.0.1:8765/callback")
KEPT = Path("kenshin.json")
TOKYO = timezone(timedelta(hours=9))
EARLY_SECONDS = 60
FORBIDDEN = 4403

DAY = """query Day($from: DateTime!, $to: DateTime!) {
  viewer { facilities(first: 1) { nodes {
    id
    name
    usage(from: $from, to: $to) { cursor totalKwh points { startAt kwh } }
  } } }
}"""
LIVE = """subscription Live($facility: ID!, $after: String) {
  readings(facilityIds: [$facility], after: $after) {
    reading { startAt kwh quality revision }
    cursor
    state
  }
}"""

Kept = dict[str, Any]


def keep(kept: Kept) -> None:
    """Store what must outlive this process, readable by nobody else."""
    draft = KEPT.with_suffix(".tmp")
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(kept), "utf-8")
    draft.replace(KEPT)


def ask_member(server: dict[str, str]) -> Kept:
    """Send the member to the consent page, and get tokens for what came back."""
    verifier, state = secrets.token_urlsafe(32), secrets.token_urlsafe(16)
    digest = hashlib.sha256(verifier.encode()).digest()
    asked = {
        "response_type": "code",
        "client_id": CLIENT_ID,
        "redirect_uri": REDIRECT,
        "scope": "usage:read usage:live",
        "state": state,
        "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
    }
    print("Open this, and choose what the app may see:")
    print(f"{server['authorization_endpoint']}?{urlencode(asked)}", flush=True)
    came = wait_for_browser()
    if (came.get("state"), came.get("iss")) != (state, server["issuer"]):
        sys.exit("Nobody asked for this answer.")
    if "code" not in came:
        sys.exit(f"No consent: {came['error']}")
    return tokens(
        server,
        grant_type="authorization_code",
        code=came["code"],
        redirect_uri=REDIRECT,
        code_verifier=verifier,
    )


def wait_for_browser() -> dict[str, str]:
    """The parameters with which the browser comes back."""
    redirect = urlsplit(REDIRECT)
    came: dict[str, str] = {}

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            address = urlsplit(self.path)
            if address.path == redirect.path:
                came.update(parse_qsl(address.query))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"You may close this page.")

        def log_message(self, *_: object) -> None:
            """A log would have the code."""

    with HTTPServer((redirect.hostname or "", redirect.port or 80), Page) as listener:
        while not came:
            listener.handle_request()
    return came


def tokens(server: dict[str, str], **fields: str) -> Kept:
    """Tokens for a code or a refresh token; both work once, so ask once."""
    form = urlencode({"client_id": CLIENT_ID} | fields).encode()
    try:
        with urlopen(server["token_endpoint"], form) as answer:
            found = json.load(answer)
    except HTTPError as refused:
        found = json.load(refused)
        if found["error"] == "invalid_grant":  # the consent has ended: next time ask again
            KEPT.unlink(missing_ok=True)
        sys.exit(f"{found['error']}: {found['error_description']}")
    return {
        "access": found["access_token"],
        "refresh": found["refresh_token"],
        "expires_at": time.time() + found["expires_in"],
    }


def refresh(server: dict[str, str], kept: Kept) -> None:
    """Renew the tokens, and store them before they are used: the old ones are dead."""
    kept |= tokens(server, grant_type="refresh_token", refresh_token=kept["refresh"])
    keep(kept)


async def follow(kept: Kept) -> None:
    """Print readings until the connection ends."""
    transport = WebsocketsTransport(
        f"{SERVER.replace('http', 'ws', 1)}/graphql",
        init_payload={"authorization": f"Bearer {kept['access']}"},
        subprotocols=[WebsocketsTransport.GRAPHQLWS_SUBPROTOCOL],
    )
    async with Client(transport=transport) as session:
        if "cursor" not in kept:
            kept |= await print_yesterday(session)
            keep(kept)
        live = {"facility": kept["facility"], "after": kept["cursor"]}
        async for data in session.subscribe(GraphQLRequest(LIVE, variable_values=live)):
            event = data["readings"]
            if reading := event["reading"]:
                print("live", reading["startAt"], reading["kwh"], "kWh", flush=True)
            kept["cursor"] = event["cursor"]
            keep(kept)


async def print_yesterday(session: Any) -> Kept:
    """Print the half hours of yesterday; the place, and the cursor from which it goes on."""
    today = datetime.now(TOKYO).replace(hour=0, minute=0, second=0, microsecond=0)
    day = {"from": (today - timedelta(days=1)).isoformat(), "to": today.isoformat()}
    data = await session.execute(GraphQLRequest(DAY, variable_values=day))
    (place,) = data["viewer"]["facilities"]["nodes"]
    for point in place["usage"]["points"]:
        print("day", point["startAt"], point["kwh"], "kWh")
    print(place["name"], place["usage"]["totalKwh"], "kWh", flush=True)
    return {"facility": place["id"], "cursor": place["usage"]["cursor"]}


def is_unauthenticated(error: BaseException | None) -> bool:
    """Whether the session is over: an answer says so, or how the connection was closed."""
    if isinstance(error, TransportQueryError):
        return [each["extensions"]["code"] for each in error.errors or []] == ["UNAUTHENTICATED"]
    while error and not isinstance(error, ConnectionClosed):
        error = error.__cause__
    closed = error.rcvd if isinstance(error, ConnectionClosed) else None
    return closed is not None and closed.code == FORBIDDEN


async def stay(server: dict[str, str], kept: Kept) -> None:
    """Follow for as long as the consent lasts."""
    while True:
        if time.time() > kept["expires_at"] - EARLY_SECONDS:
            refresh(server, kept)
        try:
            await follow(kept)
        except (TransportError, OSError) as error:
            if is_unauthenticated(error):
                kept["expires_at"] = 0
            elif isinstance(error, TransportQueryError):
                raise  # CONSENT_REQUIRED: the member did not choose this
            else:
                await asyncio.sleep(random.uniform(1, 10))  # not all at once after a restart


def main() -> None:
    with urlopen(f"{SERVER}/.well-known/oauth-authorization-server") as answer:
        server = json.load(answer)
    if KEPT.exists():
        kept = json.loads(KEPT.read_text("utf-8"))
    else:
        kept = ask_member(server)
        keep(kept)
    asyncio.run(stay(server, kept))


if __name__ == "__main__":
    main()
