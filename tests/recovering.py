"""Getting back a forgotten ID or password as a client does: by mutations, and by the mails of them."""

from typing import Any, Final

from domain.members import MemberProfile, MemberState, RecoveryAnswer
from domain.recovery import answer_key
from resolvers.passwords import PASSWORDS
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
RECOVER_ID: Final = """mutation ($input: RecoverLoginIdInput!) {
  recoverLoginId(input: $input) { loginId userErrors { code message field retryAt } }
}"""
RECOVER_PASSWORD: Final = """mutation ($input: RecoverPasswordInput!) {
  recoverPassword(input: $input) { token endsAt userErrors { code message field retryAt } }
}"""
SET_ANSWER: Final = """mutation ($input: SetRecoveryAnswerInput!) {
  setRecoveryAnswer(input: $input) { userErrors { code message field retryAt } }
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


async def remember(
    api: Api,
    member: str,
    answer: str,
    question: str | None = None,
    nickname: str | None = None,
    *,
    hashed: bool = True,
) -> None:
    """Let a member have an answer; a `hashed` one costs what passwords cost."""
    key = answer_key(answer)
    kept = RecoveryAnswer(question, await PASSWORDS.hash(key) if hashed else key)

    async def work(transaction: Any) -> None:
        assert await api.sources.recovery_answers.put(member, kept, transaction)

    await api.sources.mongo.transaction(work)
    if nickname is not None:
        change = {"$set": {"fields.nickname": nickname}}
        await api.sources.mongo["members"].update_one({"_id": member}, change)


async def recover_id(api: Api, **given: str | None) -> Payload:
    """What a client is told who has forgotten the ID, once all that comes of it is done."""
    data = await api.data(RECOVER_ID, input=given)
    await api.sources.afterwards.close()
    payload: Payload = data["recoverLoginId"]
    return payload


async def recover_password(api: Api, **given: str | None) -> Payload:
    data = await api.data(RECOVER_PASSWORD, input=given)
    await api.sources.afterwards.close()
    payload: Payload = data["recoverPassword"]
    return payload


async def set_answer(api: Api, token: str | None, **given: str | None) -> Payload:
    payload: Payload = (await api.data(SET_ANSWER, token, input=given))["setRecoveryAnswer"]
    return payload


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
