"""Whether what an app asks is right by the rules of OAuth: Authlib judges, nothing is read or written.

Authlib's server is synchronous and would read and write by itself. So what it may want to know is read
before, and what follows is done afterwards by those who may wait: `resolvers.app_authorization`.
No other module knows Authlib.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from authlib.oauth2.rfc6749 import AuthorizationServer, OAuth2Error, OAuth2Request
from authlib.oauth2.rfc6749.errors import InvalidRequestError
from authlib.oauth2.rfc6749.grants import (
    AuthorizationCodeGrant,
    ClientCredentialsGrant,
    RefreshTokenGrant,
)
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from authlib.oauth2.rfc6749.util import extract_basic_authorization
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7636 import CodeChallenge

from datasources.authorization_codes import AuthorizationCode
from domain.consents import App, AppGrant, Scope
from schema.oauth.codes import OAuthCode, OAuthError

Fields = Mapping[str, str]

_SECURE: Final = "https://here"
"Authlib wants TLS, which ends before us."
_WITH_SECRET: Final = ("client_secret_basic", "client_secret_post")
CLIENT_METHODS: Final = (*_WITH_SECRET, "none")
"How apps show who they are; `none` is of public ones."
GRANTS: Final = ("authorization_code", "refresh_token", "client_credentials")
NOT_THAT_APP: Final = "no such app, or it is not shown to be that app"
_CHALLENGE_LENGTH: Final = 43


@dataclass(frozen=True, slots=True)
class Claim:
    """Who a request says it is from: an app's id, and its secret if there is one."""

    app: str
    secret: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class CodeRequest:
    """What an app asks a member for."""

    app: App
    redirect_uri: str
    challenge: str
    scopes: frozenset[Scope]


@dataclass(frozen=True, slots=True)
class Asker:
    """An app that asks, with what is known of it. None: it is not the app that it says it is."""

    fields: Fields
    authorization: str | None = field(repr=False)
    app: App | None


def claim(fields: Fields, authorization: str | None) -> Claim:
    """Who a request says it is from; raises OAuthError INVALID_CLIENT, or INVALID_REQUEST."""
    try:
        name, secret = extract_basic_authorization({"Authorization": authorization})
    except ValueError:
        raise OAuthError(OAuthCode.INVALID_CLIENT, "authorization is not readable") from None
    if authorization is not None and not (name and secret):
        raise OAuthError(OAuthCode.INVALID_CLIENT, "authorization must be Basic, id and secret")
    given = fields.get("client_id"), fields.get("client_secret")
    if name and (given[1] or given[0] not in {None, name}):
        raise OAuthError(OAuthCode.INVALID_REQUEST, "show the client once, in one way")
    return Claim(name or given[0] or "", secret or given[1])


def code_request(app: App, fields: Fields) -> CodeRequest:
    """What an app asks a member for; raises OAuthError, which its redirect may hear of.

    `redirect_uri` of the fields was found to be one of the app's.
    """
    if fields.get("response_type", "code") != "code":
        raise OAuthError(OAuthCode.UNSUPPORTED_RESPONSE_TYPE, "response_type must be code")
    if fields.get("response_mode", "query") != "query":
        raise OAuthError(OAuthCode.INVALID_REQUEST, "response_mode must be query")
    request = _Request(fields, None)
    with _refusals():
        if "response_type" not in fields:
            raise InvalidRequestError("Missing 'response_type' in request.")
        _Server(app).get_consent_grant(request)
    return CodeRequest(
        app,
        fields["redirect_uri"],
        fields["code_challenge"],
        frozenset(map(Scope, request.scope.split())),
    )


def judge_token_request(
    asker: Asker, code: AuthorizationCode | None, refreshable_by: str | None
) -> None:
    """Whether an app may have tokens; raises OAuthError.

    `code` is what the code of the fields stands for, `refreshable_by` the app whose session the
    refresh token of the fields would prolong.
    """
    server = _Server(asker.app, code, refreshable_by)
    with _refusals():
        if "grant_type" not in asker.fields:
            raise InvalidRequestError("Missing 'grant_type' in request.")
        grant = server.get_token_grant(_Request(asker.fields, asker.authorization))
        grant.validate_token_request()


def judge_endpoint_request(asker: Asker, *, public: bool) -> None:
    """Whether an app may ask about a token, or end it; raises OAuthError.

    `public` says whether one without a secret may.
    """
    endpoint = _Endpoint(_Server(asker.app))
    endpoint.CLIENT_AUTH_METHODS = CLIENT_METHODS if public else _WITH_SECRET
    request = _Request(asker.fields, asker.authorization)
    with _refusals():
        client = endpoint.authenticate_endpoint_client(request)
        endpoint.check_params(request, client)


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except OAuth2Error as error:
        code = OAuthCode(str(error.error))
        if code is OAuthCode.INVALID_CLIENT:
            raise OAuthError(code, NOT_THAT_APP) from None
        raise OAuthError(code, error.description or code.replace("_", " ")) from None


