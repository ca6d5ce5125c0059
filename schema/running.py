"""The operations that run on a connection, by their ids."""

from collections.abc import Iterator
from typing import Protocol

from schema.counts import Counts
from schema.messages import Subscribe


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


class Running:
    """Operations, and how much their messages have in all: so much is kept for a client."""

    __slots__ = ("_counts", "_operations", "_size")

    def __init__(self, counts: Counts) -> None:
        self._counts = counts
        self._operations: dict[str, Operation] = {}
        self._size = 0

    def __contains__(self, key: str) -> bool:
        return key in self._operations

    def __iter__(self) -> Iterator[Operation]:
        """Those that run now, whatever becomes of them meanwhile."""
        return iter(tuple(self._operations.values()))

    @property
    def lasting(self) -> tuple[tuple[str, Operation], ...]:
        """Subscriptions with their ids."""
        return tuple((key, one) for key, one in self._operations.items() if one.lasting)

    @property
    def only_lasting(self) -> bool:
        """Whether no query and no mutation is under way."""
        return all(one.lasting for one in self._operations.values())

    def over_limit(self, asked: Subscribe, most: int, most_in_all: int) -> str | None:
        """Why one more is one too many; None if it is not."""
        if len(self._operations) >= most:
            return f"at most {most} operations can run at once on a connection"
        if self._size + asked.size > most_in_all:
            return f"operations that run at once on a connection can be {most_in_all} characters in all"
        return None

    def add(self, key: str, operation: Operation) -> None:
        self._counts.operations += 1
        self._size += operation.size
        self._operations[key] = operation

    def forget(self, key: str) -> Operation | None:
        """Take one out; None if it does not run."""
        operation = self._operations.pop(key, None)
        if operation is not None:
            self._counts.operations -= 1
            self._size -= operation.size
        return operation

    def stop(self, key: str) -> None:
        """End one that may run, and say nothing."""
        if operation := self.forget(key):
            operation.stop()

    def stop_all(self) -> None:
        for key in tuple(self._operations):
            self.stop(key)
