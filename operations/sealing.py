"""Secrets at rest: keys for a purpose, derived from the keys of the installation, and secrets that are read back."""

import base64
import logging
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.utils.encoding import force_bytes

logger = logging.getLogger(__name__)

PURPOSE = b"qianmian: signing secrets of API keys"


def seal(secret: str) -> str:
    """Return `secret` encrypted under SECRET_KEY."""
    return _fernet().encrypt(secret.encode()).decode("ascii")


def unseal(sealed: str) -> str | None:
    """Return the secret, or None when neither SECRET_KEY nor SECRET_KEY_FALLBACKS sealed it."""
    try:
        return _fernet().decrypt(sealed.encode()).decode()
    except InvalidToken:
        logger.exception("a sealed secret cannot be opened: has SECRET_KEY changed without a fallback?")
        return None


@lru_cache(maxsize=32)
def derived_key(key: str | bytes, purpose: bytes) -> bytes:
    """Return 32 bytes that `key` gives for one purpose. What is known of them tells nothing of another purpose's."""
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(force_bytes(key))


def _fernet() -> MultiFernet:
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return MultiFernet([Fernet(base64.urlsafe_b64encode(derived_key(key, PURPOSE))) for key in keys])
