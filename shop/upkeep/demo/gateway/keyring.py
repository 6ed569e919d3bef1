"""The keys of both sides, made at the first start, and the demo shop's accounts at the gateway.

The gateway keeps its own private keys and the shop's public ones; the shop gets the reverse.
"""

import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey, generate_private_key

from shop.core.keys import new_code

APP_ALIPAY, SELLER = "2021000100000001", "2088000000000001"
APP_WECHAT, MERCHANT = "wxfa1c0000000000d1", "1900000001"
SERIAL = "5157F09EFDC096DE15EBE81A47057A7232F1B8E1"
PUBLIC_KEY_ID = "PUB_KEY_ID_0119000000012026112200000001"
FILE = "keys.json"


@dataclass(frozen=True)
class Keyring:
    """``alipay`` and ``wechat`` sign for the providers; ``shop_*`` are the shop's public keys."""

    alipay: RSAPrivateKey
    wechat: RSAPrivateKey
    shop_alipay: RSAPublicKey
    shop_wechat: RSAPublicKey
    api_key: str


def keyring(data: Path) -> Keyring:
    """Return the gateway's keys from its folder in ``data``, made with the shop's account the first time."""
    folder = data / "gateway"
    if not (folder / FILE).is_file():
        _make(folder)
    said = json.loads((folder / FILE).read_text())
    private = {name: _load(said[name]) for name in ("alipay", "wechat", "shop_alipay", "shop_wechat")}
    return Keyring(
        private["alipay"], private["wechat"], private["shop_alipay"].public_key(), private["shop_wechat"].public_key(),
        said["api_key"],
    )  # fmt: skip


def open_accounts(data: Path, address: str) -> list[str]:
    """Give the demo shop its accounts at the gateway at ``address``; an account of its own stays as it is.

    Returns the methods whose accounts are the gateway's.
    """
    keyring(data)
    said = json.loads((data / "gateway" / FILE).read_text())
    accounts = {
        "alipay": {"app_id": APP_ALIPAY, "seller_id": SELLER, "gateway": f"{address}/alipay/gateway.do"},
        "wechat": {
            "app_id": APP_WECHAT, "merchant_id": MERCHANT, "private_key_serial": SERIAL,
            "public_key_id": PUBLIC_KEY_ID, "api_key": said["api_key"], "gateway": address,
        },
    }  # fmt: skip
    folder = data / "payments"
    folder.mkdir(parents=True, exist_ok=True)
    opened = []
    for name, account in accounts.items():
        if not _is_the_gateways(folder / f"{name}.json"):
            continue
        theirs = _pem(_load(said[name]).public_key())
        _write(folder / f"{name}-gateway-ours.pem", said[f"shop_{name}"])
        _write(folder / f"{name}-gateway-theirs.pem", theirs)
        account |= {"private_key": f"{name}-gateway-ours.pem", "public_key": f"{name}-gateway-theirs.pem"}
        _write(folder / f"{name}.json", json.dumps({**account, "demo": "yes"}, indent=1))
        opened.append(name)
    return opened


def close_accounts(data: Path) -> None:
    """Take the gateway's accounts away: a real shop must never show a code that only pretends."""
    for file in (data / "payments").glob("*.json"):
        if _is_the_gateways(file):
            file.unlink()


def port_before(data: Path) -> int:
    """Return the port where the gateway was the last time, so that codes shown then still lead there; 0 if none."""
    for file in sorted((data / "payments").glob("*.json")):
        if file.is_file() and _is_the_gateways(file):
            return urlsplit(json.loads(file.read_text())["gateway"]).port or 0
    return 0


def _is_the_gateways(file: Path) -> bool:
    """Whether an account is missing, or was opened here."""
    try:
        return bool(json.loads(file.read_text()).get("demo") == "yes")
    except FileNotFoundError:
        return True
    except (OSError, ValueError, AttributeError):
        return False


def _make(folder: Path) -> None:
    names = ("alipay", "wechat", "shop_alipay", "shop_wechat")
    keys = {name: _pem_of(generate_private_key(public_exponent=65537, key_size=2048)) for name in names}
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / FILE, json.dumps({**keys, "api_key": new_code(32)}, indent=1))


def _write(file: Path, text: str) -> None:
    """Put a file in its place at once, for nobody else to read."""
    new = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as out:
        out.write(text)
    new.replace(file)


def _pem_of(key: RSAPrivateKey) -> str:
    kind = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, kind, serialization.NoEncryption()).decode()


def _pem(key: RSAPublicKey) -> str:
    kind = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_bytes(serialization.Encoding.PEM, kind).decode()


def _load(pem: str) -> RSAPrivateKey:
    # Made on this machine: whether its numbers fit each other needs no proof of 0.05 s at every start.
    key = serialization.load_pem_private_key(pem.encode(), None, unsafe_skip_rsa_key_validation=True)
    assert isinstance(key, RSAPrivateKey)
    return key
