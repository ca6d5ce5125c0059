"""How subscriptions over sockets are executed: which of them share what."""

from collections.abc import Hashable
from functools import partial
from typing import Final

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
from schema.live import NEWEST_COUNTS, reading_event
from schema.live_groups import Encode, ReadingGroups, ReadingSubscriber
from schema.messages import NEXT, Subscribe
from schema.nodes import facility_number
from schema.root import KenshinSchema
from schema.running import Operation
from schema.shared import SharedGroups
from schema.tallies import Histogram

_MOST_KEPT: Final = 1000
_LONGEST_KEPT: Final = 10_000
"Characters of a message; both together bound the memory."


class Subscriptions:
    """Begins the subscriptions of a process."""

    def __init__(
        self, schema: KenshinSchema, sources: Sources, counts: Counts, lag: Histogram
    ) -> None:
        fanout = Fanout(counts)
        self._encoders: dict[Hashable, Encode] = {}
        self._schema = schema
        self._sources = sources
        self._readings = ReadingGroups(sources, fanout, counts, lag)
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
        key = (session.member, session.app, *numbers, selection)
        group = self._readings.group(key, self._encoder(selection, asked, call.writer))
        subscriber = ReadingSubscriber(connection, asked, group)
        context = RequestContext(self._sources, None, connection.request_id, resumed=session)
        subscriber.begin(context, numbers, call.arguments.get("after"))
        return subscriber

    def _encoder(self, selection: Hashable, asked: Subscribe, writer: Writer | None) -> Encode:
        """One for all groups of a selection: most subscribers ask for the same in the same words."""
        encode = self._encoders.get(selection)
        if encode is None:
            encode = self._made_encoder(asked, writer)
            if asked.size <= _LONGEST_KEPT:
                if len(self._encoders) >= _MOST_KEPT:
                    self._encoders.clear()  # groups keep theirs
                self._encoders[selection] = encode
        return encode

    def _made_encoder(self, asked: Subscribe, writer: Writer | None) -> Encode:
        stock = partial(
            self._schema.event_result, asked.query, asked.variables, asked.operation_name
        )
        start = NEXT + b'{"data":'

        def encode(event: StreamEvent) -> bytes:
            found = reading_event(event)
            if writer is not None:
                try:
                    return start + writer(found) + b"}"
                except Unwritten:
                    pass  # the stock executor says what is wrong
            return NEXT + b"".join(payload_of(stock(found)))

        return encode


def _text(asked: Subscribe) -> bytes:
    return orjson.dumps(asked.variables, option=orjson.OPT_SORT_KEYS)
