"""What a connection needs of the process it is in, and what runs on it."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from domain.members import Session
from schema.counts import Counts
from schema.messages import Subscribe

if TYPE_CHECKING:
    from schema.connection import Connection


class Operation(Protocol):
    """What runs under an id until it ends it, or is told to stop."""

    size: int
    "Characters of the message that began it."
    lasting: bool
    "Whether it is a subscription."

    def stop(self) -> None:
        """End at once and say nothing."""

    def resumed(self) -> None:
        """The socket is writable again."""


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

    def start(self, connection: "Connection", asked: Subscribe) -> Operation | None:
        """Begin an operation; None where nothing began. Raises Violation."""
