"""What apps ask without their members: tokens, revocation, introspection, and where all of it is.

RFC 6749, 7009, 7662 and 8414. Who asks is looked up first, then Authlib judges, then it is done.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from domain.consents import App, AppAccess, Scope
from domain.errors import RateLimited, Unavailable
from domain.slots import TOKYO
from resolvers import app_authorization as resolve
from resolvers.consents import refresh_session
from resolvers.sources import Sources
from schema.errors import public
from schema.nodes import node_id
from schema.oauth.answers import (
    WrongForm,
    answer,
    form_of,
    issuer_of,
    refusal,
    single,
    too_many,
)
from schema.oauth.codes import OAuthCode, OAuthError
from schema.oauth.judge import (
    CLIENT_METHODS,
    GRANTS,
    NOT_THAT_APP,
    Asker,
    claim,
    judge_endpoint_request,
    judge_token_request,
)
from schema.oauth.points import take_points

Endpoint = Callable[[Request], Awaitable[Response]]

_WITH_SECRET: Final = [method for method in CLIENT_METHODS if method != "none"]


class AppEndpoints:
    """The endpoints of a process."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources

    async def token(self, request: Request) -> Response:
        """POST /oauth/token."""
        return await self._answered(request, self._token)

    async def revoke(self, request: Request) -> Response:
        """POST /oauth/revoke."""
        return await self._answered(request, self._revoke)

    async def introspect(self, request: Request) -> Response:
        """POST /oauth/introspect."""
        return await self._answered(request, self._introspect)

    async def metadata(self, request: Request) -> Response:
        """GET /.well-known/oauth-authorization-server."""
        issuer = issuer_of(self._sources.settings, request)
        return answer(
            {
                "issuer": issuer,
                "authorization_endpoint": f"{issuer}/oauth/authorize",
                "token_endpoint": f"{issuer}/oauth/token",
                "token_endpoint_auth_methods_supported": CLIENT_METHODS,
                "revocation_endpoint": f"{issuer}/oauth/revoke",
                "revocation_endpoint_auth_methods_supported": CLIENT_METHODS,
                "introspection_endpoint": f"{issuer}/oauth/introspect",
                "introspection_endpoint_auth_methods_supported": _WITH_SECRET,
                "grant_types_supported": GRANTS,
                "response_types_supported": ["code"],
                "response_modes_supported": ["query"],
                "code_challenge_methods_supported": ["S256"],
                "authorization_response_iss_parameter_supported": True,
                "scopes_supported": list(Scope),
                "ui_locales_supported": ["ja", "en"],
            }
        )

    async def _answered(
        self, request: Request, act: Callable[[Request, Asker], Awaitable[Response]]
    ) -> Response:
        try:
            return await act(request, await self._asker(request))
        except OAuthError as error:
            return refusal(error)
        except WrongForm as wrong:
            return refusal(OAuthError(OAuthCode.INVALID_REQUEST, str(wrong)))
        except RateLimited as limited:
            return too_many(limited)
        except Exception as error:
            known = public(error)
            if not isinstance(known, Unavailable):
                raise
            return refusal(OAuthError(OAuthCode.TEMPORARILY_UNAVAILABLE, str(known)))

    async def _asker(self, request: Request) -> Asker:
        """Who asks, and what; raises OAuthError, WrongForm, RateLimited."""
        fields = single(await form_of(request))
        require_this_api(fields.get("resource"), issuer_of(self._sources.settings, request))
        authorization = request.headers.get("authorization")
        claimed = claim(fields, authorization)
        app = await self._sources.apps.proven(claimed.app, claimed.secret)
        await take_points(self._sources, request, app)
        return Asker(fields, authorization, app)

    async def _token(self, _request: Request, asker: Asker) -> Response:
        code, refresh_token = asker.fields.get("code"), asker.fields.get("refresh_token")
        sources, now = self._sources, self._sources.clock()
        known = await sources.authorization_codes.find(code, now) if code else None
        own = asker.app.id if asker.app else ""
        by = await resolve.refreshable_by(sources, refresh_token, own) if refresh_token else None
        judge_token_request(asker, known, by)
        app = _known(asker.app)
        match asker.fields["grant_type"]:
            case "client_credentials":
                token, secret = await sources.app_tokens.open(app.id, now)
                return answer(_bearer(secret, token.ends_at, now))
            case "authorization_code" if code and known:
                opened = await resolve.redeem(sources, app, code, known)
            case _:
                opened = await refresh_session(sources, refresh_token or "", app)
        if opened is None or opened.session.app is None:
            raise OAuthError(OAuthCode.INVALID_GRANT, "it was used, or the consent has ended")
        content = _bearer(opened.access_token, opened.session.ends_at, now)
        return answer(
            content | {"refresh_token": opened.refresh_token} | _allowed(opened.session.app)
        )

    async def _revoke(self, _request: Request, asker: Asker) -> Response:
        judge_endpoint_request(asker, public=True)
        token = asker.fields["token"]
        seen = await resolve.sight(self._sources, token)
        if seen is not None and seen.app != _known(asker.app).id:
            raise OAuthError(OAuthCode.INVALID_GRANT, "the token is another app's")
        if seen is not None:
            await resolve.revoke(self._sources, token, seen)
        return answer({})

    async def _introspect(self, request: Request, asker: Asker) -> Response:
        judge_endpoint_request(asker, public=False)
        seen = await resolve.sight(self._sources, asker.fields["token"])
        if seen is None or seen.app != _known(asker.app).id:
            return answer({"active": False})
        issuer = issuer_of(self._sources.settings, request)
        content: dict[str, Any] = {
            "active": True,
            "client_id": seen.app,
            "token_type": "Bearer",
            "exp": int(seen.ends_at.timestamp()),
            "iss": issuer,
            "aud": f"{issuer}/graphql",
        }
        if seen.member is not None:
            content |= {"sub": seen.member, "scope": " ".join(sorted(seen.scopes))}
        return answer(content)


def require_this_api(resource: str | None, issuer: str) -> None:
    """Raises OAuthError INVALID_TARGET for a token that another API is to take (RFC 8707)."""
    if resource not in {None, issuer, f"{issuer}/", f"{issuer}/graphql"}:
        raise OAuthError(OAuthCode.INVALID_TARGET, "tokens are for this API alone")


def _bearer(token: str, ends_at: datetime, now: datetime) -> dict[str, Any]:
    seconds = int((ends_at - now).total_seconds())
    return {"access_token": token, "token_type": "Bearer", "expires_in": seconds}


def _allowed(access: AppAccess) -> dict[str, str]:
    """What the consent of a token says, beside the places: those are listed where they are shown."""
    return {
        "scope": " ".join(sorted(access.scopes)),
        "consent_id": node_id("Consent", access.consent),
        "consent_data_from": access.data_from.isoformat(),
        "consent_until": access.until.astimezone(TOKYO).isoformat(),
    }


def _known(app: App | None) -> App:
    """The app that was judged: one that is not known was refused."""
    if app is None:
        raise OAuthError(OAuthCode.INVALID_CLIENT, NOT_THAT_APP)
    return app
