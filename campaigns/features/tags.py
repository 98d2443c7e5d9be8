"""Tags by participation: whoever joins, finishes, wins or scores carries a tag; see `campaigns.tag_rules`."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from campaigns import tag_rules
from campaigns.definition import Campaign, Chain, DefinitionError, Reward, Task
from campaigns.features.face import Feature
from campaigns.kinds.face import ConfigFault
from campaigns.kinds.forms import ConfigForm, offered_tags
from campaigns.rows_field import KeptChoiceField, RowsField

if TYPE_CHECKING:
    from campaigns.entering import Play
    from campaigns.models import Enrolment


def _tag_cell(label: Any) -> forms.ChoiceField:
    return KeptChoiceField(label=label, choices=offered_tags, required=False)


class TagsForm(ConfigForm):
    joined = _tag_cell(_("tag for joining"))
    finished_all = KeptChoiceField(
        label=_("tag for finishing"),
        choices=offered_tags,
        required=False,
        help_text=_("For who finishes a chain; in a campaign without chains, for who has done all tasks."),
    )
    finished = RowsField(
        {
            "kind": forms.ChoiceField(
                label=_("What is finished"),
                choices=[("", "—"), ("task", _("a task")), ("chain", _("a chain"))],
                widget=UnfoldAdminSelectWidget,
            ),
            "key": forms.CharField(label=_("Its key"), max_length=50, widget=UnfoldAdminTextInputWidget),
            "tag": _tag_cell(_("Tag")),
        },
        label=_("tags for one task or chain"),
        help_text=_("Instead of one tag for finishing. The key is the one of the task or of the chain."),
    )
    won = KeptChoiceField(
        label=_("tag for winning"),
        choices=offered_tags,
        required=False,
        help_text=_("For a drawn prize that is no consolation."),
    )
    scored = RowsField(
        {
            "from": forms.IntegerField(
                label=_("Campaign score from"), min_value=1, widget=UnfoldAdminIntegerFieldWidget
            ),
            "tag": _tag_cell(_("Tag")),
        },
        label=_("tags by score"),
        help_text=_("The lowest score first."),
    )

    @classmethod
    def initial_of(cls, config: Mapping[str, Any]) -> dict[str, Any]:
        finished = config.get("finished")
        if isinstance(finished, str):
            return {**config, "finished_all": finished, "finished": []}
        rows = [
            {"kind": kind, "key": each.get(kind), "tag": each.get("tag")}
            for each in finished or ()
            for kind in ("task", "chain")
            if kind in each
        ]
        return {**config, "finished": rows}

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or {}
        if cleaned.get("finished_all") and cleaned.get("finished"):
            words = _("Either one tag for finishing, or tags for one task or chain: not both.")
            self.add_error("finished", forms.ValidationError(words, code="both"))
        return cleaned

    def config(self) -> dict[str, Any]:
        config = super().config()
        if one := config.pop("finished_all", None):
            return config | {"finished": one}
        if "finished" in config:
            config["finished"] = [
                {each.get("kind", "task"): each.get("key", ""), "tag": each.get("tag", "")}
                for each in config["finished"]
            ]
        if "scored" in config:
            config["scored"] = [{"from": each.get("from", 0), "tag": each.get("tag", "")} for each in config["scored"]]
        return config


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
