"""The browser session of a signed-in person (flask-login)."""

import time

from flask import Flask, session
from flask.sessions import SecureCookieSessionInterface
from flask_babel import gettext
from flask_login import LoginManager, login_user, logout_user

from shop.core.permissions import Role
from shop.people.staff import Staff
from web.database import reader
from web.house import this_shop
from web.security import secure_cookies

LONGEST_SESSION = 16 * 3600  # seconds of real time; a demo shop's clock may run faster
login_manager = LoginManager()


def install(app: Flask) -> None:
    """Set up the session cookie; a change of password or a revocation ends every session at once."""
    app.config.update(
        SESSION_COOKIE_NAME="fs_session",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
    )
    app.session_interface = Cookies()
    login_manager.id_attribute = "session_id"
    # Its protection would bind a session to what the browser calls itself, which proves nothing.
    login_manager.session_protection = None
    login_manager.init_app(app)
    login_manager.user_loader(load)


class Cookies(SecureCookieSessionInterface):
    """The staff may sign in by http on the shop's network while customers come by https from outside."""

    def get_cookie_secure(self, app: Flask) -> bool:
        return secure_cookies()


def load(cookie: str) -> Staff | None:
    """Find the person of a session; None once their sessions have been ended or a working day is over."""
    number, _, version = cookie.partition(":")
    if time.time() - float(session.get("since", 0)) > LONGEST_SESSION:
        return None
    person = reader().get(Staff, int(number)) if number.isdecimal() else None
    if person is None or not person.active or str(person.session_version) != version:
        return None
    return person if person.shop_id == this_shop().id else None


def begin(person: Staff) -> None:
    """Start a fresh session in this browser, with a token of its own."""
    session.clear()
    session["since"] = int(time.time())
    login_user(person, force=True)


def end() -> None:
    """Forget the session of this browser."""
    logout_user()
    session.clear()


def role_words(role: str) -> str:
    """Return a role in the words of this request."""
    names: dict[Role, str] = {
        Role.OWNER: gettext("Owner"),
        Role.PARTNER: gettext("Partner"),
        Role.PARTNER_RESTRICTED: gettext("Partner, totals only"),
        Role.MANAGER: gettext("Manager"),
        Role.CLERK: gettext("Clerk"),
        Role.BAKER: gettext("Baker"),
        Role.COURIER: gettext("Courier"),
        Role.AUDITOR: gettext("Auditor"),
    }
    return names[Role(role)]


__all__ = ["begin", "end", "install", "load", "role_words"]
