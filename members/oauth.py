"""Signing members in at somebody else's door: what the house asks of a provider, and what it may answer.

One implementation: WeChat's official accounts (`members.wechat.oauth`). WeCom and others speak the same three steps.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Identified:
    """Who has come. `ids` by the names of `settings.IDENTITY_PROVIDERS`, the surest first; `nickname` may be ""."""

    ids: Mapping[str, str]
    nickname: str = ""


class OAuthError(Exception):
    """Nobody could be identified."""


class CodeRefused(OAuthError):
    """The provider does not know the code: it was used, is too old, or was made up."""


class NoRealAccount(OAuthError):
    """The provider shows the page to a stand-in, whose ids are nobody's."""


class ProviderUnreachable(OAuthError):
    """The provider does not answer, or says that it is busy. Later it may."""


class ProviderMisconfigured(OAuthError):
    """The provider does not accept us: its own settings and ours do not agree. Somebody has to look."""


class OAuthProvider(Protocol):
    def authorize_url(self, state: str, redirect_uri: str, scope: str) -> str:
        """Return where the browser goes. `state` comes back unchanged; it is at most 128 of A-Z, a-z, 0-9."""

    def identify(self, code: str) -> Identified:
        """Return who came back with `code`. Raises the OAuthErrors; it must return within a few seconds."""
