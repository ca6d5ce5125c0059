"""GraphQL over HTTP as its specification says: the audits of npm `graphql-http`."""

from dataclasses import replace

import pytest

from domain.settings import Settings
from tests.api import Api
from tests.node import printed, running

AUDITS = 61
"So many has the release that `tests/npm/package.json` names: MUST, SHOULD and MAY."


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Some audits have the schema told, by `__type`."""
    return replace(settings, introspection="everybody")


async def test_all_audits_of_graphql_http_pass(api: Api, node: tuple[str, ...]) -> None:
    address = f"http://127.0.0.1:{api.port}/graphql"
    async with running(node, "audits.mjs", address) as process:
        results = [audit async for audit in printed(process)]
    assert [audit for audit in results if audit["status"] != "ok"] == []
    assert len({audit["id"] for audit in results}) == AUDITS
