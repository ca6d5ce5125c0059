"""A real OpenID provider in a process of its own, and a person with a browser who signs in there."""

import json
import re
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, quote, urlsplit

import httpx

from datasources.embedded_binaries import _until_parent_dies, free_port
from web.build import find_node, wheel_node

REDIRECT: Final = "https://portal.example/back?from=provider"
CLIENT: Final = "kenshin members"
SECRET: Final = "s3cret/+ %:&"
_FOLDER: Final = Path(__file__).parent / "npm"


class OpenIdProcess:
    """npm `oidc-provider`, which keeps its port from one start to the next and forgets all else."""

    def __init__(self, algorithm: str = "RS256", method: str = "client_secret_basic") -> None:
        self.port = free_port()
        self.issuer = f"http://127.0.0.1:{self.port}"
        self._client = {
            "client_id": CLIENT,
            "client_secret": SECRET,
            "redirect_uris": [REDIRECT],
            "response_types": ["code"],
            "grant_types": ["authorization_code"],
            "id_token_signed_response_alg": algorithm,
            "token_endpoint_auth_method": method,
        }
        self._process: subprocess.Popen[bytes]
        self.start()

    def setting(self, key: str, secret: str = SECRET) -> str:
        """The provider as KENSHIN_EXTERNAL_PROVIDERS names it."""
        who = f"{quote(CLIENT, safe='')}:{quote(secret, safe='')}"
        return f"{key}=http://{who}@127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it, with new keys; it listens when this comes back."""
        node = (wheel_node() or find_node()).node
        self._process = subprocess.Popen(
            [
                *_until_parent_dies(),
                *node,
                "provider.mjs",
                str(self.port),
                json.dumps(self._client),
            ],
            cwd=_FOLDER,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert self._process.stdout is not None
        assert json.loads(self._process.stdout.readline()) == {"ready": True}

    def end(self) -> None:
        self._process.kill()
        self._process.communicate()

    def freeze(self) -> None:
        """Let it take connections and answer nothing."""
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._process.send_signal(signal.SIGCONT)


@dataclass(frozen=True)
class Returned:
    """What the address has that a person was sent back to."""

    address: str
    code: str
    state: str
    issuer: str


async def signed_in(address: str, name: str) -> Returned:
    """Go to a provider with a new browser, say who one is, consent, and be sent back."""
    async with httpx.AsyncClient(verify=False, follow_redirects=False) as browser:
        answer = await browser.get(address)
        for form in ({"prompt": "login", "login": name, "password": "any"}, {"prompt": "consent"}):
            while "location" in answer.headers:
                answer = await browser.get(httpx.URL(address).join(answer.headers["location"]))
            (action,) = re.findall('action="([^"]+)"', answer.text)
            answer = await browser.post(httpx.URL(address).join(action), data=form)
        while (location := answer.headers["location"]).startswith(("/", "http://127.0.0.1")):
            answer = await browser.get(httpx.URL(address).join(location))
    return returned(location)


def returned(address: str) -> Returned:
    found = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    return Returned(address, found["code"], found["state"], found["iss"])
