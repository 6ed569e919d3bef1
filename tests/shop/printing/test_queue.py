"""The queue: claimed once, printed outside any transaction, tried again, told in the diary."""

import socket
import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from shop.core.actors import SYSTEM
from shop.core.events import Event
from shop.orders.tables import Cake
from shop.people.devices import DeviceKind
from shop.people.staff import Device
from shop.printing import queue, raster
from shop.printing.queue import (
    NoPrinter,
    PrintState,
    enqueue,
    in_trouble,
    jobs_of,
    print_due,
    queue_new,
    reprint,
    something_waits,
)
from shop.printing.tables import PrintJob
from tests.cast import SATURDAY
from tests.shop.printing.fake import COVER, NO_PAPER, SILENT, FakePrinter, codes, fake_printer, paper
from tests.slips import order, the_shop
from tests.tracking.states import order_in
from web.database import reading, writing
from web.house import keys

PUBLIC = "https://cake.example.com"


@pytest.fixture
def shop_app(app: Flask) -> Iterator[Flask]:
    with app.app_context():
        yield app


@pytest.fixture
def printer(shop_app: Flask) -> Iterator[FakePrinter]:
    with fake_printer() as fake:
        with writing() as tx:
            tx.query(PrintJob).delete()
            point_at(tx, fake.settings)
        yield fake


def point_at(tx: Session, settings: dict[str, str]) -> None:
    device = tx.scalars(select(Device).where(Device.kind == DeviceKind.PRINTER)).one()
    device.settings = settings


def slip_job(kind: str = "slip") -> int:
    with writing() as tx:
        placed = order(tx)
        job = enqueue(tx, the_shop(tx), placed.order_id, None, kind, SATURDAY)
        assert job is not None
        return job.id


def run(after: timedelta = timedelta()) -> int:
    return print_due(writing, keys=keys(), public_url=PUBLIC, now=lambda: SATURDAY + after)


def job(job_id: int) -> PrintJob:
    with reading() as session:
        return session.get_one(PrintJob, job_id)


def told(order_id: int) -> list[str]:
    with reading() as session:
        lines = session.scalars(select(Event).where(Event.order_id == order_id).order_by(Event.id))
        return [line.kind for line in lines if line.kind.startswith("slip_")]


def test_a_slip_comes_out_once(printer: FakePrinter) -> None:
    number = slip_job()
    assert run() == 1 and run(timedelta(minutes=9)) == 0
    made = job(number)
    assert made.state == PrintState.PRINTED and made.printed_at == SATURDAY and made.tries == 1
    assert len(paper(printer.printed(1)[0])) == 1
    assert told(made.order_id) == ["slip_queued", "slip_printed"]


def test_one_cakes_label_is_one_piece_of_paper(printer: FakePrinter) -> None:
    number = slip_job("labels")
    with writing() as tx:
        cakes = select(Cake).where(Cake.order_id == job(number).order_id).order_by(Cake.id)
        first, second = tx.scalars(cakes).all()
        tx.get_one(PrintJob, number).cake_id = second.id
    assert run() == 1
    (label,) = paper(printer.printed(1)[0])
    assert [code.rpartition("/")[2] for code in codes(label)] == [second.code] != [first.code]


def test_labels_are_one_piece_of_paper_each(printer: FakePrinter) -> None:
    slip_job("labels")
    assert run() == 1 and len(paper(printer.printed(1)[0])) == 2


def test_a_reprint_is_marked_and_counted(printer: FakePrinter) -> None:
    first = job(slip_job())
    with writing() as tx:
        for expected in (1, 2):
            assert reprint(tx, the_shop(tx), first.order_id, by=SYSTEM, at=SATURDAY).copy == expected
    assert run() == 3
    pieces = [paper(data)[0] for data in printer.printed(3)]
    assert pieces[0].height < pieces[1].height == pieces[2].height, "the band of the copy"
    band = pieces[1].crop((0, 12, 60, 40))
    assert band.getextrema() == (0, 0), "the mark of the copy is a black band across the head"


@pytest.mark.parametrize(("mood", "words"), [(NO_PAPER, "paper"), (COVER, "cover")])
def test_a_printer_in_trouble_keeps_the_slip_until_it_is_well(
    printer: FakePrinter, mood: str, words: str
) -> None:
    number = slip_job()
    printer.mood = mood
    assert run() == 0
    failed = job(number)
    assert (failed.state, failed.error) == (
        PrintState.FAILED,
        words,
    ) and failed.next_try == SATURDAY + queue.WAITS[0]
    with reading() as session:
        assert [j.id for j in in_trouble(session, the_shop(session))] == [number]
    assert not printer.jobs, "nothing is sent to a printer that says it cannot"
    assert run(timedelta(seconds=4)) == 0 and printer.connections == 1, "not before its time"
    for seconds, following in ((5, 15), (20, 60), (80, 300), (380, 300)):
        assert run(timedelta(seconds=seconds)) == 0
        assert job(number).next_try == SATURDAY + timedelta(seconds=seconds + following)
    assert told(failed.order_id) == ["slip_queued", "slip_failed"], "told once, not with every try"
    printer.mood = "well"
    assert run(timedelta(seconds=680)) == 1
    assert told(failed.order_id)[-1] == "slip_printed" and job(number).error == ""


