"""How a step of set-up runs: announced, stamped, quiet when it works, one clear line when it does not."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMPS = VENV / "stamps"
LOG = VENV / "setup.log"


class SetupError(Exception):
    """Set-up cannot go on; the message is the one line that says what to do."""


class step:
    """Says in plain words what is going on, and how long it took."""

    def __init__(self, words: str) -> None:
        self.words = words

    def __enter__(self) -> None:
        self.started = time.monotonic()
        say(f"{self.words} ...")

    def __exit__(self, failed: object, *_: object) -> None:
        if not failed:
            say(f"{self.words}: done in {time.monotonic() - self.started:.1f} s")


def say(words: str) -> None:
    print(f"fairslice: {words}", file=sys.stderr, flush=True)


def run(command: list[str], failure: str, **environment: str) -> None:
    """Run a command quietly; on a failure keep its output in the log and raise one clear line."""
    settings = {**os.environ, "UV_PYTHON_DOWNLOADS": "never", "UV_NO_PROGRESS": "1", **environment}
    try:
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=settings,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
    except OSError as problem:
        raise SetupError(f"{failure}: {problem}") from problem
    if done.returncode == 0:
        return
    log = LOG if VENV.is_dir() else ROOT / "setup.log"
    log.write_text(f"$ {' '.join(command)}\n{done.stdout}")
    if os.environ.get("CI"):
        print(done.stdout, file=sys.stderr)
    raise SetupError(f"{failure} ({reason(done.stdout)}). All of its output: {log.relative_to(ROOT)}")


def reason(output: str) -> str:
    """The likely cause in a few words, from what a package tool printed."""
    text = output.lower()
    if any(
        sign in text
        for sign in ("unknownissuer", "certificate_verify", "self_signed", "unable_to_get_issuer")
    ):
        return (
            "the package registry's certificate is not trusted: set SSL_CERT_FILE for a network of your own"
        )
    if any(
        sign in text for sign in ("dns error", "name resolution", "enotfound", "eai_again", "failed to fetch")
    ):
        return "the package registry cannot be reached: is this machine online?"
    if any(
        sign in text
        for sign in ("could not find a version", "connection", "timed out", "etimedout", "network")
    ):
        return "the package registry does not answer: is this machine online?"
    if "no space left" in text:
        return "the disk is full"
    if "hash" in text and "mismatch" in text:
        return "a package does not match its locked hash"
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    return lines[-1][:160] if lines else "it printed nothing"


def apt_install(packages: list[str], what: str) -> None:
    """Install Debian packages when root; otherwise say exactly what to type."""
    command = f"apt-get install {' '.join(packages)}"
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise SetupError(f"{what[0].upper()}{what[1:]} is missing. Please run: sudo {command}")
    with step(f"installing {what} ({' '.join(packages)})"):
        quiet = ["apt-get", "-q", "-y", "-o", "DPkg::Lock::Timeout=300"]
        frontend = {"DEBIAN_FRONTEND": "noninteractive"}
        run([*quiet, "update"], "Debian's package list could not be read", **frontend)
        run([*quiet, "--no-install-recommends", "install", *packages], f"`{command}` failed", **frontend)


def on_path(program: str) -> bool:
    return shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin") is not None


def digest(inputs: Iterable[str | Path]) -> str:
    whole = hashlib.sha256()
    for item in inputs:
        content = item.read_bytes() if isinstance(item, Path) else item.encode()
        whole.update(b"%d:" % len(content) + content)
    return whole.hexdigest()


def stamped(name: str, inputs: str, needs: Iterable[Path]) -> bool:
    """Whether the step was done with these very inputs and what it made is still there."""
    mark = STAMPS / name
    return mark.is_file() and mark.read_text() == inputs and all(path.exists() for path in needs)


def stamp(name: str, inputs: str) -> None:
    STAMPS.mkdir(parents=True, exist_ok=True)
    (STAMPS / name).write_text(inputs)


def with_lock(work: Callable[[], None]) -> None:
    """One set-up at a time: a second command started meanwhile waits for the first."""
    folder = os.open(ROOT, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        work()
    finally:
        os.close(folder)
