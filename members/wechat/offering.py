"""What WeChat adds to an answer: the way to sign in, and the one foreign script that a page may run."""

from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import urlencode

from members.wechat import account

_MARK = "_wechat_sdk_origin"


def sign_in_path(request: HttpRequest, onward: str) -> str:
    """Return where the visitor signs in by WeChat and comes back to `onward`; "" where that is not possible."""
    if account.met_by(request) is None:
        return ""
    start = reverse("h5-wechat-start")
    return f"{start}?{urlencode({'next': onward})}" if onward else start


def let_sdk_in(request: HttpRequest) -> str:
    """Let the answer to this request run WeChat's script, and return its address; "" where it does without."""
    met = account.met_by(request)
    if met is None:
        return ""
    setattr(request, _MARK, met.sdk_origin)
    return met.sdk_url


def sdk_origin(request: HttpRequest) -> str:
    """Return the origin whose script the answer to this request may run; "" for none but our own."""
    return getattr(request, _MARK, "")
