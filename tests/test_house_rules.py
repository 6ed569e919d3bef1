"""The rules of docs/house.md that a machine can check. Each says why it is there."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from flask import Flask

from shop.core.permissions import GRANTS, Permission, Role
from web.access import DOORS

ROOT = Path(__file__).resolve().parent.parent
OURS = ("shop", "web", "kiosk", "kitchen", "tracking", "courier", "admin", "api", "bench", "bin", "tests")
ROOMS = ("kiosk", "kitchen", "tracking", "courier", "admin", "api")
NOUNLESS = re.compile(r"(^|/)(utils?|helpers?|services?|managers?|handlers?|common|misc)(\.py|/)")
LANGUAGES = ("en", "zh_Hans", "zh_Hant")


def python(*folders: str) -> Iterator[Path]:
    for folder in folders:
        yield from sorted((ROOT / folder).rglob("*.py"))
    if "web" in folders:
        yield ROOT / "wsgi.py"


def templates() -> list[Path]:
    return sorted((ROOT / "templates").rglob("*.html"))


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_files_are_small_enough_to_be_read_at_once() -> None:
    long = {name(p): n for p in python(*OURS) if (n := len(p.read_text().splitlines())) > 300}
    assert long == {}
    long = {name(p): n for p in templates() if (n := len(p.read_text().splitlines())) > 120}
    assert long == {}


def test_every_file_is_named_after_a_thing() -> None:
    assert [name(p) for p in python(*OURS) if NOUNLESS.search(name(p))] == []


def calls(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func)


def test_the_shop_never_commits_and_never_looks_at_the_clock() -> None:
    """One commit for each verb belongs to the door; time comes in as ``at=`` so that tests can choose it."""
    wrong = []
    for path in python("shop"):
        for call in calls(ast.parse(path.read_text())):
            if call.endswith((".commit", ".rollback")) or call in (
                "datetime.now",
                "datetime.utcnow",
                "date.today",
            ):
                wrong.append(f"{name(path)}: {call}")
    assert wrong == []


def test_rooms_take_the_time_from_the_house() -> None:
    wrong = [
        f"{name(path)}: {call}"
        for path in python(*ROOMS)
        for call in calls(ast.parse(path.read_text()))
        if call in ("datetime.now", "datetime.utcnow", "date.today", "time.time")
    ]
    assert wrong == []


def test_the_shop_knows_no_request() -> None:
    wrong = [
        f"{name(path)}: {line}"
        for path in python("shop")
        for line in path.read_text().splitlines()
        if re.match(r"\s*(from|import) (flask|werkzeug|jinja2|web)\b", line)
    ]
    assert wrong == []


def test_views_are_short(app: Flask) -> None:
    """A view finds, calls one verb, renders: 25 lines are plenty."""
    long = {}
    for endpoint, door in DOORS.items():
        for view in (door.view, door.show):
            if view is None or not hasattr(view, "__code__"):
                continue
            tree = ast.parse(Path(view.__code__.co_filename).read_text())
            for node in ast.walk(tree):
                if isinstance(node, ast.FunctionDef) and node.lineno == view.__code__.co_firstlineno:
                    length = (node.end_lineno or 0) - node.lineno + 1
                    if length > 25:
                        long[endpoint] = length
    assert long == {}


def test_templates_carry_no_script_style_or_handler() -> None:
    """The content policy allows none, and a page that needs one breaks silently."""
    wrong = []
    for path in templates():
        text = path.read_text()
        for found in re.finditer(r"<script(?![^>]*\bsrc=)|<style\b|\sstyle=|\son[a-z]+=\"|javascript:", text):
            wrong.append(f"{name(path)}: {found.group(0).strip()}")
    assert wrong == []


def test_a_fragment_has_one_root_with_an_id() -> None:
    """Page, htmx answer, socket and poll send the same fragment: it must be one element that can be found."""
    sent = {
        found
        for path in python(*ROOMS)
        for found in re.findall(rf'"((?:{"|".join(ROOMS)})/_\w+\.html)"', path.read_text())
    }
    assert sent
    wrong = []
    for fragment in sorted(sent):
        text = re.sub(
            r"{%-?\s*macro.*?endmacro\s*-?%}|{#.*?#}|{%.*?%}",
            "",
            (ROOT / "templates" / fragment).read_text(),
            flags=re.S,
        )
        first = re.search(r"<[a-z][^>]*>", text)
        if first is not None and "id=" not in first.group(0):  # None: it only puts other fragments together
            wrong.append(fragment)
    assert wrong == []


def test_event_kinds_are_in_the_past_tense() -> None:
    kinds = set()
    for path in python("shop", *ROOMS):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in ("record", "_note"):
                kinds |= {
                    a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)
                }
    known = {kind for kind in kinds if "_" in kind}
    assert known
    assert {
        k for k in known if not re.search(r"(ed|made|paid|lost|won|over|ready|begun|sent|due|set)$", k)
    } == set()


def test_nothing_is_left_for_later() -> None:
    mark = re.compile(r"\b(TODO|FIXME|XXX|NotImplementedError)\b|pytest\.(skip|xfail|mark\.(skip|xfail))")
    here = Path(__file__)
    found = [
        f"{name(p)}: {line.strip()}"
        for p in python(*OURS)
        if p != here
        for line in p.read_text().splitlines()
        if mark.search(line)
    ]
    assert found == []


def test_every_permission_is_granted_to_somebody_and_named_resource_action() -> None:
    granted = set().union(*GRANTS.values())
    assert set(Permission) == granted
    assert all(re.fullmatch(r"[a-z]+:[a-z_]+", p.value) for p in Permission)
    assert set(GRANTS) == set(Role)


def sentences() -> set[str]:
    """Every sentence that the code and the templates ask to be translated."""
    found: set[str] = set()
    keywords = {"_": None, "gettext": None, "lazy_gettext": None, "N_": None, "ngettext": (1, 2)}
    options = {"**.html": {"trim_blocks": "true", "lstrip_blocks": "true"}}
    for folder in ("shop", "web", *ROOMS, "templates"):
        methods = [("**.py", "python"), ("**.html", "jinja2")]
        for _, _, message, _, _ in extract_from_dir(ROOT / folder, methods, options, keywords):
            found |= {message[0] if isinstance(message, tuple) else message}
    return found - {""}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_is_translated(language: str) -> None:
    with (ROOT / "translations" / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        catalogue = read_po(file, locale=language)
    known = {(m.id[0] if isinstance(m.id, tuple) else m.id): m for m in catalogue if m.id}
    assert sorted(sentences() - known.keys()) == []
    empty = [
        i
        for i, m in known.items()
        if m.fuzzy or not all([m.string] if isinstance(m.string, str) else m.string)
    ]
    assert sorted(empty) == []


@pytest.mark.parametrize("language", ["zh_Hans", "zh_Hant"])
def test_a_translation_keeps_the_places_for_values(language: str) -> None:
    with (ROOT / "translations" / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        catalogue = read_po(file, locale=language)
    place = re.compile(r"%\(\w+\)\d*[ds]")
    wrong = []
    for message in catalogue:
        said = message.string
        if isinstance(message.id, str) and isinstance(said, str) and message.id:
            wrong += [message.id] * (set(place.findall(message.id)) != set(place.findall(said)))
    assert wrong == []


def test_lock_files_carry_no_addresses() -> None:
    locks = [*ROOT.glob("requirements*.txt"), ROOT / "package-lock.json", ROOT / ".npmrc"]
    for lock in locks:
        assert not re.search(r'"resolved"|--index-url|--find-links|registry\s*=', lock.read_text()), lock.name
