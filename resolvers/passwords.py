"""Passwords: argon2id, computed off the event loop, a few at a time."""

import asyncio
import functools
import os
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_hasher: Final = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
"OWASP's setting for argon2id: 19 MiB, two passes."

_AT_ONCE: Final = min(4, os.cpu_count() or 1)
"""Bounds the memory that many log-ins at once can take. More than there are cores would save nobody
time, and be in the way of what answers requests."""


@functools.cache
def _nobodys_hash() -> str:
    return _hasher.hash("nobody has this password")


class Passwords:
    def __init__(self) -> None:
        self._turn = asyncio.Semaphore(_AT_ONCE)

    async def hash(self, password: str) -> str:
        async with self._turn:
            return await asyncio.to_thread(_hasher.hash, password)

    async def matches(self, password_hash: str | None, password: str) -> bool:
        """Whether the password is right; None (no such member) takes as long and is never right."""
        async with self._turn:
            right = await asyncio.to_thread(_verify, password_hash or _nobodys_hash(), password)
        return right and password_hash is not None


PASSWORDS: Final = Passwords()
"What all who log in share, so that the bound holds for them together."


def _verify(password_hash: str, password: str) -> bool:
    try:
        return _hasher.verify(password_hash, password)
    except (VerificationError, InvalidHashError, UnicodeEncodeError):
        return False
