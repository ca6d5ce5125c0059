"""What the scopes of a consent mean, in the words of pages and mail."""

from collections.abc import Iterable, Mapping
from typing import Final

from domain.consents import Scope
from domain.outbox import Language

SCOPE_TEXTS: Final[Mapping[Language, Mapping[Scope, str]]] = {
    Language.JA: {
        Scope.USAGE_READ: "30分ごとのご使用量と検針結果",
        Scope.USAGE_LIVE: "計測されたばかりのご使用量",
        Scope.BILLS_READ: "請求金額、明細とお支払い状況",
        Scope.PROFILE_READ: "お名前、連絡先、ご使用場所の住所とご契約内容",
        Scope.POINTS_READ: "ポイント",
    },
    Language.EN: {
        Scope.USAGE_READ: "your half-hourly usage and meter readings",
        Scope.USAGE_LIVE: "your usage as it is measured",
        Scope.BILLS_READ: "your bills and what you have paid",
        Scope.PROFILE_READ: "your name, contact details, addresses and contracts",
        Scope.POINTS_READ: "your points",
    },
}
_BETWEEN: Final = {Language.JA: "／", Language.EN: "; "}


def scopes_text(scopes: Iterable[Scope], language: Language) -> str:
    """Several scopes in one line, in the order of `Scope`."""
    given = frozenset(scopes)
    words = [text for scope, text in SCOPE_TEXTS[language].items() if scope in given]
    return _BETWEEN[language].join(words)
