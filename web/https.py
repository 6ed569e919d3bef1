"""A certificate for a shop's own network: ``bin/serve --https`` makes a small authority and signs with it.

Tablets trust the authority once (``authority.crt``); the machine's certificate is renewed under it without a
second visit. The authority can vouch for private addresses and local names only, so that its key, should it ever
be copied, opens nothing else.
"""

import ipaddress
import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

AUTHORITY_YEARS = 10
DAYS = 397
"""The longest life that browsers accept for a server's certificate."""
RENEW_BEFORE = timedelta(days=30)
LOCAL_NAMES = ("localhost", "local", "lan", "home.arpa", "internal")
PRIVATE_NETWORKS = (
    "127.0.0.0/8",
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "169.254.0.0/16",
    "::1/128",
    "fc00::/7",
    "fe80::/10",
)


@dataclass(frozen=True)
class Files:
    """Where the certificate, its key and the authority to trust lie."""

    certificate: Path
    key: Path
    authority: Path


def certificate(folder: Path, host: str, at: datetime) -> Files:
    """Return a certificate for this machine's names, made or renewed under ``folder`` where needed."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    files = Files(folder / "server.crt", folder / "server.key", folder / "authority.crt")
    names = names_of_this_machine(host)
    if not files.authority.exists() or not (folder / "authority.key").exists():
        make_authority(folder, at)
        files.certificate.unlink(missing_ok=True)
    if not still_good(files.certificate, names, at):
        sign(folder, names, at)
    return files


def how_to_trust(files: Files, address: str) -> str:
    """Say in plain words what to do once on each tablet."""
    mark = x509.load_pem_x509_certificate(files.authority.read_bytes()).fingerprint(hashes.SHA256()).hex(":")
    return (
        f"Trust this shop's certificate once on each tablet: copy {files.authority} to it and install it\n"
        "  Android: Settings > Security > Install a certificate > CA certificate\n"
        "  iPad:    open it, Settings > Profile downloaded, then General > About > Certificate trust\n"
        f"  then open {address}/ there. Its SHA-256 mark is {mark.upper()}"
    )


def names_of_this_machine(host: str) -> list[str]:
    """Return the names and addresses under which tablets of the same network may reach this machine.

    Raises `ValueError` for a host that the authority cannot vouch for: one such name spoils the certificate.
    """
    if host not in {"0.0.0.0", "::"} and not is_local(host):
        raise ValueError(
            f"--https is for the shop's own network; {host} needs a proxy with a public certificate."
        )
    machine = socket.gethostname().split(".")[0].lower()
    names = {host, "localhost", "127.0.0.1", "::1", f"{machine}.local", own_address()}
    return sorted(filter(is_local, names))


def is_local(name: str) -> bool:
    """Whether a name or address belongs to a private network."""
    try:
        found = ipaddress.ip_address(name)
    except ValueError:
        return name.rpartition(".")[2] in LOCAL_NAMES or name.endswith(".home.arpa")
    return any(found in ipaddress.ip_network(each) for each in PRIVATE_NETWORKS)


def own_address() -> str:
    """The address of this machine on its network, or "" without one; nothing is sent to find it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(
                ("192.0.2.1", 9)
            )  # a documentation address: it only makes the kernel choose a way out
        except OSError:
            return ""
        return str(probe.getsockname()[0])


def make_authority(folder: Path, at: datetime) -> None:
    """Make the authority: a key that only this folder has, and the certificate that tablets trust."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Fairslice at {socket.gethostname()}"[:64])])
    permitted: list[x509.GeneralName] = [x509.DNSName(each) for each in LOCAL_NAMES]
    permitted += [x509.IPAddress(ipaddress.ip_network(each)) for each in PRIVATE_NETWORKS]
    made = (
        dated(name, name, key.public_key(), at, timedelta(days=365 * AUTHORITY_YEARS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage(signs_certificates=True), critical=True)
        .add_extension(
            x509.NameConstraints(permitted_subtrees=permitted, excluded_subtrees=None), critical=True
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    keep(folder / "authority.key", key)
    (folder / "authority.crt").write_bytes(made.public_bytes(serialization.Encoding.PEM))


def sign(folder: Path, names: Sequence[str], at: datetime) -> None:
    """Make this machine's key and certificate for ``names``, signed by the authority in ``folder``."""
    authority_key = serialization.load_pem_private_key((folder / "authority.key").read_bytes(), password=None)
    assert isinstance(authority_key, ec.EllipticCurvePrivateKey)
    authority = x509.load_pem_x509_certificate((folder / "authority.crt").read_bytes())
    key = ec.generate_private_key(ec.SECP256R1())
    made = (
        dated(x509.Name([]), authority.subject, key.public_key(), at, timedelta(days=DAYS))
        .add_extension(x509.SubjectAlternativeName([general_name(each) for each in names]), critical=True)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False
        )
        .sign(authority_key, hashes.SHA256())
    )
    keep(folder / "server.key", key)
    (folder / "server.crt").write_bytes(made.public_bytes(serialization.Encoding.PEM))


def still_good(path: Path, names: Sequence[str], at: datetime) -> bool:
    """Whether the certificate covers every name and lives long enough."""
    if not path.exists():
        return False
    found = x509.load_pem_x509_certificate(path.read_bytes())
    covered = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    known = {str(each.value) for each in covered}
    return set(names) <= known and at.astimezone(UTC) + RENEW_BEFORE < found.not_valid_after_utc


def dated(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, at: datetime, life: timedelta
) -> x509.CertificateBuilder:
    """Start a certificate; it counts from a day back, because tablets' clocks differ."""
    return (
        x509.CertificateBuilder(issuer_name=issuer, subject_name=subject, public_key=key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - timedelta(days=1))
        .not_valid_after(at - timedelta(days=1) + life)
    )


def usage(*, signs_certificates: bool) -> x509.KeyUsage:
    """What the key may do: sign certificates, or sign a connection's start."""
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def general_name(name: str) -> x509.GeneralName:
    """An address or a host name, in the certificate's words."""
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def keep(path: Path, key: ec.EllipticCurvePrivateKey) -> None:
    """Write a private key that only its owner can read."""
    text = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(text)
