"""Who may change whom: a manager below managers, an owner everybody, nobody themselves; the last owner stays."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from shop.core.actors import SYSTEM, Actor
from shop.core.errors import Conflict, Denied, Invalid, ShopError
from shop.core.permissions import GRANTS, Permission, Role
from shop.people import rights, team
from shop.people.rights import grants_of
from shop.people.shops import Shop, only_shop
from tests.cast import SATURDAY, by, person
from web.database import writing

PASSWORD = "honig-und-mohn"


def the_shop(tx: Session) -> Shop:
    shop = only_shop(tx)
    assert shop is not None
    return shop


def hire(tx: Session, role: Role, who: Actor, login: str = "neu") -> tuple[object, str]:
    form = team.StaffForm("Neu", role)
    return team.make_staff(tx, the_shop(tx), form, login=login, password=PASSWORD, by=who, at=SATURDAY)


ALLOWED = {"chen": set(Role), "xu": {Role.CLERK, Role.BAKER, Role.COURIER}, "mei": set(), "lin": set()}


@pytest.mark.parametrize("boss", ALLOWED)
@pytest.mark.parametrize("role", list(Role))
def test_who_may_make_whom(app: Flask, boss: str, role: Role) -> None:
    with app.app_context(), writing() as tx:
        try:
            hire(tx, role, by(tx, boss))
            made = True
        except Denied:
            made = False
        assert made == (role in ALLOWED[boss])


def test_a_new_owner_gets_a_recovery_code_and_others_none(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        assert len(hire(tx, Role.OWNER, SYSTEM)[1]) == 23
        assert hire(tx, Role.CLERK, SYSTEM, "neu2")[1] == ""


@pytest.mark.parametrize("login", ["", "x", "Mei Mei", "a b", "-x", "ü", "x" * 40, "a\x00b"])
def test_odd_sign_in_names_are_refused(app: Flask, login: str) -> None:
    with app.app_context(), writing() as tx, pytest.raises(Invalid) as refused:
        hire(tx, Role.CLERK, SYSTEM, login)
    assert refused.value.field == "login"


def test_a_sign_in_name_is_given_once(app: Flask) -> None:
    with app.app_context(), writing() as tx, pytest.raises(Invalid, match="already"):
        hire(tx, Role.CLERK, SYSTEM, "MEI")


@pytest.mark.parametrize(
    ("boss", "whom", "role", "active", "refusal"),
    [
        ("chen", "chen", Role.MANAGER, True, Denied),
        ("chen", "chen", Role.OWNER, False, Denied),
        ("xu", "xu", Role.OWNER, True, Denied),
        ("xu", "he", Role.CLERK, True, Denied),
        ("xu", "mei", Role.MANAGER, True, Denied),
        ("xu", "chen", Role.OWNER, False, Denied),
        ("mei", "jie", Role.BAKER, True, Denied),
        ("xu", "mei", Role.BAKER, True, None),
        ("xu", "mei", Role.CLERK, False, None),
        ("chen", "xu", Role.CLERK, True, None),
        ("chen", "mei", Role.OWNER, True, None),
    ],
)
def test_who_may_change_whom(
    app: Flask, boss: str, whom: str, role: Role, active: bool, refusal: type[ShopError] | None
) -> None:
    with app.app_context(), writing() as tx:
        someone = person(tx, whom)
        was = someone.session_version
        form = team.StaffForm(someone.name, role, active=active)
        if refusal:
            with pytest.raises(refusal):
                team.change_staff(tx, someone, form, by=by(tx, boss), at=SATURDAY)
        else:
            team.change_staff(tx, someone, form, by=by(tx, boss), at=SATURDAY)
            assert (someone.role, someone.active) == (role.value, active)
            assert someone.session_version == was + 1, "every session ends"


def test_the_last_owner_stays(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        form = team.StaffForm("陈姐", Role.PARTNER)
        with pytest.raises(Conflict, match="last owner"):
            team.change_staff(tx, person(tx, "chen"), form, by=SYSTEM, at=SATURDAY)
        hire(tx, Role.OWNER, SYSTEM)
        team.change_staff(tx, person(tx, "chen"), form, by=SYSTEM, at=SATURDAY)
        assert person(tx, "chen").recovery_hash == ""


def test_a_new_name_ends_no_session(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        mei = person(tx, "mei")
        team.change_staff(tx, mei, team.StaffForm("美美", Role.CLERK), by=by(tx, "xu"), at=SATURDAY)
        assert mei.name == "美美" and mei.session_version == 1


def test_a_manager_cannot_set_an_owners_password(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        with pytest.raises(Denied):
            team.look_after(tx, person(tx, "chen"), by=by(tx, "xu"))
        team.look_after(tx, person(tx, "mei"), by=by(tx, "xu"))
        team.look_after(tx, person(tx, "xu"), by=by(tx, "xu"))


def test_grants_change_and_change_back(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        shop, chen = the_shop(tx), by(tx, "chen")
        for allowed in (True, True, False, False):
            rights.grant(tx, shop, Role.BAKER, Permission.ORDER_SEE, allowed, by=chen, at=SATURDAY)
            tx.flush()
            assert (Permission.ORDER_SEE in grants_of(tx, shop.id, Role.BAKER)) == allowed
        assert tx.query(rights.RoleGrant).count() == 0, "what is usual again leaves no row"


def test_no_shop_locks_itself_out(app: Flask) -> None:
    with app.app_context(), writing() as tx:
        shop, chen = the_shop(tx), by(tx, "chen")
        for role, permission, allowed in [
            (Role.OWNER, Permission.ROLE_MANAGE, False),
            (Role.OWNER, Permission.STAFF_MANAGE, False),
            (Role.OWNER, Permission.ADMIN_SEE, False),
            (Role.CLERK, Permission.ROLE_MANAGE, True),
        ]:
            with pytest.raises(Denied):
                rights.grant(tx, shop, role, permission, allowed, by=chen, at=SATURDAY)


def test_every_right_has_its_words_on_the_page(app: Flask) -> None:
    from admin.roles import areas

    with app.test_request_context():
        shown = [permission for _, rows in areas() for permission, _ in rows]
    assert sorted(shown) == sorted(Permission) and set(GRANTS) == set(Role)
