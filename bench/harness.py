"""What every benchmark stands on: figures, the benchmarks there are, databases to measure over.

A benchmark is a module of this package with `async def run(settings) -> Iterable[Figure]`.
"""

import importlib
import json
import os
import pkgutil
import sys
import tempfile
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final, Literal
from urllib.parse import urlsplit, urlunsplit

from datasources.embedded import Addresses, EmbeddedServers
from datasources.mongo import Mongo
from domain.settings import Settings

_NEVER_TOO_MUCH: Final = 1_000_000_000
"It is counted as ever, and never reached."


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number.

    `unit` is `s`, `ms`, `kB`, `MB`, `rows/s`, `%`, or `x` against a peer or limit of that run.
    """

    figure: str
    value: float
    unit: str
    better: Literal["lower", "higher"]

    def line(self) -> str:
        """JSON, four significant digits."""
        return json.dumps(asdict(self) | {"value": float(f"{self.value:.4g}")})


Benchmark = Callable[[Settings], Awaitable[Iterable[Figure]]]
"Measures over the databases of the settings, which hold nothing and are dropped afterwards."


class BenchError(RuntimeError):
    """What was to be measured did not work; the message says what happened instead."""


def benchmarks() -> dict[str, Benchmark]:
    """All there are, by name in its order."""
    package = importlib.import_module(__package__)
    names = sorted(module.name for module in pkgutil.iter_modules(package.__path__))
    modules = {
        name: importlib.import_module(f"{package.__name__}.{name}")
        for name in names
        if not name.startswith("_")
    }
    return {name: module.run for name, module in modules.items() if hasattr(module, "run")}


async def measure(chosen: Mapping[str, Benchmark], settings: Settings) -> None:
    """Run one after the other; figures go to stdout as they come, progress to stderr."""
    for place, (name, benchmark) in enumerate(chosen.items(), 1):
        print(f"[{place}/{len(chosen)}] {name}", file=sys.stderr, flush=True)
        async with own_database(settings) as own:
            for figure in await benchmark(own):
                print(figure.line(), flush=True)


@contextmanager
def database_servers(environment: Mapping[str, str] = os.environ) -> Iterator[Settings]:
    """Databases that KENSHIN_MONGODB_URL and KENSHIN_REDIS_URL name, or embedded ones.

    No other setting is taken from the environment: figures are of the defaults, but for how much may
    be asked for in a minute.
    """
    mongodb_url = environment.get("KENSHIN_MONGODB_URL", "")
    redis_url = environment.get("KENSHIN_REDIS_URL", "")
    with tempfile.TemporaryDirectory(prefix="kenshin-bench-") as folder:
        embedded = EmbeddedServers(Path(folder), mongodb=not mongodb_url, redis=not redis_url)
        started = Addresses("", "") if mongodb_url and redis_url else embedded.start()
        try:
            yield Settings(
                mongodb_url=mongodb_url or started.mongodb_url,
                redis_url=redis_url or started.redis_url,
                cost_per_minute_member=_NEVER_TOO_MUCH,
                cost_per_minute_address=_NEVER_TOO_MUCH,
            )
        finally:
            embedded.stop()


@asynccontextmanager
async def own_database(settings: Settings) -> AsyncIterator[Settings]:
    """Settings with a database that nobody else uses, dropped afterwards."""
    own = replace(
        settings, mongodb_url=_with_database(settings.mongodb_url, f"bench_{uuid.uuid4().hex[:12]}")
    )
    try:
        yield own
    finally:
        mongo = Mongo(own.mongodb_url)
        await mongo.drop()
        await mongo.close()


def _with_database(url: str, database: str) -> str:
    parts = urlsplit(url)
    query = [parts.query] if parts.query else []
    if parts.username is not None and "authsource=" not in parts.query.lower():
        # A user is looked up in the database of the path unless the URL says otherwise.
        query.append(f"authSource={parts.path.strip('/') or 'admin'}")
    changed: Any = parts._replace(path=f"/{database}", query="&".join(query))
    return str(urlunsplit(changed))
