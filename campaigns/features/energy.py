"""Energy (能量): what members do brings it, and they collect it on the day after; see `campaigns.energy_rules`."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns import energy_rules
from campaigns.definition import DefinitionError, Reward, Task
from campaigns.energy_sources_field import EnergySourcesField
from campaigns.features.face import Feature
from campaigns.kinds.face import ConfigFault
from campaigns.kinds.forms import ConfigForm
from campaigns.reward_rows import RewardRowsField

if TYPE_CHECKING:
    from campaigns.entering import Play


class EnergyForm(ConfigForm):
    sources = EnergySourcesField(
        label=_("sources"),
        help_text=_("What brings energy, how much each time, and how often a day at most."),
    )
    matures_at = forms.CharField(
        label=_("ripe at"), required=False, help_text=_("On the day after, by the campaign's clocks. Empty: 07:00.")
    )
    lasts_days = forms.IntegerField(
        label=_("days until it withers"), min_value=1, max_value=energy_rules.MOST_DAYS, required=False
    )
    help_per_day = forms.IntegerField(
        label=_("helps a day"),
        min_value=1,
        required=False,
        help_text=_("How often a friend may collect for others. Empty: friends cannot."),
    )
    help_bonus = forms.IntegerField(label=_("a friend's own energy for helping"), min_value=0, required=False)
    steal_percent = forms.IntegerField(
        label=_("percent that a friend may take"), min_value=1, max_value=100, required=False,
        help_text=_("Of one drop, once. Empty: nobody takes anything from anybody."),
    )  # fmt: skip
    steal_keep = forms.IntegerField(
        label=_("percent that stays the owner's"), min_value=0, max_value=100, required=False
    )
    milestones = RewardRowsField(
        "at", forms.IntegerField, rows=6, cell_label=_("energy in all"), label=_("milestones"),
        help_text=_("The lowest first; each is given once."),
    )  # fmt: skip
    cause_title = forms.CharField(label=_("shared goal for a cause"), max_length=100, required=False)
    cause_goal = forms.IntegerField(label=_("energy of all for the goal"), min_value=1, required=False)

    PARTS: ClassVar[Mapping[str, Sequence[str]]] = {
        "help": ("bonus", "per_day"),
        "steal": ("percent", "keep"),
        "cause": ("title", "goal"),
    }

    @classmethod
    def initial_of(cls, config: Mapping[str, Any]) -> dict[str, Any]:
        parts = {f"{part}_{key}": config.get(part, {}).get(key) for part, keys in cls.PARTS.items() for key in keys}
        return {**config, **parts}

    def config(self) -> dict[str, Any]:
        given = super().config()
        names = {f"{part}_{key}" for part, keys in self.PARTS.items() for key in keys}
        config = {name: value for name, value in given.items() if name not in names}
        for part, keys in self.PARTS.items():
            values = {key: self.cleaned_data.get(f"{part}_{key}") for key in keys}
            if any(values.values()):
                config[part] = {key: value for key, value in values.items() if value not in {None, ""}}
        return config


class EnergyFeature(Feature):
    LABEL = _("energy")
    TELLS = _("What members do lets energy grow, collected the next day; friends help; milestones, a shared total.")
    Form = EnergyForm

    def faults(self, config: Mapping[str, Any]) -> list[ConfigFault]:
        try:
            energy_rules.parse(config)
        except DefinitionError as error:
            return [ConfigFault(error.path, error.message)]
        return []

    def rewards(self, config: Mapping[str, Any]) -> Iterator[Reward]:
        yield from (each.reward for each in energy_rules.parse(config).milestones)

    def lives_by(self, config: Mapping[str, Any]) -> Collection[str] | None:
        """The tasks that bring energy, where nothing else does."""
        sources = energy_rules.parse(config).sources
        tasks = [key.removeprefix("task:") for key in sources if key.startswith("task:")]
        return tasks if len(tasks) == len(sources) else None

    def completed(self, config: Mapping[str, Any], play: "Play", task: Task, *, period: str) -> None:
        from campaigns import energy_drops

        energy = energy_rules.parse(config)
        source = energy.sources.get(f"task:{task.key}")
        if source:
            key, now = f"task:{period}", play.now
            energy_drops.produce(play.definition, energy, play.enrolment.pk, source, key=key, happened_at=now, now=now)


FEATURE = EnergyFeature()
