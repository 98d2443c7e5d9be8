"""Who pays red packets out. `settings.DELIVERY_PROVIDERS` names them: {name: {"kind": …, other options}}."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any, Protocol

from django.conf import settings
from django.utils.module_loading import import_string


class Verdict(StrEnum):
    DELIVERED = "delivered"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Request:
    """One payment. The provider pays at most once for a `key`, however often it is asked.

    `account` is the member's id where the provider needs one (`Provider.needs_identity`), else "".
    """

    key: str
    cents: int
    currency: str
    uid: str
    account: str
    award: int
    gift: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a payment. FAILED: certainly not paid; UNKNOWN: perhaps paid. `final`: the next try fails too."""

    verdict: Verdict
    reference: str = ""
    error: str = ""
    final: bool = False


class Provider(Protocol):
    """`needs_identity` names the provider of identities (`settings.IDENTITY_PROVIDERS`) to which it pays, or is "".

    `by_hand`: nothing is sent; an operator pays and says so.
    """

    needs_identity: str
    by_hand: bool

    def send(self, request: Request) -> Outcome:
        """Pay. What it raises counts as UNKNOWN. It must return within 30 seconds."""

    def find(self, key: str) -> Outcome | None:
        """Return what became of the payment with this key, None if the provider has never heard of it."""


class NotConfigured(LookupError):
    """`settings.DELIVERY_PROVIDERS` has no provider of this name."""


KINDS: dict[str, str] = {
    "manual": "rewards.delivery_providers.by_hand.ByHand",
    "http": "rewards.delivery_providers.over_http.OverHttp",
    "sandbox": "rewards.delivery_providers.sandbox.Sandbox",
}


def names() -> list[str]:
    return list(settings.DELIVERY_PROVIDERS)


def provider_of(name: str) -> Provider:
    """Return the provider. Raises NotConfigured."""
    options = settings.DELIVERY_PROVIDERS.get(name)
    if options is None:
        raise NotConfigured(name)
    return _made(name, tuple(sorted(options.items())))


@lru_cache(maxsize=32)
def _made(name: str, options: tuple[tuple[str, Any], ...]) -> Provider:
    """`kind` is one of KINDS, or the dotted path of a class that is called with the other options."""
    given: Mapping[str, Any] = dict(options)
    kind = given.get("kind", name)
    made: Callable[..., Provider] = import_string(KINDS.get(kind, kind))
    return made(**{option: value for option, value in given.items() if option != "kind"})
