"""Where webhook requests may go: to the Internet by https, never into the house.

An app names the address, so without these rules it could have us call servers that only we can reach.
"""

import re
from collections.abc import Container
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final
from urllib.parse import urlsplit

LONGEST_ADDRESS: Final = 2000
_PRINTABLE: Final = re.compile(f"[!-~]{{1,{LONGEST_ADDRESS}}}")
_HOST: Final = re.compile(r"[A-Za-z0-9.-]+|[0-9A-Fa-f:.]+")
_INTERNET: Final = IPv6Network("2000::/3")
"All that is routed. Out of it are, among others, addresses with one of IPv4 inside."
_TUNNEL: Final = IPv6Network("2002::/16")
"6to4: an address of IPv4 inside."
_PROTOCOLS: Final = IPv4Network("192.0.0.0/24")


def is_public(address: str) -> bool:
    """Whether an IP address is of the Internet: not private, of this machine, of many, or reserved."""
    try:
        found = ip_address(address)
    except ValueError:
        return False
    if not found.is_global or found.is_multicast:
        return False
    if isinstance(found, IPv6Address):
        return found in _INTERNET and found not in _TUNNEL
    return found not in _PROTOCOLS


def address_fault(address: str, private_hosts: Container[str]) -> str | None:
    """What is wrong with an address that an app gave, None if nothing is.

    Hosts of `private_hosts` may also be reached by http. What a host's name leads to can only be seen
    when it is called.
    """
    if not _PRINTABLE.fullmatch(address):
        return (
            f"must be 1 to {LONGEST_ADDRESS} characters of ASCII without spaces: xn--… and %… else"
        )
    host = _host(address)
    if host is None:
        return "must be like https://app.example/kenshin, with no user, no password and no #"
    if host in private_hosts:
        return None
    if not address.lower().startswith("https:"):
        return "must begin with https://"
    if _is_ip(host) and not is_public(host):
        return "must be an address of the Internet"
    return None


def _host(address: str) -> str | None:
    """Host of an address that can be called; None for any other text."""
    try:
        parts = urlsplit(address)
        callable_ = parts.scheme in {"http", "https"} and parts.port != 0
    except ValueError:
        return None
    if not callable_ or parts.username is not None or "#" in address:
        return None
    host = parts.hostname
    return host if host and _HOST.fullmatch(host) else None


def _is_ip(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
