"""Secrets at rest that must be read back: sealed with a key derived from SECRET_KEY."""

import base64
import logging

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


def _fernet() -> MultiFernet:
    return MultiFernet([_derived(key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


def _derived(secret_key: str | bytes) -> Fernet:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=PURPOSE).derive(force_bytes(secret_key))
    return Fernet(base64.urlsafe_b64encode(derived))
