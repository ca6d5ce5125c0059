"""Errors as clients see them: each with a code, and nothing of what only we should know.

- a wrong document, variable or argument: BAD_INPUT;
- a `KenshinError`: its own code and message;
- a database that does not answer: UNAVAILABLE;
- anything else: INTERNAL with the request id under which it was logged.
"""

from collections.abc import Iterable
from typing import Final

import structlog
from graphql import GraphQLError
from redis.exceptions import RedisError

from datasources.mongo import is_down
from domain.errors import BadInput, KenshinError, Unavailable

INTERNAL_MESSAGE: Final = "something went wrong here; quote the request id when you ask"
INTERNAL_WHEN: Final = "our fault; `extensions.requestId` finds it in the log"
"As docs/errors.md prints it."
_log = structlog.get_logger()


def internal_extensions(request_id: str) -> dict[str, str]:
    """Extensions of an error of which nothing else is told."""
    return {"code": "INTERNAL", "requestId": request_id}


def expose(errors: Iterable[GraphQLError], request_id: str) -> None:
    """Give every error its code in place, and take the message from those that are not for clients."""
    for error in errors:
        cause = _cause(error)
        if isinstance(cause, KenshinError):
            error.message = str(cause)
            error.extensions = cause.extensions
        elif cause is None:
            error.extensions = BadInput().extensions
        else:
            _log.error("internal error", request_id=request_id, exc_info=cause)
            error.message = INTERNAL_MESSAGE
            error.extensions = internal_extensions(request_id)


def exposed(error: Exception, request_id: str) -> GraphQLError:
    """An error that was raised outside an operation, as a client may see it."""
    shown = GraphQLError(str(error), original_error=error)
    expose([shown], request_id)
    return shown


def public(error: BaseException) -> BaseException:
    """The error itself, or what a client may know of a database that does not answer."""
    if is_down(error) or isinstance(error, RedisError):
        _log.warning("database does not answer", error=type(error).__name__)
        return Unavailable("a database does not answer at the moment; try again")
    return error


def _cause(error: GraphQLError) -> BaseException | None:
    cause = error.original_error
    while isinstance(cause, GraphQLError):
        cause = cause.original_error
    # A scalar's own refusal of a value comes as ValueError under a message that names the value.
    if cause is None or (isinstance(cause, ValueError) and error.path is None):
        return None
    return public(cause)
