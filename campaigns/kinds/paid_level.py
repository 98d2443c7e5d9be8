"""Buy a paid level (付费会员): done once a level has been bought within the campaign.

The configuration is {} for any paid level, or {"levels": ["gold", …]} for one of those. What was bought before the
member entered counts from the campaign's opening on, as with a purchase. A level that was given by hand or imported was
not bought. When the order is refunded, what it bought no longer counts, until the task is done.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns.config_checks import is_link, is_names, unknown
from campaigns.kinds.face import ConfigFault, Group, Kind, Moved, Standing, Turn
from campaigns.kinds.forms import ConfigForm
from campaigns.periods import earlier_times
from members import touches
from members.models import Level, PaidPeriod


def _paid_levels() -> list[tuple[str, str]]:
    return [(level.slug, str(level)) for level in Level.objects.filter(kind=Level.Kind.PAID).order_by("rank")]


class PaidLevelForm(ConfigForm):
    levels = forms.MultipleChoiceField(
        label=_("paid levels"), required=False, choices=_paid_levels, help_text=_("None chosen: any of them.")
    )
    link = forms.URLField(label=_("where the level is sold"), required=False, assume_scheme="https", max_length=2_000)


class PaidLevel(Kind):
    LABEL = _("buy a paid level")
    GROUP = Group.INCENTIVE
    Form = PaidLevelForm
    OBSERVES = True
    TOUCHED_BY: ClassVar[tuple[str, ...]] = (touches.LEVEL,)

    def faults(self, config: Mapping[str, Any]) -> list[ConfigFault]:
        found = list(unknown(config, {"levels", "link"}, _("Buying a level has no such setting.")))
        if "link" in config and not is_link(config["link"]):
            found.append(ConfigFault("link", _("This must be a web address such as https://shop.example/new.")))
        if "levels" not in config:
            return found
        if not is_names(config["levels"]):
            return [*found, ConfigFault("levels", _("This must be a list of texts, not an empty one."))]
        missing = set(config["levels"]) - {slug for slug, _name in _paid_levels()}
        return found + [
            ConfigFault("levels", _("No paid level is called %(level)s.") % {"level": level})
            for level in sorted(missing)
        ]

    def observe(self, config: Mapping[str, Any], turn: Turn) -> Mapping[str, Any]:
        bought = PaidPeriod.objects.filter(
            member_id=turn.member_id,
            revoked_at=None,
            bought_at__gte=turn.window.since,
            bought_at__lt=turn.window.until,
        ).exclude(order_id="")
        if config.get("levels"):
            bought = bought.filter(level__slug__in=config["levels"])
        return {"bought": list(bought.order_by("bought_at", "id").values_list("level__slug", flat=True))}

    def move(self, config: Mapping[str, Any], standing: Standing, payload: Mapping[str, Any], turn: Turn) -> Moved:
        bought = payload["bought"]
        # Of a task that may be done several times, each time takes one of them.
        return Moved(count=int(len(bought) > earlier_times(turn.period)), data={"levels": bought})

    def page(self, config: Mapping[str, Any], standing: Standing, turn: Turn) -> Mapping[str, Any]:
        levels = Level.objects.filter(kind=Level.Kind.PAID).order_by("rank")
        if config.get("levels"):
            levels = levels.filter(slug__in=config["levels"])
        return {"levels": list(levels), "link": config.get("link")}


KIND = PaidLevel()
