"""Audiences of the mall's items, read and decided as those of campaigns are: one evaluator for both."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from campaigns import subjects
from campaigns.audience_faults import unknown_in
from campaigns.audience_field import AudienceField, AudienceWidget, choices_of
from campaigns.definition import AUDIENCE_BOUNDS, Audience, DefinitionError, parse_audience
from campaigns.eligibility import refusal_by
from campaigns.refusals import Refusal
from campaigns.uses import names_in
from campaigns.wordings import told_to_members
from members import uses
from members.bilingual import in_reader_language
from members.models import Level
from members.uses import Name, Use
from rewards import admission
from rewards.admission import Locked
from rewards.models import MallItem


def register() -> None:
    admission.register(admission.Gatekeeper(faults, refusals, MallAudienceField.of))
    uses.register(in_mall)


def faults(audience: Any) -> Iterator[str]:
    """What is wrong with the audience of an item, in words. There is no score outside of a campaign."""
    try:
        parsed = parse_audience(audience)
    except DefinitionError as error:
        yield _("The audience cannot be read: %(error)s.") % {"error": error}
        return
    if any(getattr(parsed, bound) is not None for bound in AUDIENCE_BOUNDS):
        yield _("The mall knows no campaign score.")
    yield from unknown_in(parsed, _("the item"))


def refusals(member_id: int, audiences: Sequence[Mapping[str, Any]], now: datetime) -> list[Locked | None]:
    """Why each audience does not admit the member, or None: two queries, and one for chunks of segments not kept."""
    parsed = [_parsed(audience) for audience in audiences]
    segments = {slug for each in parsed if each for slug in each.segments_in | each.segments_not_in}
    subject = subjects.load_person(member_id, sorted(segments), now=now)
    answers = [refusal_by(each, subject) if each else None for each in parsed]
    names = _names_of_levels(
        each for each, answer in zip(parsed, answers, strict=True) if each and answer is Refusal.LEVEL
    )
    return [_locked(each, answer, names) for each, answer in zip(parsed, answers, strict=True)]


def _parsed(audience: Mapping[str, Any]) -> Audience | None:
    """None for what cannot be read: it was checked when it was saved, and admits nobody."""
    try:
        return parse_audience(audience)
    except DefinitionError:
        return None


def _names_of_levels(audiences: Iterator[Audience]) -> dict[str, str]:
    asked = {slug for audience in audiences for slug in audience.levels}
    if not asked:
        return {}
    rows = Level.objects.filter(slug__in=asked).order_by("rank").values_list("slug", "name", "name_en")
    return {slug: in_reader_language(name, english) for slug, name, english in rows}


def _locked(audience: Audience | None, answer: Refusal | None, names: Mapping[str, str]) -> Locked | None:
    if audience is None:
        return Locked("locked", _("This is not open to you."))
    if answer is None:
        return None
    wanted = [name for slug, name in names.items() if slug in audience.levels]
    if answer is Refusal.LEVEL and wanted:
        return Locked(answer.value, _("For level %(levels)s") % {"levels": _(" or ").join(wanted)})
    return Locked(answer.value, told_to_members(answer))


class MallAudienceWidget(AudienceWidget):
    """Offers no bounds of a score."""

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["parts"] = [part for part in context["parts"] if part["name"] not in AUDIENCE_BOUNDS]
        return context


class MallAudienceField(AudienceField):
    @classmethod
    def of(cls, request: HttpRequest, label: str) -> forms.Field:
        field = cls(choices_of(request), label=label)
        field.widget = MallAudienceWidget(choices_of(request))
        return field


def in_mall(name: Name) -> Iterator[Use]:
    """Say which items of the mall name it, but for those taken off."""
    for item in MallItem.objects.exclude(state=MallItem.State.OFF).select_related("gift"):
        parsed = _parsed(item.audience)
        if parsed is not None and name in names_in(parsed):
            url = reverse("admin:rewards_mallitem_change", args=[item.pk])
            yield Use(_("mall item “%(item)s”") % {"item": item}, url, _("for whom"))
