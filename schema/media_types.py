"""Which media type an Accept header asks for."""

from typing import Final

from schema.kept import kept

JSON: Final = "application/json"
GRAPHQL_JSON: Final = "application/graphql-response+json"

_KEPT: Final = 64
_LONGEST_HEADER: Final = 1000
"Browsers send 150; a longer one is not kept."


@kept(_KEPT, _LONGEST_HEADER)
def negotiated(accept: str) -> str | None:
    """Media type to answer with; None if the client takes neither."""
    wanted = wanted_types(accept)
    for kind in wanted:
        if kind in {GRAPHQL_JSON, JSON}:
            return kind
    return JSON if not accept or {"*/*", "application/*"} & set(wanted) else None


@kept(_KEPT, _LONGEST_HEADER)
def wanted_types(accept: str) -> tuple[str, ...]:
    """Media types of an Accept header, the most wanted first."""
    weighed = []
    for item in accept.split(","):
        kind, *options = (part.strip().lower() for part in item.split(";"))
        weight = next((option[2:] for option in options if option.startswith("q=")), "1")
        try:
            weighed.append((-float(weight), kind))
        except ValueError:
            continue
    return tuple(kind for weight, kind in sorted(weighed, key=lambda pair: pair[0]) if weight)
