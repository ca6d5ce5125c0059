"""How subscriptions over sockets are executed: which of them share what."""

from collections.abc import Hashable
from functools import partial

import orjson

from domain.errors import KenshinError
from domain.members import Session
from resolvers.context import RequestContext
from resolvers.live import StreamEvent
from resolvers.sources import Sources
from schema.answers import payload_of
from schema.connection import Connection
from schema.counts import Counts
from schema.documents import CheckedDocument
from schema.execution.events import Unwritten, Writer
from schema.execution.subscriptions import Call
from schema.fanout import Fanout
from schema.host import Operation
from schema.live import NEWEST_COUNTS, reading_event
from schema.live_groups import ReadingGroups, ReadingSubscriber
from schema.messages import Subscribe
from schema.nodes import facility_number
from schema.root import KenshinSchema
from schema.shared import SharedGroups


class Subscriptions:
    """Begins the subscriptions of a process."""

    def __init__(self, schema: KenshinSchema, sources: Sources, counts: Counts) -> None:
        fanout = Fanout(counts)
        self._schema = schema
        self._sources = sources
        self._readings = ReadingGroups(sources, fanout, counts)
        self._shared = SharedGroups(schema, sources, fanout, counts)

    def start(
        self, connection: Connection, checked: CheckedDocument, asked: Subscribe
    ) -> Operation | None:
        """Begin a subscription of a valid document; None if it was refused."""
        connection.watch()
        subscription = checked.subscription(asked.operation_name)
        call = subscription and subscription.call(asked.variables)
        if call and call.field == "readings" and connection.session:
            return self._readings_of(connection, connection.session, asked, call)
        newest_counts = bool(call and self._schema.metadata(call.field).get(NEWEST_COUNTS))
        return self._shared.join(connection, asked, newest_counts=newest_counts)

    def _readings_of(
        self, connection: Connection, session: Session, asked: Subscribe, call: Call
    ) -> Operation | None:
        try:
            numbers = sorted({facility_number(text) for text in call.arguments["facilityIds"]})
        except KenshinError as error:
            connection.fail(asked.id, error)
            return None
        # What a writer writes depends on nothing else that was asked for.
        selection: Hashable = call.writer or (asked.query, asked.operation_name, _text(asked))
        key = (session.member, *numbers, selection)
        group = self._readings.group(key, partial(self._payload, asked, call.writer))
        subscriber = ReadingSubscriber(connection, asked, group)
        context = RequestContext(self._sources, None, connection.request_id, resumed=session)
        subscriber.begin(context, numbers, call.arguments.get("after"))
        return subscriber

    def _payload(self, asked: Subscribe, writer: Writer | None, event: StreamEvent) -> bytes:
        """What a `next` message says of an event."""
        found = reading_event(event)
        if writer is not None:
            try:
                return b'{"data":' + writer(found) + b"}"
            except Unwritten:
                pass  # the stock executor says what is wrong
        result = self._schema.event_result(
            asked.query, asked.variables, asked.operation_name, found
        )
        return b"".join(payload_of(result))


def _text(asked: Subscribe) -> bytes:
    return orjson.dumps(asked.variables, option=orjson.OPT_SORT_KEYS)
