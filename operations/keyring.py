"""Values sealed at rest, each under the keys of the installation, and found again by a keyed hash.

A sealed value is the id of its key (4 bytes), a random nonce (12) and AES-GCM's ciphertext, bound to its kind so that a
value never opens as one of another kind. The first of `settings.PERSONAL_DATA_KEYS` seals; any of them opens and finds
(`manage.py reseal_personal_data` moves all to the first).
"""

import hmac
import logging
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from operations.sealing import derived_key

logger = logging.getLogger(__name__)

KEY_ID_LENGTH = 4
NONCE_LENGTH = 12

Stored = bytes | memoryview


class Sealed(NamedTuple):
    """What is stored of a value: the ciphertext and the hash by which it is found."""

    sealed: bytes
    found_by: bytes


@dataclass(frozen=True, slots=True)
class Key:
    """One key of the installation, made ready."""

    key_id: bytes
    cipher: AESGCM
    finding: bytes


@dataclass(frozen=True, slots=True)
class Keyring:
    """The keys for one sort of values. What is known of them tells nothing of another ring's.

    `sealing` and `finding` name what the derived keys are for.
    """

    sealing: bytes
    finding: bytes

    def seal(self, kind: str, text: str) -> bytes:
        """Return `text` as it is stored. Sealing it again gives other bytes."""
        return _seal(self._keys()[0], kind.encode(), text)

    def seal_all(self, kind: str, texts: Iterable[str]) -> Iterator[Sealed]:
        """Yield each text as it is stored, with its hash. To look for the keys takes longer than to seal one."""
        key, bound_to = self._keys()[0], kind.encode()
        return (Sealed(_seal(key, bound_to, text), _hash(key, text)) for text in texts)

    def open(self, kind: str, sealed: Stored) -> str | None:
        """Return the text, None where no key of the installation opens it."""
        sealed = bytes(sealed)
        key_id, nonce = sealed[:KEY_ID_LENGTH], sealed[KEY_ID_LENGTH : KEY_ID_LENGTH + NONCE_LENGTH]
        for key in self._keys():
            if key.key_id == key_id:
                try:
                    return key.cipher.decrypt(nonce, sealed[KEY_ID_LENGTH + NONCE_LENGTH :], kind.encode()).decode()
                except InvalidTag:
                    break
        logger.error("a %s cannot be opened: has a key gone from PERSONAL_DATA_KEYS?", kind)
        return None

    def is_of_first_key(self, sealed: Stored) -> bool:
        """Tell whether the first key sealed it: then that key's hash stands beside it."""
        return bytes(sealed[:KEY_ID_LENGTH]) == self._keys()[0].key_id

    def hash_of(self, text: str) -> bytes:
        """Return the hash by which a value is found, under the first key."""
        return _hash(self._keys()[0], text)

    def hashes_of(self, text: str) -> list[bytes]:
        """Return the hash of a value under every key, the first key's first."""
        return [_hash(key, text) for key in self._keys()]

    def older_hashes_of(self, texts: Iterable[str]) -> Iterator[list[bytes]]:
        """Yield for each text its hashes under every key but the first."""
        older = self._keys()[1:]
        return ([_hash(key, text) for key in older] for text in texts)

    def _keys(self) -> tuple[Key, ...]:
        keys = tuple(settings.PERSONAL_DATA_KEYS or (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS))
        return _ready(keys, self.sealing, self.finding)


def _seal(key: Key, kind: bytes, text: str) -> bytes:
    nonce = os.urandom(NONCE_LENGTH)
    return key.key_id + nonce + key.cipher.encrypt(nonce, text.encode(), kind)


def _hash(key: Key, text: str) -> bytes:
    return hmac.digest(key.finding, text.encode(), "sha256")


@lru_cache(maxsize=32)
def _ready(keys: tuple[str | bytes, ...], sealing: bytes, finding: bytes) -> tuple[Key, ...]:
    return tuple(_made_ready(key, sealing, finding) for key in keys)


def _made_ready(key: str | bytes, sealing: bytes, finding: bytes) -> Key:
    found_by = derived_key(key, finding)
    key_id = hmac.digest(found_by, b"key id", "sha256")[:KEY_ID_LENGTH]
    return Key(key_id, AESGCM(derived_key(key, sealing)), found_by)
