"""Opaque tokens: secrets of clients, of which the database has the hash alone."""

import hashlib
import secrets
from typing import Final

_BYTES: Final = 32


def new_token() -> str:
    """A token that nobody can guess: 43 characters that a URL takes as they are."""
    return secrets.token_urlsafe(_BYTES)


def token_hash(token: str) -> bytes:
    """What is kept of a token: its SHA-256; a random token needs no salt and no stretching."""
    return hashlib.sha256(token.encode(errors="replace")).digest()
