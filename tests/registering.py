"""Becoming a member as a client does: by mutations, and by the mails and letters that come of them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from domain.facilities import Facility, PaymentMethod
from domain.supply import SupplyContract
from resolvers.passwords import PASSWORDS
from resolvers.sources import Sources
from tests.api import Api
from tests.world import World

START: Final = """mutation ($input: StartRegistrationInput!) {
  startRegistration(input: $input) { token userErrors { code message field retryAt } }
}"""
TEST_MAIL: Final = """mutation ($input: SendTestMailInput!) {
  sendTestMail(input: $input) { userErrors { code field } }
}"""
COMPLETE: Final = """mutation ($input: CompleteRegistrationInput!) {
  completeRegistration(input: $input) {
    state loginId userErrors { code message field retryAt }
  }
}"""
CONFIRM_CODE: Final = """mutation ($code: String!) {
  confirmPostcardCode(input: {code: $code}) { userErrors { code field retryAt } }
}"""
REISSUE: Final = "mutation { reissuePostcard { userErrors { code field retryAt } } }"
PASSWORD: Final = "Tulip-field-88"
NAME: Final = "検針 花子"
PHONE: Final = "03-1234-5678"
ANSWER: Final = "ポチ\u3000タマ"

Payload = dict[str, Any]


@dataclass(frozen=True)
class Customer:
    """Somebody who has a contract, and a facility that is nobody's so far."""

    contract: SupplyContract
    facility: Facility

    @property
    def number(self) -> str:
        return self.contract.customer_number


async def customer(world: World, portal: str, **changes: Any) -> Customer:
    """A customer of a portal's company; `last_four` are digits, hashed here."""
    facility = await world.place(portal, "")
    last_four = changes.pop("last_four", None)
    contract = SupplyContract(
        portal=portal,
        customer_number=facility.customer_number,
        name=NAME,
        kana="ケンシン ハナコ",
        phone=PHONE,
        address=facility.address,
        payment_method=PaymentMethod.CARD,
        voltage=100,
        last_four_hash=last_four and await PASSWORDS.hash(last_four),
    )
    contract = replace(contract, **changes)
    await world.sources.contracts.put([contract])
    return Customer(contract, facility)


async def start(api: Api, portal: str, email: str, language: str = "JA") -> Payload:
    given = {"portal": portal, "email": email, "language": language}
    payload: Payload = (await api.data(START, input=given))["startRegistration"]
    return payload


async def link_token(api: Api, portal: str, email: str) -> str:
    """Begin a registration; gives the token of the link in the mail."""
    before = {mail["_id"] for mail in await messages(api.sources, "REGISTRATION_LINK", email)}
    assert codes(await start(api, portal, email)) == []
    after = await messages(api.sources, "REGISTRATION_LINK", email)
    (mail,) = [each for each in after if each["_id"] not in before]
    link: str = mail["values"]["link"]
    assert f"/{portal}/" in link
    return link.partition("#token=")[2]


async def complete(
    api: Api, portal: str, token: str, fields: Mapping[str, str], **more: Any
) -> Payload:
    given = {
        "portal": portal,
        "token": token,
        "fields": [{"key": key, "value": value} for key, value in fields.items()],
        "idempotencyKey": "key-1",
        "acceptedTerms": terms_in_force(api, portal),
        "recovery": secret_answer(api, portal),
    } | more
    given = {name: value for name, value in given.items() if value is not None}
    payload: Payload = (await api.data(COMPLETE, input=given))["completeRegistration"]
    return payload


def terms_in_force(api: Api, portal: str) -> list[dict[str, str]]:
    """What one who registers accepts."""
    known, now = api.sources.portals.get(portal), api.sources.clock()
    current = {each.key: each.current(now) for each in known.terms} if known else {}
    return [
        {"document": key, "version": version.version}
        for key, version in current.items()
        if version is not None
    ]


def secret_answer(api: Api, portal: str) -> dict[str, str | None] | None:
    """What one who registers wants to be asked for later, where the portal has such a way."""
    known = api.sources.portals.get(portal)
    if known is None or known.recovery.answer is None:
        return None
    questions = known.recovery.questions
    return {"question": questions[0].key if questions else None, "answer": ANSWER}


async def confirm_code(api: Api, token: str | None, code: str) -> Payload:
    payload: Payload = (await api.data(CONFIRM_CODE, token, code=code))["confirmPostcardCode"]
    return payload


async def reissue(api: Api, token: str | None) -> Payload:
    payload: Payload = (await api.data(REISSUE, token))["reissuePostcard"]
    return payload


def codes(payload: Payload) -> list[str]:
    return [error["code"] for error in payload["userErrors"]]


def faults(payload: Payload) -> list[tuple[str, str]]:
    """Code and path of every user error."""
    return [(error["code"], ".".join(error["field"] or [])) for error in payload["userErrors"]]


async def messages(sources: Sources, kind: str, to: str | None = None) -> list[dict[str, Any]]:
    """What the outbox has of a kind, the oldest first."""
    choice = {"kind": kind} | ({} if to is None else {"to": to})
    found: list[dict[str, Any]] = await sources.mongo["outbox"].find(choice).to_list(None)
    return sorted(found, key=lambda document: (document["createdAt"], document["_id"]))


async def everything(sources: Sources) -> dict[str, list[Any]]:
    """All that a registration may change, to see that it did not."""
    names = ("members", "facilities", "supplyContracts", "postcards", "outbox", "endings", "bills")
    found = {name: await sources.mongo[name].find().to_list(None) for name in names}
    for contract in found["supplyContracts"]:
        contract.pop("asked", None)
    return {
        name: sorted(documents, key=lambda each: str(each["_id"]))
        for name, documents in found.items()
    }
