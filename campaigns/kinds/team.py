"""Team (组队): a member founds a team, friends join by a link, and the task of all of them is done together.

The configuration is {"size": n, "hours": until the team must be full}, with the option {"goal": "full"} (the default),
or {"goal": "all_bought"}: each member of the full team has bought something since it was founded.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from campaigns import sharing_config, teaming
from campaigns.answering import Answer
from campaigns.completing import TaskMoved
from campaigns.kinds.face import ConfigFault, Moved, Standing, Turn
from campaigns.kinds.forms import ConfigForm
from campaigns.refusals import Because
from campaigns.shared_kind import SharedKind, with_link
from campaigns.teaming import ALL_BOUGHT, FULL

MOST_SEATS = 100


class TeamForm(ConfigForm):
    size = forms.IntegerField(label=_("Members of a team"), min_value=2, max_value=MOST_SEATS)
    hours = forms.IntegerField(label=_("Hours to fill it"), min_value=1, max_value=sharing_config.MOST_HOURS)
    goal = forms.ChoiceField(
        label=_("Done when"),
        choices=[(FULL, _("the team is full")), (ALL_BOUGHT, _("the team is full and each has bought something"))],
    )


class Team(SharedKind):
    LABEL = _("team")
    Form = TeamForm
    ASKS = _("%(name)s asks you to join the team")
    BUTTON = _("Join the team")
    THANKS = _("You are in the team!")
    OWN_TURN = _("See the team")

    def faults(self, config: Mapping[str, Any]) -> list[ConfigFault]:
        found = list(
            sharing_config.unknown_settings(config, ("size", "hours", "goal"), _("A team has no such setting."))
        )
        words = _("This must be a whole number from 2 to 100.")
        found += sharing_config.number_faults(config, "size", least=2, most=MOST_SEATS, words=words)
        found += sharing_config.number_faults(
            config, "hours", least=1, most=sharing_config.MOST_HOURS, words=sharing_config.HOURS
        )
        if config.get("goal", FULL) not in (FULL, ALL_BOUGHT):
            found.append(ConfigFault("goal", _("This is one of: full, all_bought.")))
        return found

    def target(self, config: Mapping[str, Any]) -> int:
        return int(config["size"])

    def write(self, config: Mapping[str, Any], payload: Mapping[str, Any], turn: Turn) -> None:
        teaming.found(config, turn)

    def observe(self, config: Mapping[str, Any], turn: Turn) -> Mapping[str, Any]:
        return with_link(teaming.observe(config, turn), self.link_of(config, turn))

    def move(self, config: Mapping[str, Any], standing: Standing, payload: Mapping[str, Any], turn: Turn) -> Moved:
        """The payload is what `observe` loaded. A team keeps the size with which it was founded."""
        target = self.target(config)
        seats = payload.get("bought" if config.get("goal") == ALL_BOUGHT else "taken", 0)
        return Moved(target if payload.get("done") else min(seats, target - 1), {}, payload)

    def answer(self, given: Answer) -> TaskMoved:
        return teaming.join(given)

    def answered(self, turn: Turn, member_id: int) -> bool:
        return teaming.sits_with(turn, member_id)

    def link_until(self, config: Mapping[str, Any], turn: Turn) -> datetime | None:
        seat = teaming.seat_of(turn)
        return seat.team.until if seat and seat.team.full_at is None else None

    def company(self, config: Mapping[str, Any], turn: Turn) -> Collection[int]:
        return teaming.mates(turn)

    def landing(self, config: Mapping[str, Any], turn: Turn) -> Mapping[str, Any]:
        terms = {"size": config["size"], "hours": config["hours"], "buys": config.get("goal") == ALL_BOUGHT}
        seat = teaming.seat_of(turn)
        if seat is None:
            return terms
        team = seat.team
        shown = {"team": team, "lapsed": teaming.has_lapsed(team, turn), "mates": teaming.mates_of(team)}
        free = team.size - team.taken
        return terms | shown | {"size": team.size, "missing": free, "empty": range(free)}

    def closed(self, turn: Turn, shown: Mapping[str, Any]) -> Because | None:
        if "team" not in shown:
            return teaming.NO_TEAM
        if shown["lapsed"]:
            return teaming.LAPSED
        return None if shown["missing"] else teaming.NO_SEAT

    def friend_terms(self, config: Mapping[str, Any]) -> str | Promise:
        if config.get("goal") == ALL_BOUGHT:
            return _("The task is done when the team is full and each has bought something.")
        return ""


KIND = Team()
