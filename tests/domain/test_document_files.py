"""Files of documents to be registered, and the ids that they give."""

import json
from hashlib import sha256

import pytest

from domain.document_files import documents_of

TEXT = "query Me { viewer { id } }\n"
HASH = sha256(TEXT.encode()).hexdigest()


def test_a_file_of_graphql_is_one_document_by_its_hash() -> None:
    assert documents_of("me.graphql", TEXT) == {f"sha256:{HASH}": TEXT}


@pytest.mark.parametrize(
    ("manifest", "expected"),
    [
        ({"Me": TEXT}, {"Me": TEXT}),
        ({HASH: TEXT}, {HASH: TEXT, f"sha256:{HASH}": TEXT}),
        ({f"sha256:{HASH}": TEXT}, {f"sha256:{HASH}": TEXT}),
        (
            {
                "format": "apollo-persisted-query-manifest",
                "version": 1,
                "operations": [{"id": HASH, "name": "Me", "type": "query", "body": TEXT}],
            },
            {HASH: TEXT, f"sha256:{HASH}": TEXT},
        ),
    ],
    ids=["names", "hashes", "prefixed", "apollo"],
)
def test_manifests_name_their_documents(
    manifest: dict[str, object], expected: dict[str, str]
) -> None:
    assert documents_of("manifest.json", json.dumps(manifest)) == expected


@pytest.mark.parametrize(
    "manifest",
    [
        "{",
        "[]",
        "{}",
        '{"a": 1}',
        '{"format": "apollo-persisted-query-manifest", "operations": [{"id": "a"}]}',
    ],
)
def test_anything_else_is_refused(manifest: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        documents_of("manifest.json", manifest)
