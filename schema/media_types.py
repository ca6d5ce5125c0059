"""Which media type an Accept header asks for."""

from functools import lru_cache
from typing import Final

JSON: Final = "application/json"
GRAPHQL_JSON: Final = "application/graphql-response+json"

_LONGEST_HEADER: Final = 1000
"Browsers send 150; a longer one is not kept."


def negotiated(accept: str) -> str | None:
    """Media type to answer with; None if the client takes neither."""
    return _kept_choice(accept) if len(accept) <= _LONGEST_HEADER else _negotiated(accept)


def _negotiated(accept: str) -> str | None:
    wanted = _wanted_types(accept)
    for kind in wanted:
        if kind in {GRAPHQL_JSON, JSON}:
            return kind
    return JSON if not accept or {"*/*", "application/*"} & set(wanted) else None


def wanted_types(accept: str) -> tuple[str, ...]:
    """Media types of an Accept header, the most wanted first."""
    return _kept(accept) if len(accept) <= _LONGEST_HEADER else _wanted_types(accept)


def _wanted_types(accept: str) -> tuple[str, ...]:
    weighed = []
    for item in accept.split(","):
        kind, *options = (part.strip().lower() for part in item.split(";"))
        weight = next((option[2:] for option in options if option.startswith("q=")), "1")
        try:
            weighed.append((-float(weight), kind))
        except ValueError:
            continue
    return tuple(kind for weight, kind in sorted(weighed, key=lambda pair: pair[0]) if weight)


_kept = lru_cache(64)(_wanted_types)
_kept_choice = lru_cache(64)(_negotiated)
