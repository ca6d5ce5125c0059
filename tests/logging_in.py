"""Logging in as a client does, with every answer that there is to it."""

from typing import Any

from tests.api import Api
from tests.world import PASSWORD

LOG_IN = """
mutation LogIn($input: LogInInput!) {
  logIn(input: $input) {
    session { accessToken refreshToken expiresAt }
    challenge { kind token position expiresAt }
    deviceToken
    userErrors { code message field retryAt }
  }
}
"""
REFRESH = """
mutation Refresh($refreshToken: String!) {
  refreshSession(input: {refreshToken: $refreshToken}) {
    session { accessToken refreshToken }
    userErrors { code field }
  }
}
"""
ANSWER = """
mutation Answer($input: AnswerChallengeInput!) {
  answerChallenge(input: $input) {
    session { accessToken refreshToken }
    challenge { kind }
    deviceToken
    userErrors { code field retryAt }
  }
}
"""
CONFIRM = """
mutation Confirm($password: String!) {
  confirmPassword(input: {password: $password}) { userErrors { code field retryAt } }
}
"""
WHO = "{ viewer { loginId } }"
WRONG = "wrong horse 1"


def input_of(**changes: str) -> dict[str, str]:
    return {"portal": "denki-jtb", "loginId": "alice@example.jp", "password": PASSWORD} | changes


async def log_in(api: Api, **changes: str) -> dict[str, Any]:
    payload: dict[str, Any] = (await api.data(LOG_IN, input=input_of(**changes)))["logIn"]
    return payload


async def code_of(api: Api, **changes: str) -> str | None:
    """Code of the user error of a log-in, None if there is none."""
    return code_in(await log_in(api, **changes))


def code_in(payload: dict[str, Any]) -> str | None:
    """Code of the only user error of a payload, None if there is none."""
    codes = [error["code"] for error in payload["userErrors"]]
    assert len(codes) <= 1
    return codes[0] if codes else None


async def fail(api: Api, times: int, **changes: str) -> list[str | None]:
    """Codes of wrong log-ins, one after the other."""
    return [await code_of(api, **{"password": WRONG, **changes}) for _ in range(times)]


async def refresh(api: Api, token: str) -> dict[str, Any]:
    payload: dict[str, Any] = (await api.data(REFRESH, refreshToken=token))["refreshSession"]
    return payload


async def confirm(api: Api, token: str, password: str = PASSWORD) -> dict[str, Any]:
    payload: dict[str, Any] = (await api.data(CONFIRM, token, password=password))["confirmPassword"]
    return payload
