"""Why something was not done that a user asked for, and can put right: the user errors of mutations."""

from collections.abc import Mapping, Sequence, Sized
from datetime import datetime
from enum import StrEnum
from typing import Final

from domain.identity import Fault, FaultCode


class Refusal(StrEnum):
    """The `code` of a user error, and when a client gets it."""

    UNKNOWN_PORTAL = "UNKNOWN_PORTAL"
    "there is no such portal"
    WRONG_LOGIN = "WRONG_LOGIN"
    "the login ID or the password is wrong; which one is not told"
    LOCKED = "LOCKED"
    """too many wrong passwords in a row; `retryAt` says until when, also for an ID that does
    not exist"""
    TOO_MANY_ATTEMPTS = "TOO_MANY_ATTEMPTS"
    "too many wrong log-ins from the client's address; `retryAt` says when to try again"
    WRONG_CHALLENGE = "WRONG_CHALLENGE"
    "the token of a challenge is wrong, was used, or has ended"
    WRONG_ANSWER = "WRONG_ANSWER"
    "the keyword is wrong; the challenge is used up"
    WRONG_TOKEN = "WRONG_TOKEN"  # noqa: S105 - a code, not a token
    """the refresh token, or the token of a link or a right answer for a new password, is
    wrong, was used, or has ended"""
    NOT_LOGGED_IN = "NOT_LOGGED_IN"
    "nobody is logged in, where a member is needed"
    DUTY_FIRST = "DUTY_FIRST"
    "the first log-in is not complete, and this is not what comes next"
    NO_DUTY = "NO_DUTY"
    "the member has no such duty, or has done it"
    WRONG_PHONE = "WRONG_PHONE"
    "not the phone number of the contract"
    PHONE_LOCKED = "PHONE_LOCKED"
    "too many wrong phone numbers; `retryAt` says until when"
    PASSWORD_NEEDED = "PASSWORD_NEEDED"  # noqa: S105 - a code, not a password
    "`confirmPassword` is needed first, or was too long ago"
    WRONG_PASSWORD = "WRONG_PASSWORD"  # noqa: S105 - a code, not a password
    "the password that was given again is wrong"
    SAME_PASSWORD = "SAME_PASSWORD"  # noqa: S105 - a code, not a password
    "the new password is the present one"
    NOT_CHANGEABLE = "NOT_CHANGEABLE"
    "the portal does not let members change it"
    LOGIN_ID_TAKEN = "LOGIN_ID_TAKEN"
    "somebody in the portal has this login ID"
    NO_REGISTRATION = "NO_REGISTRATION"
    "nobody registers with this portal"
    TOO_MANY_REGISTRATIONS = "TOO_MANY_REGISTRATIONS"
    "too many registrations began at the client's address; `retryAt` says when to try again"
    TOO_MANY_MAILS = "TOO_MANY_MAILS"
    "the e-mail address got enough mails; `retryAt` says when to try again"
    TOO_MANY_REQUESTS = "TOO_MANY_REQUESTS"
    """too many requests for forgotten IDs and passwords from the client's address, or a
    member's for links to new addresses, or for mails about bills, or somebody's for login
    IDs; `retryAt` says when to try again"""
    WRONG_LINK = "WRONG_LINK"
    "the token of a link is wrong, of another portal, was used, or has ended"
    NOT_ASKED = "NOT_ASKED"
    "the portal does not ask for this input"
    NO_SUCH_COURSE = "NO_SUCH_COURSE"
    "the portal has no such course"
    NO_MATCH = "NO_MATCH"
    "what was entered does not agree with a supply contract; what of it is not told"
    PROOF_LOCKED = "PROOF_LOCKED"
    "too many wrong entries for a customer number; `retryAt` says until when"
    NOT_LOW_VOLTAGE = "NOT_LOW_VOLTAGE"
    "the contract is not one of 100 or 200 V"
    NOT_YOUR_COURSE = "NOT_YOUR_COURSE"
    "the contract is paid in a way that another course takes"
    CONTRACT_TAKEN = "CONTRACT_TAKEN"
    "a member has registered this contract"
    EMAIL_TAKEN = "EMAIL_TAKEN"
    "a member has the address, which belongs to one"
    NO_POSTCARD = "NO_POSTCARD"
    "no postcard is on its way to the member"
    WRONG_CODE = "WRONG_CODE"
    "the code of the postcard is wrong"
    CODE_ENDED = "CODE_ENDED"
    "the code of the postcard is too old: ask for a new one"
    CODE_LOCKED = "CODE_LOCKED"
    "too many wrong codes; `retryAt` says until when"
    REISSUED_LATELY = "REISSUED_LATELY"
    "a postcard was sent less than a day ago; `retryAt` says when to ask again"
    SAME_AS_PASSWORD = "SAME_AS_PASSWORD"  # noqa: S105 - a code, not a password
    "the new login ID, or the address that is one, is the password"
    NO_SUCH_WAY = "NO_SUCH_WAY"
    "the portal has no secret question, or no identity keyword"
    WRONG_PROOF = "WRONG_PROOF"
    "something that was entered of a forgotten ID or password is wrong; what of it is not told"
    RECOVERY_LOCKED = "RECOVERY_LOCKED"
    "too many wrong answers for an e-mail address; `retryAt` says until when"
    NO_SECOND_FACTOR = "NO_SECOND_FACTOR"
    "the portal has no secret keywords"
    WRONG_KEYWORD_COUNT = "WRONG_KEYWORD_COUNT"
    "the portal wants another number of keywords"
    SAME_KEYWORD = "SAME_KEYWORD"
    "a keyword that stands there already"
    NO_SUCH_EMAIL = "NO_SUCH_EMAIL"
    "the address to be removed is none of the member's"
    FIRST_EMAIL = "FIRST_EMAIL"
    "the first address is changed, not removed"
    NO_SUCH_MAIL_KIND = "NO_SUCH_MAIL_KIND"
    "the portal has no such mails to switch"
    NO_SUCH_SESSION = "NO_SUCH_SESSION"
    "there is no session with this id, or it is another member's"
    NO_SUCH_CONSENT = "NO_SUCH_CONSENT"
    "there is no consent with this id, or it is another member's"
    NO_SUCH_WEBHOOK = "NO_SUCH_WEBHOOK"
    "there is no webhook with this id, or it is another app's"
    TOO_MANY_WEBHOOKS = "TOO_MANY_WEBHOOKS"
    "the app has five webhooks, and may have no more"
    NO_SUCH_DEVICE = "NO_SUCH_DEVICE"
    "there is no device with this id, or it is another member's"
    NO_SUCH_PROVIDER = "NO_SUCH_PROVIDER"
    "the portal takes no accounts of this provider, or it is not set up"
    WRONG_REDIRECT = "WRONG_REDIRECT"
    "providers do not send people back to this address"
    WRONG_STATE = "WRONG_STATE"
    "`state` is not the one that the provider was given"
    PROVIDER_DOWN = "PROVIDER_DOWN"
    "the provider does not answer, or not in time; the password logs in as before"
    PROVIDER_REFUSED = "PROVIDER_REFUSED"
    "the provider did not take the code, or its answer breaks a rule"
    NOT_LINKED = "NOT_LINKED"
    "no member of the portal who may log in has linked this outside account"
    ALREADY_LINKED = "ALREADY_LINKED"
    "the member has linked another account of this provider"
    ACCOUNT_TAKEN = "ACCOUNT_TAKEN"
    "another member of the portal has linked this outside account"
    NO_SUCH_LINK = "NO_SUCH_LINK"
    "no outside account with this id is linked to the member"
    OTHER_TERMS = "OTHER_TERMS"
    "other terms of use than those that can be accepted now"
    NO_SUCH_BILL = "NO_SUCH_BILL"
    "there is no such bill, or it is another member's"
    NO_SUCH_FACILITY = "NO_SUCH_FACILITY"
    "there is no such facility, or it is another member's"
    NOT_OFFERED = "NOT_OFFERED"
    "the portal issues no [payment certificates](documents.md#payment-certificates)"
    CARD_PAYER = "CARD_PAYER"
    "no certificate: receipts come from who collects the payments, as the card company"
    PAPER_RECEIPTS = "PAPER_RECEIPTS"
    "no certificate: the facility gets receipts on paper"
    ALREADY_ISSUED = "ALREADY_ISSUED"
    "the certificate of this year was issued before, and is never issued anew"
    NOTHING_PAID = "NOTHING_PAID"
    "no certificate: nothing was paid lately that was not certified before"
    NOT_YET_AVAILABLE = "NOT_YET_AVAILABLE"
    "the bill is there, and cannot be [seen](notices.md) yet"
    POSTCARD_IN_TRANSIT = "POSTCARD_IN_TRANSIT"
    "the member has still to enter the code of a postcard"
    NO_BILL_MAIL = "NO_BILL_MAIL"
    "the portal sends no mails about bills, or none about those of this plan"
    NO_EMAIL = "NO_EMAIL"
    "the member has no address"
    NOT_ALLOWED = "NOT_ALLOWED"
    "the role of who asks does not let [staff](staff.md) do this"
    NO_SUCH_MEMBER = "NO_SUCH_MEMBER"
    """staff know of no member with this id, or it is of a portal that is not theirs, or the
    member has left"""
    NO_SUCH_MESSAGE = "NO_SUCH_MESSAGE"
    "no message with this id was given up, or it is of a portal that is not theirs"


