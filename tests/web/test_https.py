"""The shop's own certificate: browsers that trust the authority accept it, and nothing more than local names."""

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from web.https import Files, certificate, is_local, sign

NOW = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)


def verify(files: Files, name: str, at: datetime) -> None:
    authority = x509.load_pem_x509_certificate(files.authority.read_bytes())
    server = x509.load_pem_x509_certificate(files.certificate.read_bytes())
    policy = PolicyBuilder().store(Store([authority])).time(at)
    policy.build_server_verifier(x509.DNSName(name)).verify(server, [])


def test_who_trusts_the_authority_accepts_the_machine(tmp_path: Path) -> None:
    files = certificate(tmp_path / "https", "192.168.1.20", NOW)
    verify(files, "localhost", NOW)
    ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(files.certificate, files.key)
    assert files.key.stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "https" / "authority.key").stat().st_mode & 0o777 == 0o600


def test_the_authority_cannot_vouch_for_other_names(tmp_path: Path) -> None:
    files = certificate(tmp_path, "127.0.0.1", NOW)
    sign(tmp_path, ["bank.example.com"], NOW)
    with pytest.raises(VerificationError):
        verify(files, "bank.example.com", NOW)


def test_a_public_host_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"shop\.example\.com"):
        certificate(tmp_path, "shop.example.com", NOW)


def test_renewal_keeps_the_authority_that_tablets_trust(tmp_path: Path) -> None:
    first = certificate(tmp_path, "127.0.0.1", NOW)
    authority, server = first.authority.read_bytes(), first.certificate.read_bytes()
    assert certificate(tmp_path, "127.0.0.1", NOW + timedelta(days=200)).certificate.read_bytes() == server
    later = NOW + timedelta(days=380)
    renewed = certificate(tmp_path, "127.0.0.1", later)
    assert renewed.certificate.read_bytes() != server
    assert renewed.authority.read_bytes() == authority
    verify(renewed, "localhost", later)


@pytest.mark.parametrize(
    ("name", "local"),
    [
        ("10.1.2.3", True),
        ("::1", True),
        ("till.local", True),
        ("localhost", True),
        ("8.8.8.8", False),
        ("a.com", False),
    ],
)
def test_what_counts_as_local(name: str, local: bool) -> None:
    assert is_local(name) is local
