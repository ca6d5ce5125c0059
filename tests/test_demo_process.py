"""`kenshin demo` as a person uses it: started, followed as it prints, ended with Ctrl-C."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from textwrap import dedent
from typing import Any

import httpx
import pytest
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from datasources.embedded_binaries import free_port
from domain.demo import PASSWORD
from domain.slots import TOKYO
from tests.command_line import REPOSITORY, CommandLine, wait_until, without_settings

# A shell that runs the tests in the background lets processes ignore Ctrl-C; a terminal does not.
_IN_A_TERMINAL = (
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    "from kenshin import main; main()"
)
_START_SECONDS = 120
_END_SECONDS = 30


class Demo:
    """A running `kenshin demo`."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "data"
        self.port = free_port()
        self.environment = without_settings(
            KENSHIN_DATA=str(self.data), KENSHIN_PORT=str(self.port)
        )
        self._out, self._err = folder / f"{self.port}.out", folder / f"{self.port}.err"
        with self._out.open("wb") as out, self._err.open("wb") as err:
            self._process = subprocess.Popen(
                [sys.executable, "-c", _IN_A_TERMINAL, "demo"],
                cwd=REPOSITORY,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
            )

    @property
    def out(self) -> str:
        return self._out.read_text("utf-8")

    @property
    def err(self) -> str:
        return self._err.read_text("utf-8")

    @property
    def filled(self) -> bool:
        """Whether this start put demo data in."""
        return "Demo data" in self.err

    @property
    def server_pids(self) -> list[int]:
        pids: list[int] = json.loads((self.data / "servers.json").read_bytes())["servers"]
        return pids

    def wait_until_ready(self) -> None:
        wait_until(self._ready, _START_SECONDS)

    def _ready(self) -> bool:
        assert self._process.poll() is None, self.err
        try:
            answer = httpx.get(f"http://127.0.0.1:{self.port}/readyz", timeout=_START_SECONDS)
        except httpx.TransportError:
            return False
        return answer.status_code == 200

    def interrupt(self) -> int:
        """Press Ctrl-C; gives the exit code."""
        self._process.send_signal(signal.SIGINT)
        return self._process.wait(_END_SECONDS)

    def end(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(_END_SECONDS)
        finally:
            self._process.kill()
            self._process.wait()


@dataclass(frozen=True)
class Greeting:
    """What it prints, and in it, indented, what to paste."""

    text: str
    shell: str
    subscription: str

    @classmethod
    def of(cls, text: str) -> "Greeting":
        shell, subscription = re.findall(r"(?:^    .*\n)+", text, re.MULTILINE)
        return cls(text, dedent(shell), subscription)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where an earlier demo was interrupted while it put its data in."""
    folder = tmp_path_factory.mktemp("demo")
    interrupted = Demo(folder)
    try:
        wait_until(lambda: re.search(r"Demo data: +[1-9]\d?%", interrupted.err), _START_SECONDS)
        interrupted.interrupt()
    finally:
        interrupted.end()
    return folder


@pytest.fixture(scope="module")
def demo(folder: Path) -> Iterator[Demo]:
    demo = Demo(folder)
    try:
        demo.wait_until_ready()
        yield demo
    finally:
        demo.end()


@pytest.fixture(scope="module")
def greeting(demo: Demo) -> Greeting:
    return Greeting.of(demo.out)


def paste(shell: str) -> list[str]:
    """Lines that commands print when they are pasted into a shell."""
    assert shutil.which("curl"), "Install curl: the demo prints a query for it."
    done = subprocess.run(
        ["bash", "-c", shell], capture_output=True, encoding="utf-8", timeout=30, check=True
    )
    assert done.stderr == ""
    return done.stdout.splitlines()


def test_the_greeting_names_the_address_the_logins_and_a_query_in_under_30_lines(
    demo: Demo, greeting: Greeting
) -> None:
    lines = greeting.text.splitlines()

    assert len(lines) < 30
    assert max(map(len, lines)) <= 104
    address = f"http://127.0.0.1:{demo.port}"
    assert lines[:7] == [
        "",
        f"Kenshin runs at {address}/, its API at {address}/graphql. Ctrl-C ends it.",
        "",
        "  portal     login ID              password",
        "  denki-jtb  demo@kenshin.example  kenshin-demo-1  検針商事株式会社, 60 places",
        "  mirai      kenshin-home          kenshin-demo-1  検針 一郎, 1 place",
        "  hapie      solar1                kenshin-demo-1  検針 陽子, 1 place",
    ]


def test_the_greeting_names_the_page_of_mails(demo: Demo, greeting: Greeting) -> None:
    address = f"http://127.0.0.1:{demo.port}/dev/mail"

    assert f"Mail to members is shown at {address}.\n" in greeting.text
    page = httpx.get(address)
    assert (page.status_code, "<h1>Mail</h1>" in page.text) == (200, True)


def test_a_demo_interrupted_while_it_was_filled_is_completed_by_the_next_start(demo: Demo) -> None:
    assert demo.filled


def test_the_printed_query_answers_as_it_is_printed(greeting: Greeting) -> None:
    (answer,) = paste(greeting.shell)

    facilities = json.loads(answer)["data"]["viewer"]["facilities"]
    assert facilities["totalCount"] == 60
    assert [node["name"] for node in facilities["nodes"]] == ["新宿店", "新宿駅前店", "新宿営業所"]
    assert all(node["latestReading"]["kwh"] >= 0 for node in facilities["nodes"])


def test_the_printed_subscription_receives_what_the_demos_meters_report(
    demo: Demo, greeting: Greeting
) -> None:
    *_, token = paste(f"{greeting.shell}\necho $token")
    payload = {"authorization": f"Bearer {token}"}
    address, protocol = f"ws://127.0.0.1:{demo.port}/graphql", Subprotocol("graphql-transport-ws")
    with connect(address, subprotocols=[protocol]) as socket:
        socket.send(json.dumps({"type": "connection_init", "payload": payload}))
        assert json.loads(socket.recv(10))["type"] == "connection_ack"
        query = {"query": greeting.subscription}
        socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": query}))
        reading = None
        while reading is None:
            message = json.loads(socket.recv(20))
            assert message["type"] == "next", message
            reading = message["payload"]["data"]["readings"]["reading"]

    assert reading["quality"] in {"PROVISIONAL", "SETTLED"}


def test_the_pages_of_the_demo_know_how_to_log_in(demo: Demo) -> None:
    answer = httpx.get(f"http://127.0.0.1:{demo.port}/graphql", headers={"accept": "text/html"})
    assert (answer.status_code, PASSWORD in answer.text) == (200, True)


def test_other_commands_use_the_databases_of_the_running_demo(demo: Demo) -> None:
    answer = CommandLine(demo.environment).run("token", "create", "meter system")

    assert (answer.code, answer.err) == (0, "")
    response = httpx.post(
        f"http://127.0.0.1:{demo.port}/ingest/readings",
        content="",
        headers={
            "authorization": f"Bearer {answer.out.strip()}",
            "content-type": "application/x-ndjson",
            "idempotency-key": "1",
        },
    )
    assert (response.status_code, response.json()["stored"]) == (200, 0)


def test_ctrl_c_leaves_no_process_and_the_next_start_finds_the_data(
    demo: Demo, greeting: Greeting, folder: Path
) -> None:
    today = datetime.now(TOKYO).date()
    before = usage_of(today - timedelta(days=1), greeting)
    pids = demo.server_pids
    assert len(pids) == 2

    code = demo.interrupt()

    assert code == 0
    assert not any(map(runs, pids))
    again = Demo(folder)
    try:
        again.wait_until_ready()
        assert not again.filled
        assert usage_of(today - timedelta(days=1), Greeting.of(again.out)) == before
    finally:
        again.end()


def usage_of(day: date, greeting: Greeting) -> list[dict[str, Any]]:
    """Usage of a day of all facilities, asked with the printed commands."""
    bounds = f'from: "{day}T00:00:00+09:00", to: "{day + timedelta(days=1)}T00:00:00+09:00"'
    nodes = f"nodes {{ id usage({bounds}) {{ totalKwh }} }}"
    query = f"{{ viewer {{ facilities(first: 60) {{ {nodes} }} }} }}"
    shell = re.sub(r"query=\{.*\}'", f"query={query}'", greeting.shell, flags=re.DOTALL)
    (answer,) = paste(shell)
    facilities: list[dict[str, Any]] = json.loads(answer)["data"]["viewer"]["facilities"]["nodes"]
    assert len(facilities) == 60
    assert all(facility["usage"]["totalKwh"] > 0 for facility in facilities)
    return facilities


def runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
