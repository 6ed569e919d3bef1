"""The kitchen's words for what is stored as a key."""

from flask_babel import gettext


def reason_words(reason: str) -> str:
    """Say why a cake is made again."""
    said: str = {
        "broken": gettext("It broke"),
        "burnt": gettext("It burnt"),
        "wrong_writing": gettext("Wrong writing"),
        "wrong_flavour": gettext("Wrong flavour"),
        "dropped": gettext("It fell down"),
        "looks": gettext("It does not look right"),
    }.get(reason, gettext("Something else"))
    return said
