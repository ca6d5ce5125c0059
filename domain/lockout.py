"""Wrong passwords: until when they lock an account (MB-9), and how many an address may send.

Counting is `datasources.attempts`; how an attempt is judged is `resolvers.attempts`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final

from domain.slots import TOKYO

ALLOWANCE_SPAN: Final = timedelta(hours=1)
"In which an address gets back all of its wrong log-ins."
_HOME_PREFIX: Final = 64
"Bits of an IPv6 address that a home or an office has for itself; it picks the others as it likes."


class Verdict(StrEnum):
    """What came of a password that was judged."""

    RIGHT = "RIGHT"
    WRONG = "WRONG"
    UNDECIDED = "UNDECIDED"
    "Right, but more is asked for: it counts neither for nor against the account."


@dataclass(frozen=True, slots=True)
class Allowance:
    """How many wrong log-ins an address may send at once; they come back one by one in an hour."""

    most: int

    @property
    def step(self) -> timedelta:
        """In which one comes back, in whole milliseconds."""
        return timedelta(milliseconds=ALLOWANCE_SPAN // timedelta(milliseconds=1) // self.most)


def locked_until(now: datetime, hour: int) -> datetime:
    """The next `hour` o'clock in Tokyo, always after `now` (MB-9)."""
    local = now.astimezone(TOKYO)
    today = local.replace(hour=hour, minute=0, second=0, microsecond=0)
    return today if today > local else today + timedelta(days=1)


def address_block(address: str) -> str | None:
    """What one client has of addresses: an IPv4 address, an IPv6 network; None for neither."""
    try:
        known = ip_address(address.partition("%")[0])
    except ValueError:
        return None
    if not isinstance(known, IPv6Address):
        return str(known)
    if known.ipv4_mapped is not None:
        return str(known.ipv4_mapped)
    return str(ip_network((known, _HOME_PREFIX), strict=False))
