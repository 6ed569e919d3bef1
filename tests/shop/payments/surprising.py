"""Cash hidden in cakes at random: put in, ticked while boxing, handed over with the cake, or given back in full."""

from __future__ import annotations

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shop.menu.tables import StageKind
from shop.orders.tables import Cake, Order
from shop.payments import hidden
from shop.payments.till import account_of
from shop.people.shops import Shop
from shop.production import ticks, work
from shop.production.tables import Task
from tests.shop.payments.keeping import Keeping
from tests.shop.payments.world import Sale, Surprise
from web.database import reading, writing
from web.house import now

BOXING = (Task.kind == StageKind.BOX, Task.state != "void")


class Surprising(Keeping):
    """Customers who hide money in a cake."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.hiding: list[Sale] = []
        self.acts += [(self.hide, 3), (self.give_back_hidden, 2), (self.reopen, 4)]

    def hide(self) -> None:
        """Cash is brought to the counter to be put into a cake."""
        sale = self.some_sale(lambda sale: sale.state in ("confirmed", "in_production"))
        if sale is None:
            return
        number, amount = self.some_till(), self.chance.choice((88_00, 520_00, 1, 0))
        allowed = (
            sale.state in ("confirmed", "in_production") and amount > 0 and self.tills[number] is not None
        )

        def do(tx: Session, shop: Shop) -> int:
            cakes = list(tx.scalars(select(Cake.id).where(Cake.order_id == sale.id).order_by(Cake.sort)))
            cake = sale.reopened or self.chance.choice(cakes)
            hidden.take(
                tx, shop, tx.get_one(Order, sale.id), cake, amount, till=number, by=self.who["mei"], at=now()
            )
            return cake

        cake = self.tries("hide cash", allowed, do)
        if cake is not None:
            if not sale.hidden:
                self.hiding.append(sale)
            shift = self.tills[number]
            assert shift is not None
            sale.surprises.setdefault(cake, []).append(Surprise(amount, number, shift))
            self.world.move(account_of(number), "hidden-cash", amount)

    def put(self, sale: Sale, cake: int, sign: int) -> None:
        """The cash for a cake goes into its envelope, or out of it: from where it lies, the safe after a count."""
        for each in sale.surprises[cake]:
            where = account_of(each.till) if self.tills[each.till] == each.shift else "safe"
            self.world.move("envelopes", where, sign * each.amount)

    def boxed(self, sale: Sale) -> None:
        """Each box with an envelope is closed only after somebody has ticked that it is in."""
        for cake in sorted(set(sale.surprises) - sale.boxed):
            self.box(cake)
            self.put(sale, cake, 1)
            sale.boxed.add(cake)

    def box(self, cake: int) -> None:
        with writing() as tx:
            tx.execute(update(Task).where(Task.cake_id == cake, *BOXING).values(state="in_progress"))

        def check(tx: Session, _: Shop) -> bool:
            ticks.check_ticks(tx, tx.scalars(select(Task).where(Task.cake_id == cake, *BOXING)).one())
            return True

        self.tries("box without the cash", False, check)
        self.goes("tick the envelope", lambda tx, shop: [
            ticks.tick_enveloped(tx, shop, cake, by=self.who["li"], at=now())])  # fmt: skip
        self.goes("box with the cash", check)

    def reopen(self) -> None:
        """A box is opened again: its envelope goes back to the counter, until it is put in once more."""
        ready = [sale for sale in self.hiding if sale.boxed and sale.state == "ready"]
        if not ready:
            return
        sale = self.chance.choice(ready)
        cake = self.chance.choice(sorted(sale.boxed))
        with reading() as session:
            box = session.scalars(select(Task).where(Task.cake_id == cake, *BOXING)).one()
        self.goes("open a box again", lambda tx, shop: [
            work.recall(tx, shop, box.id, box.version, by=self.who["li"], at=now())])  # fmt: skip
        self.put(sale, cake, -1)
        sale.boxed.remove(cake)
        sale.state, sale.reopened = "in_production", cake

    def give_back_hidden(self) -> None:
        """The customer wants the hidden cash back, most often because the order is over."""
        self.hiding = [sale for sale in self.hiding if sale.hidden]
        over = [sale for sale in self.hiding if sale not in self.world.going]
        sale = self.chance.choice(over) if over else self.some_sale(lambda sale: sale.hidden)
        if sale is not None:
            self.return_hidden(sale, self.some_till())

    def return_hidden(self, sale: Sale, number: int) -> None:
        """Give the hidden cash of an order back, out of its boxes and at a till, where there is enough of it."""
        if self.drawer(number) < sale.loose:
            return
        allowed = sale.hidden > 0 and (not sale.loose or self.tills[number] is not None)
        given = self.tries("give hidden cash back", allowed, lambda tx, shop: hidden.give_back(
            tx, shop, tx.get_one(Order, sale.id), till=number, by=self.who["mei"], at=now()))  # fmt: skip
        if given is not None:
            assert given == sale.hidden, "another amount than was hidden"
            self.world.move("hidden-cash", account_of(number), sale.loose)
            self.world.move("hidden-cash", "envelopes", sale.hidden - sale.loose)
            sale.surprises, sale.boxed = {}, set()

    def all_given_back(self, number: int) -> None:
        """In the end the shop keeps nobody's surprise."""
        for sale in self.hiding:
            if sale.hidden and sale not in self.world.going:
                self.enough_in(number, sale.hidden)
                self.return_hidden(sale, number)
        with reading() as session:
            assert hidden.to_give_back(session, session.get_one(Shop, 1)) == []
