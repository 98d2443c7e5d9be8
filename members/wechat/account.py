"""The official account (公众号) that the settings name, and whether a request comes out of WeChat's browser."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest

# WeCom's browser calls itself both; it does not know official accounts.
_BROWSER, _WECOM = "MicroMessenger", "wxwork"


@dataclass(frozen=True, slots=True)
class Account:
    """An official account and where its provider is reached. `creates`: who is unknown becomes a member."""

    app_id: str
    secret: str
    api_url: str
    authorize_url: str
    sdk_url: str
    scope: str
    creates: bool

    @property
    def sdk_origin(self) -> str:
        """The origin of the provider's script, as a Content-Security-Policy names it."""
        parts = urlsplit(self.sdk_url)
        return f"{parts.scheme}://{parts.netloc}"


def configured() -> Account | None:
    if not (settings.WECHAT_APP_ID and settings.WECHAT_APP_SECRET):
        return None
    return Account(
        app_id=settings.WECHAT_APP_ID,
        secret=settings.WECHAT_APP_SECRET,
        api_url=settings.WECHAT_API_URL,
        authorize_url=settings.WECHAT_AUTHORIZE_URL,
        sdk_url=settings.WECHAT_SDK_URL,
        scope=settings.WECHAT_SCOPE,
        creates=settings.WECHAT_NEW_MEMBERS == "create",
    )


def in_wechat(request: HttpRequest) -> bool:
    browser = request.META.get("HTTP_USER_AGENT", "")
    return _BROWSER in browser and _WECOM not in browser


def met_by(request: HttpRequest) -> Account | None:
    """Return the account that may serve the request: one is configured, and the browser is WeChat's."""
    return configured() if in_wechat(request) else None
