"""What an app asks, judged by the rules of OAuth without a server."""

import base64
from typing import Any

import pytest

from datasources.authorization_codes import AuthorizationCode
from domain.consents import App, AppGrant, Scope
from schema.oauth.codes import OAuthCode, OAuthError
from schema.oauth.judge import (
    Asker,
    Claim,
    claim,
    code_request,
    judge_endpoint_request,
    judge_token_request,
)
from tests.api import NOW
from tests.partnering import CALLBACK, VERIFIER, challenge_of

CHALLENGE = challenge_of(VERIFIER)


def app(id_: str = "phone", **changes: Any) -> App:
    columns: dict[str, Any] = {
        "name": "App",
        "redirect_uris": (CALLBACK,),
        "public": True,
        "scopes": frozenset({Scope.USAGE_READ, Scope.BILLS_READ}),
        "grants": frozenset({AppGrant.AUTHORIZATION_CODE}),
        "origins": (),
        "documents_only": False,
        "website": "",
        "contact": "",
        "created_at": NOW,
    }
    return App(id=id_, **columns | changes)


PHONE = app()
SERVER = app("server", public=False, grants=frozenset(AppGrant))
CODE = AuthorizationCode("phone", "consent", CALLBACK, CHALLENGE, NOW)
ASKED = {
    "response_type": "code",
    "client_id": "phone",
    "redirect_uri": CALLBACK,
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
}
EXCHANGE = {
    "grant_type": "authorization_code",
    "client_id": "phone",
    "code": "the code",
    "redirect_uri": CALLBACK,
    "code_verifier": VERIFIER,
}
BASIC = "Basic " + base64.b64encode(b"server:its%20secret").decode()


def changed(fields: dict[str, str], changes: dict[str, str | None]) -> dict[str, str]:
    return {name: text for name, text in (fields | changes).items() if text is not None}


def test_without_scopes_an_app_asks_for_all_that_it_may() -> None:
    assert code_request(PHONE, ASKED).scopes == PHONE.scopes
    assert code_request(PHONE, ASKED | {"scope": "bills:read"}).scopes == {Scope.BILLS_READ}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"response_type": None}, "invalid_request"),
        ({"response_type": 'token"'}, "unsupported_response_type"),
        ({"response_type": "code token"}, "unsupported_response_type"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"scope": "usage:read points:read"}, "invalid_scope"),
        ({"scope": "usage:read admin"}, "invalid_scope"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": "s256"}, "invalid_request"),
        ({"code_challenge": CHALLENGE + "A"}, "invalid_request"),
        ({"code_challenge": CHALLENGE[:-1] + "="}, "invalid_request"),
    ],
)
def test_a_request_for_a_code_is_refused_for(changes: dict[str, str | None], code: str) -> None:
    with pytest.raises(OAuthError) as refused:
        code_request(PHONE, changed(ASKED, changes))
    assert refused.value.code == code
    assert str(refused.value).isascii()


def test_an_app_without_that_grant_gets_no_code() -> None:
    own = app(grants=frozenset({AppGrant.CLIENT_CREDENTIALS}))
    with pytest.raises(OAuthError) as refused:
        code_request(own, ASKED)
    assert refused.value.code is OAuthCode.UNAUTHORIZED_CLIENT


def test_what_is_right_is_let_through() -> None:
    judge_token_request(Asker(EXCHANGE, None, PHONE), CODE, None)
    judge_token_request(
        Asker({"grant_type": "refresh_token", "refresh_token": "x"}, BASIC, SERVER), None, "server"
    )
    judge_token_request(Asker({"grant_type": "client_credentials"}, BASIC, SERVER), None, None)
    for more in ({}, {"token_type_hint": "id_token"}):  # of which RFC 7009 says: it is ignored
        fields = {"client_id": "phone", "token": "x"} | more
        judge_endpoint_request(Asker(fields, None, PHONE), public=True)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"grant_type": None}, "invalid_request"),
        ({"grant_type": 'pass"word'}, "unsupported_grant_type"),
        ({"grant_type": "client_credentials"}, "invalid_client"),
        ({"client_id": "server"}, "invalid_client"),
        ({"client_id": None}, "invalid_client"),
        ({"code": None}, "invalid_request"),
        ({"redirect_uri": None}, "invalid_grant"),
        ({"redirect_uri": CALLBACK + "/"}, "invalid_grant"),
        ({"code_verifier": None}, "invalid_request"),
        ({"code_verifier": "short"}, "invalid_request"),
        ({"code_verifier": VERIFIER[::-1]}, "invalid_grant"),
        ({"code_verifier": CHALLENGE}, "invalid_grant"),
        ({"grant_type": "refresh_token"}, "invalid_request"),
        ({"grant_type": "refresh_token", "refresh_token": "another's"}, "invalid_grant"),
    ],
)
def test_a_request_for_tokens_is_refused_for(changes: dict[str, str | None], code: str) -> None:
    with pytest.raises(OAuthError) as refused:
        judge_token_request(Asker(changed(EXCHANGE, changes), None, PHONE), CODE, "server")
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("asker", "code"),
    [
        (Asker(EXCHANGE, None, None), "invalid_client"),
        (Asker(EXCHANGE | {"client_id": "server"}, None, SERVER), "invalid_client"),
        (Asker(EXCHANGE | {"client_id": "server"}, BASIC, SERVER), "invalid_grant"),
        (Asker({"grant_type": "client_credentials", "scope": "x"}, BASIC, SERVER), "invalid_scope"),
    ],
)
def test_tokens_are_refused_to(asker: Asker, code: str) -> None:
    with pytest.raises(OAuthError) as refused:
        judge_token_request(asker, CODE, None)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("fields", "public", "code"),
    [
        ({"client_id": "phone", "token": "x"}, False, "invalid_client"),
        ({"client_id": "phone"}, True, "invalid_request"),
    ],
)
def test_a_question_about_a_token_is_refused_for(
    fields: dict[str, str], public: bool, code: str
) -> None:
    with pytest.raises(OAuthError) as refused:
        judge_endpoint_request(Asker(fields, None, PHONE), public=public)
    assert refused.value.code == code


def test_an_app_says_who_it_is_in_one_way() -> None:
    assert claim({}, BASIC) == Claim("server", "its secret")
    assert claim({"client_id": "server"}, BASIC) == Claim("server", "its secret")
    assert claim({"client_id": "a", "client_secret": "b"}, None) == Claim("a", "b")
    assert claim({"client_id": "a"}, None) == Claim("a", None)
    assert claim({}, None) == Claim("", None)
    assert "its secret" not in repr(claim({}, BASIC))


@pytest.mark.parametrize(
    ("fields", "authorization", "code"),
    [
        ({}, "Bearer x", "invalid_client"),
        ({}, "Basic", "invalid_client"),
        ({}, "Basic /////w==", "invalid_client"),
        ({}, "Basic " + base64.b64encode(b"server").decode(), "invalid_client"),
        ({"client_id": "other"}, BASIC, "invalid_request"),
        ({"client_secret": "x"}, BASIC, "invalid_request"),
    ],
)
def test_a_claim_is_refused_for(fields: dict[str, str], authorization: str, code: str) -> None:
    with pytest.raises(OAuthError) as refused:
        claim(fields, authorization)
    assert refused.value.code == code
