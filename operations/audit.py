"""The audit trail: who did what to which row, when and why. The only writer of AuditRecord."""

from datetime import datetime
from typing import Any, Protocol

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import Model

from operations.models import ApiKey, AuditRecord


class Named(Protocol):
    """Another system that acts by its own calls, under the name that operators gave it."""

    def get_username(self) -> str: ...


Actor = User | AnonymousUser | ApiKey | Named | None


def record(  # noqa: PLR0913 - the fields of a record, all but two by keyword
    action: str,
    target: Model,
    *,
    by: Actor,
    now: datetime,
    changes: dict[str, Any] | None = None,
    reason: str = "",
) -> AuditRecord:
    """Append one record, in the caller's transaction. `by` is None for what the system does by itself.

    `action` reads as "thing.happened", such as "campaign.published"; `changes` is {field: [old, new]}.
    """
    return AuditRecord.objects.create(
        occurred_at=now,
        actor=by if isinstance(by, User) else None,
        actor_name=actor_name(by),
        action=action,
        target_type=target._meta.label_lower,
        target_id=_id_of(target),
        target_name=name_of(target)[:200],
        member_id=member_of(target),
        changes=changes or {},
        reason=reason,
    )


def name_of(row: Model) -> str:
    """Return what the trail calls a row. It is never changed: what may have to be forgotten has its own name for it."""
    return str(getattr(row, "audit_name", row))


def member_of(row: Model) -> int | None:
    """Return the number of the member whom a row is about: itself, or whom it names."""
    if row._meta.label_lower == "members.member":
        return row.pk
    named = getattr(row, "member_id", None)
    return named if isinstance(named, int) else None


def actor_name(actor: Actor) -> str:
    """Return what the trail calls whoever acts; "" is the system itself."""
    if isinstance(actor, ApiKey):
        # A client's second key names the first one too, under which the client is known.
        keys = dict.fromkeys([actor.client, actor.prefix])
        return f"{actor.name} ({' · '.join(keys)})"
    return "" if actor is None else actor.get_username()[:200]


def _id_of(target: Model) -> str:
    # The primary key of an API key holds the key's hash; its prefix is what people know it by.
    return target.prefix if isinstance(target, ApiKey) else str(target.pk)
