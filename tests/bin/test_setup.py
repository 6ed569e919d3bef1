"""Set-up's own rules: a step runs again when its inputs change, styles are layered, failures are one clear line."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

SOURCE = Path(__file__).parents[2] / "bin" / "setup.py"


@pytest.fixture
def setup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    spec = importlib.util.spec_from_file_location("fairslice_setup", SOURCE)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "STAMPS", tmp_path / "stamps")
    monkeypatch.setattr(module, "VENDOR", tmp_path / "vendor")
    (tmp_path / "vendor").mkdir()
    return module


def test_a_step_is_skipped_only_with_the_same_inputs_and_what_it_made(
    setup: ModuleType, tmp_path: Path
) -> None:
    made = tmp_path / "made"
    made.touch()
    setup.stamp("libraries", setup.digest(["ab", "c"]))
    assert setup.stamped("libraries", setup.digest(["ab", "c"]), needs=[made])
    assert not setup.stamped("libraries", setup.digest(["a", "bc"]), needs=[made])
    made.unlink()
    assert not setup.stamped("libraries", setup.digest(["ab", "c"]), needs=[made])


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
def test_a_failure_says_its_likely_cause(setup: ModuleType, output: str, words: str) -> None:
    assert words in setup.reason(output)


def test_who_is_not_root_is_told_what_to_install(setup: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setup.os, "geteuid", lambda: 1000)
    with pytest.raises(setup.SetupError, match="Please run: sudo apt-get install chromium fonts-noto-cjk"):
        setup.apt_install(["chromium", "fonts-noto-cjk"], "the test tools")
