"""The glossary in the admin: every term of the trade, in both languages."""

from functools import partial

from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin
from unfold.decorators import action

from campaigns.glossary import TERMS
from campaigns.models import Campaign


class HasGlossary(ModelAdmin):
    """Inherit from this to give the admin of campaigns the page and the way to it."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(partial(glossary_page, site=self.admin_site))
        return [path("glossary/", view, name="campaigns_glossary"), *super().get_urls()]

    @action(description=gettext_lazy("Glossary"), url_path="to-glossary", icon="menu_book", permissions=["view"])
    def to_glossary(self, _request: HttpRequest) -> HttpResponse:
        return redirect("admin:campaigns_glossary")


def glossary_page(request: HttpRequest, *, site: AdminSite) -> HttpResponse:
    """List the terms; each can be linked to by its key."""
    if not request.user.has_perm("campaigns.view_campaign"):
        raise PermissionDenied
    context = {**site.each_context(request), "title": _("Glossary"), "terms": TERMS, "opts": Campaign._meta}
    return TemplateResponse(request, "admin/campaigns/glossary.html", context)
