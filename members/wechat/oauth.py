"""Signing in by an official account (网页授权): the page that asks for consent, and who came back from it."""

import logging
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from members.oauth import CodeRefused, Identified, NoRealAccount, ProviderMisconfigured, ProviderUnreachable
from members.wechat.account import Account
from members.wechat.calling import Calls, WechatError, WechatUnreachable

logger = logging.getLogger(__name__)

UNIONID, OPENID = "wechat-unionid", "wechat-openid"
# Without a question: the openid alone. With one: also the nickname, and the unionid.
BASE, USERINFO = "snsapi_base", "snsapi_userinfo"
# Somebody waits for it, on a page that has nothing else to show.
SECONDS = 5.0

# WeChat's errcodes: a code unknown, expired, missing, or used; a busy system, and calls too often.
_OF_THE_CODE = {40029, 41008, 42003, 40163}
_PASSING = {-1, 45009, 45011}
_LONGEST_ID, _LONGEST_NAME = 128, 100
# What WeChat calls whoever does not tell a name.
_NO_NAME = "微信用户"


class WechatOAuth:
    """`members.oauth.OAuthProvider`, for one official account."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def authorize_url(self, state: str, redirect_uri: str, scope: str) -> str:
        # In the order of the documentation: WeChat has been seen to refuse another.
        asked = {
            "appid": self._account.app_id,
            "redirect_uri": redirect_uri,
            "response_type": "code",
            "scope": scope,
            "state": state,
        }
        return f"{self._account.authorize_url}?{urlencode(asked)}#wechat_redirect"

    def identify(self, code: str) -> Identified:
        calls = Calls(self._account.api_url, seconds=SECONDS)
        try:
            told = calls.get(
                "/sns/oauth2/access_token",
                appid=self._account.app_id,
                secret=self._account.secret,
                code=code,
                grant_type="authorization_code",
            )
        except WechatUnreachable as error:
            raise ProviderUnreachable(str(error)) from None
        except WechatError as error:
            raise _refusal(error) from None
        if told.get("is_snapshotuser"):
            raise NoRealAccount
        openid = _id(told.get("openid"))
        if not openid:
            raise ProviderUnreachable("an answer without an openid")
        more = self._more(calls, told, openid)
        unionid = _id(told.get("unionid")) or _id(more.get("unionid"))
        ids = {UNIONID: unionid, OPENID: openid} if unionid else {OPENID: openid}
        return Identified(ids, _nickname(more.get("nickname")))

    def _more(self, calls: Calls, told: Mapping[str, Any], openid: str) -> Mapping[str, Any]:
        """Return what the member let us see of them; nothing where it cannot be had: the openid says enough."""
        if USERINFO not in str(told.get("scope", "")):
            return {}
        try:
            return calls.get("/sns/userinfo", access_token=str(told.get("access_token")), openid=openid, lang="zh_CN")
        except (WechatUnreachable, WechatError) as error:
            logger.info("WeChat did not tell the nickname: %s", error)
            return {}


def _refusal(error: WechatError) -> CodeRefused | ProviderUnreachable | ProviderMisconfigured:
    if error.code in _OF_THE_CODE:
        return CodeRefused(str(error))
    return ProviderUnreachable(str(error)) if error.code in _PASSING else ProviderMisconfigured(str(error))


def _id(value: object) -> str:
    usable = isinstance(value, str) and len(value) <= _LONGEST_ID and value.isascii() and value.isprintable()
    return str(value) if usable else ""


def _nickname(value: object) -> str:
    if not isinstance(value, str) or value == _NO_NAME:
        return ""
    # As a nickname may hold anything: what is invisible or turns the text around is left out.
    return "".join(each for each in value if each.isprintable()).strip()[:_LONGEST_NAME]
