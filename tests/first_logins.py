"""The first log-in as a client goes through it, and accounts as the company hands them in."""

import json
from pathlib import Path
from typing import Any, Final

from domain.readings import Direction
from domain.slots import TOKYO
from resolvers.imports import Import, RecordKind
from resolvers.sources import Sources
from tests.api import Api
from tests.registering import Customer, messages

HEPCO: Final = "hepco"
LOG_IN: Final = """mutation ($input: LogInInput!) {
  logIn(input: $input) {
    session { accessToken refreshToken duties member { id duties } }
    userErrors { code }
  }
}"""
CONFIRM_PHONE: Final = """mutation ($phone: String!) {
  confirmContractPhone(input: {phone: $phone}) { duties userErrors { code field retryAt } }
}"""
COMPLETE_PROFILE: Final = """mutation ($fields: [FieldInput!]!) {
  completeProfile(input: {fields: $fields}) { duties userErrors { code field } }
}"""
SET_KEYWORDS: Final = """mutation ($keywords: [String!]!) {
  setKeywords(input: {keywords: $keywords}) { deviceToken userErrors { code field } }
}"""
CHANGE_PASSWORD: Final = """mutation ($old: String!, $new: String!) {
  changePassword(input: {currentPassword: $old, newPassword: $new}) { userErrors { code field } }
}"""
DUTIES: Final = "{ viewer { id duties } }"

Payload = dict[str, Any]


async def import_accounts(sources: Sources, folder: Path, *lines: dict[str, Any]) -> list[str]:
    """What `kenshin import --kind accounts` says of these lines."""
    file = folder / "accounts.ndjson"
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    plan = Import(file, RecordKind.ACCOUNTS, None, Direction.IMPORT, TOKYO, None)
    return (await plan.run(sources, lambda _: None)).splitlines()


def account_of(*customers: Customer, number: str = "A-1", **more: Any) -> dict[str, Any]:
    numbers = [customer.number for customer in customers]
    return {"portal": HEPCO, "account": number, "customerNumbers": numbers} | more


async def postcard(sources: Sources) -> dict[str, str]:
    """What the last postcard says, as what one logs in with."""
    letter = (await messages(sources, "ACCOUNT_POSTCARD"))[-1]
    values = letter["values"]
    return {"portal": HEPCO, "loginId": values["login_id"], "password": values["password"]}


async def begin(api: Api, **given: str) -> Payload:
    """A session of the log-in."""
    payload = (await api.data(LOG_IN, input=given))["logIn"]
    assert payload["userErrors"] == []
    session: Payload = payload["session"]
    return session


async def confirm_phone(api: Api, token: str, phone: str) -> Payload:
    payload: Payload = (await api.data(CONFIRM_PHONE, token, phone=phone))["confirmContractPhone"]
    return payload


async def complete_profile(api: Api, token: str, **fields: str) -> Payload:
    given = [{"key": key, "value": value} for key, value in fields.items()]
    payload: Payload = (await api.data(COMPLETE_PROFILE, token, fields=given))["completeProfile"]
    return payload


async def set_keywords(api: Api, token: str, *keywords: str) -> Payload:
    payload: Payload = (await api.data(SET_KEYWORDS, token, keywords=keywords))["setKeywords"]
    return payload


async def change_password(api: Api, token: str, old: str, new: str) -> Payload:
    payload: Payload = (await api.data(CHANGE_PASSWORD, token, old=old, new=new))["changePassword"]
    return payload


async def duties(api: Api, token: str) -> list[str]:
    """What a session shows of its duties."""
    found: list[str] = (await api.data(DUTIES, token))["viewer"]["duties"]
    return found
