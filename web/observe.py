"""What operators look at: alive, ready, and figures for Prometheus."""

import ipaddress
import time
from typing import Any

from flask import Flask, Response, abort, current_app, g, jsonify, request
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError

from shop.orders.tables import Order, OrderState
from shop.people.shops import Shop
from web.database import db, reading
from web.house import house
from web.upgrade import at_head

OPEN = (OrderState.PLACED, OrderState.CONFIRMED, OrderState.IN_PRODUCTION, OrderState.READY)
TRY_EVERY = 10.0
UNCOUNTED = frozenset({"healthz", "readyz", "metrics", "static", "assets"})


class Figures:
    """The figures of one process; with several workers each answers for itself (the diary is everybody's)."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.tried: tuple[float | None, str] = (None, "")
        labels = ("door", "method", "status")
        own = self.registry
        self.requests = Counter("fairslice_requests", "Requests answered", labels, registry=own)
        self.seconds = Histogram(
            "fairslice_request_seconds", "Time to answer", ("door",), registry=own,
            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
        )  # fmt: skip
        self.sockets = Gauge("fairslice_sockets", "Sockets open in this process", registry=own)
        self.leads = Gauge("fairslice_leads", "Whether this process does the due work", registry=own)
        self.failures = Gauge("fairslice_job_failures", "Failed runs of due work", ("job",), registry=own)
        self.diary = Gauge("fairslice_diary", "Last number of the shop's diary", ("shop",), registry=own)
        self.orders = Gauge("fairslice_open_orders", "Orders on their way", ("shop", "state"), registry=own)


def install(app: Flask) -> None:
    """Hang the three addresses and count what passes the doors."""
    figures = Figures()
    app.extensions["figures"] = figures
    app.add_url_rule("/healthz", "healthz", healthz)
    app.add_url_rule("/readyz", "readyz", readyz)
    app.add_url_rule("/metrics", "metrics", metrics)
    app.after_request(count)


def count(response: Response) -> Response:
    """Count an answer by its door, never by its address: addresses hold tokens. A socket lasts for hours."""
    door = request.endpoint or "none"
    if door not in UNCOUNTED:
        figures: Figures = current_app.extensions["figures"]
        environ, came_at = request.environ, g.get("came_at")
        figures.requests.labels(door, environ["REQUEST_METHOD"], str(response.status_code)).inc()
        if came_at is not None and "HTTP_UPGRADE" not in environ:
            figures.seconds.labels(door).observe(time.perf_counter() - came_at)
    return response


def healthz() -> Response:
    """This process answers; says nothing about the database."""
    response = Response("ok\n", mimetype="text/plain")
    response.headers["Cache-Control"] = "no-store"
    return response


def readyz() -> Response:
    """The shop can work: database and schema are ours, somebody does what comes due, a page can be shown."""
    found: dict[str, Any] = {"database": False, "migrations": False, "leader": leader()}
    try:
        with db.engine.connect() as connection:
            found["database"] = connection.execute(text("SELECT 1")).scalar() == 1
        found["migrations"] = at_head()
    except SQLAlchemyError:
        pass
    ready = found["database"] and found["migrations"] and found["leader"] != "unknown"
    if found["database"] and found["migrations"]:
        reason = page_trouble()
        found |= {"reason": reason} if reason else {}
        ready = ready and not reason
    response = jsonify({"ready": ready, **found})
    response.status_code = 200 if ready else 503
    response.headers["Cache-Control"] = "no-store"
    return response


def page_trouble() -> str:
    """Return why a light page cannot be shown, "" where it can; tried at most every 10 seconds."""
    figures: Figures = current_app.extensions["figures"]
    tried_at, reason = figures.tried
    if tried_at is None or time.monotonic() - tried_at >= TRY_EVERY:
        try:
            answer = current_app.test_client().get("/sign-in", base_url=house().settings.public_url)
            reason = f"the sign-in page answers {answer.status_code}" if answer.status_code == 500 else ""
        except Exception as trouble:
            reason = f"the sign-in page fails: {type(trouble).__name__}"
        figures.tried = (time.monotonic(), reason)
    return reason


def leader() -> str:
    """Return who does the due work: this process, another one, or nobody knows yet."""
    clockwork = current_app.extensions.get("clockwork")
    if clockwork is None or clockwork.leads is None:
        return "unknown"
    return "this" if clockwork.leads else "other"


def metrics() -> Response:
    """Figures for Prometheus, for a collector on this machine only."""
    near = ipaddress.ip_address(request.remote_addr or "0.0.0.0").is_loopback
    if not near or "X-Forwarded-For" in request.headers:
        abort(404)
    figures: Figures = current_app.extensions["figures"]
    figures.sockets.set(current_app.extensions["live"].sockets)
    clockwork = current_app.extensions.get("clockwork")
    if clockwork is not None:
        figures.leads.set(1 if clockwork.leads else 0)
        for job, failures in clockwork.failures.items():
            figures.failures.labels(job).set(failures)
    with reading() as session:
        for shop, seq in session.execute(select(Shop.slug, Shop.event_seq)):
            figures.diary.labels(shop).set(seq)
        query = select(Shop.slug, Order.state, func.count()).join(Shop, Shop.id == Order.shop_id)
        found = {(s, state): n for s, state, n in session.execute(
            query.where(Order.state.in_(OPEN)).group_by(Shop.slug, Order.state))}  # fmt: skip
        for slug in {shop for shop, _ in found}:
            for state in OPEN:
                figures.orders.labels(slug, state.value).set(found.get((slug, state), 0))
    return Response(generate_latest(figures.registry), content_type=CONTENT_TYPE_LATEST)
