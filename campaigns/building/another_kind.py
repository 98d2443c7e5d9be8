"""A task becomes one of another kind: what both kinds ask for goes along, and what does not is named.

Nothing is written before the new form is saved by its button. Until then the old form stands as it was left.
"""

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpRequest, QueryDict

from campaigns.building import kept, sheets
from campaigns.building.saving import Form
from campaigns.building.sheets import Filled
from campaigns.models import Campaign
from campaigns.task_form import PREFIX

# Settings of a kind that no other kind can take over.
OF_THE_KIND = (PREFIX, "config", "result_pools")
EMPTY: tuple[Any, ...] = (None, "", False)


@dataclass(frozen=True, slots=True)
class Carried:
    """`values`: field → what stands in it. `dropped`: the labels of what was filled in and has no place here."""

    values: Mapping[str, Any]
    dropped: tuple[str, ...]


def as_left(request: HttpRequest, campaign: Campaign, form: Form) -> Filled:
    """The form of the kind that it was: as it was typed last, else as the draft is."""
    sheet, left = form.sheet(campaign), kept.of(campaign, request.user, form.place)
    return sheets.typed(request, sheet, kept.as_sent(left.sent)) if left else sheets.shown(request, sheet)


def carried(old: Filled, untouched: Filled, new: Filled) -> Carried:
    """What goes along from the old form. `untouched` is the old kind's before anything is filled in."""
    values, dropped = {}, []
    for name, field in old.form.fields.items():
        value = old.form[name].value()
        if name in new.form.fields and _fits(name, field, new.form.fields[name]):
            values[name] = value
        elif _is_filled(value) and _flat(value) != _flat(_before(untouched, name)):
            dropped.append(str(field.label))
    return Carried(values, tuple(dropped))


def is_newer(request: HttpRequest, campaign: Campaign, form: Form, than: Form) -> bool:
    """Whether the form was typed in after the other one: then it stands there as it was left."""
    own, other = (kept.of(campaign, request.user, each.place) for each in (form, than))
    return own is not None and (other is None or own.typed_at >= other.typed_at)


def asking_for(request: HttpRequest, kind: str) -> HttpRequest:
    """The same request as if it asked for this kind: the plain form of a new task reads it from the address."""
    again: Any = copy.copy(request)
    again.GET = QueryDict(mutable=True)
    again.GET.update({**request.GET.dict(), "kind": kind})
    return again


def _fits(name: str, old: Any, new: Any) -> bool:
    """What every task has fits always; of the settings of a kind, only one that means the same in both."""
    if not name.startswith(OF_THE_KIND):
        return True
    offered = [list(getattr(each, "choices", ())) for each in (old, new)]
    return type(old) is type(new) and old.label == new.label and offered[0] == offered[1]


def _before(untouched: Filled, name: str) -> Any:
    """What stands in a field that nobody touched: in a list to choose from, a browser shows the first."""
    value: Any = untouched.form[name].value()
    field: Any = untouched.form.fields[name]
    shows_first = type(field) is forms.ChoiceField
    if value in EMPTY and shows_first:
        return next((key for key, _label in field.choices), None)
    return value


def _is_filled(value: Any) -> bool:
    return any(each not in EMPTY for each in _flat(value))


def _flat(value: Any) -> list[Any]:
    """The texts of a value at any depth, so that a typed one and a kept one can be compared."""
    if isinstance(value, Mapping):
        return [text for each in value.values() for text in _flat(each)]
    if isinstance(value, list | tuple):
        return [text for each in value for text in _flat(each)]
    return [] if value in EMPTY else [str(value)]
