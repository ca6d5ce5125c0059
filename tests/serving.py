"""`kenshin serve` in a process of its own, which a test may end, kill and start again."""

import signal
from collections.abc import Mapping
from multiprocessing.process import BaseProcess
from pathlib import Path

import httpx

from datasources.embedded_binaries import free_port
from tests.command_line import CommandLine, start_kenshin, wait_until

_START_SECONDS = 60
_END_SECONDS = 30


class Served:
    """An API that keeps its port from one start to the next."""

    def __init__(self, command_line: CommandLine, log: Path, **settings: str) -> None:
        self.port = free_port()
        self.log = log
        self._environment: Mapping[str, str] = {
            **command_line.environment,
            "KENSHIN_PORT": str(self.port),
            **settings,
        }
        self._process: BaseProcess
        self.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    def start(self) -> None:
        self._process = start_kenshin(["serve"], self._environment, self.log, self.log)

    def wait_until_ready(self) -> None:
        with httpx.Client(verify=False) as client:
            wait_until(lambda: self._is_ready(client), _START_SECONDS)

    def kill(self) -> None:
        """Kill -9; the port is free afterwards."""
        self._process.kill()
        self._process.join(_END_SECONDS)

    def drain(self) -> None:
        """End it with SIGTERM, which it hands on to itself once it has drained."""
        self._process.terminate()
        self._process.join(_END_SECONDS)
        assert self._process.exitcode == -signal.SIGTERM, self.log.read_text("utf-8")

    def tracebacks(self) -> list[str]:
        """What the log has of each, up to the next one."""
        _, *tracebacks = self.log.read_text("utf-8").split("Traceback")
        return tracebacks

    def _is_ready(self, client: httpx.Client) -> bool:
        assert self._process.is_alive(), self.log.read_text("utf-8")
        try:
            return client.get(f"{self.url}/readyz").status_code == 200
        except httpx.TransportError:
            return False
