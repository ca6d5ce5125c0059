"""Documents that clients name: looked up before anything is parsed, kept once they are valid."""

from dataclasses import replace
from typing import Final, TypeVar

import structlog
from graphql import GraphQLSyntaxError

from datasources.app_tokens import PREFIX as OWN_PREFIX
from datasources.mongo import PyMongoError, describe
from datasources.sessions import APP_PREFIX
from domain.members import Session
from resolvers.context import RequestContext
from resolvers.sources import Sources
from resolvers.trusted_documents import TrustedDocuments
from schema.documents import CheckedDocument
from schema.errors import exposed
from schema.messages import Subscribe
from schema.parameters import GraphQLParameters
from schema.root import KenshinSchema, open_schema

Asked = TypeVar("Asked", GraphQLParameters, Subscribe)

_CONSENTED: Final = APP_PREFIX.encode()
_OWN: Final = OWN_PREFIX.encode()
"What tokens of apps begin with. A few others have it too, and are looked at more closely."
_log = structlog.get_logger()


class Trusted:
    """The text of what clients send or name; one per process."""

    def __init__(self, schema: KenshinSchema, sources: Sources) -> None:
        self._schema = schema
        self._documents = TrustedDocuments(sources)

    def may_refuse(self, authorization: bytes | None) -> bool:
        """Whether a document that was sent as it is must be looked at too, by `document`."""
        return self._documents.registered_only or (
            authorization is not None and (_CONSENTED in authorization or _OWN in authorization)
        )

    def may_refuse_of(self, session: Session | None) -> bool:
        """The same, where it is known who asks."""
        return self._documents.registered_only or (session is not None and session.app is not None)

    async def document(
        self, context: RequestContext, asked: Asked
    ) -> tuple[Asked, CheckedDocument]:
        """What is asked with the text of its document, be that sent or named, and the document.

        One that is not found has no text; it is a wrong one, and costs as much.
        """
        try:
            found = await self._documents.text(context, asked.query or None, asked.reference)
        except Exception as error:  # noqa: BLE001 - an error of the request like any other
            unread = CheckedDocument.unread(exposed(error, context.request_id))
            return replace(asked, query=""), unread
        reference = asked.reference and replace(asked.reference, new=found.new)
        asked = replace(asked, query=found.text, reference=reference)
        return asked, self._schema.known_document(found.text)

    async def keep(self, asked: Asked) -> None:
        """Keep the document of what was admitted, if it was left here; without points nobody may."""
        reference = asked.reference
        if reference is None or reference.sha256 is None or not reference.new:
            return
        try:
            await self._documents.keep(reference.sha256, asked.query)
        except PyMongoError as error:
            _log.warning("a persisted query is not kept", error=describe(error))


def fault_of(text: str) -> str | None:
    """What is wrong with a document; None if it can be executed."""
    try:
        errors = open_schema().checked(text).errors
    except GraphQLSyntaxError as error:
        return error.message
    return errors[0].message if errors else None
