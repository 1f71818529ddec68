"""Resolves requirements.in into requirements.lock: for every Python we support, with hashes, without hosts.

The resolver (uv) is installed into .venv-lock, beside what it locks.
"""

import os
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ROOT / ".venv-lock"


def main() -> None:
    """Write requirements.lock anew; packages that need no change keep their versions."""
    uv = TOOLS / "bin" / "uv"
    if not uv.exists():
        venv.create(TOOLS, with_pip=True)
        install = [TOOLS / "bin" / "python", "-m", "pip", "install", "--quiet", "uv"]
        subprocess.run([str(part) for part in install], check=True)
    options = ["--universal", "--python-version", "3.11", "--generate-hashes"]
    quiet = ["--no-emit-index-url", "--no-header", "--quiet"]
    command = [str(uv), "pip", "compile", *options, *quiet, "requirements.in", "-o", "requirements.lock"]
    done = subprocess.run(
        [*command, *sys.argv[1:]], cwd=ROOT, env={**os.environ, "UV_NO_CONFIG": "1"}, check=False
    )
    if done.returncode != 0:
        sys.exit(done.returncode)
    hosts = [line for line in (ROOT / "requirements.lock").read_text().splitlines() if "://" in line]
    if hosts:
        sys.exit(f"requirements.lock names a host in {len(hosts)} lines; it must not.")
    print("requirements.lock is up to date.")


if __name__ == "__main__":
    main()
