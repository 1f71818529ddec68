"""Makes .venv with exactly the locked libraries and this package; does nothing when that is done.

Uses the standard library only, and syntax that an old Python reads too, so that it can say what is wrong.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(ROOT, ".venv")
STAMP = os.path.join(VENV, "scv-stamp.json")
OLDEST, NEWEST = (3, 11), (3, 13)
FREE_BYTES_NEEDED = 2500000000


def stop(message):
    """End with one clear line."""
    sys.stderr.write(message + "\n")
    sys.exit(2)


def check_python():
    """Refuse a Python that the lock was not made for."""
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        stop(
            "Python 3.11, 3.12 or 3.13 is needed; %s is %d.%d. Install one and name it: make PYTHON=python3.12"
            % (sys.executable, sys.version_info[0], sys.version_info[1])
        )


def check_venv_module():
    """Debian ships the module apart from Python."""
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        stop(
            "Python's venv module is missing. Install it (Debian: apt-get install python3-venv) and try again."
        )


def check_disk():
    """The libraries take about 1 GB, and as much again while they are installed."""
    free = shutil.disk_usage(ROOT).free
    if free < FREE_BYTES_NEEDED:
        stop(
            "Only %d MB are free in %s; %d MB are needed to install. Make room and try again."
            % (free // 1000000, ROOT, FREE_BYTES_NEEDED // 1000000)
        )


def wanted_stamp():
    """What .venv must have been made from: lock, package data, Python and place."""
    digest = hashlib.sha256()
    for name in ("requirements.lock", "pyproject.toml"):
        with open(os.path.join(ROOT, name), "rb") as file:
            digest.update(file.read())
    return {"inputs": digest.hexdigest(), "python": list(sys.version_info[:2]), "root": ROOT}


def read_stamp():
    """The stamp of the last complete installation, or None."""
    try:
        with open(STAMP) as file:
            return json.load(file)
    except (OSError, ValueError):
        return None


def python_of_venv():
    """Path of the interpreter in .venv."""
    return os.path.join(VENV, "bin", "python")


def venv_version():
    """Version of the Python in .venv, or None where it does not run (moved, half made, upgraded away)."""
    command = [python_of_venv(), "-c", "import sys, pip; print(sys.version_info[0], sys.version_info[1])"]
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    except OSError:
        return None
    return [int(word) for word in done.stdout.split()] or None


def install(wanted, before):
    """Install the lock with hashes, then the package itself, which brings nothing with it."""
    is_moved = before is not None and before["root"] != ROOT
    if is_moved or venv_version() != wanted["python"]:
        shutil.rmtree(VENV, ignore_errors=True)
        sys.stderr.write("Making .venv with Python %d.%d ...\n" % tuple(wanted["python"]))
        run([sys.executable, "-m", "venv", VENV], "making .venv")
    if os.path.exists(STAMP):
        os.unlink(STAMP)
    pip = [python_of_venv(), "-m", "pip", "--disable-pip-version-check", "--no-input", "-qq", "install"]
    sys.stderr.write("Installing the locked libraries into .venv (about two minutes the first time) ...\n")
    lock = os.path.join(ROOT, "requirements.lock")
    run(pip + ["--no-deps", "--require-hashes", "-r", lock], "installing the libraries")
    run(pip + ["--no-deps", "--no-build-isolation", "--editable", ROOT], "installing this package")
    with open(STAMP, "w") as file:
        json.dump(wanted, file)


def run(command, doing):
    """Run a program; where it fails, its own words have been shown, and one line says what failed."""
    env = dict(os.environ, PIP_ROOT_USER_ACTION="ignore")
    env.pop("PYTHONPATH", None)
    if subprocess.run(command, stdin=subprocess.DEVNULL, env=env, check=False).returncode != 0:
        stop("Failed while %s; the lines above say why. Nothing else was changed; try again." % doing)


def main():
    """Make .venv unless the stamp says that it is as wanted."""
    check_python()
    wanted = wanted_stamp()
    if read_stamp() == wanted and os.path.exists(python_of_venv()):
        return
    check_venv_module()
    import fcntl

    with open(os.path.join(ROOT, ".venv.lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        before = read_stamp()
        if before != wanted:
            check_disk()
            install(wanted, before)


if __name__ == "__main__":
    main()
