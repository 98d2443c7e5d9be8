"""The steps of a chain in a form: one select for each place, so that they are always numbered without a gap."""

from collections import Counter
from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminSelectWidget

from campaigns.audience_field import AudienceChoices, audience_words
from campaigns.drafts import audience_of
from campaigns.models import Chain, ChainStep, Task
from operations.free_keys import MakesItsKey
from operations.sentences import listed

MOST_STEPS = 8


class StepsWidget(forms.MultiWidget):
    template_name = "campaigns/widgets/steps.html"

    def __init__(self) -> None:
        super().__init__([UnfoldAdminSelectWidget() for _place in range(MOST_STEPS)])

    def decompress(self, value: list[int] | None) -> list[Any]:
        steps = list(value or [])
        return [*steps, *[None] * (MOST_STEPS - len(steps))]


class StepsField(forms.MultiValueField):
    """Its value is the list of the chosen tasks' ids, in their order; places left empty are closed up."""

    def __init__(self, **kwargs: Any) -> None:
        places = [forms.ModelChoiceField(Task.objects.none(), required=False) for _place in range(MOST_STEPS)]
        super().__init__(places, widget=StepsWidget(), required=False, require_all_fields=False, **kwargs)

    def offer(self, tasks: list[Task], known: AudienceChoices) -> None:
        """Offer the campaign's own tasks, read once; those of one title are told apart by whom they are for."""
        titles = Counter(task.title for task in tasks)
        choices = [("", "—"), *((task.pk, _title(task, known, titles[task.title] > 1)) for task in tasks)]
        for field, widget in zip(self.fields, self.widget.widgets, strict=True):
            cast(forms.ModelChoiceField, field).queryset = Task.objects.filter(pk__in=[task.pk for task in tasks])
            widget.choices = choices

    def compress(self, data_list: list[Task | None]) -> list[int]:
        return [task.pk for task in data_list if task]


def _title(task: Task, known: AudienceChoices, is_one_of_several: bool) -> str:
    if not is_one_of_several:
        return task.title
    audience = audience_of(task)
    levels = [name for key, name in known.of("levels") if key in audience.levels]
    whom = listed(map(str, levels)) or audience_words(audience, known) or task.key
    return _("%(title)s (%(whom)s)") % {"title": task.title, "whom": whom}


class ChainForm(MakesItsKey, forms.ModelForm):
    steps = StepsField(
        label=gettext_lazy("Steps"),
        help_text=gettext_lazy("Save new tasks first, then choose them here in their order."),
    )

    class Meta:
        model = Chain
        fields = "__all__"  # noqa: DJ007  the inline lists them

    def __init__(
        self, *args: Any, tasks: list[Task] | None = None, known: AudienceChoices | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        # Who may only look at campaigns has no fields.
        if "steps" in self.fields:
            cast(StepsField, self.fields["steps"]).offer(tasks or [], known or AudienceChoices())
        if self.instance.pk:
            self.initial["steps"] = [step.task_id for step in self.instance.steps.all()]

    def stem(self, cleaned: dict[str, Any]) -> str:
        return "chain"

    def taken(self) -> Iterable[str]:
        return self.instance.campaign.chains.values_list("key", flat=True) if self.instance.campaign_id else ()

    def clean_steps(self) -> list[int]:
        steps = self.cleaned_data["steps"]
        if len(set(steps)) < len(steps):
            raise forms.ValidationError(_("A task is one step of the chain, not two."), code="task_twice")
        return steps

    def _save_m2m(self) -> None:
        super()._save_m2m()  # type: ignore[misc]  # the hook that `save` calls once the chain has its key
        if "steps" not in self.changed_data:
            return
        skips = dict(self.instance.steps.values_list("task_id", "skip"))
        self.instance.steps.all().delete()
        ChainStep.objects.bulk_create(
            ChainStep(chain=self.instance, number=number, task_id=task, skip=skips.get(task, {}))
            for number, task in enumerate(self.cleaned_data["steps"], 1)
        )
