"""POST /ingest/readings: the meter system hands readings in, one JSON object a line."""

import hashlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final

import orjson
from starlette.requests import Request
from starlette.responses import Response

from datasources.batches import AnsweredBatch
from datasources.reading_lines import read_json_lines
from domain.errors import BadInput, KenshinError, Unauthenticated
from domain.reading_rows import ReadingRows
from domain.readings import Rejection
from resolvers.context import bearer_token
from resolvers.intake import Intake, IntakeReport
from resolvers.sources import Sources
from schema.errors import public
from schema.tallies import Tallies

_MAX_LINE: Final = 4096
_MAX_KEY: Final = 200
_KINDS: Final = frozenset({"application/x-ndjson", "application/ndjson", "application/jsonl"})


class IngestView:
    """Answers how many readings were stored, unchanged, corrected and rejected, and why."""

    def __init__(self, sources: Sources, tallies: Tallies) -> None:
        self._sources = sources
        self._tallies = tallies

    async def answer(self, request: Request) -> Response:
        try:
            return await self._take(request)
        except Exception as error:
            known = public(error)
            if not isinstance(known, KenshinError):
                raise
            status = {
                "UNAUTHENTICATED": HTTPStatus.UNAUTHORIZED,
                "UNAVAILABLE": HTTPStatus.SERVICE_UNAVAILABLE,
            }.get(known.code, HTTPStatus.BAD_REQUEST)
            return _json({"error": {"code": known.code, "message": str(known)}}, status)

    async def _take(self, request: Request) -> Response:
        sender = await self._sender(request)
        key = _idempotency_key(request)
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() not in _KINDS:
            raise BadInput("Content-Type must be application/x-ndjson")
        before = await self._sources.batches.answered(sender, key)
        body_hash = hashlib.sha256()
        received_at = self._sources.clock()
        async with Intake.of(self._sources, received_at) as intake:
            async for lines in _lines(request, body_hash):
                if before is None:
                    await intake.take(_rows(lines, received_at))
        self._count(intake.report)
        batch = AnsweredBatch(body_hash.digest(), asdict(intake.report))
        if before is None:
            before = await self._sources.batches.remember(sender, key, batch, received_at)
        if before.body_hash != batch.body_hash:
            raise BadInput("this Idempotency-Key came with another body before")
        return _json(_answer(before.answer), HTTPStatus.OK)

    def _count(self, report: IntakeReport) -> None:
        for outcome in ("stored", "unchanged", "corrected", "rejected"):
            self._tallies.readings[outcome] += getattr(report, outcome)

    async def _sender(self, request: Request) -> str:
        token = bearer_token(request.headers.get("authorization", ""))
        name = None
        if token is not None:
            name = await self._sources.service_tokens.name_of(token, self._sources.clock())
        if name is None:
            raise Unauthenticated("Authorization must be: Bearer <valid service token>")
        return name


def _idempotency_key(request: Request) -> str:
    key = request.headers.get("idempotency-key", "").strip()
    if not 1 <= len(key) <= _MAX_KEY:
        raise BadInput(f"Idempotency-Key must be 1 to {_MAX_KEY} characters, found {len(key)}")
    return key


async def _lines(request: Request, body_hash: Any) -> AsyncIterator[Sequence[tuple[int, bytes]]]:
    """Numbered lines of the body that are not empty, as they come."""
    number = 0
    rest = b""
    async for chunk in request.stream():
        body_hash.update(chunk)
        *whole, rest = (rest + chunk).split(b"\n")
        rest = rest[: _MAX_LINE + 1]  # enough to be rejected, however long the line goes on
        yield [
            (at, line) for at, line in enumerate(whole, number + 1) if line and not line.isspace()
        ]
        number += len(whole)
    if rest.strip():
        yield [(number + 1, rest)]


def _rows(lines: Sequence[tuple[int, bytes]], now: datetime) -> ReadingRows:
    rows = read_json_lines((line for line in lines if len(line[1]) <= _MAX_LINE), now)
    for number, line in lines:
        if len(line) > _MAX_LINE:
            reason = f"a line must have at most {_MAX_LINE} bytes, found more"
            rows.rejections.append(Rejection(number, reason))
    return rows


def _answer(report: dict[str, Any]) -> dict[str, Any]:
    listed = report["rejections"]
    return report | {"rejectionsOmitted": report["rejected"] - len(listed)}


def _json(answer: dict[str, Any], status: HTTPStatus) -> Response:
    return Response(orjson.dumps(answer), status, media_type="application/json")
