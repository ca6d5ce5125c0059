"""Servers that the tests of this package kill."""

from collections.abc import AsyncIterator

import pytest

from tests.faults.stage import Stage


@pytest.fixture(scope="package")
async def shared_stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    stage = Stage(tmp_path_factory.mktemp("faults"))
    try:
        await stage.set_up()
        yield stage
    finally:
        await stage.close()


@pytest.fixture
async def stage(shared_stage: Stage) -> AsyncIterator[Stage]:
    """Servers that are ready, and that do not log a traceback whatever happens to them."""
    await shared_stage.ready()
    before = [len(server.tracebacks()) for server in shared_stage.servers]
    yield shared_stage
    for server, known in zip(shared_stage.servers, before, strict=True):
        assert server.tracebacks()[known:] == []
