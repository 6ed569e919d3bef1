"""The team: who works here, what they are, their way in; and everybody's own page."""

from typing import Any

from flask import Response, g, request, url_for
from flask_babel import gettext

from admin import entries
from admin.around import me, page
from admin.secrets_once import go_on, keep, show_once
from shop.core.errors import N_, Denied, Invalid
from shop.core.permissions import Permission, Role
from shop.menu.stages import STAGE_WORDS
from shop.people import signing_in, team
from shop.people.staff import Staff
from web import signin
from web.access import SIGNED_IN, Door, Made, Once, Session, actor, staff
from web.database import reader
from web.house import keys, now, this_shop
from web.stood import as_it_stood

SKILLS = ("bake", "build", "decorate", "check", "box")


def people() -> Response:
    """Everybody of the team."""
    session = reader()
    mine = team.roles_for(session, me())
    return page(
        "admin/staff.html", people=team.roster(session, this_shop()), mine=mine, skill_words=STAGE_WORDS
    )


def new_person() -> Response:
    """The form for somebody new."""
    return page("admin/staff_form.html", person=None, **choices())


def member(staff_id: int) -> Response:
    """The page of one person."""
    person = team.find_member(reader(), this_shop(), staff_id)
    return page("admin/staff_form.html", person=person, **choices())


def choices() -> dict[str, Any]:
    """Return what a person's form offers."""
    return {
        "mine": team.roles_for(reader(), me()),
        "skills": SKILLS,
        "skill_words": STAGE_WORDS,
        "usual": team.USUAL,
    }


def typed() -> team.StaffForm:
    """Read a person's form; raises `Invalid`."""
    role, language = request.form.get("role", ""), request.form.get("language", "")
    if role not in list(Role):
        raise Invalid(N_("Please choose a role."), field="role")
    skills = [skill for skill in SKILLS if skill in request.form.getlist("skills")]
    if language not in ("", "en", "zh_Hans", "zh_Hant"):
        language = ""
    levels = {skill: entries.number(f"level.{skill}", team.USUAL) for skill in skills}
    return team.StaffForm(
        entries.text("name"), Role(role), skills, language, entries.ticked("active"), levels
    )


def add_person(tx: Session) -> Made:
    """Add a person; a new owner's recovery code is shown once."""
    login, password = entries.text("login", 400), request.form.get("password", "")
    person, code = team.make_staff(
        tx, this_shop(), typed(), login=login, password=password, by=actor(), at=now()
    )
    return {"staff": person.id, "name": person.name, "box": keep(keys(), "recovery", code)}


def person_added(made: Made) -> Response:
    """Show a new owner's recovery code; for everybody else go back to the team."""
    if made["box"]:
        return show_once("recovery", made["box"], back=url_for("admin.people"), name=made["name"])
    return go_on(url_for("admin.people"), gettext("%(name)s can sign in now.", name=made["name"]))


def save_person(tx: Session, staff_id: int) -> Made:
    """Change a person's name, role, skills, or end their access."""
    person = team.find_member(tx, this_shop(), staff_id)
    team.change_staff(tx, person, typed(), by=actor(), at=now())
    return entries.done(url_for("admin.people"))


def set_password(tx: Session, staff_id: int) -> Made:
    """Give somebody a new password and sign them out everywhere."""
    person = team.find_member(tx, this_shop(), staff_id)
    team.look_after(tx, person, by=actor())
    chosen = request.form.get("password", "")
    signing_in.set_password(tx, this_shop(), person, chosen, by=actor(), at=now())
    return entries.done(url_for("admin.member", staff_id=staff_id), gettext("The new password works now."))


def sign_out_person(tx: Session, staff_id: int) -> Made:
    """Sign somebody out everywhere at once."""
    person = team.find_member(tx, this_shop(), staff_id)
    team.look_after(tx, person, by=actor())
    signing_in.end_sessions(tx, person, by=actor(), at=now())
    return entries.done(url_for("admin.member", staff_id=staff_id), gettext("Signed out everywhere."))


def myself() -> Response:
    """My own page: password and, for owners, the recovery code."""
    return page("admin/staff_me.html", person=me())


def check_mine() -> bool:
    """Compare my present password, or my recovery code, before the transaction."""
    return signing_in.proves_identity(me(), request.form.get("present", "")[:400])


def change_my_password(tx: Session) -> Made:
    """Choose my own new password; every other session of mine ends."""
    if not g.before:
        raise Invalid(N_("Your present password does not match."), field="present")
    person = tx.get_one(Staff, me().id)
    chosen = request.form.get("password", "")
    signing_in.set_password(tx, this_shop(), person, chosen, by=actor(), at=now())
    return {"staff": person.id}


def my_password_changed(made: Made) -> Response:
    """Go on in this browser with a new session."""
    person = reader().get_one(Staff, made["staff"])
    signin.begin(person)
    return go_on(url_for("admin.myself"), gettext("Your new password works now."))


def renew_my_recovery(tx: Session) -> Made:
    """Make my recovery code anew; shown once."""
    if not g.before:
        raise Denied(N_("Your present password does not match."), field="present")
    person = tx.get_one(Staff, me().id)
    code = signing_in.renew_recovery(tx, person, by=actor(), at=now())
    return {"name": person.name, "box": keep(keys(), "recovery", code)}


def my_recovery(made: Made) -> Response:
    """Show my new recovery code."""
    return show_once("recovery", made["box"], back=url_for("admin.myself"), name=made["name"])


MANAGE, KEY = staff(Permission.STAFF_MANAGE), Once.KEY
DOORS = [
    Door("GET", "/people/", people, MANAGE),
    Door("GET", "/people/new", new_person, MANAGE),
    Door("POST", "/people/new", add_person, MANAGE, once=KEY, show=person_added, form=new_person),
    Door("GET", "/people/<int:staff_id>", member, MANAGE),
    Door("POST", "/people/<int:staff_id>", save_person, MANAGE, once=KEY, form=member, guard=as_it_stood),
    Door("POST", "/people/<int:staff_id>/password", set_password, MANAGE, once=KEY, form=member),
    Door("POST", "/people/<int:staff_id>/sessions/end", sign_out_person, MANAGE, once=KEY, form=member),
    Door("GET", "/me", myself, SIGNED_IN),
    Door("POST", "/me/password", change_my_password, SIGNED_IN, once=KEY, show=my_password_changed, before=check_mine,
         form=myself),
    Door("POST", "/me/recovery", renew_my_recovery, SIGNED_IN, once=KEY, show=my_recovery, before=check_mine,
         form=myself),
]  # fmt: skip
