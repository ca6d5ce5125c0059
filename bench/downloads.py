"""What files of half hours cost: 24 months with prices, fetched from a server of our own.

`…_rows_per_s` is by second of the server's processor time, from the request for the file to its last
byte, the mean of some downloads; `…_peak_mb` is what its memory grows by during the first.
`…_vs_openpyxl` is the processor time of openpyxl, which writes the same cells as it goes, over that of
our writer.
"""

import sys
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from statistics import median
from tempfile import TemporaryFile
from typing import Any, BinaryIO, Final

import openpyxl
import orjson
import psutil

from bench.contenders import Server, ours_over_mongodb, serving
from bench.cores import Cores, two_cores
from bench.half_hours import HalfHours
from bench.harness import Figure
from bench.homes import Homes
from bench.peak_memory import peak_mb
from bench.questions import Call, Question, Request
from bench.series import without_cache
from datasources.usage_xlsx import UsageWorkbook
from domain.readings import Direction, Quality
from domain.settings import Settings
from domain.slots import SLOTS_PER_DAY, TOKYO, start_of_slot
from domain.tariff.points import NO_SEN
from domain.usage_parts import QUALITY_LABELS, UsagePart, UsageTitle, month_spans
from resolvers.sources import open_sources
from schema.nodes import facility_number

FORMATS: Final = ("XLSX", "CSV", "GREEN_BUTTON")
_DAYS: Final = 730
_ROUNDS: Final = 5
_PLAN: Final = "one-price"
_ADDRESS: Final = """\
query Q($id: ID!, $from: DateTime!, $to: DateTime!) {
  facility(id: $id) { usage(from: $from, to: $to) { download(format: %s) { url } } }
}"""
_SEN_PER_KWH: Final = 3105


async def run(settings: Settings, days: int = _DAYS, rounds: int = _ROUNDS) -> Sequence[Figure]:
    """All figures; they are of the span whose name they have only if nobody gives other days."""
    homes = await Homes.made(settings, (days,))
    await _give_prices(settings, homes)
    usage = homes.facilities[0][1]
    with two_cores() as cores:
        found = await _downloads(settings, homes, cores, rounds)
        ratio = _vs_openpyxl(usage, rounds)
    return [*found, Figure("xlsx_24m_vs_openpyxl", ratio, "x", "higher")]


async def _give_prices(settings: Settings, homes: Homes) -> None:
    """Let the home have a contract whose half hours have prices."""
    sources = open_sources(settings)
    try:
        number = facility_number(homes.facilities[0][0])
        home = (await sources.facilities.by_numbers([number]))[number]
        contracts = tuple(replace(each, plan=_PLAN) for each in home.contracts)
        await sources.facilities.put(replace(home, contracts=contracts))
    finally:
        await sources.close()


async def _downloads(
    settings: Settings, homes: Homes, cores: Cores, rounds: int
) -> Sequence[Figure]:
    ours = ours_over_mongodb(replace(without_cache(settings), downloads_per_member=0))
    rows = len(homes.facilities[0][1].wh)
    figures: list[Figure] = []
    for each in FORMATS:
        question = Question(_ADDRESS % each, rows // SLOTS_PER_DAY, connections=1)
        (call,) = Request.of(question, homes).calls
        name = f"{each.lower()}_24m"
        async with serving(ours, cores.server) as server:
            await server.running.ready(server.accepts)
            if (peak := await _peak(server, call)) is not None:
                figures.append(Figure(f"{name}_peak_mb", peak, "MB", "lower"))
            seconds = sum([await _fetch(server, call) for _ in range(rounds)]) / rounds
            figures.append(Figure(f"{name}_rows_per_s", rows / seconds, "rows/s", "higher"))
    return figures


async def _peak(server: Server, call: Call) -> float | None:
    try:
        return await peak_mb(server, _fetch(server, call))
    except (FileNotFoundError, PermissionError) as error:
        print(f"downloads: this system tells no peak of memory: {error}", file=sys.stderr)
        return None


async def _fetch(server: Server, call: Call) -> float:
    """Seconds of processor time for a file, whose address is asked for before."""
    answer = orjson.loads(await server.ask(call))
    path = answer["data"]["facility"]["usage"]["download"]["url"]
    process = psutil.Process(server.running.pid)
    started = process.cpu_times()
    async with server.client.stream("GET", server.url.replace("/graphql", path)) as response:
        response.raise_for_status()
        async for _ in response.aiter_raw():
            pass
    ended = process.cpu_times()
    return ended.user + ended.system - started.user - started.system


def _vs_openpyxl(usage: HalfHours, rounds: int) -> float:
    """Median processor time of openpyxl over ours for the same rows."""
    sen = usage.wh.astype("int64") * _SEN_PER_KWH // 1000
    parts = [
        UsagePart(
            first,
            usage.wh[first - usage.first : end - usage.first],
            usage.quality[first - usage.first : end - usage.first],
            sen[first - usage.first : end - usage.first],
        )
        for first, end in month_spans(usage.first, usage.end)
    ]
    times = [(_seconds(_openpyxl, parts), _seconds(_ours, parts)) for _ in range(rounds)]
    theirs, ours = median(their for their, _ in times), median(our for _, our in times)
    for name, seconds in (("openpyxl", theirs), ("ours", ours)):
        print(f"  {name:10} {seconds * 1000:8.0f} ms", file=sys.stderr, flush=True)
    return theirs / ours


def _seconds(write: Callable[[BinaryIO, Sequence[UsagePart]], None], parts: Any) -> float:
    with TemporaryFile() as out:
        started = time.process_time()
        write(out, parts)
        return time.process_time() - started


def _ours(out: BinaryIO, parts: Sequence[UsagePart]) -> None:
    with closing(UsageWorkbook(out, _title())) as writer:
        for part in parts:
            writer.add(part)
        writer.finish()


def _openpyxl(out: BinaryIO, parts: Sequence[UsagePart]) -> None:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.freeze_panes = "A2"
    sheet.append(_title().columns)
    labels = [(QUALITY_LABELS[quality], quality.name) for quality in Quality]
    for part in parts:
        instants = [_local(slot) for slot in range(part.first, part.end + 1)]
        assert part.sen is not None
        columns = part.wh.tolist(), part.quality.tolist(), part.sen.tolist()
        for at, (wh, quality, sen) in enumerate(zip(*columns, strict=True)):
            kwh = None if quality == Quality.MISSING else wh / 1000
            yen = None if sen == NO_SEN else sen / 100
            sheet.append((instants[at], instants[at + 1], kwh, yen, *labels[quality]))
    book.save(out)


def _local(slot: int) -> datetime:
    return start_of_slot(slot).astimezone(TOKYO).replace(tzinfo=None)


def _title() -> UsageTitle:
    now = datetime.now(TOKYO)
    return UsageTitle("計測", "自宅", "0" * 22, Direction.IMPORT, now)
