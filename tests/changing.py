"""Changing what a portal has of a member as a client does: by mutations, and by the mails of them."""

from collections.abc import Awaitable, Callable, Collection
from typing import Any, Final

from domain.members import MemberProfile, MemberState
from tests.api import Api
from tests.logging_in import code_in, confirm, log_in
from tests.registering import messages
from tests.world import PASSWORD, password_hash

CHANGE: Final = """mutation ($email: String!) {
  changeEmail(input: {email: $email}) { userErrors { code message field retryAt } }
}"""
ADD: Final = """mutation ($email: String!) {
  addEmail(input: {email: $email}) { userErrors { code message field retryAt } }
}"""
REMOVE: Final = """mutation ($email: String!) {
  removeEmail(input: {email: $email}) { member { emails } userErrors { code field } }
}"""
CONFIRM: Final = """mutation ($input: ConfirmEmailChangeInput!) {
  confirmEmailChange(input: $input) { sessionsEnded userErrors { code message field } }
}"""
UPDATE: Final = """mutation ($fields: [FieldInput!]!) {
  updateProfile(input: {fields: $fields}) {
    member { profile { name kana email phone fields { key value } } }
    supplyContract supplyContractNote { ja en }
    userErrors { code message field }
  }
}"""
PREFER: Final = """mutation ($preferences: [MailPreferenceInput!]!) {
  setMailPreferences(input: {preferences: $preferences}) {
    member { mailPreferences { topic wanted } } userErrors { code field }
  }
}"""
EMAILS: Final = "{ viewer { emails profile { email } } }"

Payload = dict[str, Any]


async def joined(api: Api, portal: str, login_id: str, email: str | None = None) -> str:
    """Make a member with the password of the world, as the portal has them; gives its id."""
    profile = MemberProfile("検針 花子", None, email, None)
    one_member_each = api.sources.portals[portal].email.one_member_each
    return await api.sources.members.put(
        portal,
        login_id,
        password_hash(),
        MemberState.ACTIVE,
        profile,
        one_member_each=one_member_each,
    )


async def entered(api: Api, portal: str, login_id: str, password: str = PASSWORD) -> str:
    """Log in and give the password again; gives the access token."""
    session = (await log_in(api, portal=portal, loginId=login_id, password=password))["session"]
    token: str = session["accessToken"]
    assert code_in(await confirm(api, token, password)) is None
    return token


async def change_email(api: Api, token: str | None, email: str) -> Payload:
    payload: Payload = (await api.data(CHANGE, token, email=email))["changeEmail"]
    return payload


async def add_email(api: Api, token: str | None, email: str) -> Payload:
    payload: Payload = (await api.data(ADD, token, email=email))["addEmail"]
    return payload


async def remove_email(api: Api, token: str | None, email: str) -> Payload:
    payload: Payload = (await api.data(REMOVE, token, email=email))["removeEmail"]
    return payload


async def changing(api: Api, token: str, email: str) -> str:
    """Ask for another first address; gives the token of its link."""
    return await _asked(api, change_email, token, email)


async def adding(api: Api, token: str, email: str) -> str:
    """Ask for one more address; gives the token of its link."""
    return await _asked(api, add_email, token, email)


async def _asked(
    api: Api, ask: Callable[[Api, str, str], Awaitable[Payload]], token: str, email: str
) -> str:
    before = {mail["_id"] for mail in await messages(api.sources, "EMAIL_LINK", email)}
    assert (await ask(api, token, email))["userErrors"] == []
    return await newest_link(api, email, before)


async def newest_link(api: Api, email: str, before: Collection[str] = ()) -> str:
    """Token of the only link to an address since then."""
    found = await messages(api.sources, "EMAIL_LINK", email)
    (mail,) = [each for each in found if each["_id"] not in before]
    link: str = mail["values"]["link"]
    assert f"/{mail['portal']}/email#" in link
    return link.partition("#token=")[2]


async def confirm_email(api: Api, link: str, portal: str, session: str | None = None) -> Payload:
    given = {"portal": portal, "token": link}
    payload: Payload = (await api.data(CONFIRM, session, input=given))["confirmEmailChange"]
    return payload


async def added(api: Api, token: str, portal: str, email: str) -> None:
    """Ask for one more address, and confirm it."""
    done = await confirm_email(api, await adding(api, token, email), portal)
    assert done == {"sessionsEnded": False, "userErrors": []}


async def emails_of(api: Api, token: str) -> list[str]:
    viewer = (await api.data(EMAILS, token))["viewer"]
    emails: list[str] = viewer["emails"]
    assert emails[:1] == [viewer["profile"]["email"]]
    return emails


async def update(api: Api, token: str | None, *fields: tuple[str, str]) -> Payload:
    given = [{"key": key, "value": value} for key, value in fields]
    payload: Payload = (await api.data(UPDATE, token, fields=given))["updateProfile"]
    return payload


async def prefer(api: Api, token: str | None, *wanted: tuple[str, bool]) -> Payload:
    given = [{"topic": topic, "wanted": is_wanted} for topic, is_wanted in wanted]
    payload: Payload = (await api.data(PREFER, token, preferences=given))["setMailPreferences"]
    return payload
