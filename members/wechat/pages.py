"""Signing in by WeChat, there and back, and the signature for pages that are shared."""

import logging
import re
from http import HTTPStatus

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from members import participants
from members.entering import EntryRefused
from members.models import Member
from members.oauth import CodeRefused, NoRealAccount, ProviderMisconfigured, ProviderUnreachable
from members.pages import onward
from members.wechat import offering, states
from members.wechat.account import Account, configured, in_wechat
from members.wechat.oauth import WechatOAuth
from members.wechat.refusals import WORDS, SignInRefusal
from members.wechat.signing import JsSdkSigner, is_ours
from members.wechat.welcoming import welcome

logger = logging.getLogger(__name__)

COOKIE = "wechat_sign_in"
PATH = "/h5/wechat/"
# Browsers and WeChat both shorten addresses that are much longer.
LONGEST_ONWARD = 1_000
LONGEST_CODE = 512
# When the page's script asks again for a signature that is not to be had now.
RETRY_SECONDS = 3

_REFUSALS = {
    CodeRefused: SignInRefusal.CODE_REFUSED,
    NoRealAccount: SignInRefusal.STAND_IN,
    ProviderUnreachable: SignInRefusal.UNREACHABLE,
    ProviderMisconfigured: SignInRefusal.MISCONFIGURED,
}
_BROWSER = re.compile(r"[0-9a-f]{32}")


class _Refused(Exception):
    def __init__(self, code: SignInRefusal) -> None:
        super().__init__(code)
        self.code = code


@never_cache
@require_GET
def start(request: HttpRequest) -> HttpResponseBase:
    """Send the visitor to WeChat, to be sent back to `back` and from there on to `next`."""
    account = _configured()
    wanted = _wanted(request)
    if not in_wechat(request):
        return _refused(request, SignInRefusal.OUTSIDE, wanted)
    browser = _browser(request) or states.new_browser()
    state = states.begin(browser, wanted, now=timezone.now())
    comes_back = request.build_absolute_uri(f"{reverse('h5-wechat-back')}?{urlencode({'next': wanted})}")
    response = HttpResponseRedirect(WechatOAuth(account).authorize_url(state, comes_back, account.scope))
    response["Referrer-Policy"] = "no-referrer"
    response.set_cookie(
        COOKIE,
        browser,
        max_age=int(states.LIFE.total_seconds()),
        path=PATH,
        httponly=True,
        samesite="Lax",
        secure=not settings.LOCAL_HTTP,
    )
    return response


@never_cache
@require_GET
def back(request: HttpRequest) -> HttpResponseBase:
    """Sign in whom WeChat sends back, and go on to `next`.

    The address may be opened twice: by a double tap, by the back button, by WeChat itself. Whoever is signed in by then
    just goes on.
    """
    account = _configured()
    wanted = _wanted(request)
    try:
        member = _member_back(request, account, wanted)
    except _Refused as refused:
        if participants.participant_of(request) is None:
            return _refused(request, refused.code, wanted)
        return _onward(wanted)
    response = _onward(wanted)
    participants.sign_in(response, member, request)
    response.delete_cookie(COOKIE, path=PATH, samesite="Lax")
    return response


@never_cache
@require_GET
def signature(request: HttpRequest) -> HttpResponse:
    """Answer with what the script of the page at `url` hands to WeChat's browser."""
    account = _configured()
    url = request.GET.get("url", "")
    if not is_ours(url, request.get_host()):
        return JsonResponse({"code": "not_ours"}, status=HTTPStatus.BAD_REQUEST)
    signed = JsSdkSigner(account).sign(url, now=timezone.now())
    if signed is None:
        later = {"Retry-After": str(RETRY_SECONDS)}
        return JsonResponse({"code": "unavailable"}, status=HTTPStatus.SERVICE_UNAVAILABLE, headers=later)
    return JsonResponse(dict(signed))


def _configured() -> Account:
    found = configured()
    if found is None:
        raise Http404
    return found


def _member_back(request: HttpRequest, account: Account, wanted: str) -> Member:
    """Return the member whom WeChat sends back. Raises _Refused."""
    now = timezone.now()
    try:
        states.finish(request.GET.get("state", ""), _browser(request), wanted, now=now)
    except states.StateRefused as refused:
        raise _Refused(SignInRefusal(refused.fault)) from None
    code = request.GET.get("code", "")
    if not code:
        raise _Refused(SignInRefusal.DENIED)
    if len(code) > LONGEST_CODE:
        raise _Refused(SignInRefusal.CODE_REFUSED)
    try:
        return welcome(WechatOAuth(account).identify(code), creates=account.creates, now=now)
    except tuple(_REFUSALS) as error:
        logger.warning("nobody signed in by WeChat: %s %s", type(error).__name__, error)
        raise _Refused(_REFUSALS[type(error)]) from None
    except EntryRefused:
        raise _Refused(SignInRefusal.UNKNOWN_MEMBER) from None


def _wanted(request: HttpRequest) -> str:
    wanted = request.GET.get("next", "")
    return onward(wanted if len(wanted) <= LONGEST_ONWARD else "")


def _browser(request: HttpRequest) -> str:
    """The browser's own text; "" where it has none, which is the mark of no browser."""
    kept = request.COOKIES.get(COOKIE, "")
    return kept if _BROWSER.fullmatch(kept) else ""


def _onward(wanted: str) -> HttpResponseRedirect:
    response = HttpResponseRedirect(wanted)
    # The address holds code and state: they must not travel on to other sites.
    response["Referrer-Policy"] = "no-referrer"
    return response


def _refused(request: HttpRequest, code: SignInRefusal, wanted: str) -> HttpResponse:
    words = WORDS[code]
    context = {
        "code": str(code),
        "words": words,
        "again": offering.sign_in_path(request, wanted) if words.again else "",
        "shop": participants.shop_sign_in(wanted),
    }
    return render(request, "h5/wechat_refused.html", context, status=words.status)


urlpatterns = [
    path("wechat/start/", start, name="h5-wechat-start"),
    path("wechat/back/", back, name="h5-wechat-back"),
    path("wechat/signature/", signature, name="h5-wechat-signature"),
]
