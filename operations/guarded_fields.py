"""Fields that one person may lower, and only two may raise. Rooms above register theirs in `AppConfig.ready()`.

A change is asked for with the value that a field is to have. What is told and done is that against what is now: under
the row's lock a value that is no raise any more is overtaken.
"""

from collections.abc import Callable, Iterable, Mapping
from copy import copy
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Model
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from operations import approvals, audit, four_eyes
from operations.approval_items import Difference, Kind, Line, Overtaken
from operations.approval_items import register as register_kind
from operations.four_eyes import Seen
from operations.models import ApprovalRequest


def more(now: Any, then: Any) -> bool:
    """Tell whether a limit that is empty for none is wider then."""
    return now is not None and (then is None or then > now)


def higher(now: Any, then: Any) -> bool:
    """Tell whether an amount that is empty for nothing is higher then."""
    return (then or 0) > (now or 0)


def lower(now: Any, then: Any) -> bool:
    """Tell whether a hurdle that is empty for none is lower then."""
    return now is not None and (then or 0) < now


def earlier(now: Any, then: Any) -> bool:
    """Tell whether a beginning that is empty for always is earlier then."""
    return now is not None and (then is None or then < now)


@dataclass(frozen=True, slots=True)
class Field:
    """A guarded field: when a change of it `raises`, and how its values are `shown`.

    `new` is the value with which a new row is made, where even that row may not have a raised one. `words` is what it
    is called, where the model's own name for it is not what people read.
    """

    name: str
    raises: Callable[[Any, Any], bool]
    shown: Callable[[Any], str] = str
    new: Any = None
    words: str | Promise = ""


