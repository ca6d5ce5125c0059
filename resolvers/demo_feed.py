"""The demo's meters: every few seconds the running half hour so far, and its end when it is over."""

import asyncio
from dataclasses import replace
from datetime import datetime
from typing import Final, NoReturn

import numpy as np
import structlog

from datasources.mongo import PyMongoError, describe
from domain.readings import Quality
from domain.slots import SLOT_SECONDS, slot_at, start_of_slot
from domain.stored import ReadingColumns
from resolvers.demo import DemoFacility, demo_facilities, settle_missed
from resolvers.intake import store_columns
from resolvers.sources import Sources

_TICK_SECONDS: Final = 5.0
_log = structlog.get_logger()


async def feed_demo(sources: Sources) -> NoReturn:
    """Feed the demo's facilities until cancelled."""
    facilities = await demo_facilities(sources)
    while True:
        try:
            await feed_once(sources, facilities, sources.clock())
        except PyMongoError as error:
            _log.warning("demo feed waits for the database", error=describe(error))
        await asyncio.sleep(_TICK_SECONDS)


async def feed_once(sources: Sources, facilities: list[DemoFacility], now: datetime) -> None:
    """Settle the half hours that are over and deliver the running one as PROVISIONAL."""
    await settle_missed(sources, facilities, now)
    running = slot_at(now)
    elapsed = (now - start_of_slot(running)).total_seconds() / SLOT_SECONDS
    parts = [one.readings(running, running + 1, Quality.PROVISIONAL) for one in facilities]
    whole = _joined(parts)
    await store_columns(sources, replace(whole, wh=(whole.wh * elapsed).astype(np.int32)), now)


def _joined(parts: list[ReadingColumns]) -> ReadingColumns:
    return ReadingColumns(
        *(
            np.concatenate([getattr(part, name) for part in parts])
            for name in ("facility", "direction", "slot", "wh", "quality", "revision")
        )
    )
