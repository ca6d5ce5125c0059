"""Points of what is asked at OAuth's endpoints: these are no way around the limits of operations."""

from typing import Final

from starlette.requests import Request

from domain.consents import App
from domain.lockout import address_block
from domain.rate_limits import Asker
from resolvers import points
from resolvers.sources import Sources
from schema.clients import client_of

POINTS: Final = 10
"Of a request: as many as a mutation's."


async def take_points(sources: Sources, request: Request, app: App | None = None) -> None:
    """Take the points of a request: an app's that has shown its secret, else those of an address.

    Raises RateLimited, and Unavailable while Redis does not answer and anybody may ask.
    """
    if app is None or app.public:
        asker, name = Asker.ADDRESS, address_block(client_of(request.scope).address) or ""
    else:
        asker, name = Asker.APP, app.id
    await points.take_points(sources, asker, name, POINTS)
