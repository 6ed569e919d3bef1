"""Codes that are shown once: kept locked beside the key of their form, so that a reload shows the same."""

import base64

from flask import Response

from admin import entries
from admin.around import page
from shop.core.keys import Keys
from web.access import go
from web.house import keys


def keep(keys: Keys, about: str, code: str) -> str:
    """Lock a code for the table of answered forms, "" for none."""
    return base64.b64encode(keys.lock(code, about=f"once:{about}")).decode() if code else ""


def show_once(about: str, box: str, *, back: str, name: str, at: str = "") -> Response:
    """Show a code with what to do with it."""
    code = keys().unlock(base64.b64decode(box), about=f"once:{about}")
    return page("admin/staff_code.html", about=about, code=code, back=back, name=name, address=at)


def go_on(address: str, sentence: str) -> Response:
    """Lead to a page that says what happened, where there was no code to show."""
    entries.say(sentence)
    return go(address)
