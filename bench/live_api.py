"""The application as `kenshin serve` runs it, which also tells how long its loop was ever kept busy.

Run as `python -m bench.live_api`, with the settings of `kenshin serve`. It measures from one line on
standard input to the next, and answers milliseconds.
"""

import asyncio
import os
import socket
import sys
from time import perf_counter
from typing import Final

from datasources.logs import configure_logs
from domain.settings import Settings
from resolvers.sources import Sources, open_sources
from server import create_app, serve_app

_TICK: Final = 0.001


def main() -> None:
    settings = Settings.from_environment(os.environ)
    configure_logs(settings.log_format, settings.log_level)
    app = create_app(open_sources(settings), _tell_lag)
    serve_app(app, settings, socket.create_server((settings.host, settings.port)))


async def _tell_lag(_sources: Sources) -> None:
    lines = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(lines), sys.stdin
    )
    while await lines.readline():
        lag = _Lag()
        watching = asyncio.create_task(lag.watch())
        await lines.readline()
        watching.cancel()
        print(lag.longest * 1000, flush=True)


class _Lag:
    """How much later than wanted the loop came back, at most."""

    def __init__(self) -> None:
        self.longest = 0.0

    async def watch(self) -> None:
        while True:
            due = perf_counter() + _TICK
            await asyncio.sleep(_TICK)
            self.longest = max(self.longest, perf_counter() - due)


if __name__ == "__main__":
    main()
