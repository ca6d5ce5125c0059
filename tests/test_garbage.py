"""What lives long is set aside from the garbage collector, and garbage in it is found all the same."""

import gc
import weakref
from collections.abc import Iterator

import pytest
import uvicorn

from schema import garbage
from schema.drain import DrainingServer
from schema.garbage import LongLived


class Cycle:
    """Garbage that only the collector finds."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture
def long_lived() -> Iterator[LongLived]:
    """With the collector at work only when it is told to be, and nothing set aside afterwards."""
    threshold = gc.get_threshold()
    gc.disable()
    gc.unfreeze()
    yield LongLived(lambda: 0.0)
    gc.unfreeze()
    gc.enable()
    gc.set_threshold(*threshold)


def is_looked_at(thing: object) -> bool:
    """Whether the collector has it among what it looks at."""
    return any(each is thing for each in gc.get_objects())


def test_nothing_is_set_aside_before_it_begins(long_lived: LongLived) -> None:
    gc.collect()
    long_lived.tend()

    assert gc.get_freeze_count() == 0


def test_what_outlives_a_look_of_the_collector_is_set_aside(long_lived: LongLived) -> None:
    long_lived.begin()
    kept = [[index] for index in range(1000)]

    long_lived.tend()
    assert is_looked_at(kept)
    gc.collect()
    long_lived.tend()

    assert not is_looked_at(kept)


def test_what_is_set_aside_goes_when_nobody_needs_it(long_lived: LongLived) -> None:
    kept = [[index] for index in range(1000)]
    long_lived.begin()
    before = gc.get_freeze_count()

    kept.clear()

    assert gc.get_freeze_count() <= before - 1000


def set_aside(long_lived: LongLived) -> weakref.ref[Cycle]:
    """Garbage that the collector does not look at."""
    cycle = Cycle()
    long_lived.begin()
    seen = weakref.ref(cycle)
    del cycle
    gc.collect()
    long_lived.tend()
    assert seen() is not None
    return seen


def test_garbage_that_was_set_aside_is_found_when_much_was_added(long_lived: LongLived) -> None:
    seen = set_aside(long_lived)
    kept = []
    while seen() is not None:
        kept.append([[index] for index in range(50_000)])
        assert len(kept) < 100
        gc.collect()
        long_lived.tend()

    assert len(kept) > 1


def test_while_there_is_much_to_do_it_is_found_when_very_much_was_added(
    long_lived: LongLived, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(garbage, "_TOO_MANY", 3)
    busy = LongLived(lambda: 1.0)
    seen = set_aside(busy)
    kept, most = [], max(gc.get_freeze_count(), garbage._MANY)
    while seen() is not None:
        kept.append([[index] for index in range(50_000)])
        gc.collect()
        busy.tend()

    assert 3 * most // 50_000 <= len(kept) <= 3 * most // 50_000 + 2


async def test_the_server_tends_it(long_lived: LongLived) -> None:
    server = DrainingServer(uvicorn.Config("none:app", log_config=None))
    server.long_lived = long_lived
    long_lived.begin()
    kept = [[index] for index in range(1000)]
    gc.collect()

    await server.on_tick(1)

    assert not is_looked_at(kept)
