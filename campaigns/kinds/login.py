"""Daily login (每日登录): done when the member comes by, once in each period; there is nothing to fill in.

By default a visit to the campaign counts, and so does a behaviour event of the type "login" that the shop pushes
through the API. With {"by": "visit"} or {"by": "login"} only the one or the other does. The server's clock says in
which period a visit was; a login is in the one in which the shop says it happened.
"""

from collections.abc import Collection, Mapping
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from campaigns import logins
from campaigns.config_checks import unknown
from campaigns.kinds.face import ConfigFault, Group, Kind, Moved, Standing, Turn
from campaigns.kinds.forms import ConfigForm
from campaigns.periods import DAILY, ONCE

VISIT = "visit"
LOGIN = "login"


class LoginForm(ConfigForm):
    by = forms.ChoiceField(
        label=_("what counts"),
        required=False,
        choices=[
            ("", _("a visit to the campaign, or a login that the shop tells of")),
            (VISIT, _("a visit to the campaign only")),
            (LOGIN, _("a login that the shop tells of only")),
        ],
    )


class Login(Kind):
    LABEL = _("daily login")
    GROUP = Group.TRAFFIC
    Form = LoginForm
    OBSERVES = True
    PERIODS = (ONCE, DAILY, "weekly", "monthly")
    USUAL_PERIOD = DAILY

    def faults(self, config: Mapping[str, Any]) -> list[ConfigFault]:
        found = list(unknown(config, {"by"}, _("A daily login has no such setting.")))
        if "by" in config and config["by"] not in (VISIT, LOGIN):
            found.append(ConfigFault("by", _("This must be “visit” or “login”.")))
        return found

    def tap(self, config: Mapping[str, Any]) -> Promise | None:
        return _("I am here") if self.by_visit(config) else None

    def by_visit(self, config: Mapping[str, Any]) -> bool:
        return config.get("by") != LOGIN

    def on_visit(self, config: Mapping[str, Any]) -> bool:
        return self.by_visit(config)

    def events(self, config: Mapping[str, Any]) -> Collection[str]:
        return () if config.get("by") == VISIT else (logins.LOGIN,)

    def write(self, config: Mapping[str, Any], payload: Mapping[str, Any], turn: Turn) -> None:
        if self.by_visit(config):
            logins.note_visit(turn)

    def observe(self, config: Mapping[str, Any], turn: Turn) -> Mapping[str, Any]:
        return {"seen": logins.seen(turn, by_visit=self.by_visit(config), by_login=config.get("by") != VISIT)}

    def move(self, config: Mapping[str, Any], standing: Standing, payload: Mapping[str, Any], turn: Turn) -> Moved:
        count = 1 if payload["seen"] else 0
        return Moved(count=count, data={}, result={"seen": payload["seen"]})

    def page(self, config: Mapping[str, Any], standing: Standing, turn: Turn) -> Mapping[str, Any]:
        return {"by_visit": self.by_visit(config), "by_login": config.get("by") != VISIT}

    def told(self, config: Mapping[str, Any], result: Mapping[str, Any]) -> Promise | None:
        return None if result.get("seen") else _("Sign in at the shop: it tells us, and this task is done.")


KIND = Login()
