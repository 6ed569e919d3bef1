"""Set-up's own rules: a step runs again when its inputs change, styles are layered, failures are one clear line."""

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

BIN = Path(__file__).parents[2] / "bin"


@pytest.fixture
def steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    monkeypatch.syspath_prepend(BIN)
    module = importlib.import_module("steps")
    monkeypatch.setattr(module, "STAMPS", tmp_path / "stamps")
    yield module
    for name in ("setup", "steps"):
        sys.modules.pop(name, None)


@pytest.fixture
def setup(steps: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    module = importlib.import_module("setup")
    monkeypatch.setattr(module, "VENDOR", tmp_path / "vendor")
    (tmp_path / "vendor").mkdir()
    return module


def test_a_step_is_skipped_only_with_the_same_inputs_and_what_it_made(
    steps: ModuleType, tmp_path: Path
) -> None:
    made = tmp_path / "made"
    made.touch()
    steps.stamp("libraries", steps.digest(["ab", "c"]))
    assert steps.stamped("libraries", steps.digest(["ab", "c"]), needs=[made])
    assert not steps.stamped("libraries", steps.digest(["a", "bc"]), needs=[made])
    made.unlink()
    assert not steps.stamped("libraries", steps.digest(["ab", "c"]), needs=[made])


def test_pico_is_put_into_a_layer_with_its_charset_first(setup: ModuleType, tmp_path: Path) -> None:
    source = tmp_path / "pico.min.css"
    source.write_text('@charset "UTF-8";:root{--pico-spacing:1rem}\n/*# sourceMappingURL=x.map */\n')
    name = setup.vendor("pico.css", source)
    text = (setup.VENDOR / name).read_text()
    assert text.startswith('@charset "UTF-8";\n@layer pico {')
    assert text.rstrip().endswith("}")
    assert "sourceMappingURL" not in text


def test_a_vendored_name_follows_its_content(setup: ModuleType, tmp_path: Path) -> None:
    source = tmp_path / "htmx.min.js"
    source.write_text("one")
    first = setup.vendor("htmx.js", source)
    source.write_text("two")
    assert first.startswith("htmx.") and first.endswith(".js")
    assert setup.vendor("htmx.js", source) != first


@pytest.mark.parametrize(
    ("output", "words"),
    [
        ("error: dns error: failed to lookup address", "is this machine online?"),
        ("npm error code ENOTFOUND", "is this machine online?"),
        (
            "client error: invalid peer certificate: UnknownIssuer, Failed to fetch",
            "certificate is not trusted",
        ),
        ("OSError: [Errno 28] No space left on device", "the disk is full"),
        ("error: Hash mismatch for `flask`", "does not match its locked hash"),
        ("\nsomething else\n", "something else"),
        ("", "printed nothing"),
    ],
)
def test_a_failure_says_its_likely_cause(steps: ModuleType, output: str, words: str) -> None:
    assert words in steps.reason(output)


def test_who_is_not_root_is_told_what_to_install(steps: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps.os, "geteuid", lambda: 1000)
    with pytest.raises(steps.SetupError, match="Please run: sudo apt-get install chromium fonts-noto-cjk"):
        steps.apt_install(["chromium", "fonts-noto-cjk"], "the test tools")
