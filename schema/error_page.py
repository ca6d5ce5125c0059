"""The tables of docs/errors.md, from the texts that stand beside the codes.

A class of domain/errors.py has its text as the first paragraph of its docstring, a member of an
enumeration of codes as the string below it. What stands around the tables is written by hand.
"""

import ast
import inspect
import re
import textwrap
from collections.abc import Iterator, Mapping
from enum import StrEnum
from itertools import pairwise
from typing import Final

from domain.errors import KenshinError
from domain.identity import FaultCode
from resolvers.refusals import Refusal
from schema.errors import INTERNAL_WHEN
from schema.oauth.codes import OAuthCode

_TABLE: Final = re.compile(r"(<!-- table: (\S+) -->\n).*?(<!-- end -->\n)", re.DOTALL)
_CODES: Final[Mapping[str, type[StrEnum]]] = {
    "user-errors": Refusal,
    "faults": FaultCode,
    "oauth": OAuthCode,
}


def error_page(page: str) -> str:
    """The page with its tables made anew; raises KeyError for a table that nothing is known of."""
    tables = {"errors": _top_level_errors()} | {
        name: texts_of(kind) for name, kind in _CODES.items()
    }
    return _TABLE.sub(lambda found: f"{found[1]}{_table(tables[found[2]])}{found[3]}", page)


def texts_of(kind: type[StrEnum]) -> Mapping[str, str]:
    """The text below each member of an enumeration, by the code, as far as there is one."""
    (defined,) = ast.parse(textwrap.dedent(inspect.getsource(kind))).body
    if not isinstance(defined, ast.ClassDef):
        raise TypeError(kind)
    return {
        kind[target.id].value: " ".join(text.split())
        for member, below in pairwise(defined.body)
        if isinstance(member, ast.Assign)
        for target in member.targets
        if isinstance(target, ast.Name) and (text := _string(below)) is not None
    }


def kinds_of(kind: type[KenshinError] = KenshinError) -> Iterator[type[KenshinError]]:
    """All kinds of errors below one, in the order in which they were defined."""
    for finer in kind.__subclasses__():
        yield finer
        yield from kinds_of(finer)


def _top_level_errors() -> Mapping[str, str]:
    texts: dict[str, str] = {}
    for kind in kinds_of():
        first = inspect.cleandoc(kind.__doc__ or "").partition("\n\n")[0].replace("\n", " ")
        texts[kind.code] = f"{texts[kind.code]}; {first}" if kind.code in texts else first
    return texts | {KenshinError.code: INTERNAL_WHEN}


def _string(node: ast.stmt) -> str | None:
    value = node.value if isinstance(node, ast.Expr) else None
    return value.value if isinstance(value, ast.Constant) and isinstance(value.value, str) else None


def _table(texts: Mapping[str, str]) -> str:
    rows = "".join(f"| `{code}` | {text} |\n" for code, text in texts.items())
    return f"| code | when |\n|---|---|\n{rows}"
