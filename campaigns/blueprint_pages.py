"""The gallery of campaigns to start from: choose a template, fill in its values, and it is a draft."""

from datetime import timedelta
from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin
from unfold.decorators import action
from unfold.widgets import UnfoldAdminDecimalFieldWidget, UnfoldAdminIntegerFieldWidget, UnfoldAdminTextInputWidget

from campaigns import blueprint_files, from_blueprints
from campaigns.blueprint_files import Ask, Blueprint
from campaigns.clone_pages import BUILDER, NewCampaignForm
from campaigns.definition import DefinitionError
from campaigns.from_blueprints import Created
from campaigns.models import Campaign
from operations.sentences import listed
from segmentation.rule_errors import RuleError
from segmentation.rule_values import LONGEST_TEXT
from segmentation.rules import LONGEST_WINDOW
from segmentation.starting_segments import categories_sold
from segmentation.wording import fault_words

NAME = "admin:campaigns_campaign_blueprints"
MOST = 10_000
DAYS_OPEN = 30
# What a template makes is made by who may make each of them.
NEEDED = (
    "campaigns.add_campaign",
    "rewards.add_prizepool",
    "rewards.add_gift",
    "segmentation.add_segment",
    "segmentation.add_taggroup",
)


class BlueprintForm(NewCampaignForm):
    """A field for each value that the template asks for, beside name, key, window and organiser."""

    organiser = forms.CharField(label=gettext_lazy("Organiser"), max_length=100, widget=UnfoldAdminTextInputWidget)

    def __init__(self, blueprint: Blueprint, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.blueprint = blueprint
        kinds = {ask.kind for ask in blueprint.asks}
        self.categories = categories_sold() if "category" in kinds else []
        self.fields["name"].initial = blueprint.title
        self.fields["slug"].initial = blueprint.key
        midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
        self.fields["opens_at"].initial = midnight
        self.fields["closes_at"].initial = midnight + timedelta(days=DAYS_OPEN)
        self.fields["organiser"].initial = Campaign.objects.values_list("organiser", flat=True).first()
        for ask in blueprint.asks:
            self.fields[ask.name] = _field(ask)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("other") and cleaned["other"] == cleaned.get("category"):
            raise ValidationError({"other": _("Choose two different categories.")})
        if cleaned.get("low", 0) > cleaned.get("high", LONGEST_WINDOW):
            raise ValidationError({"high": _("It ends before it starts.")})
        return cleaned

    def values(self) -> dict[str, Any]:
        """What the template is filled with; amounts are texts, as tasks keep them."""
        amounts = {ask.name: str(self.cleaned_data[ask.name]) for ask in self.blueprint.asks if ask.kind == "amount"}
        return self.cleaned_data | amounts


def _field(ask: Ask) -> forms.Field:
    if ask.kind == "category":
        widget = UnfoldAdminTextInputWidget(attrs={"list": "categories", "autocomplete": "off"})
        return forms.CharField(label=ask.label, max_length=LONGEST_TEXT, initial=ask.default, widget=widget)
    if ask.kind == "amount":
        return forms.DecimalField(
            label=ask.label,
            initial=ask.default,
            min_value=1,
            max_digits=9,
            decimal_places=2,
            widget=UnfoldAdminDecimalFieldWidget,
        )
    most = LONGEST_WINDOW if ask.kind == "days" else MOST
    return forms.IntegerField(
        label=ask.label, initial=ask.default, min_value=1, max_value=most, widget=UnfoldAdminIntegerFieldWidget
    )


class HasBlueprints(ModelAdmin):
    """Inherit from this to give the admin of campaigns the gallery."""

    def get_urls(self) -> list[URLPattern]:
        def page(view: Any) -> Any:
            return self.admin_site.admin_view(partial(view, site=self.admin_site))

        return [
            path("templates/", page(gallery), name="campaigns_campaign_blueprints"),
            path("templates/<slug:key>/", page(one_blueprint), name="campaigns_campaign_blueprint"),
            *super().get_urls(),
        ]

    @action(
        description=gettext_lazy("Start from a template"), url_path="to-templates", icon="apps", permissions=["add"]
    )
    def start_from_a_template(self, _request: HttpRequest) -> HttpResponse:
        return redirect(NAME)


def gallery(request: HttpRequest, *, site: AdminSite) -> HttpResponse:
    _refuse_strangers(request)
    context = {"title": _("Start from a template"), "opts": Campaign._meta}
    shown = site.each_context(request) | context | {"blueprints": blueprint_files.all_blueprints()}
    return TemplateResponse(request, "admin/campaigns/blueprints.html", shown)


def one_blueprint(request: HttpRequest, key: str, *, site: AdminSite) -> HttpResponse:
    """Ask for the values; a POST creates the campaign."""
    _refuse_strangers(request)
    try:
        blueprint = blueprint_files.find(key)
    except LookupError:
        raise Http404 from None
    form = BlueprintForm(blueprint, request.POST or None)
    if form.is_valid() and (created := _create(request, blueprint, form)):
        return redirect(BUILDER, created.campaign.pk)
    context = {
        "title": blueprint.title,
        "opts": Campaign._meta,
        "blueprint": blueprint,
        "form": form,
        "media": form.media,
    }
    return TemplateResponse(request, "admin/campaigns/blueprint.html", site.each_context(request) | context)


def _create(request: HttpRequest, blueprint: Blueprint, form: BlueprintForm) -> Created | None:
    """Create it and say what was made; where it cannot be, say why, and create nothing."""
    try:
        created = from_blueprints.create(blueprint, form.values(), by=request.user, now=timezone.now())
    except DefinitionError as error:
        form.add_error(None, str(error))
        return None
    except RuleError as error:
        form.add_error(None, fault_words(error))
        return None
    messages.success(request, _("“%(campaign)s” is a draft with pools of its own.") % {"campaign": created.campaign})
    if created.segments:
        names = listed(segment.name for segment in created.segments)
        messages.info(request, _("New segments, whose members a worker computes now: %(names)s.") % {"names": names})
    if created.gifts:
        names = listed(gift.name for gift in created.gifts)
        messages.warning(request, _("New gifts: look at codes, values and costs before you publish: %s.") % names)
    return created


def _refuse_strangers(request: HttpRequest) -> None:
    if not request.user.has_perms(NEEDED):
        raise PermissionDenied
