"""What a connection needs of the process it is in."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from graphql import GraphQLError

from domain.members import Session
from schema.counts import Counts
from schema.messages import Subscribe
from schema.running import Operation

if TYPE_CHECKING:
    from schema.connection import Connection


class Host(Protocol):
    """What all connections of a process share. Limits are of one connection."""

    counts: Counts
    max_operations: int
    max_held: int
    "Characters of the messages of all operations that run."
    slow_seconds: float

    async def authenticate(self, authorization: str, request_id: str) -> Session:
        """The session; raises Unauthenticated for one that is not valid."""

    def acknowledgement(self, session: Session | None) -> dict[str, Any]:
        """Payload of `connection_ack`."""

    def full(self, member: str) -> str | None:
        """Why there can be no more connections of a member; None if there can."""

    def enter(self, member: str) -> None:
        """Count a connection of a member."""

    def leave(self, member: str) -> None:
        """Count one less."""

    def watch(self, session: Session, ended: Callable[[], None]) -> Callable[[], None]:
        """Call `ended` when the session has ended; gives what ends the watch."""

    def lost(self, connection: "Connection") -> None:
        """A connection is no more."""

    def failed(self, error: GraphQLError) -> None:
        """Count an error that an operation ended with."""

    def start(self, connection: "Connection", asked: Subscribe) -> Operation | None:
        """Begin an operation; None where nothing began. Raises Violation."""

    def begin(self, connection: "Connection", asked: Subscribe) -> Operation | None:
        """The same for one whose document was looked up."""
