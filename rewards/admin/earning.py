"""Earning rules in the operators' words, with what they would give; and what was earned."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextareaWidget

from operations import four_eyes
from operations.guarded_admin import GuardedAdmin
from operations.read_only_admin import ReadOnlyAdmin
from rewards.earning_example import Example, example_of
from rewards.models import Earning, EarningRule

# What has been earned by a rule is reckoned by these again at each refund: they stay what they were.
FIXED_ONCE_USED = ["slug", "unit", "trigger", "event_type", "categories", "starts_at"]
EXAMPLE_NEEDS = {"unit", "rate", "amount", "cap_per_day", "matures_after_days"}


def is_used(rule: EarningRule) -> bool:
    """Tell whether anything has been earned by the rule."""
    return rule.pk is not None and rule.earnings.exists()


class EarningRuleForm(forms.ModelForm):
    """A rule as people write it: categories one a line, and only what its trigger uses."""

    categories = forms.CharField(
        label=_("Categories"),
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3, "spellcheck": "false"}),
        help_text=_("One a line, as the orders' lines name them; empty: all."),
    )

    class Meta:
        model = EarningRule
        fields = "__all__"  # noqa: DJ007  the admin lists them
        help_texts = {
            "trigger": _("An order earns by what was paid, less what is refunded; an event each time it happens."),
            "event_type": _("As the shop reports it, such as share."),
            "rate": _("Such as 1, or 0.1 for one in every ten. What is not whole is dropped."),
            "cap_per_day": _("For each member, on the day of the order or event; empty: no limit."),
            "matures_after_days": _("0: at once. A wait lets refunds come in before it is spent."),
            "starts_at": _("Orders paid from then on earn, also those that are reported late."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["categories"] = "\n".join(self.instance.categories)
        if self.instance.rate is not None:
            self.initial["rate"] = f"{self.instance.rate.normalize():f}"
        self.used = is_used(self.instance)
        # Who may only look at rules has no fields.
        # In force, what earns is not widened under an approval of something else: it is set out of force first.
        in_force = bool(self.instance.pk and self.instance.enabled and four_eyes.needed(four_eyes.POINTS))
        for name in self.fields.keys() & FIXED_ONCE_USED if self.used or in_force else ():
            self.fields[name].disabled = True

    def clean_categories(self) -> list[str]:
        lines = (line.strip() for line in self.cleaned_data["categories"].splitlines())
        return list(dict.fromkeys(line for line in lines if line))

    def clean_ends_at(self) -> Any:
        ends_at = self.cleaned_data["ends_at"]
        if self.used and "ends_at" in self.changed_data and ends_at is not None and ends_at < timezone.now():
            raise ValidationError(_("Members have earned by this rule: it can end now or later, not earlier."))
        return ends_at

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        # What the other trigger uses was hidden, so it is not what the operator means.
        by_event = cleaned.get("trigger", self.instance.trigger) == EarningRule.Trigger.EVENT
        unused = ["rate"] if by_event else ["amount", "event_type"]
        for name in unused:
            if name in self.fields:
                cleaned[name] = "" if name == "event_type" else None
        return cleaned

    def example(self) -> Example | None:
        """Return an example of what was typed; None while it cannot be reckoned."""
        if self.errors.keys() & EXAMPLE_NEEDS or not (self.cleaned_data.get("rate") or self.cleaned_data.get("amount")):
            return None
        if self.instance.unit_id is None:
            return None
        return example_of(self.instance)


@admin.register(EarningRule)
class EarningRuleAdmin(GuardedAdmin):
    form = EarningRuleForm
    list_display = ["shown_name", "shown_gives", "cap_per_day", "matures_after_days", "starts_at", "ends_at", "enabled"]
    list_filter = ["enabled", "trigger", "unit"]
    list_select_related = ["unit"]
    search_fields = ["slug", "name"]
    prepopulated_fields = {"slug": ["name"]}
    warn_unsaved_form = True
    change_form_after_template = "admin/rewards/earning_example.html"
    conditional_fields = {
        "rate": "trigger == 'order'",
        "event_type": "trigger == 'event'",
        "amount": "trigger == 'event'",
    }
    fieldsets = [
        (None, {"fields": ["name", "name_en", "slug", "enabled"]}),
        (_("What earns"), {"fields": ["trigger", "event_type", "categories", "starts_at", "ends_at"]}),
        (
            _("How much"),
            {"fields": ["unit", "rate", "amount", "uses_multiplier", "cap_per_day", "matures_after_days"]},
        ),
    ]

    def get_urls(self) -> list[URLPattern]:
        example = path("example/", self.admin_site.admin_view(self.example_view), name="rewards_earningrule_example")
        return [example, *super().get_urls()]

    def example_view(self, request: HttpRequest) -> HttpResponse:
        """Answer with the example of what is being typed; nothing is saved."""
        if not (self.has_view_or_change_permission(request) or self.has_add_permission(request)):
            raise PermissionDenied
        given = request.POST.get("rule", "")
        rule = EarningRule.objects.filter(pk=given).first() if given.isdecimal() else None
        form = self.get_form(request, rule, change=rule is not None)(request.POST, instance=rule)
        return TemplateResponse(request, "admin/rewards/earning_example_rows.html", {"example": form.example()})

    def get_prepopulated_fields(self, request: HttpRequest, obj: EarningRule | None = None) -> dict[str, list[str]]:
        return {} if obj is not None else dict(self.prepopulated_fields)

    def has_delete_permission(self, request: HttpRequest, obj: EarningRule | None = None) -> bool:
        if obj is not None and is_used(obj):
            return False
        return super().has_delete_permission(request, obj)

    @display(description=_("rule"), ordering="name")
    def shown_name(self, rule: EarningRule) -> str:
        return str(rule)

    @display(description=_("gives"))
    def shown_gives(self, rule: EarningRule) -> str:
        words = {"unit": rule.unit, "event": rule.event_type}
        if rule.rate is None:
            return _("%(unit)s: %(amount)s for each “%(event)s”") % (
                words | {"amount": number_format(rule.amount or 0)}
            )
        return _("%(unit)s: %(rate)s for each ¥") % (words | {"rate": f"{rule.rate.normalize():f}"})


@admin.register(Earning)
class EarningAdmin(ReadOnlyAdmin):
    list_display = [
        "member",
        "rule",
        "reference",
        "day",
        "base",
        "shown_multiplier",
        "granted",
        "reversed",
        "shown_kept",
    ]
    list_filter = ["rule"]
    list_select_related = ["member", "rule"]
    search_fields = ["member__uid__exact", "reference__exact"]
    search_help_text = _("uid of the member, or a reference such as order:A-1")
    fields = [
        ("member", "rule"),
        ("reference", "day"),
        ("base", "shown_multiplier"),
        ("granted", "reversed", "shown_kept"),
    ]
    readonly_fields = ["shown_multiplier", "shown_kept"]
    ordering = ["-id"]

    @display(description=_("multiplier"), ordering="multiplier")
    def shown_multiplier(self, earning: Earning) -> str:
        return f"×{earning.multiplier.normalize():f}"

    @display(description=_("kept"))
    def shown_kept(self, earning: Earning) -> str:
        return number_format(earning.granted - earning.reversed, force_grouping=True)
