"""A form of the builder: some fields and rows of a plain form of the admin, checked and saved by that very admin.

There is no second way to write a draft: labels, widgets, checks, rights and the audit trail are the plain form's.
"""

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib.admin import ModelAdmin
from django.db.models import Max
from django.forms import all_valid
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest, QueryDict
from django.utils.datastructures import MultiValueDict

from operations.sentences import labelled

EXTRA_ROWS = 1
# What PostgreSQL holds in a small number.
HIGHEST = 32_767


@dataclass(frozen=True, slots=True)
class Sheet:
    """`admin` is the plain form's; `row` its row, None for a new one. `inlines`: the related names of its rows."""

    admin: ModelAdmin
    row: Any
    fields: Sequence[str]
    inlines: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Filled:
    """A sheet with what stands in it. `formsets`: related name → its rows."""

    admin: ModelAdmin
    form: forms.ModelForm
    formsets: dict[str, BaseInlineFormSet]
    change: bool

    def is_valid(self) -> bool:
        # Both are looked at, so that everything that is wrong is said at once.
        form_is_valid = self.form.is_valid()
        return all_valid(list(self.formsets.values())) and form_is_valid

    @property
    def adds_or_takes_away(self) -> bool:
        """Whether saving makes rows or deletes some: that is done by a button and never by itself."""
        return any(
            formset.deleted_forms or any(form.has_changed() for form in formset.extra_forms)
            for formset in self.formsets.values()
        )

    @property
    def media(self) -> forms.Media:
        found = self.admin.media + self.form.media
        for formset in self.formsets.values():
            found += formset.media
        return found

    def marked(self) -> list[str]:
        """The labels of the fields in which something is wrong, each once."""
        forms = [self.form, *(form for formset in self.formsets.values() for form in formset.forms)]
        return list(dict.fromkeys(label for form in forms for label in _marked(form)))

    def messages(self) -> list[str]:
        """What is wrong, field by field, in a line each."""
        said = _messages(self.form)
        for formset in self.formsets.values():
            said += [str(error) for error in formset.non_form_errors()]
            said += [line for form in formset.forms for line in _messages(form)]
        return said


def shown(request: HttpRequest, sheet: Sheet) -> Filled:
    """As the draft is."""
    form_class = _form_class(request, sheet)
    form = form_class(instance=sheet.row, initial=None if sheet.row else _initial(request, sheet))
    return Filled(sheet.admin, form, _formsets(request, sheet, form), change=sheet.row is not None)


def filled(request: HttpRequest, sheet: Sheet) -> Filled:
    """As the POST of the request has it."""
    form = _form_class(request, sheet)(request.POST, request.FILES, instance=sheet.row)
    change = sheet.row is not None
    new = sheet.admin.save_form(request, form, change=change) if form.is_valid() else form.instance
    return Filled(sheet.admin, form, _formsets(request, sheet, form, new), change=sheet.row is not None)


def typed(request: HttpRequest, sheet: Sheet, sent: QueryDict) -> Filled:
    """As somebody left it, with what is wrong with it."""
    found = filled(posting(request, sent), sheet)
    found.is_valid()
    return found


def posting(request: HttpRequest, sent: QueryDict) -> HttpRequest:
    """The same request as if it sent this: an admin reads the rows of its inlines from a POST only."""
    again: Any = copy.copy(request)
    again.method, again.POST, again._files = "POST", sent, MultiValueDict()
    return again


def save(request: HttpRequest, sheet: Filled) -> Any:
    """Save what is valid as the plain form does, and return the row. The caller holds the campaign."""
    row, rows = sheet.form.instance, list(sheet.formsets.values())
    sheet.admin.save_model(request, row, sheet.form, sheet.change)
    sheet.admin.save_related(request, sheet.form, rows, sheet.change)
    for formset in rows:
        for new in getattr(formset, "new_objects", ()):
            put_last(new)
    message = sheet.admin.construct_change_message(request, sheet.form, rows, not sheet.change)  # type: ignore[arg-type]
    if sheet.change:
        if message:
            sheet.admin.log_change(request, row, message)
    else:
        sheet.admin.log_addition(request, row, message)
    return row


def put_last(row: Any) -> None:
    """Show what is new after all that was there, where it was given no place of its own."""
    if getattr(row, "position", None) != 0:
        return
    others = type(row)._default_manager.filter(campaign=row.campaign_id).exclude(pk=row.pk)
    last = others.aggregate(last=Max("position"))["last"]
    if last:
        row.position = min(last + 1, HIGHEST)
        type(row)._default_manager.filter(pk=row.pk).update(position=row.position)


def _form_class(request: HttpRequest, sheet: Sheet) -> Any:
    shown_fields = [name for name in sheet.fields if name not in _read_only(request, sheet)]
    return sheet.admin.get_form(request, sheet.row, change=sheet.row is not None, fields=shown_fields)


def _read_only(request: HttpRequest, sheet: Sheet) -> Sequence[str]:
    return sheet.admin.get_readonly_fields(request, sheet.row)


def _initial(request: HttpRequest, sheet: Sheet) -> dict[str, Any]:
    return sheet.admin.get_changeform_initial_data(request)


def _formsets(request: HttpRequest, sheet: Sheet, form: Any, row: Any = None) -> dict[str, BaseInlineFormSet]:
    if not sheet.inlines:
        return {}
    some: Any = copy.copy(sheet.admin)
    some.inlines = [_with_extra(each) for each in sheet.admin.inlines if _name(sheet.admin, each) in sheet.inlines]
    # Django's own: it leaves out what the user may not see, and what they may only see it does not read.
    made, _inlines = some._create_formsets(request, row or form.instance, change=True)
    return {formset.fk.remote_field.related_name: formset for formset in made}


def _name(admin: ModelAdmin, inline: Any) -> str:
    """By which name of the campaign the inline's rows are known."""
    links = (field for field in inline.model._meta.fields if field.related_model is admin.model)
    return next(str(field.remote_field.related_name) for field in links)


def _with_extra(inline: Any) -> Any:
    """The inline with an empty row to fill in: rows are added without a script too."""
    return type(inline.__name__, (inline,), {"extra": EXTRA_ROWS, "__module__": inline.__module__})


def _marked(form: Any) -> list[str]:
    return [str(form.fields[name].label) for name in form.errors if name in form.fields]


def _messages(form: Any) -> list[str]:
    said = [str(error) for error in form.non_field_errors()]
    for name, errors in form.errors.items():
        if name in form.fields:
            said += [labelled(form.fields[name].label, error) for error in errors]
    return said
