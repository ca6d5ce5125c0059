"""The examples of README and docs do what they say: GraphQL and shell blocks are run."""

import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import anyio
import pytest

from datasources.mongo import Mongo
from domain.demo import PASSWORD
from domain.members import MemberProfile, MemberState
from domain.settings import Settings
from resolvers.passwords import Passwords
from resolvers.sources import open_sources
from tests.api import Api, Clock
from tests.consenting import APP_ID, partner_app
from tests.staffing import hired_token
from tests.world import Person, World

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md")])
TODAY = datetime(2026, 11, 22, 3, 10, tzinfo=UTC)
"The examples name dates; they are run on this day."


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(
        rf"^```{language}\n(.*?)^```$", page.read_text("utf-8"), re.MULTILINE | re.DOTALL
    )


EXAMPLES = [
    pytest.param(block, id=f"{page.stem}-{number}")
    for page in PAGES
    for number, block in enumerate(blocks(page, "graphql"), 1)
]
SCRIPTS = [
    pytest.param("\n".join(found), id=page.stem)
    for page in PAGES
    if (found := [block for block in blocks(page, "sh") if not block.startswith("make ")])
]


@pytest.fixture
async def api(settings: Settings, mongo: Mongo) -> AsyncIterator[Api]:
    # Sessions that last: MongoDB drops ended ones by its own clock.
    settings = replace(
        settings, refresh_days=36_500, session_absolute_days=36_500, staff_session_hours=876_000
    )
    async with Api.serving(open_sources(settings, mongo, Clock(TODAY))) as serving:
        yield serving


@pytest.fixture
async def member(api: Api) -> Person:
    """The demo's member with a facility in Shinjuku, usage, reading periods and bills."""
    world = World(api.sources)
    person = await world.person("denki-jtb", "demo@kenshin.example", facilities=0)
    await api.sources.members.put(
        "denki-jtb",
        "demo@kenshin.example",
        await Passwords().hash(PASSWORD),
        MemberState.ACTIVE,
        MemberProfile("検針商事株式会社", None, None, None),
    )
    place = await world.place("denki-jtb", person.member, date(2024, 11, 22), "新宿店")
    contracts = (replace(place.contracts[0], plan="lighting-b"),)
    place = await world.change(place, contracts=contracts)
    person.facilities.append(place)
    await world.use(place, date(2026, 8, 1), 120)
    await world.period(place, date(2026, 9, 12), date(2026, 10, 12))
    await world.bill(place, date(2026, 11, 1))
    return person


async def token_for(api: Api, member: Person, example: str) -> str:
    """Token of whom an example is for: the staff, an app, or the member."""
    if "  staff {" in example:
        return await hired_token(api, "boss")
    if re.search(r"^({|query.*{\n) *app {", example) or "Webhook(" in example:
        await api.sources.apps.put(partner_app(TODAY))
        _, token = await api.sources.app_tokens.open(APP_ID, TODAY + timedelta(days=36_500))
        return token
    return member.token


@pytest.mark.parametrize("example", EXAMPLES)
async def test_a_graphql_example_answers_without_errors(
    api: Api, member: Person, example: str
) -> None:
    variables: dict[str, Any] = {}
    if "$facility:" in example:
        variables["facility"] = member.facility_id
    if "$facilityIds:" in example:
        variables["facilityIds"] = member.facility_ids
    if example.startswith("subscription"):
        async with api.socket(member.token) as socket:
            await socket.subscribe("1", example, **variables)
            message = await socket.receive()
            assert message["type"] == "next", message
            assert "errors" not in message["payload"], message
            data = message["payload"]["data"]
    else:
        data = await api.data(example, await token_for(api, member, example), **variables)
    assert all(value is not None for value in data.values())


def test_every_page_with_graphql_or_shell_is_found() -> None:
    assert len(EXAMPLES) >= 8
    assert len(SCRIPTS) >= 2


@pytest.mark.parametrize("script", SCRIPTS)
async def test_a_shell_example_runs_as_it_is_written(
    api: Api, member: Person, settings: Settings, tmp_path: Path, script: str
) -> None:
    script = script.replace("http://127.0.0.1:8000", f"http://127.0.0.1:{api.port}")
    address, _, options = settings.mongodb_url.partition("?")
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "KENSHIN_MONGODB_URL": f"{address.rstrip('/')}/{api.sources.mongo.name}?{options}",
        "KENSHIN_REDIS_URL": settings.redis_url,
    }
    ran = await anyio.run_process(
        ["bash", "-eo", "pipefail", "-c", script],
        cwd=tmp_path,
        env=environment,
        check=False,
        stderr=subprocess.STDOUT,
    )
    output = ran.stdout.decode()
    assert ran.returncode == 0, output
    assert "errors" not in output
    assert " 0 stored" not in output
    assert "Traceback" not in output


def test_no_setting_is_left_out_of_the_page_of_operating() -> None:
    page = (ROOT / "docs" / "operating.md").read_text("utf-8")
    names = {f"KENSHIN_{name.upper()}" for name in Settings.__dataclass_fields__}
    assert {name for name in names if f"`{name}`" not in page} == set()
