"""LibreOffice Calc and Poppler: what members open their files with.

`make test` runs this before pytest, which installs them where it may.
"""

import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.chromium import install, may_install

_PACKAGES = {"soffice": "libreoffice-calc", "pdftotext": "poppler-utils"}
_SECONDS = 60
_COMMA, _QUOTE, _UTF_8 = 44, 34, 76
"As LibreOffice numbers them."


def convert(files: Sequence[Path], kind: str, folder: Path) -> None:
    """Let LibreOffice open files and save them as another kind, under the same names in a folder.

    CSVs, if the first is one, are read as UTF-8, which its window proposes for a byte order mark.
    """
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    arguments = ["--headless", "--convert-to", kind, "--outdir", str(folder), *map(str, files)]
    if files[0].suffix == ".csv":
        arguments.append(f"--infilter=CSV:{_COMMA},{_QUOTE},{_UTF_8}")
    subprocess.run(
        ["soffice", profile, *arguments], check=True, capture_output=True, timeout=_SECONDS
    )


def _missing() -> dict[str, str]:
    return {
        program: package for program, package in _PACKAGES.items() if shutil.which(program) is None
    }


def main() -> str | None:
    """What is wrong, in one line, or None when the tests of files can run."""
    missing = _missing()
    if not missing:
        return None
    packages = " and ".join(missing.values())
    if not may_install():
        return f"The tests of files need {packages}: install them (programs: {', '.join(missing)})."
    sys.stdout.write(f"Installing {packages} for the tests of files …\n")
    try:
        install(*missing.values())
    except subprocess.CalledProcessError as error:
        reason = (error.stderr.strip().splitlines() or [str(error)])[-1]
        return f"The tests of files need {packages}; apt-get could not install them: {reason}"
    still = ", ".join(_missing())
    return f"apt-get installed {packages}, but {still} is not on PATH." if still else None


if __name__ == "__main__":
    sys.exit(main())
