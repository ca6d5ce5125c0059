"""Files of half-hour usage (US-9): read month by month, written in a thread, never held as a whole."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import BinaryIO, Final

from domain.consents import Scope
from domain.downloads import Document, DocumentKind
from domain.facilities import Facility
from domain.readings import Direction
from domain.slots import TOKYO, start_of_slot
from domain.usage import Resolution
from domain.usage_parts import UsagePart, UsageTitle, UsageWriter, month_spans
from resolvers.context import RequestContext
from resolvers.downloads import File
from resolvers.facilities import facility
from resolvers.threads import in_thread
from resolvers.usage import UsageAnswer, UsageQuestion, Wanted, usage

OpenWriter = Callable[[BinaryIO, UsageTitle], UsageWriter]

_NAMES: Final = {Direction.IMPORT: "電気使用量", Direction.EXPORT: "売電量"}
_NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)
"Of a facility that never had a reading."


@dataclass(frozen=True, slots=True)
class _AskedUsage:
    """Half hours of a facility in one direction, slots ``[first, end)``."""

    facility: Facility
    direction: Direction
    first: int
    end: int


def usage_document(answer: UsageAnswer) -> Document:
    """The half hours of a series, whatever its resolution."""
    question, series = answer.question, answer.series
    values = (question.direction.name, str(series.first), str(series.end))
    return Document(DocumentKind.USAGE, str(question.facility.number), values)


async def usage_file(
    open_writer: OpenWriter, suffix: str, context: RequestContext, document: Document
) -> File:
    """A file of a usage document of who asks, in the format that the writer writes."""
    found = await facility(context, int(document.key))
    context.require_open(found)
    context.require_scope("a file of usage", Scope.USAGE_READ, facility=found.number)
    direction, first, end = document.values
    asked = _AskedUsage(found, Direction[direction], int(first), int(end))
    return File(f"{_name(asked)}.{suffix}", partial(_write, context, asked, open_writer))


async def _write(
    context: RequestContext, asked: _AskedUsage, open_writer: OpenWriter, out: BinaryIO
) -> None:
    head = await context.loaders.head(asked.facility.number)
    title = UsageTitle(
        portal=context.portal(asked.facility.portal).name,
        facility=asked.facility.name,
        supply_point=asked.facility.supply_point,
        direction=asked.direction,
        updated_at=head.received_at or _NEVER,
    )
    writer = await in_thread(partial(open_writer, out, title))
    try:
        for first, end in month_spans(asked.first, asked.end):
            context.forget()
            answer = await _answer(context, asked, first, end)
            await in_thread(partial(_add, writer, answer))
        await in_thread(writer.finish)
    finally:
        await in_thread(writer.close)


async def _answer(context: RequestContext, asked: _AskedUsage, first: int, end: int) -> UsageAnswer:
    question = UsageQuestion(
        asked.facility,
        start_of_slot(first),
        start_of_slot(end),
        Resolution.HALF_HOUR,
        asked.direction,
    )
    return await usage(context, question, Wanted(yen=True))


def _add(writer: UsageWriter, answer: UsageAnswer) -> None:
    series = answer.series
    writer.add(UsagePart(series.first, series.wh, series.quality, answer.slot_sen))


def _name(asked: _AskedUsage) -> str:
    first = start_of_slot(asked.first).astimezone(TOKYO)
    last = start_of_slot(max(asked.first, asked.end - 1)).astimezone(TOKYO)
    return f"{_NAMES[asked.direction]}_{asked.facility.name}_{first:%Y%m%d}-{last:%Y%m%d}"
