"""What an ID token must say (OpenID Connect Core 3.1.3.7); its signature is checked before."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from domain.external_log_in import OutsideAccount
from domain.same_text import same_text

LEEWAY: Final = timedelta(minutes=1)
"How far the provider's clock may be from ours."
_LONGEST_LIFE: Final = timedelta(minutes=10)
"Since the token was made: it comes straight from the provider."
_LONGEST_SUBJECT: Final = 255
_NEVER: Final = 1e11
"Seconds, some three thousand years: a number over it is no instant, and may be none at all."


class WrongIdToken(ValueError):
    """A claim is not what it must be; the message names it, and no value."""


@dataclass(frozen=True, slots=True)
class Expected:
    """Whose token it must be, for whom, and for which visit."""

    issuer: str
    client_id: str
    nonce: str


def account_of(claims: Mapping[str, object], expected: Expected, now: datetime) -> OutsideAccount:
    """Whom an ID token names; raises WrongIdToken."""
    if claims.get("iss") != expected.issuer:
        raise WrongIdToken("iss is another provider")
    _check_audience(claims, expected.client_id)
    _check_times(claims, now.timestamp())
    nonce = claims.get("nonce")
    if not isinstance(nonce, str) or not same_text(nonce, expected.nonce):
        raise WrongIdToken("nonce is not of this visit")
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= _LONGEST_SUBJECT:
        raise WrongIdToken(f"sub must be a text of 1 to {_LONGEST_SUBJECT} characters")
    return OutsideAccount(expected.issuer, subject)


def _check_audience(claims: Mapping[str, object], client_id: str) -> None:
    """It must be made for us, and by a client that is us where it is made for others too."""
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    if client_id not in audiences:
        raise WrongIdToken("aud is another client")
    if claims.get("azp", client_id if len(audiences) == 1 else None) != client_id:
        raise WrongIdToken("azp is another client, or missing beside several audiences")


def _check_times(claims: Mapping[str, object], now: float) -> None:
    leeway = LEEWAY.total_seconds()
    if _instant(claims, "exp") <= now - leeway:
        raise WrongIdToken("exp has passed")
    made = _instant(claims, "iat")
    if made > now + leeway:
        raise WrongIdToken("iat is in the future")
    if made <= now - leeway - _LONGEST_LIFE.total_seconds():
        raise WrongIdToken("iat is long ago")
    if "nbf" in claims and _instant(claims, "nbf") > now + leeway:
        raise WrongIdToken("nbf is in the future")


def _instant(claims: Mapping[str, object], name: str) -> float:
    """Seconds since 1970."""
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < _NEVER:
        raise WrongIdToken(f"{name} must be an instant")
    return value
