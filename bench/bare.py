"""A bare Flask app that orders a cake in the same steps: static pages, and the same rows by raw SQL."""

import os
import secrets
import sqlite3
import threading
from pathlib import Path

from flask import Flask, request

from bench.rows import write_order
from bench.servers import open_file

app = Flask(__name__)
app.secret_key = "bare"
DATA = Path(os.environ["FAIRSLICE_DATA"])
PAGES = {name: (DATA / f"{name}.html").read_text() for name in ("menu", "cake", "time", "review", "wait")}
pen, mine = threading.Lock(), threading.local()


def connection() -> sqlite3.Connection:
    """This thread's connection."""
    if not hasattr(mine, "connection"):
        mine.connection = open_file(DATA)
    found: sqlite3.Connection = mine.connection
    return found


@app.get("/")
def ready() -> str:
    return "ready"


@app.get("/menu")
def menu() -> str:
    return PAGES["menu"]


@app.get("/cake")
def cake() -> str:
    return PAGES["cake"]


@app.post("/line")
def line() -> str:
    code = secrets.token_hex(3)
    with pen:
        connection().execute(
            "INSERT INTO draft (shop_id, code, box, version, saved_at, until) "
            "VALUES (1, ?, x'00', 1, datetime(), datetime())",
            (code,),
        )
    return PAGES["time"].replace("CODE", code)


@app.post("/time")
def time() -> str:
    with pen:
        connection().execute(
            "INSERT INTO slot_hold (shop_id, draft_code, due_at, until, plan) "
            "VALUES (1, ?, datetime(), datetime(), '[]')",
            (request.form["code"],),
        )
    return PAGES["review"]


@app.post("/place")
def place() -> str:
    with pen:
        order = write_order(connection())
    return f"order {order}"


@app.get("/wait")
def wait() -> str:
    return PAGES["wait"]
