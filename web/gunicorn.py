"""How gunicorn serves the shop; read by web/start.py and by hand as ``gunicorn -c python:web.gunicorn``."""

import gc
import os
import signal
import threading
from pathlib import Path
from types import FrameType
from typing import Any

from web.config import settings_or_exit

SPARE_THREADS = 32
"""Threads that ordinary requests always find free, however many screens are connected."""

wsgi_app = "wsgi:the_app()"
worker_class = "gthread"
threads = settings_or_exit().sockets + SPARE_THREADS  # a socket holds its thread as long as it is open
worker_connections = 4 * threads
keepalive = 5
timeout = 60
graceful_timeout = 3  # sockets never end by themselves: a stop takes at most this long
# In memory: a slow disk must not look like a dead worker.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None
control_socket_disable = True
accesslog = None  # tokens in addresses do not belong in a log; /metrics counts requests
loglevel = "warning"
proc_name = "fairslice"


def post_worker_init(worker: Any) -> None:
    """Begin what comes due by itself, tell whoever started the shop that it answers, and make sure that a stop
    ends."""
    from web import database, jobs

    app = worker.app.wsgi()
    with app.app_context():
        database.start_clean(let_another_follow)
    jobs.start(app)
    # What stands now stays: a look through all of it, 0.1 s that every request would wait for, finds nothing.
    gc.collect()
    gc.freeze()
    gc.set_threshold(5_000, 20, 20)
    if worker.age == 1:
        print("Ready. Stop with Ctrl+C.", flush=True)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT):
        signal.signal(number, leave_in_time(signal.getsignal(number)))


def let_another_follow() -> None:
    """End this worker as a stop does, so that gunicorn starts another one; who waits for an answer still gets it."""
    os.kill(os.getpid(), signal.SIGTERM)


def leave_in_time(stop: Any) -> Any:
    """Wrap gunicorn's handler: requests may finish, but a socket's thread must not hold the process up."""

    def handler(number: int, frame: FrameType | None) -> None:
        last_moment = threading.Timer(graceful_timeout - 0.5, os._exit, [0])
        last_moment.daemon = True
        last_moment.start()
        threading.Thread(target=let_screens_go, daemon=True).start()  # not here: a handler must take no lock
        stop(number, frame)

    return handler


def let_screens_go() -> None:
    """Close every socket with "come back": the screens are at the next process as soon as it answers."""
    from web import live

    live.leave()
