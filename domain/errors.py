"""What can go wrong for a caller, each with one stable code.

::

    KenshinError
    ├── Unauthenticated      UNAUTHENTICATED   no session, or one that ended
    ├── Forbidden            FORBIDDEN         seen until now, no longer
    │   └── DutyFirst        FORBIDDEN         the first log-in is not complete
    ├── ConsentRequired      CONSENT_REQUIRED  the member has not let this app see or do it
    ├── PostcardInTransit    POSTCARD_IN_TRANSIT   usage and bills wait for the code of a postcard
    ├── NotYetAvailable      NOT_YET_AVAILABLE exists, but may be seen only later
    ├── NotFound             NOT_FOUND         does not exist, or belongs to another member
    ├── LinkEnded            LINK_ENDED        the address of a file, whose time is over
    ├── BadInput             BAD_INPUT         the request is wrong, and the message says where
    │   └── RangeTooLarge    RANGE_TOO_LARGE   a span or list over a limit, which the message names
    ├── DocumentNotRegistered   DOCUMENT_NOT_REGISTERED    no registered document
    ├── PersistedQueryNotFound  PERSISTED_QUERY_NOT_FOUND  a hash whose document is not here
    ├── LimitExceeded        LIMIT_EXCEEDED    more at once than allowed, which the message names
    ├── RateLimited          RATE_LIMITED      more in a minute than allowed
    └── Unavailable          UNAVAILABLE       a database does not answer; try again

Anything else that escapes is INTERNAL and answers nothing but a request id.

The first paragraph of a class says when a client gets it, as docs/errors.md prints it.
"""

from datetime import date
from typing import Any, ClassVar


class KenshinError(Exception):
    """Base of all errors that a caller may see; the message is written for that caller."""

    code: ClassVar[str] = "INTERNAL"

    @property
    def extensions(self) -> dict[str, Any]:
        """GraphQL error extensions."""
        return {"code": self.code}


class Unauthenticated(KenshinError):
    """no session where one is needed, a token that is wrong or has ended"""

    code = "UNAUTHENTICATED"


class Forbidden(KenshinError):
    """a subscription whose facility may no longer be seen; the schema where nobody may ask for it;
    a page of an [origin](http.md#browsers) that is not allowed
    """

    code = "FORBIDDEN"


class DutyFirst(Forbidden):
    """anything of a member whose [first log-in](registration.md#the-first-log-in) is not complete:
    `extensions.duty` says what comes next
    """

    def __init__(self, message: str, duty: str = "") -> None:
        super().__init__(message)
        self._duty = duty

    @property
    def extensions(self) -> dict[str, str]:
        """The code, and which duty comes next."""
        return {"code": self.code, "duty": self._duty}


class ConsentRequired(KenshinError):
    """a [partner's app](consents.md) asks for what its member has not let it see, or what no app may
    see or do; `extensions.scope` says which scope would open it, where one would

    By AP-4.
    """

    code = "CONSENT_REQUIRED"

    def __init__(self, message: str, scope: str = "") -> None:
        super().__init__(message)
        self._scope = scope

    @property
    def extensions(self) -> dict[str, str]:
        """The code, and the scopes any of which would do, with spaces between."""
        return {"code": self.code} | ({"scope": self._scope} if self._scope else {})


class PostcardInTransit(KenshinError):
    """usage and bills of a member who has still to enter the code of a postcard"""

    code = "POSTCARD_IN_TRANSIT"

    def __init__(
        self, message: str = "enter the code of the postcard first, with confirmPostcardCode"
    ) -> None:
        super().__init__(message)


class NotYetAvailable(KenshinError):
    """it is there and may be [seen later](notices.md); `extensions.availableOn` is the day, where it
    is known

    By the portal's policy (BI-3, FA-4).
    """

    code = "NOT_YET_AVAILABLE"

    def __init__(self, message: str, available_on: date | None = None) -> None:
        super().__init__(message)
        self._available_on = available_on

    @property
    def extensions(self) -> dict[str, str]:
        """The code, and the day from which it may be seen where that is known."""
        known = {"availableOn": self._available_on.isoformat()} if self._available_on else {}
        return {"code": self.code} | known


class NotFound(KenshinError):
    """no such object, or another member's: the two are not told apart"""

    code = "NOT_FOUND"

    def __init__(self, message: str = "no such object, or not yours") -> None:
        super().__init__(message)


class LinkEnded(KenshinError):
    """the address of a [file](downloads.md), whose time is over"""

    code = "LINK_ENDED"

    def __init__(self, message: str = "this address has ended: ask for a new one") -> None:
        super().__init__(message)


class BadInput(KenshinError):
    """a wrong document; a wrong variable, argument, id or cursor"""

    code = "BAD_INPUT"


class RangeTooLarge(BadInput):
    """a span or page over its limit, which the message names"""

    code = "RANGE_TOO_LARGE"


class DocumentNotRegistered(KenshinError):
    """a `documentId` that is not [registered](http.md#registered-documents), or a document where only
    registered ones are executed
    """

    code = "DOCUMENT_NOT_REGISTERED"


class PersistedQueryNotFound(KenshinError):
    """the hash of a [persisted query](http.md#persisted-queries) whose document is not here: send
    both of them
    """

    code = "PERSISTED_QUERY_NOT_FOUND"

    def __init__(self, message: str = "PersistedQueryNotFound") -> None:
        """By that message some clients know it."""
        super().__init__(message)


class LimitExceeded(KenshinError):
    """a document or operation over one of its [limits](limits.md); more operations at once on a socket,
    or longer ones, or more files in an hour, than allowed
    """

    code = "LIMIT_EXCEEDED"


class RateLimited(KenshinError):
    """operations have [cost](limits.md) more in a minute than allowed: try again after
    `extensions.retryAfter` seconds
    """

    code = "RATE_LIMITED"

    def __init__(self, message: str, retry_after: int = 1) -> None:
        super().__init__(message)
        self.retry_after = retry_after

    @property
    def extensions(self) -> dict[str, Any]:
        """The code, and after how many whole seconds the same operation would pass."""
        return {"code": self.code, "retryAfter": self.retry_after}


class Unavailable(KenshinError):
    """a database does not answer; try again"""

    code = "UNAVAILABLE"
