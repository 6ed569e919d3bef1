"""The browser session of a signed-in person (flask-login)."""

import secrets
import time
from typing import Any

from flask import Flask, Request, Response, g, request, session
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from flask_babel import gettext
from flask_login import LoginManager, login_user, logout_user

from shop.core.errors import N_, Denied, ShopError
from shop.core.permissions import Permission, Role
from shop.people.rights import may
from shop.people.signing_in import admit, examine
from shop.people.staff import Staff
from web.database import reader, writing
from web.house import keys, now, this_shop
from web.security import secure_cookies

BROWSER, KNOWN_FOR = "fs_browser", 400 * 24 * 3600
"""The cookie that outlives every session, and for how many seconds; browsers keep none for longer."""
LONGEST_SESSION = 16 * 3600  # seconds of real time; a demo shop's clock may run faster
GOOD_FOR = 600.0  # seconds that a proved cookie is not proved again
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
    login_manager.init_app(app, add_context_processor=False)
    login_manager.user_loader(load)


class Cookies(SecureCookieSessionInterface):
    """The staff may sign in by http on the shop's network while customers come by https from outside."""

    MOST = 2000

    def __init__(self) -> None:
        self._read: dict[str, tuple[float, dict[str, Any]]] = {}

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Read the cookie; one that was read before, letter by letter the same, is not proved again."""
        cookie = request.cookies.get(self.get_cookie_name(app), "")
        until, known = self._read.get(cookie, (0.0, {}))
        if time.time() < until:
            return self.session_class(known)
        opened = super().open_session(app, request)
        if opened and all(isinstance(value, str | int | float | bool) for value in opened.values()):
            if len(self._read) >= self.MOST:
                self._read.clear()
            self._read[cookie] = (time.time() + GOOD_FOR, dict(opened))
        return opened

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Write the cookie where the session has changed."""
        if session.modified or session.permanent:
            super().save_session(app, session, response)
        elif session.accessed:
            vary = response.headers.get("Vary")
            response.headers["Vary"] = f"{vary}, Cookie" if vary else "Cookie"

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


def sign_here(login: str, password: str, permission: Permission, *, origin: str, refusal: str) -> Staff:
    """Let a person sign with name and password, without a session; returns them.

    It is a sign-in of its own: counted, slowed down and kept in the diary, also when it fails. Raises `WrongPassword`,
    `WaitFirst`, and `Denied` with ``refusal`` for who has not the ``permission``.
    """
    shop, at = this_shop(), now()
    examined = examine(reader(), keys(), shop, login[:80], password[:400], origin=origin, at=at)
    with writing() as tx:
        person = admit(tx, shop, examined, at=at)
        trusted = not isinstance(person, ShopError) and may(tx, person, permission)
    if isinstance(person, ShopError):
        raise person
    if not trusted:
        raise Denied(refusal, field="login")
    return person


def browser() -> str:
    """Return the number by which this browser is known again, whoever signs in; a new one where it has none."""
    if "browser" not in g:
        kept = request.cookies.get(BROWSER, "")
        g.browser = kept if 20 <= len(kept) <= 80 else secrets.token_urlsafe(16)
    return str(g.browser)


def know_again(response: Response) -> None:
    """Let this browser keep its number: two accounts that sign in at one are seen to (`shop.people.four_eyes`)."""
    response.set_cookie(
        BROWSER, browser(), max_age=KNOWN_FOR, httponly=True, samesite="Lax", secure=secure_cookies()
    )


def end() -> None:
    """Forget the session of this browser."""
    logout_user()
    session.clear()


ROLES: dict[Role, str] = {
    Role.OWNER: N_("Owner"),
    Role.PARTNER: N_("Partner"),
    Role.PARTNER_RESTRICTED: N_("Partner, totals only"),
    Role.MANAGER: N_("Manager"),
    Role.CLERK: N_("Clerk"),
    Role.BAKER: N_("Baker"),
    Role.COURIER: N_("Courier"),
    Role.AUDITOR: N_("Auditor"),
}


def role_words(role: str) -> str:
    """Return a role in the words of this request."""
    return str(gettext(ROLES[Role(role)]))


__all__ = ["begin", "browser", "end", "install", "know_again", "load", "role_words", "sign_here"]
