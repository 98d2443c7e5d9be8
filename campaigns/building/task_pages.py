"""A task in the builder: its kind is chosen, and then it has a form with the fields of that kind only."""

from typing import Any

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.contrib.admin.utils import flatten_fieldsets
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from campaigns import kinds
from campaigns.building import pages, saving, sheets, tokens
from campaigns.building.frames import Page, framed
from campaigns.building.placing import progress_of
from campaigns.building.saving import Form, Outcome
from campaigns.building.sheets import Filled, Sheet
from campaigns.building.steps import TASKS
from campaigns.drafts import Draft
from campaigns.models import Campaign, Task

NEW, ONE = "admin:campaigns_campaign_build_new_task", "admin:campaigns_campaign_build_task"
ADD, CHANGE = "campaigns.add_task", "campaigns.change_task"
# The list orders tasks: a form that saved its place would undo that.
LEFT_OUT = "position"


def new_task(request: HttpRequest, campaign_id: int, *, site: AdminSite) -> HttpResponse:
    """Ask what members shall do; then show the form of that kind, and add the task."""
    campaign = _of(request, campaign_id, ADD)
    kind = request.GET.get("kind", "")
    if kind not in kinds.names():
        return _choose(request, campaign, site)
    if request.GET.get("campaign") != str(campaign.pk):
        # The plain form of a new task reads both from its address.
        query = urlencode({"campaign": str(campaign.pk), "kind": kind})
        return redirect(f"{reverse(NEW, args=[campaign.pk])}?{query}")
    form = _new_form(request, site, kind)
    if request.method == "POST":
        return _saved(request, campaign, site, form, None)
    filled, told = pages.opened(request, campaign, form)
    return _page(request, campaign, site, None, filled=filled, told=told)


def one_task(request: HttpRequest, campaign_id: int, task_id: int, *, site: AdminSite) -> HttpResponse:
    """Show a task's form; a POST saves it."""
    campaign = _of(request, campaign_id, CHANGE)
    task = get_object_or_404(Task, pk=task_id, campaign=campaign)
    form = _form(request, site, task)
    if request.method == "POST":
        return _saved(request, campaign, site, form, task)
    filled, told = pages.opened(request, campaign, form)
    return _page(request, campaign, site, task, filled=filled, told=told)


def autosave_new(request: HttpRequest, campaign_id: int, *, site: AdminSite) -> HttpResponse:
    """Keep what is typed of a task that is not there yet."""
    campaign = _of(request, campaign_id, ADD)
    kind = request.GET.get("kind", "")
    if kind not in kinds.names():
        return redirect(NEW, campaign.pk)
    return pages.saved_by_itself(request, campaign, _new_form(request, site, kind))


def autosave_one(request: HttpRequest, campaign_id: int, task_id: int, *, site: AdminSite) -> HttpResponse:
    campaign = _of(request, campaign_id, CHANGE)
    task = get_object_or_404(Task, pk=task_id, campaign=campaign)
    return pages.saved_by_itself(request, campaign, _form(request, site, task))


def _of(request: HttpRequest, campaign_id: int, right: str) -> Campaign:
    if not request.user.has_perm(right):
        raise PermissionDenied
    return pages.campaign_of(request, campaign_id)


def _form(request: HttpRequest, site: AdminSite, task: Task) -> Form:
    def sheet(held: Campaign) -> Sheet:
        # Read again once the campaign is held: what is saved is laid over the row as it is then.
        row = get_object_or_404(Task.objects.select_related("campaign"), pk=task.pk, campaign=held)
        return _sheet(request, site, row)

    return Form(f"task:{task.pk}", sheet, lambda _held: tokens.of_task(task))


def _new_form(request: HttpRequest, site: AdminSite, kind: str) -> Form:
    return Form(f"new:{kind}", lambda _held: _sheet(request, site, None), lambda _held: tokens.of_new_task())


def _sheet(request: HttpRequest, site: AdminSite, task: Task | None) -> Sheet:
    admin = site.get_model_admin(Task)
    names = flatten_fieldsets(admin.get_fieldsets(request, task))
    return Sheet(admin, task, [name for name in names if name != LEFT_OUT])


def _saved(request: HttpRequest, campaign: Campaign, site: AdminSite, form: Form, task: Task | None) -> HttpResponse:
    result = saving.by_button(request, campaign, form, now=timezone.now())
    if result.outcome is not Outcome.SAVED:
        told = pages.refused(request, result) | {"place": form.place}
        return _page(request, campaign, site, task, filled=result.filled, told=told)
    if task is None:
        sheets.put_last(result.row)
    messages.success(request, _("Task “%(task)s” is saved in the draft.") % {"task": result.row})
    if "_stay" in request.POST:
        return redirect(ONE, campaign.pk, result.row.pk)
    return redirect(pages.STEP, campaign.pk, TASKS.key)


def _choose(request: HttpRequest, campaign: Campaign, site: AdminSite) -> HttpResponse:
    admin: Any = site.get_model_admin(Task)
    here = reverse(NEW, args=[campaign.pk])
    context = {
        "groups": admin.kind_groups(lambda kind: f"{here}?{urlencode({'campaign': str(campaign.pk), 'kind': kind})}")
    }
    progress = progress_of(Draft(campaign), now=timezone.now())
    title = {"title": _("What shall members do?")}
    return framed(request, site, Page(campaign, TASKS, progress), "kinds.html", context | title)


def _page(  # noqa: PLR0913 a page is what it shows
    request: HttpRequest,
    campaign: Campaign,
    site: AdminSite,
    task: Task | None,
    *,
    filled: Filled,
    told: dict[str, Any],
) -> HttpResponse:
    kind = task.kind if task else request.GET["kind"]
    admin: Any = filled.admin
    context = {
        "task": task,
        "kind": kinds.find(kind).LABEL,
        "icon": f"h5/icons/{kind}.svg",
        "title": task.title if task else _("New task: %(kind)s") % {"kind": kinds.find(kind).LABEL},
        "groups": [_group(filled, *each) for each in admin.get_fieldsets(request, task)],
        "autosave_url": _autosave_url(campaign, task, kind),
    }
    progress = progress_of(Draft(campaign), now=timezone.now())
    return framed(request, site, Page(campaign, TASKS, progress, filled), "task.html", context | told)


def _autosave_url(campaign: Campaign, task: Task | None, kind: str) -> str:
    if task is not None:
        return reverse("admin:campaigns_campaign_build_task_autosave", args=[campaign.pk, task.pk])
    query = urlencode({"campaign": str(campaign.pk), "kind": kind})
    return f"{reverse('admin:campaigns_campaign_build_new_task_autosave', args=[campaign.pk])}?{query}"


def _group(filled: Filled, title: Any, options: Any) -> dict[str, Any]:
    rows = [[row] if isinstance(row, str) else list(row) for row in options["fields"]]
    shown = [[filled.form[name] for name in row if name in filled.form.fields] for row in rows]
    return {"title": title, "told": options.get("description", ""), "rows": [row for row in shown if row]}


urls = {
    "<int:campaign_id>/build/tasks/new/": (new_task, "new_task"),
    "<int:campaign_id>/build/tasks/new/autosave/": (autosave_new, "new_task_autosave"),
    "<int:campaign_id>/build/tasks/<int:task_id>/": (one_task, "task"),
    "<int:campaign_id>/build/tasks/<int:task_id>/autosave/": (autosave_one, "task_autosave"),
}
