"""`kenshin`: its commands, each imported when it is asked for.

The schema and its libraries take longer to import than most commands take to run.
"""

from collections.abc import Iterator, Mapping
from importlib import import_module
from keyword import iskeyword
from typing import Any, Final, cast

import click

MODULES: Final[Mapping[str, str]] = {
    "app": "commands.apps",
    "bill": "commands.bills",
    "demo": "server",
    "document": "server",
    "import": "commands.imports",
    "letters": "commands.outbox",
    "member": "commands.members",
    "migrate": "commands.migrating",
    "outbox": "commands.outbox",
    "plan": "commands.plans",
    "portal": "commands.portals",
    "serve": "server",
    "staff": "commands.staff",
    "terms": "commands.terms",
    "token": "commands.tokens",
}
"Where each command is, by its name there; a name that Python keeps for itself has `_` at its end."


class Commands(Mapping[str, click.Command]):
    """The commands of `MODULES`."""

    def __getitem__(self, name: str) -> click.Command:
        module: Any = import_module(MODULES[name])
        found: click.Command = getattr(module, f"{name}_" if iskeyword(name) else name)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(MODULES)

    def __len__(self) -> int:
        return len(MODULES)


@click.group(
    commands=cast("Any", Commands()),  # click only reads it
    help="Kenshin: the GraphQL API behind an electricity company's member portal.",
)
@click.version_option(package_name="kenshin")
def main() -> None:
    """Read no settings here: every command does, and says what is wrong with them."""
