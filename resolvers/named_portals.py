"""Portals as requests name them: by key."""

from domain.portal import Portal
from resolvers.context import RequestContext
from resolvers.refusals import Refusal, Refused


def known_portal(context: RequestContext, key: str) -> Portal:
    """A portal by its key; raises Refused UNKNOWN_PORTAL."""
    portal = context.sources.portals.get(key)
    if portal is None:
        raise Refused(Refusal.UNKNOWN_PORTAL, "portal")
    return portal
