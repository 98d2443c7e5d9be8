"""A task in the builder: its kind is chosen, and then it has a form with the fields of that kind only.

`kind` in the address of a task that is there asks for the form of another kind; `instead` names the kind whose form it
takes the place of, from which it takes over what fits (`campaigns.building.another_kind`).
"""

import copy
from typing import Any

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.contrib.admin.utils import flatten_fieldsets
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from campaigns import kinds
from campaigns.building import another_kind, copies, kept, pages, saving, sheets, tokens
from campaigns.building.another_kind import asking_for
from campaigns.building.frames import Page, framed
from campaigns.building.placing import progress_of
from campaigns.building.saving import Form, Outcome
from campaigns.building.sheets import Filled, Sheet
from campaigns.building.steps import TASKS
from campaigns.drafts import Draft
from campaigns.models import Campaign, Task
from operations import audit, free_keys

NEW, ONE = "admin:campaigns_campaign_build_new_task", "admin:campaigns_campaign_build_task"
ADD, CHANGE = "campaigns.add_task", "campaigns.change_task"
# The list orders tasks: a form that saved its place would undo that.
LEFT_OUT = "position"
# The button that asks for another kind, and the word of the address for it.
ANOTHER = "_another"


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
    return _form_page(request, campaign, site, None, _new_form(request, site, kind))


def one_task(request: HttpRequest, campaign_id: int, task_id: int, *, site: AdminSite) -> HttpResponse:
    """Show a task's form; a POST saves it."""
    campaign = _of(request, campaign_id, CHANGE)
    task = get_object_or_404(Task, pk=task_id, campaign=campaign)
    if request.method != "POST" and ANOTHER in request.GET:
        return _choose(request, campaign, site, task)
    return _form_page(request, campaign, site, task, _form(request, site, task, _asked_kind(request, task)))


def _form_page(
    request: HttpRequest, campaign: Campaign, site: AdminSite, task: Task | None, form: Form
) -> HttpResponse:
    if request.method == "POST":
        if ANOTHER in request.POST:
            return _keep_and_choose(request, campaign, site, task, form)
        return _saved(request, campaign, site, form, task)
    source = _source(request, site, task, form)
    if source is None or another_kind.is_newer(request, campaign, form, source):
        filled, told = pages.opened(request, campaign, form)
    else:
        filled, told = _taken_over(request, campaign, form, source)
    if task is None:
        _begin_copy(request, campaign, site, filled)
        _propose_key(request, campaign, filled)
    return _page(request, campaign, site, task, filled=filled, told=told)


def _begin_copy(request: HttpRequest, campaign: Campaign, site: AdminSite, filled: Filled) -> None:
    """What was typed before in the copy stands there already."""
    task = copies.copied(request, campaign)
    if task is not None and not filled.form.is_bound:
        old = sheets.shown(request, _sheet(request, site, task))
        copies.begin(filled, old, sheets.shown(request, _untouched(old)))


def _propose_key(request: HttpRequest, campaign: Campaign, filled: Filled) -> None:
    """Propose a key named after the kind; one that was proposed for the kind before makes way for it."""
    taken = set(campaign.tasks.values_list("key", flat=True))
    before = request.GET.get("instead", "")
    if filled.form.initial.get("key", "") in {"", _key_of(before, taken) if before else ""}:
        filled.form.initial["key"] = _key_of(request.GET["kind"], taken)


def _key_of(kind: str, taken: set[str]) -> str:
    return free_keys.free(kind.replace("_", "-"), taken)


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
    return pages.saved_by_itself(request, campaign, _form(request, site, task, _asked_kind(request, task)))


def _of(request: HttpRequest, campaign_id: int, right: str) -> Campaign:
    if not request.user.has_perm(right):
        raise PermissionDenied
    return pages.campaign_of(request, campaign_id)


def _asked_kind(request: HttpRequest, task: Task) -> str:
    """The kind whose form is asked for: the task's own unless the address names another."""
    kind = request.GET.get("kind", "")
    return kind if kind in kinds.names() else task.kind


def _form(request: HttpRequest, site: AdminSite, task: Task, kind: str) -> Form:
    another = kind != task.kind

    def sheet(held: Campaign) -> Sheet:
        # Read again once the campaign is held: what is saved is laid over the row as it is then.
        row = get_object_or_404(Task.objects.select_related("campaign"), pk=task.pk, campaign=held)
        if another:
            row.kind, row.config = kind, {}
        return _sheet(request, site, row)

    place = f"task:{task.pk}:{kind}" if another else f"task:{task.pk}"
    return Form(place, sheet, lambda _held: tokens.of_task(task), by_button_only=another)


def _new_form(request: HttpRequest, site: AdminSite, kind: str) -> Form:
    def sheet(_held: Campaign) -> Sheet:
        return _sheet(asking_for(request, kind), site, None)

    # What is typed in a copy is kept beside what is typed in an empty form.
    number = copies.asked_number(request)
    place = f"new:{kind}" if number is None else f"new:{kind}:{number}"
    return Form(place, sheet, lambda _held: tokens.of_new_task())


def _source(request: HttpRequest, site: AdminSite, task: Task | None, form: Form) -> Form | None:
    """The form that this one takes the place of; None where it is the first."""
    kind = request.GET.get("instead", "")
    if kind not in kinds.names():
        return None
    source = _form(request, site, task, kind) if task else _new_form(request, site, kind)
    return source if source.place != form.place else None


