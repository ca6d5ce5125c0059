"""Where OAuth's endpoints are."""

from collections.abc import Sequence

from starlette.routing import Route

from resolvers.sources import Sources
from schema.oauth.authorize import AuthorizeView
from schema.oauth.endpoints import AppEndpoints
from schema.oauth.pages import PATH, stylesheet


def oauth_routes(sources: Sources) -> Sequence[Route]:
    """The pages for members, and the endpoints for apps."""
    apps = AppEndpoints(sources)
    return [
        Route(PATH, AuthorizeView(sources).answer, methods=["GET", "POST"]),
        Route("/oauth/pages.css", stylesheet),
        Route("/oauth/token", apps.token, methods=["POST"]),
        Route("/oauth/revoke", apps.revoke, methods=["POST"]),
        Route("/oauth/introspect", apps.introspect, methods=["POST"]),
        Route("/.well-known/oauth-authorization-server", apps.metadata),
    ]
