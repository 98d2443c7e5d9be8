"""Parts of a definition in the words of operators: rewards, audiences, moments, settings of a kind."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cached_property
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns import features, kinds
from campaigns.audience_field import AudienceChoices, audience_words
from campaigns.definition import Audience, Quota, Reward, audience_as_json
from campaigns.kinds.forms import ConfigForm
from campaigns.models import Campaign, Task
from campaigns.models import Offer as DraftOffer
from campaigns.offers.terms import Offer, offer_as_json
from operations.picture_reference import read
from operations.sentences import clauses, listed
from rewards.models import Gift, PrizePool

LONGEST = 160
MISSING = object()


class Words:
    """Names of what definitions name by its key, each list read once."""

    def __init__(self, choices: AudienceChoices | None = None) -> None:
        self._choices = choices or AudienceChoices()

    @cached_property
    def gifts(self) -> dict[str, str]:
        return dict(Gift.objects.values_list("slug", "name"))

    @cached_property
    def pools(self) -> dict[str, str]:
        return dict(PrizePool.objects.values_list("slug", "name"))

    @cached_property
    def _tags(self) -> dict[str, str]:
        return dict(self._choices.tags)

    def audience(self, audience: Audience) -> str:
        return audience_words(audience, self._choices) or _("everyone")

    def reward(self, reward: Reward) -> str:
        """The reward in a line; "" gives nothing."""
        return listed(f"{words} {value}" for words, value in self.reward_parts(reward).items())

    def reward_parts(self, reward: Reward) -> dict[str, str]:
        """What is given → how much of it, or which."""
        parts = {
            _("points"): reward.points,
            _("growth value"): reward.growth,
            _("draw chances"): reward.chances,
            _("campaign score"): reward.score,
            _("gift"): reward.gift and self.gifts.get(reward.gift, reward.gift),
            _("tag"): reward.tag and self._tags.get(reward.tag, reward.tag),
            _("the draw chances are for"): reward.pool and self.pools.get(reward.pool, reward.pool),
        }
        return {words: str(value) for words, value in parts.items() if value}

    def quotas(self, quotas: tuple[Quota, ...]) -> str:
        return clauses(self._quota(quota) for quota in quotas) or _("no quota")

    def _quota(self, quota: Quota) -> str:
        per = {"all": _("in all"), "day": _("a day"), "week": _("a week"), "month": _("a month")}[quota.per]
        words = {"count": quota.quota, "per": per, "audience": self.audience(quota.audience)}
        return _("%(count)d times %(per)s for: %(audience)s") % words


def field_of_campaign(name: str) -> str:
    return capfirst(str(Campaign._meta.get_field(name).verbose_name))  # type: ignore[union-attr]


def moment(value: datetime) -> str:
    return date_format(timezone.localtime(value), "DATETIME_FORMAT")


def picture(reference: str) -> str:
    """A stored picture by its size and the beginning of its digest."""
    named = read(reference)
    if named is None:
        return text(reference)
    words = {"width": named.width, "height": named.height, "digest": named.digest[:8]}
    return _("picture %(width)d × %(height)d (%(digest)s)") % words


def kind(name: str) -> str:
    return str(kinds.find(name).LABEL) if name in kinds.names() else name


def feature(name: str) -> str:
    return str(features.find(name).LABEL) if name in features.names() else name


def period(name: str, times: int) -> str:
    if name == Task.Period.TIMES:
        return ngettext("%d time in all", "%d times in all", times) % times
    return str(Task.Period(name).label)


def claim_mode(name: str) -> str:
    return str(Task.ClaimMode(name).label)


def minutes(value: int) -> str:
    return ngettext("%d minute", "%d minutes", value) % value if value else _("no limit")


def hours(value: int) -> str:
    return ngettext("%d hour", "%d hours", value) % value if value else _("no limit")


def text(value: Any) -> str:
    """A value of a setting in a line that is not too long."""
    if value is MISSING or value in ("", None, {}, []):
        return _("nothing")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    said = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return said if len(said) <= LONGEST else said[: LONGEST - 1] + "…"


def settings(before: Any, after: Any, form: type[ConfigForm] | None, path: str = "") -> Iterator[tuple[str, str, str]]:
    """(what, old, new) of each setting that differs, in the labels of the form that operators fill in."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in dict.fromkeys((*before, *after)):
            inner = f"{path}.{key}" if path else str(key)
            yield from settings(before.get(key, MISSING), after.get(key, MISSING), form, inner)
    elif isinstance(before, list) and isinstance(after, list) and _are_objects(before + after):
        for index in range(max(len(before), len(after))):
            old, new = (each[index] if index < len(each) else MISSING for each in (before, after))
            yield from settings(old, new, form, f"{path}[{index + 1}]")
    elif before != after:
        yield _label(path, form), text(before), text(after)


def offer(before: Offer | None, after: Offer) -> Iterator[tuple[str, str, str]]:
    """(what, old, new) of each term of an offer that differs, in the labels of its row."""
    was = {} if before is None else offer_as_json(before, audience_as_json(before.audience))
    now = offer_as_json(after, audience_as_json(after.audience))
    for key in dict.fromkeys((*was, *now)):
        if was.get(key) != now.get(key) and key != "key":
            label = capfirst(str(DraftOffer._meta.get_field(key).verbose_name))  # type: ignore[union-attr]
            yield label, text(was.get(key, MISSING)), text(now.get(key, MISSING))


def _are_objects(values: list[Any]) -> bool:
    return any(isinstance(each, Mapping) for each in values)


def _label(path: str, form: type[ConfigForm] | None) -> str:
    name = path.split(".", maxsplit=1)[0].split("[", maxsplit=1)[0]
    field = form.base_fields.get(name) if form is not None else None
    label = capfirst(str(field.label)) if field is not None and field.label else name
    return label + path[len(name) :].replace(".", " · ").replace("[", " ").replace("]", "")
