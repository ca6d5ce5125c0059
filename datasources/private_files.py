"""Files that only their owner may read, written whole or not at all."""

import os
from pathlib import Path


def write_private(file: Path, content: bytes) -> Path:
    """Write a file, on the disk when this returns; takes the place of one of the same name."""
    part = file.with_name(f"{file.name}.part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as opened:
        opened.write(content)
        opened.flush()
        os.fsync(opened.fileno())
    return part.replace(file)
