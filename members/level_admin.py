"""The ladder as operators build it, and a paid level given by hand."""

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from django import forms
from django.contrib import admin, messages
from django.db.models import Case, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminTextInputWidget

from members import level_jobs, standing
from members.level_counts import members_by_level
from members.level_words import needed_for
from members.models import Level, LevelChange, Member
from members.uses import KeptWhileUsed, Name
from operations.guarded_admin import GuardedAdmin
from operations.read_only_admin import ReadOnlyAdmin

MOVES_MEMBERS = {"growth_needed", "rank"}
STEP_WIDTH, STEP_RISE, STEP_GROUND = 150, 22, 62


class LevelForm(forms.ModelForm):
    class Meta:
        model = Level
        fields = "__all__"  # noqa: DJ007  the admin lists them
        help_texts = {
            "rank": _("Levels are compared by it: of two levels that a member holds, the higher rank counts."),
            "growth_needed": _("For a level by growth; 0 makes it everyone's from the start. Empty for a paid level."),
            "downgrade": _("For a level by growth with a validity. Nobody rises by a review."),
            "points_multiplier": _("Points for orders and events are multiplied by it."),
            "extra_chances": _("Given once in each period and campaign, when a member who takes part comes by."),
            "name_en": _("Shown to readers of English in place of the name."),
        }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        # What cannot be changed is not in the form.
        rank, needed = (cleaned.get(name, getattr(self.instance, name)) for name in ("rank", "growth_needed"))
        if cleaned.get("kind", self.instance.kind) == Level.Kind.GROWTH and rank is not None and needed is not None:
            self._refuse_disorder(rank, needed)
        return cleaned

    def _refuse_disorder(self, rank: int, needed: int) -> None:
        """A higher rank needs more growth value: else there would be levels that nobody can reach."""
        for other in Level.objects.filter(kind=Level.Kind.GROWTH).exclude(pk=self.instance.pk):
            if (other.rank < rank) != ((other.growth_needed or 0) < needed) or other.growth_needed == needed:
                words = {"level": other, "rank": other.rank, "growth": other.growth_needed}
                message = _("“%(level)s” has rank %(rank)s and needs %(growth)s: a higher rank must need more.")
                raise forms.ValidationError({"growth_needed": message % words})


class GiveLevelForm(forms.Form):
    """To whom, and why. `key` makes a form that is sent twice give once."""

    uid = forms.CharField(label=_("uid"), max_length=100, widget=UnfoldAdminTextInputWidget)
    reason = forms.CharField(label=_("Reason"), max_length=150, widget=UnfoldAdminTextInputWidget)
    key = forms.UUIDField(widget=forms.HiddenInput)

    def clean_uid(self) -> Member:
        member = Member.objects.filter(uid=self.cleaned_data["uid"]).first()
        if member is None:
            raise forms.ValidationError(_("There is no member with this uid."))
        return member


