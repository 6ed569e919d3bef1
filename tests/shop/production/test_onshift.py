"""Who is here is kept in memory, and read again when somebody of the team has changed."""

from flask import Flask

from shop.core.permissions import Role
from shop.people import team
from shop.production.onshift import people_here
from tests import cast
from tests.counter import shop_and_card
from web.database import reading, writing
from web.house import now


def names() -> list[str]:
    with reading() as session:
        shop, card = shop_and_card(session)
        oven = card.stations_by_slug["oven"].id
        return [name for _, name in people_here(session, shop, card, oven, at=now())]


def test_who_is_here_follows_the_team(app_both: Flask) -> None:
    with app_both.app_context():
        before = names()
        with writing() as tx:
            shop, _ = shop_and_card(tx)
            baker = next(person for person in team.roster(tx, shop) if person.name in before)
            was, role, skills = baker.name, Role(baker.role), tuple(baker.skills)
            form = team.StaffForm("A new name", role, skills)
            team.change_staff(tx, baker, form, by=cast.by(tx, "chen"), at=now())
        assert names() == ["A new name" if name == was else name for name in before]
        with writing() as tx:
            baker = next(p for p in team.roster(tx, shop) if p.name == "A new name")
            team.change_staff(tx, baker, team.StaffForm("A new name", role), by=cast.by(tx, "chen"), at=now())
        assert "A new name" not in names()  # who has no skill is nobody's hands
