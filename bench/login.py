"""Logging in: whether time tells which IDs exist, and what passwords cost all other requests."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median
from time import perf_counter
from typing import Final

import httpx
import numpy as np
from tqdm import tqdm

from bench.api_process import serving
from bench.harness import BenchError, Figure
from bench.household import PORTAL
from datasources.collections import migrate
from domain.members import MemberProfile, MemberState
from domain.settings import Settings
from resolvers.context import RequestContext
from resolvers.passwords import PASSWORDS
from resolvers.sessions import LogIn, log_in
from resolvers.sources import Sources, open_sources

_PAIRS: Final = 200
_WARM_UP: Final = 9
_TRIES: Final = 9
"Of an ID: one more would lock it."
_LOG_INS: Final = 200
_AT_ONCE: Final = 8
_TICK_SECONDS: Final = 0.001
_PASSWORD: Final = "a password of the bench"
_QUERY: Final = "mutation ($input: LogInInput!) { logIn(input: $input) { userErrors { code } } }"


@dataclass(frozen=True, slots=True)
class Pairs:
    """Milliseconds of wrong log-ins, those with unknown IDs and those with known ones."""

    unknown: Sequence[float]
    known: Sequence[float]


async def run(settings: Settings) -> Sequence[Figure]:
    settings = replace(settings, wrong_log_ins_per_address=0)
    measured = await pairs(settings, _PAIRS, _WARM_UP)
    return figures(measured, await late_ticks(settings, _LOG_INS))


def figures(measured: Pairs, late_ms: Sequence[float]) -> Sequence[Figure]:
    """The slower median against the quicker one, so that 1 is best; and the 99th percentile."""
    quicker, slower = sorted((median(measured.unknown), median(measured.known)))
    late = float(np.percentile(late_ms, 99))
    return [
        Figure("login_unknown_vs_wrong_ratio", slower / quicker, "x", "lower"),
        Figure("login_blocks_event_loop_ms", late, "ms", "lower"),
    ]


async def pairs(settings: Settings, count: int, warm_up: int) -> Pairs:
    """Log in wrongly over HTTP, in turn with an ID that exists and one that does not."""
    wanted = warm_up + count
    known = await _made(settings, -(-wanted // _TRIES))
    found: dict[bool, list[float]] = {True: [], False: []}
    async with serving(settings) as served, httpx.AsyncClient(timeout=30) as client:
        url = f"http://{served.host}:{served.port}/graphql"
        for place in tqdm(range(wanted), desc="login", leave=False, disable=None):
            known_id = known[place // _TRIES]
            for exists in (True, False) if place % 2 else (False, True):
                login_id = known_id if exists else f"un{known_id}"
                found[exists].append(await _wrong(client, url, login_id))
    return Pairs(found[False][warm_up:], found[True][warm_up:])


async def late_ticks(settings: Settings, log_ins: int) -> Sequence[float]:
    """Milliseconds by which ticks of the loop came late while members logged in in this process."""
    known = await _made(settings, _AT_ONCE)
    sources = open_sources(settings)
    late: list[float] = []
    ticking = asyncio.create_task(_tick(late))
    try:
        await asyncio.gather(
            *(_log_in(sources, login_id, log_ins // _AT_ONCE) for login_id in known)
        )
    finally:
        ticking.cancel()
        await sources.close()
    return late


async def _made(settings: Settings, count: int) -> Sequence[str]:
    """IDs of members with the password."""
    sources = open_sources(settings)
    try:
        await migrate(sources.mongo)
        password_hash = await PASSWORDS.hash(_PASSWORD)
        profile = MemberProfile("計測 太郎", None, None, None)
        known = [f"known-{place}@example.jp" for place in range(count)]
        for login_id in known:
            await sources.members.put(PORTAL, login_id, password_hash, MemberState.ACTIVE, profile)
    finally:
        await sources.close()
    return known


async def _wrong(client: httpx.AsyncClient, url: str, login_id: str) -> float:
    given = {"portal": PORTAL, "loginId": login_id, "password": "a wrong one of the bench"}
    begun = perf_counter()
    answer = await client.post(url, json={"query": _QUERY, "variables": {"input": given}})
    took = (perf_counter() - begun) * 1000
    if answer.json().get("data") != {"logIn": {"userErrors": [{"code": "WRONG_LOGIN"}]}}:
        raise BenchError(f"a wrong log-in was answered with {answer.text}")
    return took


async def _log_in(sources: Sources, login_id: str, times: int) -> None:
    for _ in range(times):
        context = RequestContext(sources, None, "bench")
        await log_in(context, LogIn(PORTAL, login_id, _PASSWORD))


async def _tick(late: list[float]) -> None:
    while True:
        due = perf_counter() + _TICK_SECONDS
        await asyncio.sleep(_TICK_SECONDS)
        late.append((perf_counter() - due) * 1000)
