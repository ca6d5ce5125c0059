"""Time of an operation."""

import asyncio

import pytest

from domain.errors import LimitExceeded
from schema.limits.operation_time import OperationTime


async def forever(stopped: list[bool]) -> None:
    try:
        await asyncio.Event().wait()
    finally:
        stopped.append(True)


async def answer() -> str:
    await asyncio.sleep(0)
    return "answer"


async def test_what_takes_longer_is_stopped_and_what_does_not_is_answered() -> None:
    time, stopped = OperationTime(0.01), list[bool]()
    for _ in range(2):
        late = asyncio.create_task(time.within(forever(stopped)))
        assert await time.within(answer()) == "answer"
        with pytest.raises(LimitExceeded, match=r"an operation may take at most 0\.01 s"):
            await late
    assert stopped == [True, True]
    assert await asyncio.create_task(time.within(answer())) == "answer"


async def test_who_gives_an_operation_up_is_not_told_of_time() -> None:
    time, stopped = OperationTime(60), list[bool]()
    given_up = asyncio.create_task(time.within(forever(stopped)))
    await asyncio.sleep(0)
    given_up.cancel()
    with pytest.raises(asyncio.CancelledError):
        await given_up
    assert stopped == [True]


async def test_without_a_limit_nothing_is_watched() -> None:
    assert await OperationTime(0).within(answer()) == "answer"
