"""An audience in a form: what to tick instead of JSON. Every choice is there without scripts."""

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminIntegerFieldWidget

from campaigns.definition import AUDIENCE_BOUNDS, AUDIENCE_SETS, Audience, audience_as_json
from campaigns.listed import Listed, in_order
from members.models import Level
from operations import storable_json
from operations.field_help import help_of
from operations.sentences import clauses, labelled, listed
from segmentation.models import Segment, Tag, TagGroup

Choices = list[tuple[str, str]]
# What an audience can ask for: of a score, and in a key (`campaigns.checked_json`).
HIGHEST = 2_147_483_647
LONGEST_KEY = 100
LABELS = {
    "levels": _("One of these levels"),
    "tag_groups": _("A tag of one of these groups"),
    "tags_any": _("At least one of these tags"),
    "tags_all": _("All of these tags"),
    "tags_none": _("None of these tags"),
    "segments_in": _("In one of these segments"),
    "segments_not_in": _("In none of these segments"),
    "score_from": _("Campaign score from"),
    "score_below": _("Campaign score below"),
}


class AudienceChoices:
    """What can be ticked, each list read once per request however many audiences a page has.

    `campaign_id` is the campaign that the page is about, if it is about one: what is in it is counted within it.
    """

    campaign_id: int | None = None

    @cached_property
    def levels(self) -> Choices:
        return list(Level.objects.values_list("slug", "name"))

    @cached_property
    def tag_groups(self) -> Choices:
        return list(TagGroup.objects.values_list("slug", "name"))

    @cached_property
    def tags(self) -> Choices:
        rows = Tag.objects.values_list("group__slug", "slug", "group__name", "name")
        return [(f"{group}.{slug}", f"{group_name} · {name}") for group, slug, group_name, name in rows]

    @cached_property
    def segments(self) -> Choices:
        return list(Segment.objects.values_list("slug", "name"))

    def of(self, part: str) -> Choices:
        return getattr(self, {"tag_groups": "tag_groups"}.get(part, part.partition("_")[0]))


def choices_of(request: HttpRequest) -> AudienceChoices:
    if not hasattr(request, "audience_choices"):
        request.audience_choices = AudienceChoices()  # type: ignore[attr-defined]
    return request.audience_choices  # type: ignore[attr-defined]


def audience_words(audience: Audience, choices: AudienceChoices) -> str:
    """Return an audience in a line; "" is everyone."""
    said = []
    for part in AUDIENCE_SETS:
        names = dict(choices.of(part))
        if keys := getattr(audience, part):
            said.append(labelled(LABELS[part], listed(names.get(key, key) for key in in_order(keys))))
    bounds = {part: getattr(audience, part) for part in AUDIENCE_BOUNDS}
    return clauses([*said, *(f"{LABELS[part]} {bound}" for part, bound in bounds.items() if bound is not None)])


class Ticks(forms.MultipleChoiceField):
    """Takes keys that are not on the list too: dropping one would let everyone in. Publishing names those as faults."""

    def valid_value(self, value: Any) -> bool:
        return True

    def validate(self, value: Any) -> None:
        super().validate(value)
        try:
            for key in value:
                storable_json.check_text(key)
                if len(key) > LONGEST_KEY:
                    raise ValidationError(_("A key has at most %(most)d characters.") % {"most": LONGEST_KEY})
        except storable_json.NotStorable as error:
            raise ValidationError(str(error), code="invalid") from error


