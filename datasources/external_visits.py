"""People who were sent to a provider and are not back yet, by hashes of their tokens.

Nothing here helps a thief: what the provider wants to see is made from the token, which only the
client has.
"""

from datetime import datetime

from datasources.mongo import Mongo
from datasources.tokens import token_hash
from domain.external_log_in import ProviderVisit


class ExternalVisitStore:
    def __init__(self, mongo: Mongo) -> None:
        self._visits = mongo["externalVisits"]

    async def add(self, token: str, visit: ProviderVisit) -> None:
        await self._visits.insert_one(
            {
                "_id": token_hash(token),
                "portal": visit.portal,
                "provider": visit.provider,
                "redirectUri": visit.redirect_uri,
                "session": visit.session,
                "endsAt": visit.ends_at,
            }
        )

    async def find(self, token: str, now: datetime) -> ProviderVisit | None:
        """The visit of a token, unless it is over."""
        found = await self._visits.find_one({"_id": token_hash(token), "endsAt": {"$gt": now}})
        if found is None:
            return None
        return ProviderVisit(
            portal=found["portal"],
            provider=found["provider"],
            redirect_uri=found["redirectUri"],
            ends_at=found["endsAt"],
            session=found["session"],
        )

    async def use_up(self, token: str) -> bool:
        """Let a token bring nobody in any more; False if somebody came with it before."""
        found = await self._visits.delete_one({"_id": token_hash(token)})
        return bool(found.deleted_count)