@dataclass(frozen=True, slots=True)
class Guard:
    """Fields of a model that belong to one area. `counts` tells whether the row matters yet: if not, one person may.

    `more` says what else of the row whoever decides should know, `called` what people call the row.
    """

    model: type[Model]
    area: str
    title: str | Promise
    fields: tuple[Field, ...]
    to_approve: tuple[str, ...]
    counts: Callable[[Any], bool] = lambda _row: True
    name: str = ""
    more: Callable[[Any], str] | None = None
    called: Callable[[Any], str] | None = None

    @property
    def kind(self) -> str:
        return self.name or f"{self.area}.{self.model._meta.model_name}"

    @property
    def to_ask(self) -> str:
        return f"{self.model._meta.app_label}.change_{self.model._meta.model_name}"

    def field(self, name: str) -> Field | None:
        return next((field for field in self.fields if field.name == name), None)

    def raised(self, before: Model, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return those of the values that raise what is guarded here, if the row matters."""
        found = {
            field.name: values[field.name]
            for field in self.fields
            if field.name in values and field.raises(getattr(before, field.name), values[field.name])
        }
        return found if found and self.counts(before) else {}


_guards: list[Guard] = []


def register(*guards: Guard) -> None:
    """Guard these fields, and make a kind of approval of each guard."""
    for guard in guards:
        if guard not in _guards:
            _guards.append(guard)
        register_kind(_as_kind(guard))


def guards_of(model: type[Model]) -> list[Guard]:
    return [guard for guard in _guards if guard.model is model]


def waiting_raises(before: Model, values: Mapping[str, Any]) -> dict[Guard, dict[str, Any]]:
    """Return, by guard, what of these values one person may not set here."""
    found = {guard: guard.raised(before, values) for guard in guards_of(type(before)) if four_eyes.needed(guard.area)}
    return {guard: raised for guard, raised in found.items() if raised}


def new_values(row: Model) -> dict[Guard, dict[str, tuple[Any, Any]]]:
    """Return, by guard, {field: (with which it is made, which it asks for)} of a new row that asks for too much."""
    found: dict[Guard, dict[str, tuple[Any, Any]]] = {}
    for guard in guards_of(type(row)):
        for field in guard.fields if four_eyes.needed(guard.area) else ():
            wanted = getattr(row, field.name)
            if field.new is not None and field.raises(field.new, wanted):
                found.setdefault(guard, {})[field.name] = (field.new, wanted)
    return found


@transaction.atomic
def write(row: Model, values: Mapping[str, Any], *, by: audit.Actor, now: datetime, seen: Seen | None = None) -> None:
    """Set guarded fields: the door for code. Raises four_eyes.SecondPersonNeeded for a raise that one person makes."""
    held = type(row)._base_manager.select_for_update(no_key=True).get(pk=row.pk)
    four_eyes.require([guard.area for guard in waiting_raises(held, values)], seen)
    _set(held, values, by=by, now=now)
    for name in values:
        setattr(row, name, getattr(held, name))


def ask(guard: Guard, row: Model, values: Mapping[str, Any], *, by: User, now: datetime) -> ApprovalRequest:
    """Ask for the values. Raises approvals.NotDecided."""
    payload = {name: _as_text(guard, name, value) for name, value in values.items()}
    called = guard.called(row) if guard.called else ""
    return approvals.ask(guard.kind, row, payload, by=by, now=now, called=called)


def _as_text(guard: Guard, name: str, value: Any) -> str | None:
    field: Any = guard.model._meta.get_field(name)
    return None if value is None else field.value_to_string(guard.model(**{name: value}))


def _as_value(guard: Guard, name: str, text: str | None) -> Any:
    field: Any = guard.model._meta.get_field(name)
    return field.to_python(text)


def asked_values(guard: Guard, request: ApprovalRequest) -> dict[str, Any]:
    """Return the values that a request asks for, as the model has them."""
    fields = {field.name for field in guard.fields}
    given = {name: value for name, value in request.payload.items() if name in fields}
    return {name: _as_value(guard, name, value) for name, value in given.items()}


def lines_of(guard: Guard, before: Model, values: Mapping[str, Any]) -> Iterable[Line]:
    for name, value in values.items():
        field = guard.field(name)
        if field is not None:
            words = field.words or guard.model._meta.get_field(name).verbose_name  # type: ignore[union-attr]
            yield Line(capfirst(str(words)), field.shown(getattr(before, name)), field.shown(value))


def shown_limit(value: Any) -> str:
    return _("no limit") if value is None else f"{value:,}"


def shown_time(value: Any) -> str:
    return _("no limit") if value is None else date_format(localtime(value), "SHORT_DATETIME_FORMAT")


def shown_yes(value: Any) -> str:
    return _("yes") if value else _("no")


def _as_kind(guard: Guard) -> Kind:
    return Kind(
        name=guard.kind,
        area=guard.area,
        title=guard.title,
        to_ask=(guard.to_ask,),
        to_approve=guard.to_approve,
        hold=lambda request: _hold(guard, request),
        difference=lambda request: _difference(guard, request),
        apply=lambda request, by, _seen, now: _apply(guard, request, by, now),
    )


def _hold(guard: Guard, request: ApprovalRequest) -> None:
    list(guard.model._base_manager.select_for_update(no_key=True).filter(pk=request.target_id).values_list("pk"))


def _difference(guard: Guard, request: ApprovalRequest) -> Difference:
    row = _row(guard, request)
    values = asked_values(guard, request)
    raised = {name: value for name, value in values.items() if _raises(guard, row, name, value)}
    if not raised:
        raise Overtaken(_("What it asks for is no more than what is now."))
    label = f"admin:{guard.model._meta.app_label}_{guard.model._meta.model_name}_change"
    told = (guard.more(row),) if guard.more else ()
    return Difference(tuple(lines_of(guard, row, raised)), reverse(label, args=[row.pk]), told)


def _apply(guard: Guard, request: ApprovalRequest, by: User, now: datetime) -> None:
    row = _row(guard, request)
    values = {name: value for name, value in asked_values(guard, request).items() if _raises(guard, row, name, value)}
    if not fits(row, values):
        raise Overtaken(_("It does not fit any more with what was changed since it was asked for."))
    _set(row, values, by=by, now=now)


def fits(row: Model, values: Mapping[str, Any]) -> bool:
    """Tell whether the row may have these values beside those that it has."""
    wanted = copy(row)
    for name, value in values.items():
        setattr(wanted, name, value)
    try:
        wanted.validate_constraints()
    except ValidationError:
        return False
    return True


def _row(guard: Guard, request: ApprovalRequest) -> Model:
    row = guard.model._base_manager.filter(pk=request.target_id).first()
    if row is None:
        raise Overtaken(_("What it is about was deleted."))
    return row


def _raises(guard: Guard, row: Model, name: str, value: Any) -> bool:
    field = guard.field(name)
    return field is not None and field.raises(getattr(row, name), value)


def _set(row: Any, values: Mapping[str, Any], *, by: audit.Actor, now: datetime) -> None:
    changes = {name: [getattr(row, name), value] for name, value in values.items() if getattr(row, name) != value}
    if not changes:
        return
    for name, (_old, value) in changes.items():
        setattr(row, name, value)
    row.save(update_fields=list(changes))
    audit.record(f"{row._meta.model_name}.raised", row, by=by, now=now, changes=changes)
