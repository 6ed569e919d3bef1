"""What bin/serve refuses, and in which words."""

import socket

import pytest

from web.start import StartRefused, address, arguments, refuse_what_cannot_work


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_several_workers_need_postgresql(monkeypatch: pytest.MonkeyPatch) -> None:
    port = str(free_port())
    monkeypatch.delenv("DATABASE_URL", raising=False)
    with pytest.raises(StartRefused, match="needs PostgreSQL"):
        refuse_what_cannot_work(arguments(["--workers", "2", "--port", port]))
    monkeypatch.setenv("DATABASE_URL", "postgresql://shop@localhost/shop")
    refuse_what_cannot_work(arguments(["--workers", "2", "--port", port]))


def test_a_port_in_use_is_named() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(StartRefused, match=f"127.0.0.1:{port} cannot be used"):
            refuse_what_cannot_work(arguments(["--port", str(port)]))


@pytest.mark.parametrize("port", ["0", "65536", "many"])
def test_a_port_is_a_number_in_range(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        arguments(["--port", port])
    assert "invalid port value" in capsys.readouterr().err


def test_addresses_are_whole() -> None:
    assert address(arguments([])) == "http://127.0.0.1:8000"
    assert address(arguments(["--host", "::1", "--https", "--port", "443"])) == "https://[::1]:443"
