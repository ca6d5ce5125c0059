"""What docs/partners.md promises: its shell part as it is written, and the sample apps beside it.

The member and the browser are played; all else is as a partner starts it.
"""

import json
import os
import re
import sys
from asyncio import timeout
from asyncio.subprocess import PIPE, Process, create_subprocess_exec
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import httpx
import numpy as np
import pytest

from datasources.embedded_binaries import free_port
from datasources.mongo import Mongo
from domain.consents import App
from domain.demo import PASSWORD, demo_apps, demo_members
from domain.facilities import Facility
from domain.settings import Settings
from domain.slots import TOKYO, slot_at
from resolvers.consents import stop
from resolvers.demo import put_apps
from resolvers.sources import open_sources
from tests.api import Api, Clock
from tests.node import NPM
from tests.partnering import Browser
from tests.world import World, usage_of
from web.build import wheel_node

DOCS = Path(__file__).parents[1] / "docs"
_SECONDS = 30
Sample = Callable[[Path], Sequence[str]]
"How a sample is started that keeps what it knows in a folder."


@pytest.fixture
def clock() -> Clock:
    """The samples look for yesterday by the clock of the machine."""
    return Clock(datetime.now(UTC))


@pytest.fixture
async def api(settings: Settings, mongo: Mongo, clock: Clock) -> AsyncIterator[Api]:
    async with Api.serving(open_sources(settings, mongo, clock)) as serving:
        yield serving


@dataclass
class Member:
    """Who consents, and the place that the app is shown."""

    world: World
    facility: Facility

    @classmethod
    async def made(cls, api: Api) -> "Member":
        world = World(api.sources)
        alice = await world.person("denki-jtb", "alice@example.jp", facilities=0)
        place = await world.place("denki-jtb", alice.member, date(2025, 1, 1))
        today = api.sources.clock().astimezone(TOKYO).date()
        await world.use(place, today - timedelta(days=2), 3)
        return cls(world, place)

    def used(self, start: str) -> float:
        """The kWh of a half hour of the past."""
        slot = slot_at(datetime.fromisoformat(start))
        (wh,) = usage_of(self.facility.number, np.array([slot], np.int64))
        return float(wh) / 1000

    async def uses(self, wh: int) -> None:
        await self.world.reading(self.facility, self.world.sources.clock(), wh)


def python_sample(folder: Path) -> Sequence[str]:
    return (sys.executable, str(DOCS / "examples" / "python" / "live.py"))


def typescript_sample(folder: Path) -> Sequence[str]:
    """Beside its packages, as `npm install` would put them."""
    script = folder / "live.ts"
    if not script.exists():
        script.write_bytes((DOCS / "examples" / "typescript" / "live.ts").read_bytes())
        (folder / "package.json").write_text('{"type": "module"}')
        (folder / "node_modules").symlink_to(NPM / "node_modules")
    node = wheel_node()  # the machine's may be older than what runs TypeScript
    assert node is not None
    return (*node.node, str(script))


@asynccontextmanager
async def started(
    command: Sequence[str], folder: Path, api: Api, app: App
) -> AsyncIterator[Process]:
    environment = os.environ | {
        "SERVER": f"http://127.0.0.1:{api.port}",
        "CLIENT_ID": app.id,
        "REDIRECT": app.redirect_uris[0],
    }
    process = await create_subprocess_exec(*command, cwd=folder, env=environment, stdout=PIPE)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def line_of(process: Process, beginning: str) -> str:
    """The next line that begins so."""
    assert process.stdout is not None
    async with timeout(_SECONDS):
        while line := (await process.stdout.readline()).decode():
            if line.startswith(beginning):
                return line.strip()
    raise AssertionError(f"it ended before it said {beginning!r}")


async def consent(api: Api, address: str, facility: Facility) -> str:
    """Be the member; the address to which the browser is sent back."""
    asked = dict(parse_qsl(urlsplit(address).query))
    async with Browser.at(api, asked) as browser:
        await browser.log_in("alice@example.jp")
        await browser.approve([facility.number])
        return str(browser.page.headers["location"])


async def withdraw(member: Member) -> None:
    (given,) = await member.world.sources.consents.live_of_facilities([member.facility.number])
    app = await member.world.sources.apps.by_id(given.app)
    assert app is not None
    await stop(member.world.sources, given.id, app)


def test_the_page_names_a_member_of_the_demo() -> None:
    member = demo_members()[0]
    page = (DOCS / "partners.md").read_text("utf-8")
    assert {member.portal, member.login_id, PASSWORD} <= set(re.findall(r"`([^`]*)`", page))


async def test_the_page_leads_to_usage_by_hand(api: Api, tmp_path: Path) -> None:
    member = await Member.made(api)
    page = (DOCS / "partners.md").read_text("utf-8")
    blocks = re.findall(r"^```bash\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    await put_apps(api.sources)
    script = "echo\n".join(blocks).replace("127.0.0.1:8000", f"127.0.0.1:{api.port}")

    bash = await create_subprocess_exec(
        *("bash", "-euo", "pipefail", "-c", script), cwd=tmp_path, stdin=PIPE, stdout=PIPE
    )
    back = await consent(api, await line_of(bash, "http"), member.facility)
    code = dict(parse_qsl(urlsplit(back).query))["code"]
    out, _ = await bash.communicate(f"{code}\n".encode())

    assert bash.returncode == 0
    usage, refused = map(json.loads, filter(None, out.decode().splitlines()))
    (node,) = usage["data"]["viewer"]["facilities"]["nodes"]
    assert node["name"] == member.facility.name
    assert node["latestReading"]["kwh"] == member.used(node["latestReading"]["startAt"])
    extensions = refused["errors"][0]["extensions"]
    assert (extensions["code"], extensions["scope"]) == ("CONSENT_REQUIRED", "profile:read")


@pytest.mark.parametrize("sample", [python_sample, typescript_sample])
@pytest.mark.usefixtures("node")
async def test_a_sample_shows_a_day_and_every_reading_over_restarts_and_new_tokens(
    sample: Sample, api: Api, clock: Clock, tmp_path: Path
) -> None:
    member = await Member.made(api)
    redirect = f"http://127.0.0.1:{free_port()}/callback"  # its own may be taken on this machine
    app = replace(demo_apps(clock())[0], redirect_uris=(redirect,))
    await api.sources.apps.put(app, None)
    command = sample(tmp_path)
    kept = tmp_path / "kenshin.json"

    async with started(command, tmp_path, api, app) as process:
        back = await consent(api, await line_of(process, "http"), member.facility)
        async with httpx.AsyncClient(verify=False) as browser:
            assert "close this page" in (await browser.get(back)).text
        _, start, kwh, _ = (await line_of(process, "day")).split()
        assert float(kwh) == member.used(start)
        await line_of(process, member.facility.name)
        await member.uses(250)
        assert (await line_of(process, "live")).endswith("0.25 kWh")
    await member.uses(400)

    async with started(command, tmp_path, api, app) as process:
        assert (await line_of(process, "live")).endswith("0.4 kWh")
        assert kept.stat().st_mode & 0o077 == 0
        before = json.loads(kept.read_text())
        clock.advance(hours=2)
        await member.uses(500)
        assert (await line_of(process, "live")).endswith("0.5 kWh")
        assert json.loads(kept.read_text())["access"] != before["access"]
        await withdraw(member)
        async with timeout(_SECONDS):
            assert await process.wait() == 1
    assert not kept.exists()
