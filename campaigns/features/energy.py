"""Energy (能量): what members do brings it, and they collect it on the day after; see `campaigns.energy_rules`."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns import energy_rules
from campaigns.definition import DefinitionError, Reward, Task
from campaigns.features.face import Feature
from campaigns.kinds.face import ConfigFault
from campaigns.kinds.forms import ConfigForm, JSONText

if TYPE_CHECKING:
    from campaigns.entering import Play


class EnergyForm(ConfigForm):
    sources = JSONText(
        label=_("sources"),
        help_text=_(
            'What brings energy, how much, and so often a day: [{"event": "view", "amount": 5, "per_day": 10}, '
            '{"task": "check-in", "amount": 20, "per_day": 1}, '
            '{"order": {"least": "99.00"}, "amount": 100, "per_day": 3}].'
        ),
    )
    matures_at = forms.CharField(
        label=_("ripe at"), required=False, help_text=_("On the day after, by the campaign's clocks. Empty: 07:00.")
    )
    lasts_days = forms.IntegerField(
        label=_("days until it withers"), min_value=1, max_value=energy_rules.MOST_DAYS, required=False
    )
    help = JSONText(
        label=_("help by friends"),
        help_text=_('Such as {"bonus": 2, "per_day": 10}; empty: friends cannot collect for each other.'),
    )
    steal = JSONText(
        label=_("taking from friends"),
        help_text=_('Empty: nobody can. Else {"percent": 20, "keep": 60}: once each, and so much stays the owner\'s.'),
    )
    milestones = JSONText(
        label=_("milestones"), help_text=_('Such as [{"at": 500, "reward": {"points": 50}}], the lowest first.')
    )
    cause = JSONText(
        label=_("shared goal for a cause"),
        help_text=_('Such as {"title": "A wood in the desert", "goal": 1000000}.'),
    )


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

    def completed(self, config: Mapping[str, Any], play: "Play", task: Task, *, period: str) -> None:
        from campaigns import energy_drops

        energy = energy_rules.parse(config)
        source = energy.sources.get(f"task:{task.key}")
        if source:
            key, now = f"task:{period}", play.now
            energy_drops.produce(play.definition, energy, play.enrolment.pk, source, key=key, happened_at=now, now=now)


FEATURE = EnergyFeature()
