"""``bin/serve``: bring the database up to date, furnish the demo shop on a first start, serve."""

import argparse
import gc
import multiprocessing
import os
import signal
import socket
import sys
import traceback
from collections.abc import Sequence
from datetime import UTC, datetime
from types import FrameType

from web.config import settings_or_exit
from web.gateway import HOST, Beside, choose_port
from web.https import Files, certificate, how_to_trust, own_address


class StartRefused(Exception):
    """The shop cannot start like this; the message is the one line that says why."""


def main(argv: Sequence[str] | None = None) -> None:
    """Check what was asked for, prepare in a process of its own, then become the server."""
    options = arguments(argv)
    tell_the_settings(options)
    try:
        refuse_what_cannot_work(options)
    except StartRefused as problem:
        sys.exit(f"fairslice: {problem}")
    # Made before the fork, so that workers start at once; but nothing is opened here: a database connection must
    # not be carried into another process.
    gc.disable()  # a third of a second of looking through what is all still needed
    from wsgi import the_app

    the_app()
    gc.freeze()  # what is there now is shared by all processes: the collector must not touch and so copy it
    gc.enable()
    data = settings_or_exit().data
    options.gateway = choose_port(data, options.port)
    in_a_process_of_its_own(options)
    beside = Beside(data, options.gateway)
    try:
        serve(options)
    finally:
        beside.stop()


def arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the options of ``bin/serve``."""
    parser = argparse.ArgumentParser(prog="bin/serve", description="Set everything up, then serve the shop.")
    parser.add_argument(
        "--host", default="127.0.0.1", help="address to listen on (default: this machine only)"
    )
    parser.add_argument("--port", type=port, default=8000, help="port to listen on (default: 8000)")
    parser.add_argument("--empty", action="store_true", help="no demo shop: start with the opening questions")
    parser.add_argument("--workers", type=int, default=1, help="processes that serve (PostgreSQL only)")
    parser.add_argument(
        "--https", action="store_true", help="serve https with a certificate of this machine's own"
    )
    return parser.parse_args(argv)


def port(text: str) -> int:
    """Read a port number; raises `ValueError`, which argparse words."""
    number = int(text)
    if not 1 <= number <= 65535:
        raise ValueError
    return number


def tell_the_settings(options: argparse.Namespace) -> None:
    """Hand on to every process of the shop what only this command line knows."""
    os.environ["FAIRSLICE_PORT"] = str(options.port)
    os.environ["FAIRSLICE_HTTPS"] = str(int(options.https))
    if options.host not in {"127.0.0.1", "::1", "localhost"}:
        os.environ.setdefault("PUBLIC_URL", address(options))


def refuse_what_cannot_work(options: argparse.Namespace) -> None:
    """Raise `StartRefused` for options that contradict the database or the machine."""
    settings = settings_or_exit()
    if options.workers < 1:
        raise StartRefused("--workers must be 1 or more.")
    if options.workers > 1 and settings.is_sqlite:
        raise StartRefused(
            "--workers needs PostgreSQL: SQLite has one process that serves. Set DATABASE_URL."
        )
    family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((options.host, options.port))
        except OSError as problem:
            raise StartRefused(
                f"{options.host}:{options.port} cannot be used ({problem.strerror}); choose another --port."
            ) from problem


def address(options: argparse.Namespace) -> str:
    """Return the address that a browser uses: this machine's on its network where it listens to all."""
    host = own_address() or "127.0.0.1" if options.host in {"0.0.0.0", "::"} else options.host
    host = f"[{host}]" if ":" in host else host
    return f"{'https' if options.https else 'http'}://{host}:{options.port}"


def in_a_process_of_its_own(options: argparse.Namespace) -> None:
    """Run `prepare` in a fork, so that none of its connections or threads live on in the server."""
    child = multiprocessing.get_context("fork").Process(target=prepare_or_explain, args=(options,))

    def stop(number: int, frame: FrameType | None) -> None:
        child.terminate()

    child.start()
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal tells the child as well; its end is ours
    child.join()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if child.exitcode:
        sys.exit(child.exitcode if child.exitcode > 0 else 128 - child.exitcode)


def prepare_or_explain(options: argparse.Namespace) -> None:
    """Prepare; a wrong setting or a database that does not answer becomes one clear line."""
    from sqlalchemy.exc import OperationalError

    try:
        prepare(options)
    except (ValueError, OSError, RuntimeError, OperationalError, StartRefused) as problem:
        if os.environ.get("FAIRSLICE_TRACEBACK"):
            traceback.print_exc()
        words = " ".join(str(getattr(problem, "orig", None) or problem).split())
        sys.exit(f"fairslice: the shop cannot start: {words}")


def prepare(options: argparse.Namespace) -> None:
    """Migrate, make the demo shop where nothing is yet, print where everything is."""
    from shop.upkeep.demo.gateway.keyring import close_accounts, open_accounts
    from web.furnish import furnish_demo, step, the_shop, welcome
    from web.upgrade import at_head, upgrade
    from wsgi import the_app

    app = the_app()
    with app.app_context():
        if not at_head():
            with step("bringing the database up to date"):
                upgrade(app)
        if the_shop() is None and not options.empty:
            with step("making the demo shop with ninety days of history"):
                furnish_demo()
        shop, gateway = the_shop(), f"http://{HOST}:{options.gateway}"
        if shop is not None and shop.is_demo:
            open_accounts(settings_or_exit().data, gateway)
        else:
            close_accounts(settings_or_exit().data)
        print("\n".join(welcome(address(options), shop, gateway)), flush=True)


def https_files(options: argparse.Namespace) -> Files:
    """Return the certificate for this machine, made where needed; leaves with one line where it cannot be."""
    try:
        return certificate(settings_or_exit().data / "https", options.host, datetime.now(UTC))
    except ValueError as problem:
        sys.exit(f"fairslice: {problem}")


def serve(options: argparse.Namespace) -> None:
    """Become gunicorn; returns when the shop is stopped."""
    from gunicorn.app.wsgiapp import run

    host = f"[{options.host}]" if ":" in options.host else options.host
    command = [
        "-c",
        "python:web.gunicorn",
        "--bind",
        f"{host}:{options.port}",
        "--workers",
        str(options.workers),
    ]
    if options.https:
        files = https_files(options)
        print(how_to_trust(files, address(options)), flush=True)
        command += ["--certfile", str(files.certificate), "--keyfile", str(files.key)]
    sys.argv = ["fairslice", *command]
    run()


if __name__ == "__main__":
    main()
