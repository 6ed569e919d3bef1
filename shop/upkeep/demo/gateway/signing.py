"""RSA with SHA-256, as both providers sign and check; AES-256-GCM as WeChat Pay wraps a notify."""

import base64
import os
from collections.abc import Mapping

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256


def sign(key: RSAPrivateKey, text: str) -> str:
    """Return the signature of ``text`` in base64."""
    return base64.b64encode(key.sign(text.encode(), PKCS1v15(), SHA256())).decode()


def holds(key: RSAPublicKey, text: str, signature: str) -> bool:
    """Whether a signature is the one of ``text`` by this key."""
    try:
        key.verify(base64.b64decode(signature, validate=True), text.encode(), PKCS1v15(), SHA256())
    except (InvalidSignature, ValueError):
        return False
    return True


def in_order(values: Mapping[str, str]) -> str:
    """Return what Alipay signs: ``name=value`` in the order of the names."""
    return "&".join(f"{name}={value}" for name, value in sorted(values.items()))


def wrapped(api_key: str, text: str, about: str) -> dict[str, str]:
    """Return ``text`` encrypted as the resource of a WeChat Pay notify."""
    nonce = os.urandom(6).hex()
    box = AESGCM(api_key.encode()).encrypt(nonce.encode(), text.encode(), about.encode())
    return {
        "algorithm": "AEAD_AES_256_GCM", "ciphertext": base64.b64encode(box).decode(), "nonce": nonce,
        "associated_data": about, "original_type": about,
    }  # fmt: skip
