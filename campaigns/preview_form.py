"""Who looks at a campaign in a preview, at which moment, and after what: a form that leads to an address."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminSplitDateTimeVerticalWidget,
    UnfoldAdminTextInputWidget,
)

from campaigns.audience_field import AudienceChoices
from campaigns.made_up import MOST_SCORE, Profile
from campaigns.models import Campaign, Task
from campaigns.periods import DAILY
from campaigns.playing_before import CHECKED_IN, COMPLETED, MOST_DAYS, ORDERED, Before
from campaigns.sandbox import World
from members.models import Member

MEMBER, MADE_UP = "member", "made_up"
# Years that the calendars of the pages can show a month around.
EARLIEST, LATEST = 2000, 2100
MOST_FOUND = 8


class PreviewForm(forms.Form):
    """`may_pick`: whether the operator may look at members; without it a profile is made up."""

    who = forms.ChoiceField(
        label=gettext_lazy("Who looks"),
        choices=[(MADE_UP, gettext_lazy("A made-up profile")), (MEMBER, gettext_lazy("A member"))],
        widget=UnfoldAdminRadioSelectWidget,
    )
    member = forms.CharField(
        label=gettext_lazy("Member"),
        required=False,
        max_length=100,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=gettext_lazy("The uid, or how the name begins"),
    )
    level = forms.ChoiceField(label=gettext_lazy("Level"), required=False, widget=UnfoldAdminSelectWidget)
    score = forms.IntegerField(
        label=gettext_lazy("Campaign score"),
        required=False,
        min_value=0,
        max_value=MOST_SCORE,
        widget=UnfoldAdminIntegerFieldWidget,
    )
    tags = forms.MultipleChoiceField(
        label=gettext_lazy("Tags"), required=False, widget=UnfoldAdminCheckboxSelectMultipleWidget
    )
    segments = forms.MultipleChoiceField(
        label=gettext_lazy("Segments"), required=False, widget=UnfoldAdminCheckboxSelectMultipleWidget
    )
    at = forms.SplitDateTimeField(
        label=gettext_lazy("At this moment"),
        widget=UnfoldAdminSplitDateTimeVerticalWidget(
            date_attrs={"aria-label": gettext_lazy("Date")},
            time_attrs={"aria-label": pgettext_lazy("of a day", "Time")},
            time_label=pgettext_lazy("of a day", "Time"),
        ),
    )
    days = forms.IntegerField(
        label=gettext_lazy("Checked in on so many days before"),
        required=False,
        min_value=0,
        max_value=MOST_DAYS,
        widget=UnfoldAdminIntegerFieldWidget,
    )
    order = forms.DecimalField(
        label=gettext_lazy("Paid an order of"),
        required=False,
        min_value=Decimal("0.01"),
        max_digits=9,
        decimal_places=2,
        widget=UnfoldAdminTextInputWidget(attrs={"inputmode": "decimal"}),
    )
    done = forms.MultipleChoiceField(
        label=gettext_lazy("Did these tasks"), required=False, widget=UnfoldAdminCheckboxSelectMultipleWidget
    )
    version = forms.ChoiceField(
        label=gettext_lazy("Which version"),
        choices=[("published", gettext_lazy("What is published")), ("draft", gettext_lazy("The draft"))],
        widget=UnfoldAdminSelectWidget,
    )

    def __init__(self, *args: Any, campaign: Campaign, may_pick: bool, choices: AudienceChoices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.campaign = campaign
        self.found: list[Member] = []
        self._chosen("level").choices = [("", _("the first one")), *choices.levels]
        self._chosen("tags").choices = choices.tags
        self._chosen("segments").choices = choices.segments
        self._tasks: list[Task] = list(campaign.tasks.all())
        self._chosen("done").choices = [(task.key, task.title) for task in self._tasks]
        if not may_pick:
            self._chosen("who").choices = [(MADE_UP, _("A made-up profile"))]
            del self.fields["member"]
        if campaign.current_id is None:
            self._chosen("version").choices = [("draft", _("The draft"))]

    def _chosen(self, name: str) -> Any:
        return self.fields[name]

    def clean_at(self) -> datetime:
        at: datetime = self.cleaned_data["at"]
        if not EARLIEST <= at.year < LATEST:
            years = {"first": EARLIEST, "last": LATEST - 1}
            raise ValidationError(_("A moment of the years %(first)d to %(last)d.") % years)
        return at

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("who") == MEMBER and "member" in cleaned:
            cleaned["member_id"] = self._member_id(cleaned["member"].strip())
        return cleaned

    def _member_id(self, asked: str) -> int:
        if not asked:
            raise ValidationError({"member": _("Name a member.")})
        members = Member.objects.filter(erased_at=None)
        exact = members.filter(uid=asked).first()
        if exact is not None:
            return exact.pk
        self.found = list(
            members.filter(Q(uid__startswith=asked) | Q(name__startswith=asked)).order_by("uid")[:MOST_FOUND]
        )
        if len(self.found) == 1:
            return self.found[0].pk
        if not self.found:
            raise ValidationError({"member": _("There is no such member.")})
        raise ValidationError({"member": _("Several members begin like this: choose one below.")})

    def world(self) -> World:
        """The world that a valid form asks for."""
        said = self.cleaned_data
        member_id = said.get("member_id")
        profile = Profile(said["level"], tuple(said["tags"]), tuple(said["segments"]), said["score"] or 0)
        return World(
            self.campaign.pk,
            said["version"] == "draft",
            said["at"],
            member_id,
            None if member_id else profile,
            tuple(self._before()),
        )

    def _before(self) -> Iterator[Before]:
        said = self.cleaned_data
        if said["days"]:
            daily = (task for task in self._tasks if task.kind == "checkin" and task.period == DAILY)
            yield from (Before(CHECKED_IN, task.key, said["days"]) for task in daily)
        if said["order"]:
            yield Before(ORDERED, amount=str(said["order"]))
        yield from (Before(COMPLETED, key) for key in said["done"])


def moved_to(world: World, like: World) -> World:
    """The same face at the moment, and of the version, of another: so that faces compare."""
    return replace(world, at=like.at, draft=like.draft)
