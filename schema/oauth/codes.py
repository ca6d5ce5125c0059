"""Errors of OAuth as apps see them: the codes of RFC 6749, 7009, 8707, and what each is for."""

from enum import StrEnum
from http import HTTPStatus


class OAuthCode(StrEnum):
    """`error` of an answer or of a redirect."""

    INVALID_REQUEST = "invalid_request"
    "a parameter is missing, wrong or repeated; PKCE with `S256` is always needed"
    INVALID_CLIENT = "invalid_client"
    "no such app, or it is not shown to be that app"
    INVALID_GRANT = "invalid_grant"
    "code, verifier, redirect or refresh token are wrong, have ended, were used, or are another app's"
    UNAUTHORIZED_CLIENT = "unauthorized_client"
    "the app is not registered for this grant"
    UNSUPPORTED_GRANT_TYPE = "unsupported_grant_type"
    "neither `authorization_code`, `refresh_token` nor `client_credentials`"
    UNSUPPORTED_RESPONSE_TYPE = "unsupported_response_type"
    "not `code`"
    INVALID_SCOPE = "invalid_scope"
    "a scope that there is not, or that the app may not ask for; an app's own token has none"
    INVALID_TARGET = "invalid_target"
    "`resource` is not this API"
    ACCESS_DENIED = "access_denied"
    "the member refused"
    TEMPORARILY_UNAVAILABLE = "temporarily_unavailable"
    "a database does not answer, or too much was asked for in a minute (429): try again"


class OAuthError(Exception):
    """A request of an app that is not granted; the message is for its developer."""

    def __init__(self, code: OAuthCode, message: str) -> None:
        super().__init__(message)
        self.code = code

    @property
    def status(self) -> HTTPStatus:
        """Status of an answer that says so."""
        match self.code:
            case OAuthCode.INVALID_CLIENT:
                return HTTPStatus.UNAUTHORIZED
            case OAuthCode.TEMPORARILY_UNAVAILABLE:
                return HTTPStatus.SERVICE_UNAVAILABLE
        return HTTPStatus.BAD_REQUEST
