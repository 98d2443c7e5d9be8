"""What `manage.py check` says of the settings of the official account."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error

from members.wechat.account import configured
from members.wechat.calling import is_safe
from members.wechat.oauth import BASE, USERINFO


def faults(**_kwargs: Any) -> list[CheckMessage]:
    if configured() is None:
        return []
    found: list[CheckMessage] = [
        Error(f"{name} must begin with https://", id="members.E101")
        for name in ("WECHAT_API_URL", "WECHAT_AUTHORIZE_URL", "WECHAT_SDK_URL")
        if not is_safe(getattr(settings, name))
    ]
    if settings.WECHAT_SCOPE not in (BASE, USERINFO):
        found.append(Error(f"WECHAT_SCOPE is {BASE} or {USERINFO}", id="members.E102"))
    if settings.WECHAT_NEW_MEMBERS not in ("refuse", "create"):
        found.append(Error("WECHAT_NEW_MEMBERS is refuse or create", id="members.E103"))
    return found
