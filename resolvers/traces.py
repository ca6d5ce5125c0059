"""Whether a process sends traces."""

from typing import TYPE_CHECKING

from domain.settings import SettingsError

if TYPE_CHECKING:
    from datasources.tracing import Tracing  # whose libraries few deployments have


def tracing_class() -> "type[Tracing]":
    """Raises SettingsError where the libraries are not there."""
    try:
        from datasources.tracing import Tracing  # noqa: PLC0415 - the extra `tracing`
    except ImportError:
        raise SettingsError(
            "KENSHIN_TRACES_URL needs more libraries: pip install 'kenshin[tracing]'"
        ) from None
    return Tracing


def open_tracing(url: str) -> "Tracing | None":
    """Tracing to the address of a collector; None for no address. Raises SettingsError."""
    return tracing_class().to(url) if url else None
