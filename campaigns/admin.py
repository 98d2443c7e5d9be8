"""Where operators build campaigns, publish them and watch them. Revisions and live state are looked at only."""

import json
from functools import partial
from typing import Any

from django.contrib import admin
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _
from unfold.admin import StackedInline, TabularInline
from unfold.decorators import action, display
from unfold.views import ChangeList
from unfold.widgets import UnfoldAdminColorInputWidget

from campaigns import (  # noqa: F401 some have screens of their own
    board_admin,
    code_admin,
    device_admin,
    held_admin,
    participation_admin,
    review_admin,
    sharing_admin,
    told_changes,
)
from campaigns.audience_field import AudienceChoices, WithAudience, choices_of
from campaigns.audience_pages import CountsAudiences
from campaigns.blueprint_pages import HasBlueprints
from campaigns.building.admin import HasBuilder
from campaigns.building.chain_path import paths_of
from campaigns.clone_pages import CanBeCloned
from campaigns.drafts import Draft
from campaigns.feature_pages import HasFeatures
from campaigns.figure_pages import HasFigures, figures_or_way
from campaigns.glossary_pages import HasGlossary
from campaigns.models import Campaign, CampaignPool, Chain, Enrolment, Revision
from campaigns.named_rows import NamedRows
from campaigns.offers.admin import OfferInline
from campaigns.pool_words import panel
from campaigns.preview_pages import CanBePreviewed
from campaigns.reach_pages import HasReach
from campaigns.rehearsal_pages import HasRehearsal
from campaigns.review_pages import HasReview
from campaigns.revision_pages import HasRevisions
from campaigns.revision_words import Words
from campaigns.state_buttons import HasStates, StateFilter
from campaigns.steps_field import ChainForm
from campaigns.task_admin import TaskInline, step_url
from campaigns.why import why_page
from members.uses import KeptWhileUsed, Name
from operations.field_help import HelpedFields
from operations.free_keys import RowsMakeKeys
from operations.once_per_row import once_per_row
from operations.picture_admin import HasPicture
from operations.read_only_admin import ReadOnlyAdmin
from rewards.scope_budgets import HasBudgets

REWARD = ("points", "growth", "chances")


def _shown(campaign: Campaign, choices: AudienceChoices) -> dict[str, Any]:
    """What stands before the form: what participants meet, and how the draft's pools are chosen."""
    draft = Draft(campaign)
    return {
        "chain_paths": paths_of(draft, Words(choices)),
        "pool_panel": panel(draft, choices),
    } | figures_or_way(draft, choices)


def _brought(request: HttpRequest, revision: Revision) -> dict[str, Any]:
    """What stands before a revision's text: what it changed of the one before."""
    changes = told_changes.brought_by(revision, Words(choices_of(request)))
    return {"changes": changes, "first": revision.number == 1}


class ChainFormSet(RowsMakeKeys, NamedRows):
    """Every chain of the page offers the same tasks, read once."""

    known: AudienceChoices

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        if not hasattr(self, "own_tasks"):
            self.own_tasks = list(self.instance.tasks.all()) if self.instance.pk else []
        return super().get_form_kwargs(index) | {"tasks": self.own_tasks, "known": self.known}


class ChainInline(HelpedFields, WithAudience, StackedInline):
    model = Chain
    form = ChainForm
    formset = ChainFormSet
    extra = 0
    tab = True
    collapsible = True
    readonly_fields = ["shown_steps", "shown_skips"]

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        made = super().get_formset(request, obj, **kwargs)
        made.known = choices_of(request)
        return made

    def get_queryset(self, request: HttpRequest) -> QuerySet[Chain]:
        return super().get_queryset(request).prefetch_related("steps__task")

    def get_fieldsets(self, request: HttpRequest, obj: Campaign | None = None) -> Any:
        # The choice of steps is the form's own; who may only look gets no form.
        steps = "steps" if obj is None or self.has_change_permission(request, obj) else "shown_steps"
        return [
            (None, {"fields": [("title", "key"), steps, "shown_skips", ("within", "slot"), "audience"]}),
            (_("Reward of the whole chain"), {"fields": [REWARD, ("gift", "tag"), ("pool", "position")]}),
        ]

    @display(description=_("For whom steps fall away"))
    @once_per_row
    def shown_skips(self, chain: Chain) -> str:
        """A link for each step that is saved: there it is chosen."""
        if not chain.pk:
            return "–"
        return format_html_join(
            " → ",
            '<a class="text-primary-600 dark:text-primary-500" href="{}">{}{}</a>',
            ((step_url(step), step.task.title, " *" if step.skip else "") for step in chain.steps.all()),
        )

    @display(description=_("Steps"))
    def shown_steps(self, chain: Chain) -> str:
        return " → ".join(step.task.title for step in chain.steps.all())


class PoolInline(HelpedFields, WithAudience, TabularInline):
    model = CampaignPool
    extra = 0
    hide_title = True
    tab = True
    fields = ["position", "pool", "named_only", "audience"]


class WithParticipants(ChangeList):
    """The list alone counts them: the pages of one campaign ask for it several times."""

    root_queryset: QuerySet[Campaign]

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet[Campaign]:
        counted = Enrolment.objects.filter(campaign=OuterRef("pk")).values("campaign").annotate(people=Count("pk"))
        # Before the list is put in order, which may be by them.
        self.root_queryset = self.root_queryset.annotate(people=Coalesce(Subquery(counted.values("people")), 0))
        return super().get_queryset(request, exclude_parameters)


