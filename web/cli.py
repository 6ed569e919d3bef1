"""``bin/shop``: the shop's command line. The commands live in ``web/commands/``, one file for each subject."""

import argparse
import importlib
import json
import pkgutil
import sys
from collections.abc import Sequence
from typing import Any

from flask import Flask
from sqlalchemy.exc import OperationalError, ProgrammingError

import web.commands
from shop.core.errors import ShopError
from web.commands import Command, Refused
from web.config import Settings


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code: 0, 1 when it was refused, 2 for a wrong call."""
    options = build_parser(commands()).parse_args(argv)
    try:
        data = run(options.command, options)
    except (Refused, ShopError) as refusal:
        return complain(str(refusal), options)
    except (OperationalError, ProgrammingError) as trouble:
        words = " ".join(str(trouble.orig).split())
        return complain(f"the database does not answer as it should: {words} (try: bin/shop doctor)", options)
    except (OSError, RuntimeError, ValueError) as trouble:
        return complain(str(trouble), options)
    except KeyboardInterrupt:
        return 130
    if data is not None:
        print(as_json(data) if options.json else options.command.show(data), flush=True)
    return options.command.exit_code(data)  # type: ignore[no-any-return]


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


def commands() -> list[Command]:
    """Collect the commands of every file in ``web/commands/``."""
    found: list[Command] = []
    for module in pkgutil.iter_modules(web.commands.__path__, "web.commands."):
        found += importlib.import_module(module.name).COMMANDS
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
