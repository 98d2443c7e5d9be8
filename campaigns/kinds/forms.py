"""The forms in which operators fill in the configuration of a kind of task, or of a feature of a campaign.

A form only gathers: what is wrong with a configuration is said by the kind's `faults`, whose paths name its fields.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns.definition import REWARD_PARTS
from operations.sentences import labelled
from rewards.models import Gift, PrizePool
from segmentation.models import Tag


class ConfigForm(forms.Form):
    """One field for each setting. Subclasses with richer settings override `config` and `initial_of`."""

    # Settings in which 0 or "no" says something else than to leave them out.
    KEPT: ClassVar[Sequence[str]] = ()

    @classmethod
    def initial_of(cls, config: Mapping[str, Any]) -> dict[str, Any]:
        """The fields' values for a configuration that is there."""
        return dict(config)

    def config(self) -> dict[str, Any]:
        """The configuration that was filled in: what is empty is left out."""
        return {name: value for name, value in self.cleaned_data.items() if value or name in self.KEPT}


class TextsField(forms.CharField):
    """A list of texts, one a line."""

    widget = forms.Textarea(attrs={"rows": 3})

    def __init__(self, **kwargs: Any) -> None:
        defaults: dict[str, Any] = {"required": False, "help_text": _("One a line.")}
        super().__init__(**defaults | kwargs)

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(map(str, value)) if isinstance(value, list | tuple) else value

    def clean(self, value: Any) -> list[str]:
        text = super().clean(value) or ""
        return list(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))


class RewardWidget(forms.MultiWidget):
    """Numbers and choices of a reward in one row; the field fills in the choices."""

    template_name = "campaigns/widgets/reward.html"

    def decompress(self, value: Any) -> list[Any]:
        given = value if isinstance(value, Mapping) else {}
        return [given.get(part) for part in REWARD_PARTS]


class RewardField(forms.MultiValueField):
    """A reward (`campaigns.definition.parse_reward`): {} when nothing was filled in."""

    NUMBERS: ClassVar[Sequence[str]] = ("points", "growth", "chances", "score")

    def __init__(self, **kwargs: Any) -> None:
        labels = (
            _("points"),
            _("growth value"),
            _("draw chances"),
            _("campaign score"),
            _("gift"),
            _("tag"),
            _("pool"),
        )
        numbers: list[forms.Field] = [
            forms.IntegerField(required=False, min_value=0, max_value=2_000_000_000) for _part in self.NUMBERS
        ]
        names: list[forms.Field] = [
            forms.ChoiceField(required=False, choices=choices) for choices in (_gifts, offered_tags, _pools)
        ]
        fields = [*numbers, *names]
        for each in fields:
            # A reward is most often one of them.
            each.required = False
        for field, label in zip(fields, labels, strict=True):
            field.widget.attrs |= {"aria-label": label, "placeholder": label}
        defaults: dict[str, Any] = {"required": False, "require_all_fields": False}
        defaults["widget"] = RewardWidget([field.widget for field in fields])
        super().__init__(fields=fields, **defaults | kwargs)

    def compress(self, values: list[Any]) -> dict[str, Any]:
        return {part: value for part, value in zip(REWARD_PARTS, values, strict=False) if value}


def _gifts() -> list[tuple[str, Any]]:
    return [("", _("gift")), *Gift.objects.order_by("name").values_list("slug", "name")]


def offered_tags() -> list[tuple[str, Any]]:
    """The tags that a campaign can give: what a rule sets is the rule's."""
    tags = Tag.objects.filter(rule__isnull=True).select_related("group").order_by("group__name", "name")
    return [("", _("tag")), *((f"{tag.group.slug}.{tag.slug}", labelled(tag.group, tag)) for tag in tags)]


def _pools() -> list[tuple[str, Any]]:
    return [("", _("prize pool")), *PrizePool.objects.order_by("name").values_list("slug", "name")]
