"""A WeChat of one's own, on this machine alone, for tests and for trying by hand.

    .venv/bin/python -m demo.fake_wechat [PORT]

prints the settings with which the house takes it for WeChat. It has the page that asks for consent, the calls behind
it, the access token and the ticket, and a script in the place of jweixin.js that notes what it is asked for
(`window.wechatCalls`). `Switches` says what goes wrong.
"""

import html
import json
import secrets
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

HOST = "127.0.0.1"
APP_ID, SECRET = "wxfake0000000001", "a secret of the fake account"
TOKEN, TICKET = "/cgi-bin/stable_token", "/cgi-bin/ticket/getticket"
IDENTIFY, USERINFO = "/sns/oauth2/access_token", "/sns/userinfo"
AUTHORIZE, SDK = "/connect/oauth2/authorize", "/open/js/jweixin-1.6.0.js"


@dataclass(frozen=True)
class Person:
    openid: str = "oFakeOpenid000000000000000001"
    unionid: str = "oFakeUnionid00000000000000001"
    nickname: str = "小明"


@dataclass
class Switches:
    """What goes wrong: errcodes and broken answers by path, seconds before each answer, and who is at the telephone.

    `refused_tokens`: the first so many calls with an access token are told that it is no good.
    """

    person: Person = Person()
    consents: bool = True
    # Nobody taps: the page of consent sends the visitor back by itself.
    by_itself: bool = False
    stand_in: bool = False
    errors: dict[str, int] = field(default_factory=dict)
    broken: dict[str, bytes] = field(default_factory=dict)
    slow: float = 0.0
    refused_tokens: int = 0
    lends_for: int = 7200


