"""Logging in with an account of somebody else's, by OpenID Connect (MB-18): policy, records, secrets.

What a provider says in an ID token is judged in `domain.id_tokens`; asking it is `datasources.openid`.
"""

import base64
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated, Final

from domain.policy_tables import Shaped, WrongValue
from domain.profile_form import Label, repeated

VISIT_LIFE: Final = timedelta(minutes=10)
"In which a person must come back from a provider."


@dataclass(frozen=True, slots=True)
class ExternalProvider:
    """A provider whose accounts a portal takes; its address and secret are settings."""

    key: Annotated[str, Shaped("[a-z][a-z0-9-]{0,39}", "a key like my-provider")]
    label: Label


@dataclass(frozen=True, slots=True)
class ExternalLogInRule:
    """MB-18."""

    providers: tuple[ExternalProvider, ...]

    def contradictions(self) -> Iterator[WrongValue]:
        if not self.providers:
            yield WrongValue(("providers",), "expected one or more, found none")
        yield from repeated("providers", [provider.key for provider in self.providers])

    def provider(self, key: str) -> ExternalProvider | None:
        return next((each for each in self.providers if each.key == key), None)


@dataclass(frozen=True, slots=True)
class OutsideAccount:
    """Whom a provider has let in: unique and never given to somebody else, by its promise."""

    issuer: str
    subject: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ExternalLogIn:
    """An outside account that is linked to a member."""

    id: str
    member: str
    provider: str
    linked_at: datetime
    used_at: datetime | None
    "The last log-in with it."


@dataclass(frozen=True, slots=True)
class ProviderVisit:
    """A person who was sent to a provider and must come back by `ends_at`."""

    portal: str
    provider: str
    redirect_uri: str
    ends_at: datetime
    session: str | None = None
    "Of the member who links an account; None logs in."


def state_of(token: str) -> str:
    """What the provider sends back with the person, so that it belongs to this visit and no other."""
    return _derived("state", token)


def nonce_of(token: str) -> str:
    """What the ID token must name, so that it was made for this visit."""
    return _derived("nonce", token)


def verifier_of(token: str) -> str:
    """Secret of PKCE: the provider takes a code with it alone (RFC 7636)."""
    return _derived("verifier", token)


def challenge_of(verifier: str) -> str:
    """What the provider is told of it beforehand (S256)."""
    return _encoded(verifier)


def _derived(purpose: str, token: str) -> str:
    """43 characters that tell nothing of the token, nor of what else is derived from it."""
    return _encoded(f"{purpose}\0{token}")


def _encoded(text: str) -> str:
    digest = hashlib.sha256(text.encode(errors="replace")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
