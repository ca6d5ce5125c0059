"""The load of a live server: a process that does what it is told, a line of JSON in, a line out.

Run as `python -m bench.live_load`. What is long comes in files.
"""

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import orjson
from redis import Redis

from bench.answers import differences
from bench.live_sockets import Arrival, Sockets, SocketsError, Step

_PATH: Final = "/graphql"
_OPEN_SECONDS: Final = 180.0
_BURST_SECONDS: Final = 30.0


def main() -> None:
    sockets = Sockets()
    for line in sys.stdin.buffer:
        order = orjson.loads(line)
        try:
            done = _DONE[order.pop("order")](sockets, **order)
        except (SocketsError, OSError) as error:
            done = {"error": str(error)}
        print(orjson.dumps(done).decode(), flush=True)


def _open(sockets: Sockets, port: int, entries: str) -> dict[str, Any]:
    """Open a socket for each entry of a file: steps as pairs of texts."""
    wanted = [
        [Step(text.encode(), mark.encode()) for text, mark in steps]
        for steps in orjson.loads(Path(entries).read_bytes())
    ]
    sockets.open(port, _PATH, wanted, _OPEN_SECONDS)
    return {}


def _burst(
    sockets: Sockets, redis: str, commands: str, replies: int, mark: str, expected: str
) -> dict[str, Any]:
    """Send the commands of a file to Redis, and compare what every socket gets for it.

    `expected` is a file with the data of an event for each socket, or with that of all.
    """
    packed = Path(commands).read_bytes()
    client = Redis.from_url(redis)
    connection: Any = client.connection_pool.get_connection()

    def publish() -> None:
        connection.send_packed_command([packed])

    redis_cpu = _redis_cpu_seconds(client)
    arrivals, cpu_seconds = sockets.burst(publish, mark.encode(), _BURST_SECONDS)
    for _ in range(replies):
        connection.read_response()
    redis_cpu = _redis_cpu_seconds(client) - redis_cpu
    connection.disconnect()
    client.close()
    _compare(arrivals, sockets.count, orjson.loads(Path(expected).read_bytes()))
    ms = np.array([arrival.seconds for arrival in arrivals]) * 1000
    return {
        "deliveries": len(arrivals),
        "p50_ms": float(np.percentile(ms, 50)),
        "p99_ms": float(np.percentile(ms, 99)),
        "last_ms": float(ms[-1]),
        "load_cpu_seconds": cpu_seconds,
        "redis_cpu_seconds": redis_cpu,
    }


def _redis_cpu_seconds(client: Redis) -> float:
    """Processor time of Redis so far."""
    used: Any = client.info("cpu")
    return float(used["used_cpu_user"] + used["used_cpu_sys"])


def _compare(arrivals: Sequence[Arrival], sockets: int, expected: Sequence[Any]) -> None:
    reached = len({arrival.place for arrival in arrivals})
    if reached < sockets:
        raise SocketsError(f"reached {reached} of {sockets} sockets with {len(arrivals)} events")
    for arrival in arrivals:
        message = orjson.loads(arrival.text)
        wanted = expected[arrival.place % len(expected)]
        if found := differences({"data": wanted}, message["payload"]):
            raise SocketsError("sent another event:\n" + "\n".join(found))


def _close(sockets: Sockets) -> dict[str, Any]:
    sockets.close()
    return {}


_DONE: Final[Mapping[str, Callable[..., dict[str, Any]]]] = {
    "open": _open,
    "burst": _burst,
    "close": _close,
}

if __name__ == "__main__":
    main()