class FakeWechat(ThreadingHTTPServer):
    """The server, what it was asked (`asked`, by path), and what it lent last."""

    daemon_threads = True

    def __init__(self, port: int = 0) -> None:
        super().__init__((HOST, port), _Answers)
        self.switches = Switches()
        self.asked: Counter[str] = Counter()
        self.codes: dict[str, tuple[Person, str]] = {}
        self.token = self.ticket = ""
        self._lock = Lock()

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.server_port}"

    @property
    def settings(self) -> dict[str, str]:
        """The settings of a house that takes this for WeChat."""
        return {
            "WECHAT_APP_ID": APP_ID,
            "WECHAT_APP_SECRET": SECRET,
            "WECHAT_API_URL": self.url,
            "WECHAT_AUTHORIZE_URL": f"{self.url}{AUTHORIZE}",
            "WECHAT_SDK_URL": f"{self.url}{SDK}",
        }

    def new_code(self, scope: str = "snsapi_base") -> str:
        code = secrets.token_hex(16)
        self.codes[code] = (self.switches.person, scope)
        return code

    def answer(self, path: str, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        with self._lock:
            self.asked[path] += 1
            if error := self.switches.errors.get(path):
                return _error(error, "as the switch says")
            return {TOKEN: self._token, TICKET: self._ticket, IDENTIFY: self._identify, USERINFO: self._userinfo}[path](
                asked
            )

    def _token(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        if (asked.get("appid"), asked.get("secret")) != (APP_ID, SECRET):
            return _error(40125, "invalid appsecret")
        if not self.token or asked.get("force_refresh"):
            self.token = f"token-{secrets.token_hex(60)}"
        return {"access_token": self.token, "expires_in": self.switches.lends_for}

    def _ticket(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        if self.switches.refused_tokens or asked.get("access_token") != self.token:
            self.switches.refused_tokens = max(0, self.switches.refused_tokens - 1)
            return _error(40001, "invalid credential, access_token is invalid or not latest")
        self.ticket = f"ticket-{secrets.token_hex(40)}"
        return {"errcode": 0, "errmsg": "ok", "ticket": self.ticket, "expires_in": self.switches.lends_for}

    def _identify(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        if (asked.get("appid"), asked.get("secret")) != (APP_ID, SECRET):
            return _error(40125, "invalid appsecret")
        person, scope = self.codes.pop(str(asked.get("code")), (None, ""))
        if person is None:
            return _error(40163, "code been used")
        said = {"access_token": f"user-{person.openid}", "expires_in": 7200, "openid": person.openid, "scope": scope}
        if "userinfo" in scope:
            said["unionid"] = person.unionid
        return said | ({"is_snapshotuser": 1} if self.switches.stand_in else {})

    def _userinfo(self, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        person = self.switches.person
        if asked.get("access_token") != f"user-{person.openid}":
            return _error(40001, "invalid credential")
        return {"openid": person.openid, "nickname": person.nickname, "sex": 0, "unionid": person.unionid}


def _error(code: int, message: str) -> Mapping[str, Any]:
    return {"errcode": code, "errmsg": f"{message} rid: fake"}


class _Answers(BaseHTTPRequestHandler):
    server: FakeWechat

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        asked = dict(parse_qsl(parts.query))
        match parts.path:
            case path if path == AUTHORIZE:
                self._consent(asked)
            case path if path == SDK:
                self._send(200, "text/javascript", _SDK.encode())
            case path if path in (TICKET, IDENTIFY, USERINFO):
                self._tell(path, asked)
            case _:
                self._send(404, "text/plain", b"")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self._tell(TOKEN, json.loads(body) if body else {})

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: the addresses hold codes."""

    def _tell(self, path: str, asked: Mapping[str, Any]) -> None:
        switches = self.server.switches
        time.sleep(switches.slow)
        told = self.server.answer(path, asked)
        body = switches.broken.get(path, json.dumps(told, ensure_ascii=False).encode())
        # As WeChat does: JSON that calls itself text.
        self._send(200, "text/plain", body)

    def _consent(self, asked: Mapping[str, str]) -> None:
        came_from, state = asked.get("redirect_uri", ""), asked.get("state", "")
        joint = "&" if "?" in came_from else "?"
        code = self.server.new_code(asked.get("scope", ""))
        allowed = f"{came_from}{joint}{urlencode({'code': code, 'state': state})}"
        denied = f"{came_from}{joint}{urlencode({'state': state})}"
        switches = self.server.switches
        if switches.by_itself or not switches.consents:
            self.send_response(302)
            self.send_header("Location", allowed if switches.consents else denied)
            self.end_headers()
            return
        page = _PAGE.format(
            app=html.escape(asked.get("appid", "")),
            scope=html.escape(asked.get("scope", "")),
            who=html.escape(switches.person.nickname),
            allowed=html.escape(allowed),
            denied=html.escape(denied),
        )
        self._send(200, "text/html; charset=utf-8", page.encode())

    def _send(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        # A browser that goes on to the next page hangs up.
        with suppress(OSError):
            self.wfile.write(body)


_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>A fake WeChat</title>
<meta name="viewport" content="width=device-width"><h1>A fake WeChat</h1>
<p>{app} asks for {scope} of {who}.</p>
<p><a href="{allowed}">Allow</a></p><p><a href="{denied}">Deny</a></p></html>"""

# What of jweixin.js the pages use, in the order in which the real one calls back.
_SDK = """"use strict";
window.wechatCalls = [];
{
  const note = (name) => (given) => {
    const told = Object.fromEntries(Object.entries(given).filter(([, value]) => typeof value !== "function"));
    document.documentElement.dataset.wechatCalls = window.wechatCalls.push([name, told]);
  };
  const knows = !navigator.userAgent.includes("MicroMessenger/6.");
  window.wx = window.jWeixin = {
    config: note("config"),
    ready: (then) => setTimeout(then),
    error: () => {},
    checkJsApi: (given) => {
      note("checkJsApi")(given);
      given.success({ checkResult: Object.fromEntries(given.jsApiList.map((name) => [name, knows])) });
    },
  };
  for (const name of ["updateAppMessageShareData", "updateTimelineShareData", "onMenuShareAppMessage",
    "onMenuShareTimeline"]) window.wx[name] = note(name);
}
"""


@contextmanager
def running(port: int = 0) -> Iterator[FakeWechat]:
    """Run a fake WeChat beside the caller, on a free port unless one is named."""
    server = FakeWechat(port)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def main(arguments: list[str]) -> None:
    with FakeWechat(int(arguments[0]) if arguments else 8199) as server:
        settings = "\n".join(f"export {name}='{value}'" for name, value in server.settings.items())
        sys.stdout.write(f"A fake WeChat at {server.url}. For the house:\n{settings}\n")
        sys.stdout.flush()
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            return


if __name__ == "__main__":
    main(sys.argv[1:])
