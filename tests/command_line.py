"""`kenshin` as a user starts it: a process of its own, on the databases that a test names."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from datasources.embedded import Addresses

REPOSITORY = Path(__file__).parent.parent
KENSHIN = (sys.executable, "-c", "from server import main; main()")
_LIMIT_SECONDS = 120


def without_settings(**settings: str) -> dict[str, str]:
    """The environment with these Kenshin settings and no others."""
    others = {name: text for name, text in os.environ.items() if not name.startswith("KENSHIN_")}
    return others | settings


@dataclass(frozen=True)
class Answer:
    code: int
    out: str
    err: str


@dataclass(frozen=True)
class CommandLine:
    environment: Mapping[str, str]

    @classmethod
    def on(cls, servers: Addresses, database: str) -> "CommandLine":
        """Commands on one database, which the path of the URL names."""
        mongodb_url = urlunsplit(urlsplit(servers.mongodb_url)._replace(path=f"/{database}"))
        return cls(
            without_settings(KENSHIN_MONGODB_URL=mongodb_url, KENSHIN_REDIS_URL=servers.redis_url)
        )

    def run(self, *arguments: str | Path, **settings: str) -> Answer:
        done = subprocess.run(
            [*KENSHIN, *arguments],
            cwd=REPOSITORY,
            env={**self.environment, **settings},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=_LIMIT_SECONDS,
            check=False,
        )
        return Answer(done.returncode, done.stdout, done.stderr)


def wait_until(condition: Callable[[], object], seconds: float) -> None:
    """Wait for a condition; fails after the limit."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "took too long"
        time.sleep(0.02)
