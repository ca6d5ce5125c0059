"""Logging in with an outside account as a client does: GraphQL, and a browser in between."""

from typing import Any, Final

from tests.api import Api
from tests.logging_in import confirm
from tests.openid_provider import REDIRECT, signed_in
from tests.world import PASSWORD

_STARTED: Final = "authorizationUrl state token expiresAt userErrors { code field message retryAt }"
START: Final = f"""mutation ($input: StartExternalLogInInput!) {{
  started: startExternalLogIn(input: $input) {{ {_STARTED} }}
}}"""
START_LINK: Final = f"""mutation ($input: StartExternalLinkInput!) {{
  started: startExternalLink(input: $input) {{ {_STARTED} }}
}}"""
COMPLETE: Final = """mutation ($input: CompleteExternalLogInInput!) {
  completeExternalLogIn(input: $input) {
    session { accessToken refreshToken duties member { id } }
    challenge { kind token position }
    deviceToken
    userErrors { code field message }
  }
}"""
LINK: Final = """mutation ($input: LinkExternalLogInInput!) {
  linkExternalLogIn(input: $input) {
    externalLogIn { id provider linkedAt usedAt }
    userErrors { code field }
  }
}"""
UNLINK: Final = """mutation ($id: ID!) {
  unlinkExternalLogIn(input: {id: $id}) { userErrors { code field } }
}"""
MINE: Final = "{ viewer { loginId externalLogIns { id provider usedAt } } }"

Payload = dict[str, Any]


async def start(api: Api, portal: str, provider: str, redirect: str = REDIRECT) -> Payload:
    given = {"portal": portal, "provider": provider, "redirectUri": redirect}
    payload: Payload = (await api.data(START, input=given))["started"]
    return payload


async def start_link(api: Api, token: str | None, provider: str) -> Payload:
    given = {"provider": provider, "redirectUri": REDIRECT}
    payload: Payload = (await api.data(START_LINK, token, input=given))["started"]
    return payload


async def back(started: Payload, name: str) -> Payload:
    """Input of what comes after, for somebody who has signed in with this name."""
    found = await signed_in(started["authorizationUrl"], name)
    return {
        "token": started["token"],
        "state": found.state,
        "code": found.code,
        "issuer": found.issuer,
    }


async def complete(api: Api, portal: str, given: Payload, **changes: Any) -> Payload:
    given = {"portal": portal} | given | changes
    payload: Payload = (await api.data(COMPLETE, input=given))["completeExternalLogIn"]
    return payload


async def link(api: Api, token: str | None, given: Payload, **changes: Any) -> Payload:
    payload: Payload = (await api.data(LINK, token, input=given | changes))["linkExternalLogIn"]
    return payload


async def unlink(api: Api, token: str | None, key: str) -> Payload:
    payload: Payload = (await api.data(UNLINK, token, id=key))["unlinkExternalLogIn"]
    return payload


async def linked(api: Api, token: str, provider: str, name: str, password: str = PASSWORD) -> str:
    """Link an account in all its steps; gives the id of the link."""
    assert (await confirm(api, token, password))["userErrors"] == []
    done = await link(api, token, await back(await start_link(api, token, provider), name))
    assert done["userErrors"] == []
    key: str = done["externalLogIn"]["id"]
    return key


async def mine(api: Api, token: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await api.data(MINE, token))["viewer"]["externalLogIns"]
    return found
