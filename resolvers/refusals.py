"""Why something was not done that a user asked for, and can put right: the user errors of mutations."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final

from domain.identity import Fault


class Refusal(StrEnum):
    """The `code` of a user error."""

    UNKNOWN_PORTAL = "UNKNOWN_PORTAL"
    WRONG_LOGIN = "WRONG_LOGIN"
    LOCKED = "LOCKED"
    TOO_MANY_ATTEMPTS = "TOO_MANY_ATTEMPTS"
    WRONG_CHALLENGE = "WRONG_CHALLENGE"
    WRONG_ANSWER = "WRONG_ANSWER"
    WRONG_TOKEN = "WRONG_TOKEN"  # noqa: S105 - a code, not a token
    NOT_LOGGED_IN = "NOT_LOGGED_IN"
    PASSWORD_NEEDED = "PASSWORD_NEEDED"  # noqa: S105 - a code, not a password
    WRONG_PASSWORD = "WRONG_PASSWORD"  # noqa: S105 - a code, not a password
    SAME_PASSWORD = "SAME_PASSWORD"  # noqa: S105 - a code, not a password
    NOT_CHANGEABLE = "NOT_CHANGEABLE"
    LOGIN_ID_TAKEN = "LOGIN_ID_TAKEN"
    NO_REGISTRATION = "NO_REGISTRATION"
    TOO_MANY_REGISTRATIONS = "TOO_MANY_REGISTRATIONS"
    TOO_MANY_MAILS = "TOO_MANY_MAILS"
    TOO_MANY_REQUESTS = "TOO_MANY_REQUESTS"
    WRONG_LINK = "WRONG_LINK"
    NOT_ASKED = "NOT_ASKED"
    NO_SUCH_COURSE = "NO_SUCH_COURSE"
    NO_MATCH = "NO_MATCH"
    PROOF_LOCKED = "PROOF_LOCKED"
    NOT_LOW_VOLTAGE = "NOT_LOW_VOLTAGE"
    NOT_YOUR_COURSE = "NOT_YOUR_COURSE"
    CONTRACT_TAKEN = "CONTRACT_TAKEN"
    EMAIL_TAKEN = "EMAIL_TAKEN"
    NO_POSTCARD = "NO_POSTCARD"
    WRONG_CODE = "WRONG_CODE"
    CODE_ENDED = "CODE_ENDED"
    CODE_LOCKED = "CODE_LOCKED"
    REISSUED_LATELY = "REISSUED_LATELY"
    SAME_AS_PASSWORD = "SAME_AS_PASSWORD"  # noqa: S105 - a code, not a password
    NO_SECOND_FACTOR = "NO_SECOND_FACTOR"
    WRONG_KEYWORD_COUNT = "WRONG_KEYWORD_COUNT"
    SAME_KEYWORD = "SAME_KEYWORD"
    NO_SUCH_SESSION = "NO_SUCH_SESSION"
    NO_SUCH_DEVICE = "NO_SUCH_DEVICE"


_MESSAGES: Final[Mapping[Refusal, str]] = {
    Refusal.UNKNOWN_PORTAL: "there is no such portal",
    Refusal.WRONG_LOGIN: "login ID or password is wrong",
    Refusal.LOCKED: "too many wrong passwords in a row: nobody can log in with this ID for a while",
    Refusal.TOO_MANY_ATTEMPTS: "too many wrong log-ins from where you are: wait a while",
    Refusal.WRONG_CHALLENGE: "the challenge is wrong, answered or has ended: log in again",
    Refusal.WRONG_ANSWER: "the answer is wrong: log in again",
    Refusal.WRONG_TOKEN: "the token is wrong, was used or has ended",
    Refusal.NOT_LOGGED_IN: "nobody is logged in",
    Refusal.PASSWORD_NEEDED: "give the password again first, with confirmPassword",
    Refusal.WRONG_PASSWORD: "the password is wrong",
    Refusal.SAME_PASSWORD: "the new password must be another one",
    Refusal.NOT_CHANGEABLE: "this portal does not let members change it",
    Refusal.LOGIN_ID_TAKEN: "somebody has this login ID already",
    Refusal.SAME_AS_PASSWORD: "must differ from the password",
    Refusal.NO_REGISTRATION: "nobody registers with this portal: the company makes the account",
    Refusal.TOO_MANY_REGISTRATIONS: "too many registrations from where you are: wait a while",
    Refusal.TOO_MANY_REQUESTS: "too many requests from where you are: wait a while",
    Refusal.TOO_MANY_MAILS: "this address was sent enough mail: wait a while",
    Refusal.WRONG_LINK: "the link is wrong, was used or has ended: begin with the address again",
    Refusal.NOT_ASKED: "this portal does not ask for it here",
    Refusal.NO_SUCH_COURSE: "this portal has no such course",
    Refusal.NO_MATCH: "what was entered does not agree with a supply contract",
    Refusal.PROOF_LOCKED: "too many wrong entries for this customer number: wait a while",
    Refusal.NOT_LOW_VOLTAGE: "only contracts of 100 or 200 V can be registered",
    Refusal.NOT_YOUR_COURSE: "the way this contract is paid needs another course",
    Refusal.CONTRACT_TAKEN: "a member has registered this contract already",
    Refusal.EMAIL_TAKEN: "a member has this e-mail address already",
    Refusal.NO_POSTCARD: "no postcard is on its way to you",
    Refusal.WRONG_CODE: "the code is wrong",
    Refusal.CODE_ENDED: "the code has ended: ask for a new postcard",
    Refusal.CODE_LOCKED: "too many wrong codes: wait a while",
    Refusal.REISSUED_LATELY: "a postcard was sent a short while ago: wait for it first",
    Refusal.NO_SECOND_FACTOR: "this portal has no secret keywords",
    Refusal.WRONG_KEYWORD_COUNT: "the portal wants another number of keywords",
    Refusal.SAME_KEYWORD: "every keyword must be another one",
    Refusal.NO_SUCH_SESSION: "no such session, or not yours",
    Refusal.NO_SUCH_DEVICE: "no such device, or not yours",
}


class Refused(Exception):
    """Nothing was done; the message is for the user.

    `field` is the path of the wrong input, empty where there is no single one. Where time alone will
    help, `retry_at` says when.
    """

    def __init__(self, refusal: Refusal, *field: str, retry_at: datetime | None = None) -> None:
        super().__init__(_MESSAGES[refusal])
        self.code: str = refusal.value
        self.field = field
        self.retry_at = retry_at

    @property
    def each(self) -> Sequence["Refused"]:
        """All reasons, where there may be several."""
        return (self,)


class RefusedInput(Refused):
    """An input that breaks a rule of the portal."""

    def __init__(self, fault: Fault) -> None:
        Exception.__init__(self, fault.message)
        self.code = fault.code.value
        self.field = fault.field
        self.retry_at = None


class RefusedForm(Refused):
    """A form with some wrong inputs, at least one."""

    def __init__(self, reasons: Sequence[Refused]) -> None:
        Exception.__init__(self, "; ".join(map(str, reasons)))
        self._reasons = tuple(reasons)
        first = reasons[0]
        self.code, self.field, self.retry_at = first.code, first.field, first.retry_at

    @property
    def each(self) -> Sequence[Refused]:
        return self._reasons
