"""The only module that knows the MongoDB driver: client options, transactions, its failures.

Motor today; PyMongo's own `AsyncMongoClient` is the same but for the calls wrapped here, and the
tests run over both. See docs/decisions/0003.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final, TypeVar

from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import AsyncMongoClient
from pymongo.errors import (
    ConnectionFailure,
    ExecutionTimeout,
    NetworkTimeout,
    PyMongoError,
    ServerSelectionTimeoutError,
    WaitQueueTimeoutError,
    WriteConcernError,
)
from pymongo.monitoring import CommandListener
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

Document = dict[str, Any]
Returned = TypeVar("Returned")

_DEFAULT_DATABASE: Final = "kenshin"
_SELECTION_MS: Final = 4000
"A server that is not there is soon known, however long an operation may take."
_RETRY_SECONDS: Final = 0.5
"How much longer than one operation a transaction may take before it counts as not answered."

_DOWN: Final = (
    ConnectionFailure,
    ExecutionTimeout,
    NetworkTimeout,
    ServerSelectionTimeoutError,
    WaitQueueTimeoutError,
    WriteConcernError,
)


class NotAReplicaSet(PyMongoError):
    """The server cannot do transactions."""


def is_down(error: BaseException) -> bool:
    """Whether an error means that MongoDB does not answer now, and may later."""
    return isinstance(error, _DOWN) or (
        isinstance(error, PyMongoError)
        and (error.timeout or error.has_error_label("TransientTransactionError"))
    )


def describe(error: BaseException) -> str:
    """An error of MongoDB in a few words for a log."""
    return str(error) if isinstance(error, NotAReplicaSet) else type(error).__name__


class Mongo:
    """A client of one database with every promise set: majority writes and reads, journalled."""

    def __init__(
        self,
        url: str,
        *,
        timeout_seconds: float = 4.0,
        database: str | None = None,
        listeners: Sequence[CommandListener] = (),
        client_class: Callable[..., Any] = AsyncIOMotorClient,
    ) -> None:
        milliseconds = int(timeout_seconds * 1000)
        self._transaction_seconds = timeout_seconds + _RETRY_SECONDS
        self._client = client_class(
            url,
            appname="kenshin",
            connectTimeoutMS=milliseconds,
            event_listeners=list(listeners),
            journal=True,
            maxPoolSize=200,
            readConcernLevel="majority",
            retryReads=True,
            retryWrites=True,
            serverSelectionTimeoutMS=min(milliseconds, _SELECTION_MS),
            timeoutMS=milliseconds,
            tz_aware=True,
            w="majority",
        )
        self._motor = isinstance(self._client, AsyncIOMotorClient)
        self.database = (
            self._client[database]
            if database
            else self._client.get_default_database(_DEFAULT_DATABASE)
        )

    def __getitem__(self, collection: str) -> Any:
        return self.database[collection]

    @property
    def name(self) -> str:
        """Name of the database, which names the deployment."""
        return str(self.database.name)

    @property
    def write_concern(self) -> WriteConcern:
        concern: WriteConcern = self.database.write_concern
        return concern

    @property
    def read_concern(self) -> ReadConcern:
        concern: ReadConcern = self.database.read_concern
        return concern

    async def aggregate(
        self, collection: str, pipeline: Sequence[Mapping[str, Any]]
    ) -> list[Document]:
        """All results of a pipeline."""
        cursor = self.database[collection].aggregate(list(pipeline))
        if not self._motor:
            cursor = await cursor
        found: list[Document] = await cursor.to_list(None)
        return found

    async def transaction(self, work: Callable[[Any], Awaitable[Returned]]) -> Returned:
        """Run `work(session)` in a transaction, again where another one was in the way.

        `work` may run several times: what it changes outside the database it must start anew. After
        an error that `is_down` knows it is not known whether the transaction was committed.
        """
        session = self._client.start_session()
        if self._motor:
            session = await session
        async with session:
            try:
                async with asyncio.timeout(self._transaction_seconds):
                    result: Returned = await session.with_transaction(work)
            except TimeoutError:
                raise NetworkTimeout("a transaction did not end in time") from None
        return result

    async def ping(self) -> None:
        """Raises PyMongoError if the database does not answer, or not as a replica set."""
        hello = await self.database.command("hello")
        if "setName" not in hello:
            raise NotAReplicaSet("MongoDB must be a replica set: transactions need one")

    async def drop(self) -> None:
        """Remove the whole database; for tests and benchmarks."""
        await self._client.drop_database(self.database.name)

    async def close(self) -> None:
        closing = self._client.close()
        if closing is not None:
            await closing


__all__ = ["AsyncMongoClient", "Document", "Mongo", "PyMongoError", "describe", "is_down"]
