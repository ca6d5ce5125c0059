"""Where logs go: standard error, as text for people or as JSON, our own and the libraries' alike.

Tracebacks are plain: values of variables, which may be secrets or personal data, are never shown.
"""

import logging
import sys
from contextvars import ContextVar
from typing import Any, Final

import structlog
from structlog.typing import EventDict

REQUEST: Final = ContextVar("request", default="")
"Id of the request that is answered in this context; every line says it."


def with_request(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Processor of structlog that tells for which request a line is."""
    if request := REQUEST.get():
        event.setdefault("request_id", request)
    return event


_SHARED: Final[list[Any]] = [
    with_request,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def configure_logs(log_format: str, log_level: str = "info") -> None:
    """Set up structlog and logging for a process.

    `log_format` is `console` or `json`, `log_level` the lowest that is shown.
    """
    level = logging.getLevelNamesMapping()[log_level.upper()]
    renderers: list[Any] = (
        [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
        if log_format == "json"
        else [
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
            )
        ]
    )
    structlog.configure(
        processors=[*_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_SHARED,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderers],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for talkative in ("fontTools", "httpcore2", "httpx2", "uvicorn"):
        logging.getLogger(talkative).setLevel(max(level, logging.WARNING))