def test_it_gives_up_after_about_an_hour_and_says_so(printer: FakePrinter) -> None:
    number = slip_job()
    printer.mood = NO_PAPER
    for _ in range(queue.MOST_TRIES + 3):
        run(job(number).next_try - SATURDAY)
    assert job(number).tries == queue.MOST_TRIES and job(number).state == PrintState.FAILED
    assert told(job(number).order_id) == ["slip_queued", "slip_failed", "slip_failed"]
    with reading() as session:
        assert in_trouble(session, the_shop(session)) == []


def test_a_silent_printer_is_taken_to_be_well(printer: FakePrinter) -> None:
    slip_job()
    printer.mood = SILENT
    assert run() == 1 and printer.printed(1)


def test_nobody_at_the_address(printer: FakePrinter) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with writing() as tx:
        point_at(tx, {"host": "127.0.0.1", "port": str(port)})
    numbers = [slip_job(), slip_job()]
    assert run() == 0
    assert job(numbers[0]).error.startswith("unreachable")
    assert job(numbers[1]).tries == 0, "the others do not wait for the same dead printer"


def test_a_slip_that_cannot_be_drawn_does_not_hold_up_the_next(
    printer: FakePrinter, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, fine = slip_job("labels"), slip_job()

    def refuse(slip: object) -> bytes:
        raise ValueError("this slip would be longer than three metres")

    monkeypatch.setattr(raster, "label_bytes", refuse)
    run()
    assert job(broken).error == "drawing: ValueError"
    run(timedelta(seconds=1))
    assert job(fine).state == PrintState.PRINTED


def test_two_printers_of_the_queue_print_each_job_once(printer: FakePrinter, shop_app: Flask) -> None:
    numbers = [slip_job() for _ in range(6)]
    done: list[int] = []

    def work() -> None:
        with shop_app.app_context():
            done.append(run())

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(done) == 6 and printer.printed(6)
    assert {job(n).tries for n in numbers} == {1}


def test_a_claim_that_nobody_finished_is_printed_again_as_a_copy(printer: FakePrinter) -> None:
    number = slip_job()
    with writing() as tx:
        claimed = tx.get_one(PrintJob, number)
        claimed.state, claimed.tries, claimed.next_try = PrintState.PRINTING, 1, SATURDAY + queue.CLAIM
    assert run(timedelta(seconds=59)) == 0 and not printer.jobs
    assert run(timedelta(seconds=61)) == 1
    assert job(number).copy == 1, "nobody knows whether the first one came out"


def test_a_shop_without_a_printer_queues_nothing(printer: FakePrinter) -> None:
    with writing() as tx:
        point_at(tx, {})
        placed = order(tx)
        assert enqueue(tx, the_shop(tx), placed.order_id, None, "slip", SATURDAY) is None
        with pytest.raises(NoPrinter):
            reprint(tx, the_shop(tx), placed.order_id, by=SYSTEM, at=SATURDAY)
        assert jobs_of(tx, placed.order_id) == []


def test_a_paid_order_gets_its_slip_by_itself_and_once(printer: FakePrinter, shop_app: Flask) -> None:
    paid = order_in(shop_app, "confirmed")
    order_in(shop_app, "placed")
    with writing() as tx:
        imported = order(tx, channel="sales", prepaid=True)
        assert something_waits(tx, the_shop(tx), at=SATURDAY)
        assert [queue_new(tx, the_shop(tx), at=SATURDAY) for _ in range(3)] == [1, 0, 0]
        assert [j.kind for j in jobs_of(tx, paid.order_id)] == ["slip"] and not jobs_of(tx, imported.order_id)
        assert queue_new(tx, the_shop(tx), at=SATURDAY + timedelta(hours=1)) == 0, (
            "an old one would only surprise"
        )
    assert run() == 1 and printer.printed(1)
    with reading() as session:
        assert not something_waits(session, the_shop(session), at=SATURDAY)


@pytest.mark.postgres
def test_the_same_on_postgresql(app_postgres: Flask) -> None:
    with app_postgres.app_context(), fake_printer() as fake:
        with writing() as tx:
            point_at(tx, fake.settings)
        number = slip_job()
        assert run() == 1 and job(number).state == PrintState.PRINTED