@admin.register(Campaign)
class CampaignAdmin(
    WithAudience,
    CountsAudiences,
    HasGlossary,
    HasPicture,
    KeptWhileUsed,
    HasBudgets,
    CanBePreviewed,
    HasRehearsal,
    HasReview,
    HasRevisions,
    HasFeatures,
    HasFigures,
    HasReach,
    CanBeCloned,
    HasBlueprints,
    HasBuilder,
    HasStates,
):
    audience_of_campaign = True
    picture_field = "banner"
    list_display = ["name", "slug", "state_label", "opens_at", "closes_at", "revision_label", "participants"]
    list_filter = [StateFilter]
    search_fields = ["name", "slug"]
    list_select_related = ["current"]
    inlines = [TaskInline, ChainInline, PoolInline, OfferInline]
    actions = ["publish", "pause", "resume", "end", "archive_selected"]
    actions_list = ["new_campaign", "start_from_a_template", "to_glossary"]
    # Four at most stand in a row; the rest is one click away.
    actions_detail = [
        "to_builder",
        "to_preview",
        "to_rehearsal",
        "to_review",
        {"title": _("More"), "icon": "more_horiz", "items": ["add_task", "to_features", "to_revisions", "to_clone"]},
    ]
    actions_submit_line = [
        "save_and_submit",
        "save_and_publish",
        "save_and_pause",
        "save_and_resume",
        "save_and_end",
        "archive",
        "unarchive",
    ]
    change_form_before_template = "admin/campaigns/overview.html"
    warn_unsaved_form = True
    fieldsets = [
        (
            _("Campaign"),
            {"classes": ["tab"], "fields": [("name", "slug"), "opens_at", "closes_at", "time_zone", "audience"]},
        ),
        (_("Look and rules"), {"classes": ["tab"], "fields": ["tagline", "organiser", "colour", "banner", "rules"]}),
    ]

    class Media:
        css = {
            "all": [
                "campaigns/admin.css",
                "admin/charts.css",
                "admin/budgets.css",
                "admin/pictures.css",
                "admin/building.css",
            ]
        }

    def get_urls(self) -> list[URLPattern]:
        why = self.admin_site.admin_view(partial(why_page, site=self.admin_site))
        return [path("<int:campaign_id>/why/<int:member_id>/", why, name="campaigns_campaign_why"), *super().get_urls()]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return WithParticipants

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        campaign = self.get_object(request, object_id)
        shown = _shown(campaign, choices_of(request)) if campaign else {}
        return super().change_view(request, object_id, form_url, (extra_context or {}) | shown)

    @display(description=_("revision"))
    def revision_label(self, campaign: Campaign) -> str:
        return str(campaign.current.number) if campaign.current else "–"

    @display(description=_("participants"), ordering="people")
    def participants(self, campaign: Any) -> int:
        return campaign.people

    @action(description=_("Add a task"), permissions=["change"], url_path="add-task", icon="add_task")
    def add_task(self, request: HttpRequest, object_id: int) -> HttpResponse:
        return redirect(f"{reverse('admin:campaigns_task_add')}?campaign={object_id}")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # What was published has participants and revisions to answer for: it is ended.
        return super().has_delete_permission(request, obj) and (obj is None or obj.current_id is None)

    def get_form(self, request: HttpRequest, obj: Campaign | None = None, **kwargs: Any) -> Any:
        choices_of(request).campaign_id = obj.pk if obj else None
        return super().get_form(request, obj, **kwargs)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "colour":
            kwargs["widget"] = UnfoldAdminColorInputWidget
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_readonly_fields(self, request: HttpRequest, obj: Campaign | None = None) -> list[str]:
        # Chances, draws and budgets go by the key.
        return ["slug"] if obj is not None and obj.current_id else []

    def get_prepopulated_fields(self, request: HttpRequest, obj: Campaign | None = None) -> dict[str, list[str]]:
        return {} if obj is not None else {"slug": ["name"]}

    def scope_of(self, obj: Campaign) -> str:
        return f"campaign:{obj.slug}"

    def name_of(self, obj: Campaign) -> Name:
        return "campaign", obj.slug


@admin.register(Revision)
class RevisionAdmin(ReadOnlyAdmin):
    list_display = ["campaign", "number", "published_at", "published_by", "restores"]
    search_fields = ["campaign__name", "campaign__slug", "reason"]
    list_filter = ["campaign"]
    list_select_related = ["campaign", "published_by"]
    fields = [("campaign", "number"), ("published_at", "published_by"), ("restores", "reason"), "as_published"]
    change_form_before_template = "admin/campaigns/revision.html"

    class Media:
        css = {"all": ["campaigns/admin.css", "campaigns/revisions.css"]}

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        revision = self.get_object(request, object_id)
        shown = {} if revision is None else _brought(request, revision)
        return super().change_view(request, object_id, form_url, (extra_context or {}) | shown)

    @display(description=_("definition"))
    def as_published(self, revision: Revision) -> str:
        text = json.dumps(revision.definition, ensure_ascii=False, indent=2)
        return format_html('<pre class="json-shown" tabindex="0">{}</pre>', text)
