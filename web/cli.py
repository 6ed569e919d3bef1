"""``bin/shop``: the shop's command line. The commands live in ``web/commands/``, one file for each subject.

A word's commands all live in the file of that name, where there is one: then no other file is opened.
"""

from __future__ import annotations

import argparse
import importlib
import json
import pkgutil
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import web.commands
from shop.core.errors import ShopError
from web.commands import Command, Refused

if TYPE_CHECKING:  # a command that needs no shop need not wait for one to be imported
    from flask import Flask

    from web.config import Settings


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code: 0, 1 when it was refused, 2 for a wrong call."""
    words = sys.argv[1:] if argv is None else argv
    options = build_parser(commands(*words[:1])).parse_args(words)
    try:
        data = run(options.command, options)
    except (Refused, ShopError) as refusal:
        return complain(str(refusal), options)
    except KeyboardInterrupt:
        return 130
    except Exception as trouble:
        words_of_it = plainly(trouble)
        if words_of_it is None:
            raise
        return complain(words_of_it, options)
    if data is not None:
        print(as_json(data) if options.json else options.command.show(data), flush=True)
    command: Command = options.command
    return command.exit_code(data)


def plainly(trouble: Exception) -> str | None:
    """Say what the world outside did wrong; None for what is our own mistake and needs its traceback."""
    from sqlalchemy.exc import OperationalError, ProgrammingError

    if isinstance(trouble, OperationalError | ProgrammingError):
        words = " ".join(str(trouble.orig).split())
        return f"the database does not answer as it should: {words} (try: bin/shop doctor)"
    return str(trouble) if isinstance(trouble, OSError | RuntimeError | ValueError) else None


def complain(words: str, options: argparse.Namespace) -> int:
    """Say on stderr why nothing was done; as JSON on stdout too, where a program asked."""
    print(f"fairslice: {words}", file=sys.stderr)
    if options.json:
        print(as_json({"error": words}))
    return 1


def as_json(data: Any) -> str:
    """Return data as JSON: a list is one object a line."""
    rows = data if isinstance(data, list) else [data]
    return "\n".join(json.dumps(row, ensure_ascii=False, default=str) for row in rows)


def run(command: Command, options: argparse.Namespace) -> Any:
    """Run a command inside the app's context, unless it can do without."""
    if command.bare:
        options.new_app = new_app
        return command.run(options)
    with new_app().app_context():
        return command.run(options)


def new_app(settings: Settings | None = None) -> Flask:
    """Open the shop; only now, so that a wrong call is answered at once."""
    from wsgi import create_app

    return create_app(settings)


def commands(word: str = "") -> list[Command]:
    """Collect the commands of every file in ``web/commands/``, or only of the one that is called ``word``."""
    files = [module.name for module in pkgutil.iter_modules(web.commands.__path__)]
    found: list[Command] = []
    for file in [word] if word in files else files:
        found += importlib.import_module(f"web.commands.{file}").COMMANDS
    return sorted(found, key=lambda command: command.name)


def build_parser(known: Sequence[Command]) -> argparse.ArgumentParser:
    """Build the parser: each word of a command's name is a level."""
    parser = argparse.ArgumentParser(prog="bin/shop", description="The command line of the shop.")
    levels: dict[str, Any] = {"": parser.add_subparsers(required=True, metavar="COMMAND")}
    groups = {name.split()[0] for name in (c.name for c in known) if " " in name}
    for group in sorted(groups):
        branch = parser_of(levels[""], group, f"see bin/shop {group} --help")
        levels[group] = branch.add_subparsers(required=True, metavar="COMMAND")
    for command in known:
        group, _, name = command.name.rpartition(" ")
        leaf = parser_of(levels[group], name, command.about)
        leaf.add_argument("--json", action="store_true", help="print JSON, one object a line")
        command.options(leaf)
        leaf.set_defaults(command=command)
    return parser


def parser_of(level: Any, name: str, about: str) -> argparse.ArgumentParser:
    """Add a word to a level."""
    leaf: argparse.ArgumentParser = level.add_parser(name, help=about, description=about)
    return leaf


if __name__ == "__main__":
    sys.exit(main())