class AudienceWidget(forms.MultiWidget):
    """Ticks, with a count of whom they admit below. `is_campaign` marks the audience around all others of the page."""

    template_name = "campaigns/widgets/audience.html"
    is_campaign = False
    nothing_chosen: Any = _("Everyone")

    class Media:
        css = {"all": ["campaigns/admin.css", "campaigns/audience.css"]}
        js = [forms.Script("campaigns/audience_counts.js", defer=True)]

    def __init__(self, choices: AudienceChoices) -> None:
        self.offered = choices
        ticks = {part: UnfoldAdminCheckboxSelectMultipleWidget(choices=choices.of(part)) for part in AUDIENCE_SETS}
        bounds = {part: UnfoldAdminIntegerFieldWidget(attrs={"min": 0}) for part in AUDIENCE_BOUNDS}
        super().__init__({**ticks, **bounds})
        self.names = {part: dict(choices.of(part)) for part in AUDIENCE_SETS}

    def decompress(self, value: Mapping[str, Any] | None) -> list[Any]:
        value = value or {}
        return [value.get(part, []) for part in AUDIENCE_SETS] + [value.get(part) for part in AUDIENCE_BOUNDS]

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        values = value if isinstance(value, list) else self.decompress(value)
        self._offer(values)
        context = super().get_context(name, values, attrs)
        said = zip(self.said(values), context["widget"]["subwidgets"], strict=True)
        context["parts"] = [part | {"widget": widget} for part, widget in said]
        context |= {"count_url": reverse("admin:campaigns_audience_count"), "campaign_id": self.offered.campaign_id}
        return context | {"is_campaign": self.is_campaign, "nothing_chosen": self.nothing_chosen}

    def said(self, values: list[Any]) -> list[dict[str, Any]]:
        """What is chosen of each part, in words, for the line that stands for the closed field."""
        parts = zip((*AUDIENCE_SETS, *AUDIENCE_BOUNDS), values, strict=True)
        return [{"name": part, "label": LABELS[part], "chosen": self._chosen(part, chosen)} for part, chosen in parts]

    def _offer(self, values: list[Any]) -> None:
        """Show what is ticked first, in its own order, so that it is saved in that; also keys that do not exist."""
        for part, widget, chosen in zip(AUDIENCE_SETS, self.widgets, values, strict=False):
            names = self.names[part]
            ticked = [(key, names.get(key, _("%s (unknown)") % key)) for key in chosen or ()]
            others = [(key, name) for key, name in names.items() if key not in dict(ticked)]
            cast(forms.CheckboxSelectMultiple, widget).choices = [*ticked, *others]

    def _chosen(self, part: str, chosen: Any) -> str:
        if part in AUDIENCE_BOUNDS:
            return "" if chosen in {None, ""} else str(chosen)
        return gettext(", ").join(str(self.names[part].get(key, key)) for key in chosen or ())


class AudienceField(forms.MultiValueField):
    """Its value is the audience's JSON, as `campaigns.definition.parse_audience` reads it."""

    def __init__(self, choices: AudienceChoices, **kwargs: Any) -> None:
        ticks = [Ticks(choices=choices.of(part), required=False, label=LABELS[part]) for part in AUDIENCE_SETS]
        bounds = [
            forms.IntegerField(min_value=0, max_value=HIGHEST, required=False, label=LABELS[part])
            for part in AUDIENCE_BOUNDS
        ]
        kwargs |= {"required": False, "require_all_fields": False}
        super().__init__([*ticks, *bounds], widget=AudienceWidget(choices), **kwargs)

    def compress(self, data_list: Iterable[Any]) -> dict[str, Any]:
        parts = dict(zip((*AUDIENCE_SETS, *AUDIENCE_BOUNDS), data_list, strict=False))
        read: dict[str, Any] = {part: Listed(parts.get(part) or ()) for part in AUDIENCE_SETS}
        read |= {part: parts.get(part) for part in AUDIENCE_BOUNDS}
        return audience_as_json(Audience(**read))


class WithAudience:
    """An admin whose `audience` is ticked, and counted."""

    # Of the campaign's own form: all other audiences of its page are within this one.
    audience_of_campaign = False

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "audience":
            field = AudienceField(
                choices_of(request), label=capfirst(db_field.verbose_name), help_text=help_of(db_field)
            )
            field.widget.is_campaign = self.audience_of_campaign
            return field
        return super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]
