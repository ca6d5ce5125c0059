"""Breaking Japanese and English text into lines of a width, without a typesetter."""

from collections.abc import Callable
from typing import Final

_NEVER_FIRST: Final = frozenset(
    "、。，．・：；？！‐–—〜ー々〻ゝゞヽヾ）〕］｝〉》」』】〙〗〟’”"
    "ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ,.:;?!)]}%°℃％"
)
_NEVER_LAST: Final = frozenset("（〔［｛〈《「『【〘〖〝‘“([{¥￥$＄〒")
_LAST_OF_WORDS: Final = "\u02ff"
"Up to here characters are letters of words, which are broken only at spaces."


def broken(text: str, width: float, measure: Callable[[str], float]) -> list[str]:
    """The lines of a text, each at most `width` wide as `measure` says; its own line ends stay.

    Words are kept whole, and punctuation with what it belongs to, unless that alone is too wide.
    """
    return [
        line for paragraph in text.split("\n") for line in _paragraph(paragraph, width, measure)
    ]


def _paragraph(text: str, width: float, measure: Callable[[str], float]) -> list[str]:
    lines = [""]
    for piece in _pieces(text):
        if measure((lines[-1] + piece).rstrip()) <= width:
            lines[-1] += piece
        elif measure(piece.rstrip()) <= width:
            lines.append(piece)
        else:
            for char in piece:
                if lines[-1] and measure(lines[-1] + char) > width:
                    lines.append("")
                lines[-1] += char
    return [line.rstrip() for line in lines if line] or [""]


def _pieces(text: str) -> list[str]:
    """What may stand at the end of a line, each with the spaces after it."""
    pieces: list[str] = []
    for index, char in enumerate(text):
        if index and not _breaks(text[index - 1], char):
            pieces[-1] += char
        else:
            pieces.append(char)
    return pieces


def _breaks(before: str, after: str) -> bool:
    """Whether a line may end between two characters."""
    if after.isspace() or after in _NEVER_FIRST:
        return False
    if before.isspace():
        return True
    if before <= _LAST_OF_WORDS and after <= _LAST_OF_WORDS:
        return False
    return before not in _NEVER_LAST
