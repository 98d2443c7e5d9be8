"""The page of the admin on which a campaign is cloned."""

from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from unfold.admin import ModelAdmin
from unfold.decorators import action
from unfold.widgets import UnfoldAdminSplitDateTimeWidget, UnfoldAdminTextInputWidget

from campaigns import cloning
from campaigns.definition import DefinitionError
from campaigns.models import Campaign
from operations.date_bounds import check_moment

NAME = "admin:campaigns_campaign_clone"
# Whoever made a campaign goes on building it.
BUILDER = "admin:campaigns_campaign_build_go_on"


class NewCampaignForm(forms.Form):
    """Key, name and window of a campaign that is made from another, or from a template."""

    name = forms.CharField(label=pgettext_lazy("campaign", "Name"), max_length=100, widget=UnfoldAdminTextInputWidget)
    slug = forms.SlugField(
        label=gettext_lazy("Key"),
        max_length=50,
        widget=UnfoldAdminTextInputWidget(attrs={"spellcheck": "false"}),
        help_text=gettext_lazy("Letters, digits and hyphens; part of the address. It stays once it is published."),
    )
    opens_at = forms.SplitDateTimeField(
        label=gettext_lazy("Opens"), widget=UnfoldAdminSplitDateTimeWidget, validators=[check_moment]
    )
    closes_at = forms.SplitDateTimeField(
        label=gettext_lazy("Closes"), widget=UnfoldAdminSplitDateTimeWidget, validators=[check_moment]
    )

    def clean_slug(self) -> str:
        slug = self.cleaned_data["slug"]
        if Campaign.objects.filter(slug=slug).exists():
            raise ValidationError(_("There is a campaign of this key already."))
        return slug

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if "opens_at" in cleaned and "closes_at" in cleaned and cleaned["closes_at"] <= cleaned["opens_at"]:
            raise ValidationError({"closes_at": _("The campaign closes before it opens.")})
        return cleaned


class CanBeCloned(ModelAdmin):
    """Inherit from this to give the admin of campaigns the page."""

    def get_urls(self) -> list[URLPattern]:
        page = self.admin_site.admin_view(partial(clone_page, site=self.admin_site))
        return [path("<int:campaign_id>/clone/", page, name="campaigns_campaign_clone"), *super().get_urls()]

    @action(description=gettext_lazy("Clone"), url_path="to-clone", icon="content_copy", permissions=["clone"])
    def to_clone(self, _request: HttpRequest, object_id: int) -> HttpResponse:
        return redirect(NAME, object_id)

    def has_clone_permission(self, request: HttpRequest, _object_id: Any = None) -> bool:
        return self.has_add_permission(request)


def clone_page(request: HttpRequest, campaign_id: int, *, site: AdminSite) -> HttpResponse:
    """Ask for the new key, name and window; a POST clones."""
    if not request.user.has_perms(["campaigns.add_campaign", "campaigns.view_campaign"]):
        raise PermissionDenied
    campaign = get_object_or_404(Campaign, pk=campaign_id)
    initial = {"name": campaign.name, "opens_at": campaign.opens_at, "closes_at": campaign.closes_at}
    form = NewCampaignForm(request.POST or None, initial=initial)
    if form.is_valid():
        try:
            cloned = cloning.clone(campaign, **form.cleaned_data, by=request.user, now=timezone.now())
        except DefinitionError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("“%(campaign)s” is a draft with pools of its own.") % {"campaign": cloned})
            return redirect(BUILDER, cloned.pk)
    context = {
        "title": _("Clone “%(campaign)s”") % {"campaign": campaign},
        "campaign": campaign,
        "opts": Campaign._meta,
        "form": form,
        "media": form.media,
    }
    return TemplateResponse(request, "admin/campaigns/clone.html", site.each_context(request) | context)
