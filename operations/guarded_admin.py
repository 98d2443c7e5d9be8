"""An admin form in which what one person may do is saved, and what needs a second one is asked for."""

from typing import Any

from django.contrib import messages
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _

from operations import approvals, guarded_fields
from operations.audited_admin import AuditedAdmin
from operations.guarded_fields import Guard
from operations.models import ApprovalRequest


class GuardedAdmin(AuditedAdmin):
    """Inherit from this in place of AuditedAdmin where the model has guarded fields (`operations.guarded_fields`)."""

    class Media:
        css = {"all": ["admin/approvals.css"]}

    change_form_before_template = "admin/operations/waiting_raises.html"

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save all but what is raised: that keeps its value, as it is now and not as it was when the form was sent."""
        held_back = self._hold_back(obj, form) if change else self._begin_with(obj, form)
        super().save_model(request, obj, form, change)
        if getattr(form, "does_not_fit", False):
            told = _("What else was changed does not fit without what waits for approval, and was not saved.")
            self.message_user(request, told, messages.ERROR)
        for guard, values in held_back.items():
            self._ask(request, guard, obj, values)

    def _hold_back(self, obj: Any, form: Any) -> dict[Guard, dict[str, Any]]:
        guards = guarded_fields.guards_of(type(obj))
        names = [field.name for guard in guards for field in guard.fields]
        held = type(obj)._base_manager.select_for_update(no_key=True).get(pk=obj.pk)
        wanted = {name: getattr(obj, name) for name in names if name in self._touched(form)}
        for name in names:
            if name not in wanted:
                # Saving the row whole would put back what was decided since it was read.
                setattr(obj, name, getattr(held, name))
        held_back = guarded_fields.waiting_raises(held, wanted)
        for values in held_back.values():
            for name in values:
                setattr(obj, name, getattr(held, name))
                form.held_back = {*getattr(form, "held_back", ()), name}
        if held_back and not guarded_fields.fits(obj, {}):
            # The rest fits only together with what waits, as an end that is before the old beginning.
            for name, value in wanted.items():
                if getattr(held, name) != value:
                    setattr(obj, name, getattr(held, name))
                    form.held_back = {*form.held_back, name}
            form.does_not_fit = True
        return held_back

    def _begin_with(self, obj: Any, form: Any) -> dict[Guard, dict[str, Any]]:
        found = guarded_fields.new_values(obj)
        for values in found.values():
            for name, (first, _wanted) in values.items():
                setattr(obj, name, first)
                form.held_back = {*getattr(form, "held_back", ()), name}
        return {guard: {name: wanted for name, (_first, wanted) in values.items()} for guard, values in found.items()}

    def _touched(self, form: Any) -> set[str]:
        """Return the fields of the model that the form changes; forms with fields of their own say which these set."""
        stand_for = getattr(form, "stand_for", {})
        return {stand_for.get(name, name) for name in form.changed_data} | set(getattr(form, "sets", ()))

    def _ask(self, request: HttpRequest, guard: Guard, obj: Model, values: dict[str, Any]) -> None:
        try:
            asked = guarded_fields.ask(guard, obj, values, by=request.user, now=timezone.now())  # type: ignore[arg-type]
        except approvals.NotDecided as refused:
            self.message_user(request, _("“%(what)s” was not saved. %(why)s") % {
                "what": guard.title, "why": refused}, messages.ERROR)  # fmt: skip
            return
        link = reverse("admin:operations_approvalrequest_change", args=[asked.pk])
        words = _("“%(what)s” waits for approval by a second person; the rest is saved.") % {"what": guard.title}
        told = format_html('{} <a class="underline" href="{}">{}</a>', words, link, _("Look at the request"))
        self.message_user(request, told, messages.WARNING)

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        obj = self.get_object(request, object_id) if object_id else None
        waiting = {"waiting_raises": waiting_about(obj)} if obj is not None else {}
        return super().changeform_view(request, object_id, form_url, (extra_context or {}) | waiting)

    def _record_form(self, request: HttpRequest, form: Any, what: str) -> None:
        for name in getattr(form, "held_back", ()):
            shown_as = {value: key for key, value in getattr(form, "stand_for", {}).items()}.get(name, name)
            # What was not saved is no change on record.
            form.initial[shown_as] = form.cleaned_data.get(shown_as)
        super()._record_form(request, form, what)


def waiting_about(row: Model) -> list[dict[str, Any]]:
    """Return what waits for approval about the row: each request, and its differences in words."""
    return [_with_lines(each) for each in approvals.waiting_about(row)]


def _with_lines(asked: ApprovalRequest) -> dict[str, Any]:
    try:
        lines = approvals.shown(asked).difference.lines
    except (approvals.NotDecided, approvals.Overtaken):
        lines = ()
    return {"request": asked, "lines": lines}