_MESSAGES: Final[Mapping[Refusal, str]] = {
    Refusal.UNKNOWN_PORTAL: "there is no such portal",
    Refusal.WRONG_LOGIN: "login ID or password is wrong",
    Refusal.LOCKED: "too many wrong passwords in a row: nobody can log in with this ID for a while",
    Refusal.TOO_MANY_ATTEMPTS: "too many wrong log-ins from where you are: wait a while",
    Refusal.WRONG_CHALLENGE: "the challenge is wrong, answered or has ended: log in again",
    Refusal.WRONG_ANSWER: "the answer is wrong: log in again",
    Refusal.WRONG_TOKEN: "the token is wrong, was used or has ended",
    Refusal.NOT_LOGGED_IN: "nobody is logged in",
    Refusal.DUTY_FIRST: "the first log-in is not complete: its duties come first, in their order",
    Refusal.NO_DUTY: "this is no duty of yours, or was done before",
    Refusal.WRONG_PHONE: "this is not the phone number that was given with the contract",
    Refusal.PHONE_LOCKED: "too many wrong phone numbers: wait a while",
    Refusal.PASSWORD_NEEDED: "give the password again first, with confirmPassword",
    Refusal.WRONG_PASSWORD: "the password is wrong",
    Refusal.SAME_PASSWORD: "the new password must be another one",
    Refusal.NOT_CHANGEABLE: "this portal does not let members change it",
    Refusal.LOGIN_ID_TAKEN: "somebody has this login ID already",
    Refusal.SAME_AS_PASSWORD: "must differ from the password",
    Refusal.NO_REGISTRATION: "nobody registers with this portal: the company makes the account",
    Refusal.TOO_MANY_REGISTRATIONS: "too many registrations from where you are: wait a while",
    Refusal.TOO_MANY_REQUESTS: "too many requests: wait a while",
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
    Refusal.NO_POSTCARD: "no postcard is on its way",
    Refusal.WRONG_CODE: "the code is wrong",
    Refusal.CODE_ENDED: "the code has ended: ask for a new postcard",
    Refusal.CODE_LOCKED: "too many wrong codes: wait a while",
    Refusal.REISSUED_LATELY: "a postcard was sent a short while ago: wait for it first",
    Refusal.NO_SUCH_WAY: "this portal has no such way to get back an ID or a password",
    Refusal.WRONG_PROOF: "what was entered is not right; ask for a mail instead",
    Refusal.RECOVERY_LOCKED: "too many wrong answers for this address: wait a while",
    Refusal.NO_SECOND_FACTOR: "this portal has no secret keywords",
    Refusal.WRONG_KEYWORD_COUNT: "the portal wants another number of keywords",
    Refusal.SAME_KEYWORD: "every keyword must be another one",
    Refusal.NO_SUCH_EMAIL: "this is no address of yours",
    Refusal.FIRST_EMAIL: "the first address stays: change it instead",
    Refusal.NO_SUCH_MAIL_KIND: "this portal has no such mails to switch",
    Refusal.NO_SUCH_SESSION: "no such session, or not yours",
    Refusal.NO_SUCH_CONSENT: "no such consent, or not yours",
    Refusal.NO_SUCH_WEBHOOK: "no such webhook, or not yours",
    Refusal.TOO_MANY_WEBHOOKS: "an app may have five webhooks: delete one first",
    Refusal.NO_SUCH_DEVICE: "no such device, or not yours",
    Refusal.NO_SUCH_PROVIDER: "this portal takes no accounts of such a provider",
    Refusal.WRONG_REDIRECT: "providers do not send people back to this address",
    Refusal.WRONG_STATE: "this is not what the provider was given: begin again",
    Refusal.PROVIDER_DOWN: "the provider does not answer: try later, or log in with the password",
    Refusal.PROVIDER_REFUSED: "the provider has let nobody in: begin again",
    Refusal.NOT_LINKED: "no member has linked this account: log in with the password and link it",
    Refusal.ALREADY_LINKED: "another account of this provider is linked: unlink it first",
    Refusal.ACCOUNT_TAKEN: "another member has linked this account",
    Refusal.NO_SUCH_LINK: "no such account is linked to you",
    Refusal.OTHER_TERMS: "these are not the terms that can be accepted now: read the new ones",
    Refusal.NO_SUCH_BILL: "no such bill, or not yours",
    Refusal.NO_SUCH_FACILITY: "no such facility, or not yours",
    Refusal.NOT_OFFERED: "this portal issues no payment certificates",
    Refusal.CARD_PAYER: "receipts come from who collects such payments, as the card company: ask there",
    Refusal.PAPER_RECEIPTS: "you get receipts on paper for this facility",
    Refusal.ALREADY_ISSUED: "the certificate of this year was issued before, and is never issued anew",
    Refusal.NOTHING_PAID: "nothing was paid lately that was not certified before",
    Refusal.NOT_YET_AVAILABLE: "this bill cannot be seen yet",
    Refusal.POSTCARD_IN_TRANSIT: "enter the code of the postcard first",
    Refusal.NO_BILL_MAIL: "the portal sends no mail about this bill",
    Refusal.NO_EMAIL: "there is no address to which it could go: add one first",
    Refusal.NOT_ALLOWED: "your role does not let you do this",
    Refusal.NO_SUCH_MEMBER: "no such member, or not of your portals, or left before",
    Refusal.NO_SUCH_MESSAGE: "no such message was given up, or it is not of your portals",
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


_MOST_GIVEN: Final = 100
"More than any form has: to say what is wrong with each of thousands would be much work."


def refuse_too_many(given: Sized, *field: str) -> None:
    """Raises RefusedInput TOO_MANY for a list that is longer than any that could be right."""
    if len(given) > _MOST_GIVEN:
        message = f"must be at most {_MOST_GIVEN}, found {len(given)}"
        raise RefusedInput(Fault(FaultCode.TOO_MANY, message, field))
