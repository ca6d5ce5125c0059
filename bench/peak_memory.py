"""How much memory one request takes at its peak, above what the server holds when idle."""

import sys
from collections.abc import Awaitable
from pathlib import Path
from statistics import median
from typing import Final

from bench.contenders import Contender, Server, serving
from bench.cores import Cores
from bench.questions import Request

_WARM_UP: Final = 20
_RESET_PEAK: Final = "5"


async def peak_rss_mb(
    contender: Contender, small: Request, large: Request, cores: Cores, servers: int
) -> float | None:
    """MB (10^6 bytes) of the first large request after small ones, the median of fresh servers.

    None, with a word on stderr, where the system does not tell the peak of a process.
    """
    try:
        return median([await _peak(contender, small, large, cores) for _ in range(servers)])
    except (FileNotFoundError, PermissionError) as error:
        print(f"series: no peak_rss_24m_mb, this system does not tell it: {error}", file=sys.stderr)
        return None


async def _peak(contender: Contender, small: Request, large: Request, cores: Cores) -> float:
    async with serving(contender, cores.server) as server:
        await server.running.ready(server.accepts)
        for _ in range(_WARM_UP):
            await server.ask(small.calls[0])
        return await peak_mb(server, server.ask(large.calls[0]))


async def peak_mb(server: Server, request: Awaitable[object]) -> float:
    """MB that a server holds at its peak during a request, above what it held before.

    Raises FileNotFoundError or PermissionError where the system does not tell.
    """
    process = Path("/proc", str(server.running.pid))
    (process / "clear_refs").write_text(_RESET_PEAK)
    idle = _bytes(process, "VmRSS")
    await request
    return (_bytes(process, "VmHWM") - idle) / 1e6


def _bytes(process: Path, name: str) -> int:
    """A figure of a process's status, which is in KiB."""
    for line in (process / "status").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) * 1024
    raise FileNotFoundError(f"{process}/status has no {name}")
