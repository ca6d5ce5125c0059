"""Tokens of a document: the parser stops at the first one too many.

Parsing and validating take some 20 µs for each, and whoever sends a document that nobody sent before
pays nothing for that.
"""

from typing import Final

from graphql import DocumentNode, GraphQLSyntaxError, Source
from graphql.language.parser import Parser, nested_too_deeply_error

from domain.errors import LimitExceeded

SETTING: Final = "max_document_tokens"


def parsed(text: str, most: int) -> DocumentNode:
    """A document; raises GraphQLSyntaxError, or LimitExceeded for one of more tokens. 0: any number.

    One that is nested deeper than the parser, which calls itself at every brace, can follow is a syntax
    error.
    """
    parser = Parser(Source(text), max_tokens=most or None)
    try:
        return parser.parse_document()
    except RecursionError:
        raise nested_too_deeply_error(parser) from None
    except GraphQLSyntaxError:
        if most and parser.token_count > most:
            raise LimitExceeded(f"a document must have at most {most} tokens") from None
        raise
