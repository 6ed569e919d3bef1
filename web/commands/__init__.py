"""The commands of ``bin/shop``: each file here has a list ``COMMANDS``; ``web/cli.py`` collects them."""

import argparse
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Options = Callable[[argparse.ArgumentParser], None]


class Refused(Exception):
    """The command cannot be done; the message is the one line that says why and what to do."""


def no_options(parser: argparse.ArgumentParser) -> None:
    """The command takes nothing."""


def as_lines(data: Any) -> str:
    """Show data for a person: one ``name: value`` a line, and one line for each row of a list."""
    if isinstance(data, dict):
        return "\n".join(f"{key}: {_short(value)}" for key, value in data.items())
    if isinstance(data, list):
        return "\n".join(as_line(row) for row in data)
    return str(data)


def as_line(row: Any) -> str:
    """Show one row of a list on one line."""
    return "  ".join(_short(value) for value in row.values()) if isinstance(row, dict) else str(row)


def _short(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value)


@dataclass(frozen=True)
class Command:
    """One command, such as ``demo reset``. ``run(options)`` works inside the app's context.

    What it returns (JSON values; None for nothing to say) is printed as JSON with ``--json`` and through
    ``show`` otherwise; ``exit_code`` judges it. ``bare`` commands run before there is an app; they open one
    by ``options.new_app(settings)``.
    """

    name: str
    about: str
    run: Callable[[argparse.Namespace], Any]
    options: Options = no_options
    show: Callable[[Any], str] = as_lines
    exit_code: Callable[[Any], int] = lambda data: 0
    bare: bool = False
