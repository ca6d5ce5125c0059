"""`python -m bench [NAME]`: measures, and prints one JSON line for every figure."""

import asyncio
import signal
import sys
from collections.abc import Sequence

from bench.harness import BenchError, benchmarks, database_servers, measure
from datasources.embedded import EmbeddedError


def main(arguments: Sequence[str]) -> int:
    """Exit status: 0, 1 if something did not work, 2 for a name that is none, 130 after Ctrl-C."""
    known = benchmarks()
    for name in arguments:
        if name not in known:
            print(f"no benchmark {name!r}; there are: {', '.join(known)}", file=sys.stderr)
            return 2
    chosen = {name: known[name] for name in arguments or known}
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    try:
        with database_servers() as settings, asyncio.Runner(loop_factory=_loop_factory()) as runner:
            runner.run(measure(chosen, settings))
    except (BenchError, EmbeddedError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _loop_factory() -> "type[asyncio.AbstractEventLoop] | None":
    """The loop that the API runs on, so that its limit is measured on no slower one."""
    if sys.platform == "win32":
        return None
    import uvloop  # noqa: PLC0415 - there is none for Windows

    return uvloop.Loop


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
