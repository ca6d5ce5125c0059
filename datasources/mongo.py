"""The only module that knows the MongoDB driver: client options, transactions, its failures.

Motor today; PyMongo's own `AsyncMongoClient` is the same but for the calls wrapped here, and the
tests run over both. See docs/decisions/0003.
"""

import asyncio
import itertools
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final, NewType, TypeVar

import bson
import pymongo
from bson import CodecOptions, DatetimeConversion
from bson.raw_bson import RawBSONDocument
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import AsyncMongoClient
from pymongo.errors import (
    ConnectionFailure,
    ExecutionTimeout,
    InvalidOperation,
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
Transaction = NewType("Transaction", object)
"A session of the driver, with which a write is part of a transaction; its two classes share no type."
InTransaction = Callable[[Transaction], Awaitable[None]]
"Called with the transaction, perhaps several times; an error that it raises undoes all."

_DEFAULT_DATABASE: Final = "kenshin"
_SELECTION_MS: Final = 4000
"A server that is not there is soon known, however long an operation may take."
_RETRY_SECONDS: Final = 0.5
"How much longer than one operation a transaction may take before it counts as not answered."
_PAUSE_SECONDS: Final = 0.005
_LONGEST_PAUSE_SECONDS: Final = 0.2
"Between attempts at a transaction."
_ONE_REPLY: Final = 1_000_000
"Documents of a first batch: the 16 MB of a reply are the limit, never their number."

_REPLY_STARTS: Final = b"\x04firstBatch\0"
_REPLY_ENDS: Final = b"\x12id\0" + bytes(8)
"How the cursor of a reply that has all documents goes on after them: there is nothing more to get."

_ANY_VALUE: Final[CodecOptions[Document]] = CodecOptions(
    unicode_decode_error_handler="replace", datetime_conversion=DatetimeConversion.DATETIME_MS
)
"Decodes what no other reader would take, so that one broken document does not hide the others."

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
        self.timeout_seconds = timeout_seconds
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

    async def find(
        self, collection: str, choice: Document, projection: Document | None = None
    ) -> list[Document]:
        """All documents of a choice, in one command unless they exceed its reply.

        A cursor would take Motor a third more time.
        """
        options = self.database.codec_options
        with pymongo.timeout(self.timeout_seconds):
            reply = await self._reply(collection, choice, projection, options)
            if reply is None or reply["id"]:
                return await self._by_cursor(collection, choice, projection, options)
            documents: list[Document] = reply["firstBatch"]
            return documents

    async def find_raw(
        self, collection: str, choice: Document, projection: Document
    ) -> memoryview | list[Document]:
        """The same as the bytes of a BSON array, or decoded where they exceed one reply.

        The driver's own `find_raw_batches` makes an object of every document.
        """
        raw = self.database.codec_options.with_options(document_class=RawBSONDocument)
        with pymongo.timeout(self.timeout_seconds):
            reply = await self._reply(collection, choice, projection, raw)
            documents = None if reply is None else _array(memoryview(reply.raw))
            if documents is None:
                return await self._by_cursor(collection, choice, projection, _ANY_VALUE)
            return documents

    async def _reply(
        self,
        collection: str,
        choice: Document,
        projection: Document | None,
        options: CodecOptions[Any],
    ) -> Any:
        """Cursor in the reply to a find; None if the connection was lost."""
        command = {"find": collection, "filter": choice, "batchSize": _ONE_REPLY}
        command |= {"projection": projection or {}, "readConcern": self.read_concern.document}
        try:
            reply = await self.database.command(command, codec_options=options)
        except ConnectionFailure as error:
            if error.timeout:
                raise
            return None  # Of the two the driver tries only a cursor again.
        return reply["cursor"]

    async def _by_cursor(
        self,
        collection: str,
        choice: Document,
        projection: Document | None,
        options: CodecOptions[Any],
    ) -> list[Document]:
        documents = self.database[collection].with_options(codec_options=options)
        found: list[Document] = await documents.find(choice, projection).to_list(None)
        return found

    async def aggregate(
        self, collection: str, pipeline: Sequence[Mapping[str, Any]]
    ) -> list[Document]:
        """All results of a pipeline."""
        cursor = self.database[collection].aggregate(list(pipeline))
        if not self._motor:
            cursor = await cursor
        found: list[Document] = await cursor.to_list(None)
        return found

    async def transaction(self, work: Callable[[Transaction], Awaitable[Returned]]) -> Returned:
        """Run `work(session)` in a transaction, again where another one was in the way.

        `work` may run several times: what it changes outside the database it must start anew. After
        an error that `is_down` knows it is not known whether the transaction was committed.
        """
        session = self._client.start_session()
        if self._motor:
            session = await session
        async with session:
            try:
                async with asyncio.timeout(self._transaction_seconds) as limit:
                    attempt = _patient(work) if self._motor else work
                    result: Returned = await session.with_transaction(attempt)
            except TimeoutError:
                raise NetworkTimeout("a transaction did not end in time") from None
            except InvalidOperation:
                # Motor, cut off while it aborted a transaction, aborts it again.
                if not limit.expired():
                    raise
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


def _patient(
    work: Callable[[Transaction], Awaitable[Returned]],
) -> Callable[[Any], Awaitable[Returned]]:
    """Pause before every further attempt, as PyMongo's client does and Motor does not.

    Else whoever finds another transaction in the way tries again and again until that one ends.
    """
    attempts = itertools.count()

    async def attempt(session: Any) -> Returned:
        if number := next(attempts):
            longest = min(_PAUSE_SECONDS * 2**number, _LONGEST_PAUSE_SECONDS)
            await asyncio.sleep(random.uniform(0, longest))  # noqa: S311 - spreads, hides nothing
        return await work(session)

    return attempt


def decode(document: bytes) -> Document:
    """A document, whatever its fields hold."""
    return bson.decode(document, _ANY_VALUE)


def decode_array(documents: memoryview) -> list[Document]:
    """Documents of a BSON array, whatever their fields hold."""
    return list(bson.decode(documents, _ANY_VALUE).values())


def _array(cursor: memoryview) -> memoryview | None:
    """Bytes of the array of documents in a reply's cursor; None if it has not all of them."""
    start = 4 + len(_REPLY_STARTS)
    end = start + int.from_bytes(cursor[start : start + 4], "little")
    around = bytes(cursor[4:start]), bytes(cursor[end : end + len(_REPLY_ENDS)])
    return cursor[start:end] if around == (_REPLY_STARTS, _REPLY_ENDS) else None


__all__ = ["AsyncMongoClient", "Document", "Mongo", "PyMongoError", "describe", "is_down"]
