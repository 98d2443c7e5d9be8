"""Tags by participation: whoever joins, finishes, wins or scores carries a tag; see `campaigns.tag_rules`."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns import tag_rules
from campaigns.definition import Campaign, Chain, DefinitionError, Reward, Task
from campaigns.features.face import Feature
from campaigns.kinds.face import ConfigFault
from campaigns.kinds.forms import ConfigForm, JSONText

if TYPE_CHECKING:
    from campaigns.entering import Play
    from campaigns.models import Enrolment


class TagsForm(ConfigForm):
    joined = forms.CharField(
        label=_("tag for joining"), required=False, help_text=_("Named with its group: group.tag.")
    )
    finished = JSONText(
        label=_("tags for finishing"),
        help_text=_(
            'One for who finishes a chain, or all tasks: "group.tag". '
            'Or by task and chain: [{"chain": "path", "tag": "group.tag"}].'
        ),
    )
    won = forms.CharField(
        label=_("tag for winning"), required=False, help_text=_("For a drawn prize that is no consolation.")
    )
    scored = JSONText(label=_("tags by score"), help_text=_('Such as [{"from": 80, "tag": "group.tag"}].'))


class TagsFeature(Feature):
    LABEL = _("tags by participation")
    TELLS = _("Whoever joins, finishes, wins or scores carries a tag.")
    Form = TagsForm
    LOCKS_MEMBER = True

    def faults(self, config: Mapping[str, Any]) -> list[ConfigFault]:
        try:
            tag_rules.parse(config)
        except DefinitionError as error:
            return [ConfigFault(error.path, error.message)]
        return []

    def rewards(self, config: Mapping[str, Any]) -> Iterator[Reward]:
        """Each tag as the reward that it is: so it must exist, and is in use."""
        yield from (Reward(tag=tag) for tag in tag_rules.parse(config).every)

    def entered(
        self, config: Mapping[str, Any], definition: Campaign, enrolment: "Enrolment", *, now: datetime
    ) -> None:
        joined = tag_rules.parse(config).joined
        _give([joined] if joined else [], definition, enrolment, now=now)

    def scored(  # noqa: PLR0913 who scored what, where and when
        self,
        config: Mapping[str, Any],
        definition: Campaign,
        enrolment: "Enrolment",
        *,
        before: int,
        after: int,
        now: datetime,
    ) -> None:
        _give(tag_rules.parse(config).reached(before, after), definition, enrolment, now=now)

    def completed(self, config: Mapping[str, Any], play: "Play", task: Task, *, period: str) -> None:
        tags = tag_rules.parse(config)
        given = [tag for key, tag in tags.by_task if key == task.key]
        if tags.finished and not play.definition.chains and _all_done(play):
            given.append(tags.finished)
        _give(given, play.definition, play.enrolment, now=play.now)

    def finished(self, config: Mapping[str, Any], play: "Play", chain: Chain) -> None:
        tags = tag_rules.parse(config)
        given = [tag for key, tag in tags.by_chain if key == chain.key] + ([tags.finished] if tags.finished else [])
        _give(given, play.definition, play.enrolment, now=play.now)


def _give(tags: Iterable[str], definition: Campaign, enrolment: "Enrolment", *, now: datetime) -> None:
    from campaigns import giving_tags

    for tag in tags:
        giving_tags.give(enrolment.pk, enrolment.member_id, tag, campaign=definition.slug, now=now)


def _all_done(play: "Play") -> bool:
    """Whether every task of the campaign has been done at least once, and is not held back."""
    from campaigns.models import Completion

    done = Completion.objects.filter(enrolment=play.enrolment.pk, held_at=None, refused_at=None)
    return {task.key for task in play.definition.tasks} <= set(done.values_list("task_key", flat=True))


FEATURE = TagsFeature()