def _taken_over(request: HttpRequest, campaign: Campaign, form: Form, source: Form) -> tuple[Filled, dict[str, Any]]:
    """The form of the new kind with what the old one leaves it."""
    kind = request.GET["instead"]
    old = another_kind.as_left(asking_for(request, kind), campaign, source)
    untouched = sheets.shown(asking_for(request, kind), _untouched(old))
    filled = sheets.shown(request, form.sheet(campaign))
    found = another_kind.carried(old, untouched, filled)
    filled.form.initial.update(found.values)
    told = {"token": form.token(campaign), "place": form.place}
    return filled, told | {"was": kinds.find(kind).LABEL, "dropped": found.dropped}


def _untouched(old: Filled) -> Sheet:
    """The old form before anything was filled in."""
    row = None
    if old.change:
        row = copy.copy(old.form.instance)
        row.config = {}
    return Sheet(old.admin, row, list(old.form.fields))


def _keep_and_choose(
    request: HttpRequest, campaign: Campaign, site: AdminSite, task: Task | None, form: Form
) -> HttpResponse:
    """Keep what is typed so far, and ask which kind it shall be instead."""
    now, sent_token = timezone.now(), request.POST.get("token", "")
    if not kept.keep(campaign, request.user, form.place, request.POST, token=sent_token, now=now):
        messages.error(request, _("This is too long to be kept while you type: save it with the button."))
        return redirect(request.get_full_path())
    if source := _source(request, site, task, form):
        # What stood there is in this form by now.
        kept.forget(campaign, request.user, source.place)
    if task is None:
        return redirect(f"{reverse(NEW, args=[campaign.pk])}?{urlencode({'instead': request.GET['kind']})}")
    query = urlencode({ANOTHER: "1", "instead": _asked_kind(request, task)})
    return redirect(f"{reverse(ONE, args=[campaign.pk, task.pk])}?{query}")


def _sheet(request: HttpRequest, site: AdminSite, task: Task | None) -> Sheet:
    admin = site.get_model_admin(Task)
    names = flatten_fieldsets(admin.get_fieldsets(request, task))
    return Sheet(admin, task, [name for name in names if name != LEFT_OUT])


def _saved(request: HttpRequest, campaign: Campaign, site: AdminSite, form: Form, task: Task | None) -> HttpResponse:
    now = timezone.now()
    with transaction.atomic():
        result = saving.by_button(request, campaign, form, now=now)
        if task is not None and result.row is not None and result.row.kind != task.kind:
            # The kind is no field of the form, so nobody else takes it down.
            changes = {"kind": [task.get_kind_display(), result.row.get_kind_display()]}
            audit.record("task.changed", result.row, by=request.user, now=now, changes=changes)
    if result.outcome is not Outcome.SAVED:
        told = pages.refused(request, result) | {"place": form.place}
        return _page(request, campaign, site, task, filled=result.filled, told=told)
    if task is None:
        sheets.put_last(result.row)
    if source := _source(request, site, task, form):
        kept.forget(campaign, request.user, source.place)
    messages.success(request, _("Task “%(task)s” is saved in the draft.") % {"task": result.row})
    if "_stay" in request.POST:
        return redirect(ONE, campaign.pk, result.row.pk)
    if "_more" in request.POST:
        return redirect(NEW, campaign.pk)
    return redirect(pages.STEP, campaign.pk, TASKS.key)


def _choose(request: HttpRequest, campaign: Campaign, site: AdminSite, task: Task | None = None) -> HttpResponse:
    admin: Any = site.get_model_admin(Task)
    instead = request.GET.get("instead", task.kind if task else "")
    here = reverse(ONE, args=[campaign.pk, task.pk]) if task else reverse(NEW, args=[campaign.pk])
    known = {"instead": instead} if instead in kinds.names() else {}
    asked = known if task else {"campaign": str(campaign.pk), **known}
    context = {
        "task": task,
        "groups": admin.kind_groups(lambda kind: f"{here}?{urlencode({**asked, 'kind': kind})}"),
        "instead": instead if known else "",
        "is_published": task is not None and _is_published(campaign, task),
    }
    progress = progress_of(Draft(campaign), now=timezone.now())
    title = {"title": _("What shall members do instead?") if known else _("What shall members do?")}
    return framed(request, site, Page(campaign, TASKS, progress), "kinds.html", context | title)


def _is_published(campaign: Campaign, task: Task) -> bool:
    current = campaign.current
    return current is not None and any(each["key"] == task.key for each in current.definition["tasks"])


def _page(  # noqa: PLR0913 a page is what it shows
    request: HttpRequest,
    campaign: Campaign,
    site: AdminSite,
    task: Task | None,
    *,
    filled: Filled,
    told: dict[str, Any],
) -> HttpResponse:
    kind = _asked_kind(request, task) if task else request.GET["kind"]
    admin: Any = filled.admin
    # The row as the form has it: its kind may be another one than that of the draft.
    row = filled.form.instance if task else None
    context = {
        "task": task,
        "like": copies.copied(request, campaign) if task is None else None,
        "kind": kinds.find(kind).LABEL,
        "icon": f"h5/icons/{kind}.svg",
        "title": task.title if task else _("New task: %(kind)s") % {"kind": kinds.find(kind).LABEL},
        "groups": [_group(filled, *each) for each in admin.get_fieldsets(request, row)],
        "autosave_url": _autosave_url(campaign, task, kind, copies.asked_number(request)),
    }
    progress = progress_of(Draft(campaign), now=timezone.now())
    return framed(request, site, Page(campaign, TASKS, progress, filled), "task.html", context | told)


def _autosave_url(campaign: Campaign, task: Task | None, kind: str, copy_of: int | None) -> str:
    if task is not None:
        own = reverse("admin:campaigns_campaign_build_task_autosave", args=[campaign.pk, task.pk])
        return own if kind == task.kind else f"{own}?{urlencode({'kind': kind})}"
    query = urlencode(
        {"campaign": str(campaign.pk), "kind": kind, **({} if copy_of is None else {copies.LIKE: str(copy_of)})}
    )
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
