"""Opaque tokens: secrets of clients, of which the database has the hash alone."""

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode
from typing import Final

_BYTES: Final = 32


def new_token() -> str:
    """A token that nobody can guess: 43 characters that a URL takes as they are."""
    return secrets.token_urlsafe(_BYTES)


def derived_token(token: str, salt: bytes) -> str:
    """Like a new one, but the same for the same token and salt; one of the two tells nothing of it."""
    digest = hmac.digest(token.encode(errors="replace"), salt, "sha256")
    return urlsafe_b64encode(digest).decode().rstrip("=")


def token_hash(token: str) -> bytes:
    """What is kept of a token: its SHA-256; a random token needs no salt and no stretching."""
    return hashlib.sha256(token.encode(errors="replace")).digest()
