"""Half-hour usage as Green Button: ESPI (NAESB REQ.21) objects in an Atom feed, for partner apps.

One UsagePoint with one MeterReading, and an IntervalBlock for every day that has readings. A half hour
without a value is left out. Money is left out too: readers of Green Button know few currencies.
"""

import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import BinaryIO, Final
from uuid import NAMESPACE_URL, uuid5
from xml.sax.saxutils import escape

from domain.readings import Direction, Quality
from domain.slots import SLOT_SECONDS, day_of_slot, first_slot
from domain.usage_parts import UsagePart, UsageTitle

QUALITY_CODES: Final = {Quality.SETTLED: 17, Quality.PROVISIONAL: 14, Quality.ESTIMATED: 8}
"ESPI's QualityOfReading: validated, raw, estimated."
_FLOWS: Final = {Direction.IMPORT: 1, Direction.EXPORT: 19}
"ESPI's FlowDirection: forward, reverse."

_CODES: Final = tuple(QUALITY_CODES.get(quality, 0) for quality in Quality)
_MISSING: Final = int(Quality.MISSING)
_NO_SUMMER_TIME: Final = "FFFFFFFF"
_TOKYO_OFFSET: Final = 9 * 3600


class GreenButton:
    """A writer of one file."""

    def __init__(self, out: BinaryIO, title: UsageTitle) -> None:
        self._out = out
        self._updated = _instant(title.updated_at)
        self._point = uuid5(NAMESPACE_URL, f"kenshin:{title.portal}/{title.supply_point}")
        self._reading = f"UsagePoint/{self._point}/MeterReading/{title.direction.name}"
        self._write(_FEED_START.format(**self._feed(title)))
        self._write("".join(self._heads(title)))

    def add(self, part: UsagePart) -> None:
        for day in range(day_of_slot(part.first), day_of_slot(part.end - 1) + 1):
            first = max(part.first, first_slot(day))
            end = min(part.end, first_slot(day + 1))
            readings = "".join(_readings(part, first, end))
            if readings:
                self._write(self._block(first, end, readings))

    def finish(self) -> None:
        self._write("</feed>\n")

    def close(self) -> None:
        """Nothing is left anywhere else."""

    def _feed(self, title: UsageTitle) -> dict[str, str]:
        return {
            "id": self._id(title.direction.name),
            "title": _text(title.facility),
            "author": _text(title.portal),
            "updated": self._updated,
            "self": self._reading,
        }

    def _heads(self, title: UsageTitle) -> Iterator[str]:
        point, name = f"UsagePoint/{self._point}", _text(title.facility)
        yield self._entry(
            point,
            "UsagePoint",
            name,
            "<espi:UsagePoint><espi:ServiceCategory><espi:kind>0</espi:kind></espi:ServiceCategory>"
            "<espi:status>1</espi:status></espi:UsagePoint>",
            related=(f"{point}/MeterReading", "LocalTimeParameters/1"),
        )
        yield self._entry(
            "LocalTimeParameters/1",
            "LocalTimeParameters",
            "Asia/Tokyo",
            "<espi:LocalTimeParameters>"
            f"<espi:dstEndRule>{_NO_SUMMER_TIME}</espi:dstEndRule><espi:dstOffset>0</espi:dstOffset>"
            f"<espi:dstStartRule>{_NO_SUMMER_TIME}</espi:dstStartRule>"
            f"<espi:tzOffset>{_TOKYO_OFFSET}</espi:tzOffset></espi:LocalTimeParameters>",
        )
        yield self._entry(
            self._reading,
            f"{point}/MeterReading",
            name,
            "<espi:MeterReading/>",
            related=(f"{self._reading}/IntervalBlock", f"ReadingType/{title.direction.name}"),
        )
        yield self._entry(
            f"ReadingType/{title.direction.name}",
            "ReadingType",
            "Wh",
            _READING_TYPE.format(flow=_FLOWS[title.direction], length=SLOT_SECONDS),
        )

    def _block(self, first: int, end: int, readings: str) -> str:
        link = f"{self._reading}/IntervalBlock"
        seconds = (end - first) * SLOT_SECONDS
        return self._entry(
            f"{link}/{first}",
            link,
            "",
            "<espi:IntervalBlock><espi:interval>"
            f"<espi:duration>{seconds}</espi:duration>"
            f"<espi:start>{first * SLOT_SECONDS}</espi:start></espi:interval>\n"
            f"{readings}</espi:IntervalBlock>",
        )

    def _entry(
        self, link: str, up: str, title: str, content: str, related: tuple[str, ...] = ()
    ) -> str:
        links = "".join(f'<link rel="related" href="{each}"/>' for each in related)
        return (
            f'<entry><id>{self._id(link)}</id><link rel="self" href="{link}"/>'
            f'<link rel="up" href="{up}"/>{links}<title>{title}</title>'
            f'<updated>{self._updated}</updated><content type="application/xml">{content}</content>'
            "</entry>\n"
        )

    def _id(self, link: str) -> str:
        return uuid5(self._point, link).urn

    def _write(self, text: str) -> None:
        self._out.write(text.encode())


def _readings(part: UsagePart, first: int, end: int) -> Iterator[str]:
    cut = slice(first - part.first, end - part.first)
    columns = part.wh[cut].tolist(), part.quality[cut].tolist()
    for slot, wh, quality in zip(range(first, end), *columns, strict=True):
        if quality != _MISSING:
            yield (
                "<espi:IntervalReading>"
                f"<espi:ReadingQuality><espi:quality>{_CODES[quality]}</espi:quality>"
                "</espi:ReadingQuality><espi:timePeriod>"
                f"<espi:duration>{SLOT_SECONDS}</espi:duration>"
                f"<espi:start>{slot * SLOT_SECONDS}</espi:start></espi:timePeriod>"
                f"<espi:value>{wh}</espi:value></espi:IntervalReading>\n"
            )


def _text(name: str) -> str:
    """A name as XML can have it, which takes no control characters."""
    return escape("".join(c for c in name if unicodedata.category(c)[0] != "C"))


def _instant(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


_FEED_START: Final = """\
<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xmlns:espi="http://naesb.org/espi">
<id>{id}</id><title>{title}</title><updated>{updated}</updated>
<author><name>{author}</name></author><link rel="self" href="{self}"/>
"""

_READING_TYPE: Final = (
    "<espi:ReadingType><espi:accumulationBehaviour>4</espi:accumulationBehaviour>"
    "<espi:commodity>1</espi:commodity><espi:dataQualifier>12</espi:dataQualifier>"
    "<espi:flowDirection>{flow}</espi:flowDirection>"
    "<espi:intervalLength>{length}</espi:intervalLength><espi:kind>12</espi:kind>"
    "<espi:phase>0</espi:phase><espi:powerOfTenMultiplier>0</espi:powerOfTenMultiplier>"
    "<espi:timeAttribute>0</espi:timeAttribute><espi:uom>72</espi:uom></espi:ReadingType>"
)
"Differences of energy in Wh, each of `length` seconds."
