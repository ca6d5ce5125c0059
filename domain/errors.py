"""What can go wrong for a caller, each with one stable code.

::

    KenshinError
    ├── Unauthenticated      UNAUTHENTICATED   no session, or one that ended
    ├── Forbidden            FORBIDDEN         seen until now, no longer
    │   └── DutyFirst        FORBIDDEN         the first log-in is not complete
    ├── PostcardInTransit    POSTCARD_IN_TRANSIT   usage and bills wait for the code of a postcard
    ├── NotYetAvailable      NOT_YET_AVAILABLE exists, but may be seen only later
    ├── NotFound             NOT_FOUND         does not exist, or belongs to another member
    ├── LinkEnded            LINK_ENDED        the address of a file, whose time is over
    ├── BadInput             BAD_INPUT         the request is wrong, and the message says where
    │   └── RangeTooLarge    RANGE_TOO_LARGE   a span or list over a limit, which the message names
    ├── LimitExceeded        LIMIT_EXCEEDED    more at once than allowed, which the message names
    └── Unavailable          UNAVAILABLE       a database does not answer; try again

Anything else that escapes is INTERNAL and answers nothing but a request id.
"""

from datetime import date
from typing import ClassVar


class KenshinError(Exception):
    """Base of all errors that a caller may see; the message is written for that caller."""

    code: ClassVar[str] = "INTERNAL"

    @property
    def extensions(self) -> dict[str, str]:
        """GraphQL error extensions."""
        return {"code": self.code}


class Unauthenticated(KenshinError):
    code = "UNAUTHENTICATED"


class Forbidden(KenshinError):
    code = "FORBIDDEN"


class DutyFirst(Forbidden):
    """Nothing of a member is shown before the duties of the first log-in are done."""

    def __init__(self, message: str, duty: str = "") -> None:
        super().__init__(message)
        self._duty = duty

    @property
    def extensions(self) -> dict[str, str]:
        """The code, and which duty comes next."""
        return {"code": self.code, "duty": self._duty}


class PostcardInTransit(KenshinError):
    code = "POSTCARD_IN_TRANSIT"

    def __init__(
        self, message: str = "enter the code of the postcard first, with confirmPostcardCode"
    ) -> None:
        super().__init__(message)


class NotYetAvailable(KenshinError):
    """What may be seen only later by the portal's policy (BI-3, FA-4)."""

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
    code = "NOT_FOUND"

    def __init__(self, message: str = "no such object, or not yours") -> None:
        super().__init__(message)


class LinkEnded(KenshinError):
    code = "LINK_ENDED"

    def __init__(self, message: str = "this address has ended: ask for a new one") -> None:
        super().__init__(message)


class BadInput(KenshinError):
    code = "BAD_INPUT"


class RangeTooLarge(BadInput):
    code = "RANGE_TOO_LARGE"


class LimitExceeded(KenshinError):
    code = "LIMIT_EXCEEDED"


class Unavailable(KenshinError):
    code = "UNAVAILABLE"