@admin.register(Level)
class LevelAdmin(KeptWhileUsed, GuardedAdmin):
    form = LevelForm
    list_display = ["name", "name_en", "slug", "shown_kind", "rank", "growth_needed", "valid_months", "shown_members"]
    list_filter = ["kind"]
    search_fields = ["name", "name_en", "slug"]
    ordering = ["rank"]
    list_before_template = "admin/members/ladder.html"
    actions_detail = ["give"]
    warn_unsaved_form = True
    fieldsets = [
        (_("Ladder"), {"fields": [("name", "name_en"), ("slug", "kind"), ("rank", "growth_needed")]}),
        (_("Validity"), {"fields": [("valid_months", "downgrade")]}),
        (
            _("Benefits"),
            {
                "fields": [
                    "points_multiplier",
                    ("extra_chances", "extra_chances_period"),
                    ("benefits", "benefits_en"),
                ]
            },
        ),
    ]

    def get_readonly_fields(self, request: HttpRequest, obj: Level | None = None) -> list[str]:
        # Imports, rules and campaigns refer to the key; members hold the level as what it is.
        return ["slug", "kind"] if obj else []

    def name_of(self, obj: Level) -> Name:
        return "level", obj.slug

    def save_model(self, request: HttpRequest, obj: Level, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if not change or MOVES_MEMBERS & set(form.changed_data):
            level_jobs.ladder_changed(now=timezone.now())
            text = _("All members are now put where the ladder has them. With many members this takes minutes.")
            self.message_user(request, text, messages.INFO)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Level]:
        counts = members_by_level()
        whens = [When(pk=level_id, then=Value(members)) for level_id, members in counts.items()]
        most = max(counts.values(), default=0) or 1
        return super().get_queryset(request).annotate(members=Case(*whens, default=0), most=Value(most))

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        ladder = drawn_ladder(list(self.get_queryset(request).order_by("rank")))
        return super().changelist_view(request, {**(extra_context or {}), "ladder": ladder})

    @display(description=_("kind"), label={"paid": "warning", "growth": "info"})
    def shown_kind(self, level: Level) -> tuple[str, str]:
        return level.kind, level.get_kind_display()

    @display(description=_("members"), ordering="members")
    def shown_members(self, level: Any) -> SafeString:
        return render_to_string("admin/members/level_bar.html", {"level": level})

    def has_give_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return request.user.has_perm("members.grant_paid_level")

    @action(description=_("Give to a member"), permissions=["give"], url_path="give")
    def give(self, request: HttpRequest, object_id: int) -> HttpResponse:
        level = get_object_or_404(Level, pk=object_id)
        page = reverse("admin:members_level_change", args=[level.pk])
        if level.kind != Level.Kind.PAID:
            self.message_user(request, _("A level by growth is reached by growth value, not given."), messages.ERROR)
            return HttpResponseRedirect(page)
        begun = {"uid": request.GET.get("uid", ""), "key": uuid4()}
        form = GiveLevelForm(request.POST or None, initial=begun)
        if form.is_valid() and self._give(request, level, form):
            return HttpResponseRedirect(page)
        context = self.admin_site.each_context(request) | {
            "title": _("Give to a member"),
            "subtitle": str(level),
            "opts": self.opts,
            "original": level,
            "needed": needed_for(level),
            "form": form,
            "page": page,
        }
        return TemplateResponse(request, "admin/members/give_level.html", context)

    def _give(self, request: HttpRequest, level: Level, form: GiveLevelForm) -> bool:
        member, reason = form.cleaned_data["uid"], form.cleaned_data["reason"]
        key, now = f"hand:{form.cleaned_data['key']}", timezone.now()
        try:
            standing.give_level(member, level, key=key, reason=reason, by=request.user, now=now)  # type: ignore[arg-type]
        except standing.LevelRefused as refused:
            form.add_error(None, str(refused))
            return False
        words = {"uid": member.uid, "level": level}
        self.message_user(request, gettext("%(uid)s has %(level)s now.") % words, messages.SUCCESS)
        return True


@admin.register(LevelChange)
class LevelChangeAdmin(ReadOnlyAdmin):
    list_display = ["member", "before", "after", "cause", "reference", "changed_at"]
    list_filter = ["cause", "after"]
    list_select_related = ["member", "before", "after"]
    search_fields = ["member__uid__exact", "reference__exact"]
    search_help_text = _("A uid, or a reference such as order:A-1")
    ordering = ["-id"]


def drawn_ladder(levels: Sequence[Any]) -> dict[str, Any]:
    """Return the levels, which come by rank, as steps of a staircase that rises: the coordinates of an SVG."""
    height = STEP_GROUND + STEP_RISE * len(levels)
    steps = [
        {
            "level": level,
            "needed": needed_for(level),
            "x": STEP_WIDTH * number,
            "middle": STEP_WIDTH * number + STEP_WIDTH // 2,
            "y": height - STEP_GROUND - STEP_RISE * number,
            "height": STEP_GROUND + STEP_RISE * number,
        }
        for number, level in enumerate(levels)
    ]
    return {"steps": steps, "width": STEP_WIDTH * len(levels), "height": height, "step": STEP_WIDTH - 6}
