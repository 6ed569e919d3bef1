"""The browser session of a signed-in person (flask-login)."""

from flask import Flask
from flask_login import LoginManager, login_user, logout_user

from shop.people.staff import Staff
from web.database import reader

login_manager = LoginManager()


def install(app: Flask) -> None:
    """Set up the session cookie; a change of password or a revocation ends every session at once."""
    app.config.update(
        SESSION_COOKIE_NAME="fs_session",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=app.extensions["fairslice"].settings.https,
    )
    login_manager.init_app(app)
    login_manager.user_loader(load)


def session_id(person: Staff) -> str:
    """Return what the cookie holds: the person and the version of their sessions."""
    return f"{person.id}:{person.session_version}"


def load(cookie: str) -> Staff | None:
    """Find the person of a session; None once their sessions have been ended."""
    number, _, version = cookie.partition(":")
    person = reader().get(Staff, int(number)) if number.isdigit() else None
    return person if person is not None and person.active and str(person.session_version) == version else None


__all__ = ["install", "load", "login_user", "logout_user", "session_id"]
