"""`python -m schema.print` writes what is made from the code: schema.graphql, and docs/errors.md.

What would break clients is told and not written, unless `--breaking` says that it is meant so.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import click
from graphql import build_schema
from graphql.utilities import find_breaking_changes

from schema.error_page import error_page
from schema.root import open_schema

ROOT: Final = Path(__file__).resolve().parents[1]
SCHEMA: Final = ROOT / "schema.graphql"
ERRORS: Final = ROOT / "docs" / "errors.md"


def printed() -> Mapping[Path, str]:
    """Every file that is made from the code, and what must be in it."""
    return {
        SCHEMA: f"{open_schema().as_str()}\n",
        ERRORS: error_page(ERRORS.read_text("utf-8")),
    }


def breaking(before: str, now: str) -> Sequence[str]:
    """What no longer works for clients of one schema with another, each in a sentence."""
    if before == now:
        return []
    found = find_breaking_changes(build_schema(before), build_schema(now))
    return [change.description for change in found]


@click.command()
@click.option("--breaking", "accepted", is_flag=True, help="Write what breaks clients, too.")
def main(accepted: bool) -> None:
    """Write schema.graphql and the tables of docs/errors.md."""
    files = printed()
    broken = breaking(SCHEMA.read_text("utf-8"), files[SCHEMA])
    if broken and not accepted:
        reasons = "\n".join(broken)
        raise click.ClickException(f"clients would break; --breaking accepts it:\n{reasons}")
    for path, text in files.items():
        path.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
