"""Signatures of results: HMAC-SHA256 over "round|result|moves", in hexadecimal digits.

A game whose page we do not play again signs with the key of its round: that binds the result to a round begun here,
but the page knows the key, so whoever reads the page can sign too. The server of an outside game signs with the secret
of its task, which no page knows. The secret is derived from the keys of the installation and the names of campaign and
task: it is nowhere stored, in no file of a campaign, and raising "secret" in the configuration makes another one.
"""

import hmac
from typing import Any

from django.utils.translation import gettext_lazy as _

from campaigns.refusals import Because, Refused
from operations.keyring import Keyring

FORGED = Because("game_not_signed", _("This result is not signed by the game. It does not count."), 403)

_KEYS = Keyring(sealing=b"qianmian: secrets of games, sealed", finding=b"qianmian: secrets of games")


def secret_of(campaign: str, task: str, number: int) -> str:
    """The secret that the server of an outside game signs with, under the first key of the installation."""
    return _KEYS.hash_of(_name(campaign, task, number)).hex()


def signature(key: str, named: str, result: int, moves: str = "") -> str:
    return hmac.digest(key.encode(), f"{named}|{result}|{moves}".encode(), "sha256").hex()


def check(keys: "list[str]", signed: Any, named: str, result: int, moves: str = "") -> None:
    """Raises Refused unless one of the keys made the signature."""
    given = signed if isinstance(signed, str) and signed.isascii() else ""
    if not any(hmac.compare_digest(signature(key, named, result, moves), given.lower()) for key in keys):
        raise Refused(FORGED)


def secrets_of(campaign: str, task: str, number: int) -> list[str]:
    """The secret under each key of the installation, so that one that is being replaced still counts."""
    return [each.hex() for each in _KEYS.hashes_of(_name(campaign, task, number))]


def _name(campaign: str, task: str, number: int) -> str:
    return f"{campaign}|{task}|{number}"