class _Request(OAuth2Request):
    """A request of an app, in Authlib's terms."""

    def __init__(self, fields: Fields, authorization: str | None) -> None:
        super().__init__("POST", _SECURE, headers={"Authorization": authorization})
        self.payload = BasicOAuth2Payload(dict(fields))

    @property
    def form(self) -> Fields:
        return self.payload.data  # type: ignore[no-any-return]


@dataclass(frozen=True, slots=True)
class _Client:
    """An app that is what it says it is, in Authlib's terms."""

    app: App

    def check_endpoint_auth_method(self, method: str, _endpoint: str) -> bool:
        return (method == "none") == self.app.public

    def check_client_secret(self, _secret: str) -> bool:
        return True  # else it would not have been found

    def check_grant_type(self, grant: str) -> bool:
        with_members = AppGrant.AUTHORIZATION_CODE in self.app.grants
        return with_members if grant == "refresh_token" else grant in self.app.grants

    def check_response_type(self, _response_type: str) -> bool:
        return self.check_grant_type(AppGrant.AUTHORIZATION_CODE)

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri in self.app.redirect_uris

    def get_default_redirect_uri(self) -> None:
        return None

    def get_allowed_scope(self, scope: str | None) -> str | None:
        wanted = set((scope or "").split()) or self.app.scopes
        return " ".join(sorted(wanted)) if wanted <= self.app.scopes else None


@dataclass(frozen=True, slots=True)
class _Code:
    """What a code stands for, in Authlib's terms."""

    redirect_uri: str
    code_challenge: str
    code_challenge_method: str = "S256"

    def get_redirect_uri(self) -> str:
        return self.redirect_uri


@dataclass(frozen=True, slots=True)
class _RefreshToken:
    """A refresh token that works, in Authlib's terms; what is asked of its scope changes nothing."""

    app: str

    def check_client(self, client: _Client) -> bool:
        return self.app == client.app.id


class _Pkce(CodeChallenge):
    """PKCE with S256, of every app."""

    SUPPORTED_CODE_CHALLENGE_METHOD = ("S256",)
    CODE_CHALLENGE_METHODS: Final = {"S256": CodeChallenge.CODE_CHALLENGE_METHODS["S256"]}

    def validate_code_challenge(self, grant: Any, redirect_uri: Any) -> None:
        super().validate_code_challenge(grant, redirect_uri)
        asked = grant.request.payload.data
        challenge, method = asked.get("code_challenge", ""), asked.get("code_challenge_method")
        if method != "S256" or len(challenge) != _CHALLENGE_LENGTH:
            raise InvalidRequestError("PKCE is needed, with code_challenge_method S256")


class _WithCode(AuthorizationCodeGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = CLIENT_METHODS

    def query_authorization_code(self, _code: str, client: _Client) -> _Code | None:
        known: AuthorizationCode | None = self.server.code
        if known is None or known.app != client.app.id:
            return None
        return _Code(known.redirect_uri, known.challenge)


class _WithRefreshToken(RefreshTokenGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = CLIENT_METHODS

    def authenticate_refresh_token(self, _token: str) -> _RefreshToken | None:
        app: str | None = self.server.refreshable_by
        return None if app is None else _RefreshToken(app)

    def _validate_token_scope(self, token: _RefreshToken) -> None:
        """A refresh changes no scopes, and the answer says which there are."""


class _OfItsOwn(ClientCredentialsGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = _WITH_SECRET

    def validate_requested_scope(self) -> None:
        if self.request.payload.scope:
            raise OAuthError(OAuthCode.INVALID_SCOPE, "an app's own token has no scopes")


class _Endpoint(RevocationEndpoint):
    """Revocation and introspection ask for the same."""

    def check_params(self, request: _Request, _client: _Client) -> None:
        """Of a hint Authlib refuses what it does not know; RFC 7009 has it ignored."""
        if "token" not in request.form:
            raise InvalidRequestError("Missing 'token' in request.")


class _Server(AuthorizationServer):
    """Authlib's server for one request, which knows what was read for it."""

    def __init__(
        self,
        app: App | None,
        code: AuthorizationCode | None = None,
        refreshable_by: str | None = None,
    ) -> None:
        super().__init__()
        self._client = None if app is None else _Client(app)
        self.code = code
        self.refreshable_by = refreshable_by
        self.register_grant(_WithCode, [_Pkce(required=True)])
        self.register_grant(_WithRefreshToken)
        self.register_grant(_OfItsOwn)

    def query_client(self, client_id: str) -> _Client | None:
        known = self._client
        return known if known is not None and known.app.id == client_id else None

    def create_oauth2_request(self, request: _Request) -> _Request:
        return request

    def send_signal(self, name: str, *_: object, **__: object) -> None:
        """Nobody listens."""
