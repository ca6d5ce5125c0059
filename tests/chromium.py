"""Make sure a Chromium that Playwright can drive is on this machine.

`make test` runs this before pytest; the browser tests ask `find` where it is.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find() -> str | None:
    """The executable named by KENSHIN_CHROMIUM, else the first known name on PATH."""
    chosen = os.environ.get("KENSHIN_CHROMIUM")
    if chosen:
        return shutil.which(chosen)
    return next(filter(None, map(shutil.which, NAMES)), None)


def may_install() -> bool:
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    return is_root and Path("/etc/debian_version").exists() and shutil.which("apt-get") is not None


def install(*packages: str) -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for step in (["update"], ["install", "-y", "--no-install-recommends", *packages]):
        subprocess.run(
            ["apt-get", "-qq", *step], env=environment, check=True, capture_output=True, text=True
        )


def main() -> str | None:
    """What is wrong, in one line, or None when the browser tests can run."""
    chosen = os.environ.get("KENSHIN_CHROMIUM")
    if chosen and not find():
        return f"KENSHIN_CHROMIUM names no executable: {chosen}"
    if find():
        return None
    if not may_install():
        return "The browser tests need Chromium: install it, or set KENSHIN_CHROMIUM to its path."
    sys.stdout.write("Installing Chromium for the browser tests …\n")
    try:
        install("chromium")
    except subprocess.CalledProcessError as error:
        reason = (error.stderr.strip().splitlines() or [str(error)])[-1]
        return f"The browser tests need Chromium; apt-get could not install it: {reason}"
    return None if find() else "apt-get installed chromium, but it is not on PATH."


if __name__ == "__main__":
    sys.exit(main())
