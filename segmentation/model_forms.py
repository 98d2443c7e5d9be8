"""Forms of lifecycle and value models: every number with what it does, in words for whoever knows spreadsheets."""

from typing import Any

from django import forms
from django.contrib.postgres.forms import SimpleArrayField
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from segmentation.forms import KeyedForm
from segmentation.lifecycle_stages import PRIORITIES
from segmentation.models import CategoryCycle, LifecycleModel, ValueModel
from segmentation.wording import STAGE_NAMES


class EventTypes(SimpleArrayField):
    """Types of events, with commas between them."""

    def __init__(self, **options: Any):
        super().__init__(forms.CharField(max_length=50), widget=UnfoldAdminTextInputWidget, **options)


def priorities() -> list[tuple[str, str]]:
    """Return the orders of the stages that overlap, in words."""
    return [(each, " → ".join(str(STAGE_NAMES[stage]) for stage in each.split(","))) for each in PRIORITIES]


class LifecycleModelForm(KeyedForm):
    interested_events = EventTypes(
        label=gettext_lazy("Interested: by events"),
        help_text=gettext_lazy("Types of events that show interest, as “favourite,cart”."),
    )
    priority = forms.ChoiceField(
        label=gettext_lazy("What comes first"),
        choices=priorities,
        widget=UnfoldAdminSelectWidget,
        help_text=gettext_lazy(
            "A member may meet several of these; the first one is the stage. Whoever meets none is active, sleeping or "
            "lost by the last order, or a prospect without one."
        ),
    )

    class Meta:
        model = LifecycleModel
        widgets = {"description": UnfoldAdminTextareaWidget(attrs={"rows": 2})}
        fields = [
            *("slug", "name", "description", "is_default", "daily_at", "interested_days", "interested_events"),
            *("new_days", "new_years", "active_days", "sleeping_days", "priority", "due_from", "due_until"),
            *("repeat_share", "fewest_gaps", "learning_days"),
        ]
        help_texts = {
            "daily_at": gettext_lazy("Time alone moves members, so stage them every day. Empty: on demand only."),
            "interested_days": gettext_lazy("Such an event within so many days, and no order in them."),
            "new_days": gettext_lazy("The one order of these years was made within so many days."),
            "new_years": gettext_lazy("Years of 365 days without any other order."),
            "active_days": gettext_lazy("The last order was made within so many days."),
            "sleeping_days": gettext_lazy(
                "The last order is older than that, but within so many days. Older still: lost."
            ),
            "due_from": gettext_lazy("0: right after buying; 80: when four fifths of the cycle have gone by."),
            "due_until": gettext_lazy("100: to the end of the cycle; 150: half a cycle longer."),
            "repeat_share": gettext_lazy(
                "A category counts as bought again when so many of its buyers bought it again."
            ),
            "fewest_gaps": gettext_lazy("With fewer repeat purchases of a category its cycle is not guessed."),
            "learning_days": gettext_lazy("Only orders of these days teach the cycles."),
        }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        _ascend(self, cleaned, "active_days", "sleeping_days", strictly=True)
        _ascend(self, cleaned, "due_from", "due_until", strictly=False)
        new_days, years = cleaned.get("new_days"), cleaned.get("new_years")
        if new_days and years and new_days > 365 * years:
            self.add_error("new_days", _("At most as many days as the years have."))
        return cleaned


class CategoryCycleForm(forms.ModelForm):
    class Meta:
        model = CategoryCycle
        fields = ["category", "days", "high"]

    def clean_category(self) -> str:
        category: str = self.cleaned_data["category"].strip()
        if not category:
            raise ValidationError(_("A category has a name."))
        return category


class ValueModelForm(KeyedForm):
    interaction_events = EventTypes(
        required=False,
        label=gettext_lazy("Events of interaction"),
        help_text=gettext_lazy("Types of events, as “favourite,cart,search,share”: each event counts as one."),
    )
    reputation_events = EventTypes(
        required=False,
        label=gettext_lazy("Events of reputation"),
        help_text=gettext_lazy("Events that speak for a member, as “review,share”."),
    )

    class Meta:
        model = ValueModel
        widgets = {"description": UnfoldAdminTextareaWidget(attrs={"rows": 2})}
        fields = [
            *("slug", "name", "description", "is_default", "daily_at", "window_days"),
            *("amount_weight", "frequency_weight", "interaction_weight", "reputation_weight"),
            *("interaction_events", "reputation_events", "reputation_event_points"),
            *("tiers_by", "core_share", "high_potential_share", "core_score", "high_potential_score"),
            *("spending_by", "high_spenders_share", "middle_spenders_share"),
            *("own_gap_orders", "fewest_gaps", "churn_middle", "churn_high"),
            *("loyal_orders", "loyal_span_days", "loyal_spread", "returning_orders"),
        ]
        help_texts = {
            "daily_at": gettext_lazy("New facts count at once; days that go by count at the next run."),
            "window_days": gettext_lazy("Amount, frequency and interaction are those of so many days, today included."),
            "amount_weight": gettext_lazy("Net of refunds. The four weights total 100."),
            "frequency_weight": gettext_lazy("The number of paid orders."),
            "interaction_weight": gettext_lazy("The number of events below."),
            "reputation_weight": gettext_lazy("Months as a member, 60 at most, and points for the events below."),
            "reputation_event_points": gettext_lazy("1 is worth a month as a member."),
            "core_share": gettext_lazy("The best of the members who bought in the window."),
            "high_potential_share": gettext_lazy("Those after them."),
            "high_spenders_share": gettext_lazy("The highest of the members who bought in the window."),
            "middle_spenders_share": gettext_lazy("Those after them; the rest is low."),
            "own_gap_orders": gettext_lazy(
                "The expected gap is a member's own average from so many days with orders on; before, the shortest "
                "learned gap among the categories of the last order, or the usual gap of all members."
            ),
            "fewest_gaps": gettext_lazy("With fewer, a gap is not learned."),
            "churn_middle": gettext_lazy("150: one and a half gaps without an order."),
            "churn_high": gettext_lazy("300: three gaps without an order."),
            "loyal_orders": gettext_lazy("High loyalty: orders on so many days …"),
            "loyal_span_days": gettext_lazy("… the last one so many days after the first …"),
            "loyal_spread": gettext_lazy("… at gaps whose deviation is at most so much of their average."),
            "returning_orders": gettext_lazy("Fewer make it low."),
        }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        names = ("amount_weight", "frequency_weight", "interaction_weight", "reputation_weight")
        total = sum(cleaned[name] for name in names if name in cleaned)
        if all(name in cleaned for name in names) and total != 100:
            self.add_error("amount_weight", _("The four weights total %(sum)s, not 100.") % {"sum": total})
        for first, second in (("core_share", "high_potential_share"), ("high_spenders_share", "middle_spenders_share")):
            if cleaned.get(first, 0) + cleaned.get(second, 0) > 100:
                self.add_error(second, _("Together more than 100 %."))
        _ascend(self, cleaned, "high_potential_score", "core_score", strictly=True)
        _ascend(self, cleaned, "churn_middle", "churn_high", strictly=False)
        return cleaned


def _ascend(form: forms.ModelForm, cleaned: dict[str, Any], lower: str, upper: str, *, strictly: bool) -> None:
    low, high = cleaned.get(lower), cleaned.get(upper)
    if low is None or high is None:
        return
    if low > high or (strictly and low == high):
        said = _("This has to be more than “%(other)s”.") if strictly else _("This cannot be less than “%(other)s”.")
        form.add_error(upper, said % {"other": form.fields[lower].label})
