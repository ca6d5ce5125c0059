"""Getting back a forgotten ID or password as a client does: by mutations, and by the mails of them."""

from typing import Any, Final

from domain.members import MemberProfile, MemberState
from tests.api import Api
from tests.registering import messages
from tests.world import password_hash

REQUEST: Final = """mutation ($input: RequestPasswordResetInput!) {
  requestPasswordReset(input: $input) { userErrors { code message field retryAt } }
}"""
REQUEST_ID: Final = """mutation ($input: RequestLoginIdInput!) {
  requestLoginId(input: $input) { userErrors { code message field retryAt } }
}"""
RESET: Final = """mutation ($input: ResetPasswordInput!) {
  resetPassword(input: $input) { userErrors { code message field retryAt } }
}"""
EMAIL: Final = "hanako@example.jp"
PORTAL: Final = "hapie"
LOGIN_ID: Final = "hanako88"
NEW: Final = "Tulip88field"

Payload = dict[str, Any]


async def join(
    api: Api,
    portal: str = PORTAL,
    login_id: str = LOGIN_ID,
    email: str | None = EMAIL,
    state: MemberState = MemberState.ACTIVE,
) -> str:
    """Make a member with the password of the world, or change it; gives its id."""
    profile = MemberProfile("検針 花子", None, email, None)
    return await api.sources.members.put(portal, login_id, password_hash(), state, profile)


def asked(portal: str, email: str, language: str = "JA") -> dict[str, str]:
    return {"portal": portal, "email": email, "language": language}


async def request(
    api: Api, portal: str = PORTAL, email: str = EMAIL, language: str = "JA"
) -> Payload:
    """Ask for a new password, and wait until what comes of it is done."""
    data = await api.data(REQUEST, input=asked(portal, email, language))
    await api.sources.afterwards.close()
    payload: Payload = data["requestPasswordReset"]
    return payload


async def request_id(
    api: Api, portal: str = PORTAL, email: str = EMAIL, language: str = "JA"
) -> Payload:
    data = await api.data(REQUEST_ID, input=asked(portal, email, language))
    await api.sources.afterwards.close()
    payload: Payload = data["requestLoginId"]
    return payload


async def link_token(api: Api, portal: str = PORTAL, email: str = EMAIL) -> str:
    """Ask for a new password; gives the token of the link in the only mail that it sends."""
    before = {mail["_id"] for mail in await messages(api.sources, "PASSWORD_RESET", email)}
    assert (await request(api, portal, email))["userErrors"] == []
    after = await messages(api.sources, "PASSWORD_RESET", email)
    (mail,) = [each for each in after if each["_id"] not in before]
    return token_in(mail, portal)


def token_in(mail: dict[str, Any], portal: str = PORTAL) -> str:
    link: str = mail["values"]["link"]
    assert f"/{portal}/" in link
    return link.partition("#token=")[2]


async def reset(
    api: Api, token: str, new: str = NEW, portal: str = PORTAL, session: str | None = None
) -> Payload:
    given = {"portal": portal, "token": token, "newPassword": new}
    payload: Payload = (await api.data(RESET, session, input=given))["resetPassword"]
    return payload
