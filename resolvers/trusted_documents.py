"""Documents that clients name instead of sending them: registered ones, and persisted queries."""

import re
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from datasources.trusted_documents import LONGEST_PERSISTED
from domain.errors import BadInput, DocumentNotRegistered, PersistedQueryNotFound
from resolvers.context import RequestContext
from resolvers.sources import Sources

EVERYBODY: Final = ""
"Documents that were registered for no app are for everybody: the portals' own pages have no app."

_LONGEST_ID: Final = 200
_HASH: Final = re.compile("[0-9a-f]{64}")
_HASHED: Final = "sha256:"
_MOST_KNOWN: Final = 1000
_KEPT_SECONDS: Final = 30.0
"So long it may take until a process knows that an app may use registered documents only."


@dataclass(frozen=True, slots=True)
class DocumentReference:
    """What names a document: the id of a registered one, or a hash of its text. One of them is None."""

    id: str | None
    sha256: str | None
    new: bool = False
    "Whether a client left the document here with its hash: it is kept if it is admitted."

    @property
    def registered_as(self) -> str:
        """Id of the registered document that it names, if there is one."""
        return self.id if self.id is not None else f"{_HASHED}{self.sha256}"


@dataclass(frozen=True, slots=True)
class FoundDocument:
    """Text of a document; `new` if a client left it here with its hash."""

    text: str
    new: bool = False


def reference_of(fields: Mapping[str, Any]) -> DocumentReference | None:
    """What the parameters of a request name; None for nothing. Raises BadInput."""
    given = fields.get("documentId")
    persisted = (fields.get("extensions") or {}).get("persistedQuery")
    if given is not None:
        if not isinstance(given, str) or not 0 < len(given) <= _LONGEST_ID:
            raise BadInput(f"documentId must be a string of 1 to {_LONGEST_ID} characters")
        if fields.get("query") is not None or persisted is not None:
            raise BadInput("documentId comes without query and without persistedQuery")
        return DocumentReference(given, None)
    if persisted is None:
        return None
    match persisted:
        case {"version": 1, "sha256Hash": str(found)} if _HASH.fullmatch(found):
            return DocumentReference(None, found)
    raise BadInput("persistedQuery must have version 1 and sha256Hash, 64 digits in small letters")


class TrustedDocuments:
    """Finds the text of what clients name; one per process, which remembers what it found."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self.registered_only = sources.settings.documents == "registered"
        self._known: OrderedDict[tuple[str, str], str] = OrderedDict()
        self._strict_apps: frozenset[str] = frozenset()
        self._read_at: float | None = None

    async def text(
        self, context: RequestContext, query: str | None, reference: DocumentReference | None
    ) -> FoundDocument:
        """The document that a client sent or named, or both.

        Raises BadInput, PersistedQueryNotFound, DocumentNotRegistered, and Unauthenticated for a token
        that is wrong.
        """
        app = await _app(context)
        if reference is not None:
            found = await self._registered(app, reference.registered_as)
            if found is not None:
                return FoundDocument(_same(found, query))
        if reference is not None and reference.id is not None:
            raise DocumentNotRegistered("no document is registered by this id")
        if self.registered_only or (app and await self._is_strict(app)):
            raise DocumentNotRegistered("only registered documents are executed")
        if reference is None or reference.sha256 is None:
            return FoundDocument(query or "")
        return await self._persisted(reference.sha256, query)

    async def keep(self, sha256: str, text: str) -> None:
        """Keep a persisted document, which must be valid, unless it is too long for that."""
        if len(text) <= LONGEST_PERSISTED:
            await self._sources.persisted_documents.keep(sha256, text, self._sources.clock())
            self._remember((_HASHED, sha256), text)

    async def _registered(self, app: str, key: str) -> str | None:
        for whose in dict.fromkeys((app, EVERYBODY)):
            text = self._known.get((whose, key))
            if text is None:
                text = await self._sources.trusted_documents.text(whose, key)
            if text is not None:
                self._remember((whose, key), text)
                return text
        return None

    async def _persisted(self, sha: str, query: str | None) -> FoundDocument:
        if query is not None:
            if sha256(query.encode(errors="surrogatepass")).hexdigest() != sha:
                raise BadInput("sha256Hash of persistedQuery is not that of the query")
            return FoundDocument(query, (_HASHED, sha) not in self._known)
        text = self._known.get((_HASHED, sha))
        if text is None:
            text = await self._sources.persisted_documents.text(sha)
        if text is None:
            raise PersistedQueryNotFound
        self._remember((_HASHED, sha), text)
        return FoundDocument(text)

    async def _is_strict(self, app: str) -> bool:
        now = time.monotonic()
        if self._read_at is None or now - self._read_at > _KEPT_SECONDS:
            # Only then it is known, also to those who ask meanwhile.
            self._strict_apps = await self._sources.apps.documents_only()
            self._read_at = now
        return app in self._strict_apps

    def _remember(self, key: tuple[str, str], text: str) -> None:
        self._known[key] = text
        self._known.move_to_end(key)
        if len(self._known) > _MOST_KNOWN:
            self._known.popitem(last=False)


async def _app(context: RequestContext) -> str:
    """The app that asks, for a member or for itself; EVERYBODY for none."""
    if not context.for_app:
        return EVERYBODY
    session = await context.viewer_session()
    if session is not None and session.app is not None:
        return session.app.app
    return EVERYBODY if context.app is None else context.app.id


def _same(text: str, query: str | None) -> str:
    if query is not None and query != text:
        raise BadInput("sha256Hash of persistedQuery is not that of the query")
    return text
