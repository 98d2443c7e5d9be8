"""What this app holds about a member, and what an erasure does to each part of it."""

from collections.abc import Iterator
from datetime import datetime

from django.db import connection
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from members import contact, event_partitions, import_rejects, privacy
from members.models import (
    Activity,
    AttributeValue,
    DailyTotal,
    Event,
    Identity,
    ImportReject,
    InboxMessage,
    LevelChange,
    Member,
    MemberLevel,
    MemberMetrics,
    Order,
    OrderItem,
    PaidPeriod,
    Refund,
    Touch,
)
from members.once import client_of
from members.privacy import Row, Section, covers, dump, keep
from operations import webhook_events
from operations.models import IdempotencyKey, WebhookAttempt, WebhookDelivery, WebhookEvent

# What says nothing about a person without the rest, or what the books are kept by.
KEPT_FIELDS = ("id", "uid", "level", "joined_at", "erased_at", "created_at")
HIDDEN_FIELDS = ("sealed_phone", "phone_hash", "sealed_email", "email_hash")


def profile(member: Member) -> Iterator[Row]:
    phone, email = contact.phone_of(member), contact.email_of(member)
    level = member.level.slug if member.level else None
    for row in dump(Member.objects.filter(pk=member.pk), *HIDDEN_FIELDS, "level_id"):
        yield row | {"phone": phone, "email": email, "level": level}


def erase_profile(member: Member, _now: datetime) -> None:
    """Empty every column but those that are named as kept, so that a column of tomorrow is emptied too."""
    emptied = {
        field.attname: None if field.null else field.get_default()
        for field in Member._meta.concrete_fields
        if field.name not in KEPT_FIELDS
    }
    Member.objects.filter(pk=member.pk).update(**emptied)


def attributes(member: Member) -> Iterator[Row]:
    for value in member.attribute_values.select_related("attribute").order_by("attribute__slug"):
        given = next(each for each in (value.text, value.number, value.day, value.boolean) if each is not None)
        yield {"attribute": value.attribute.slug, "label": str(value.attribute), "value": given}


def orders(member: Member) -> Iterator[Row]:
    yield from dump(member.orders.order_by("paid_at"))
    yield from dump(OrderItem.objects.filter(order__member=member).order_by("order", "line"))
    yield from dump(Refund.objects.filter(order_id__in=member.orders.values("order_id")).order_by("refunded_at"))


def events(member: Member) -> Iterator[Row]:
    yield from dump(member.events.order_by("occurred_at"))
    for archive in event_partitions.archives():
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT to_jsonb(a)::text FROM {archive} a WHERE member_id = %s", [member.pk])  # noqa: S608
            for (text,) in cursor:
                yield {"record": archive, "event": text}


def erase_events(member: Member, _now: datetime) -> None:
    privacy.delete(member.events.all())
    for archive in event_partitions.archives():
        with connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {archive} WHERE member_id = %s", [member.pk])  # noqa: S608


def levels(member: Member) -> Iterator[Row]:
    yield from dump(MemberLevel.objects.filter(member=member))
    yield from dump(member.paid_periods.order_by("starts_at"))
    yield from dump(member.level_changes.order_by("changed_at"))


def erase_from_levels(member: Member, _now: datetime) -> None:
    """Levels stay, since growth is on the books; keys that were made of the uid do not."""
    for period in member.paid_periods.filter(key__contains=member.uid):
        period.key = f"erased:{period.pk}"
        period.save(update_fields=["key"])
    named = list(member.level_changes.filter(reference__contains=member.uid))
    # A change of level is never changed, only told anew without its reference.
    privacy.delete(member.level_changes.filter(pk__in=[change.pk for change in named]))
    for change in named:
        change.reference = ""
    LevelChange.objects.bulk_create(named)


def totals(member: Member) -> Iterator[Row]:
    yield from dump(MemberMetrics.objects.filter(member=member))
    yield from dump(member.daily_totals.order_by("day"))


def rejected_rows(member: Member) -> Iterator[Row]:
    for reject in import_rejects.naming(member.uid).order_by("id"):
        row = import_rejects.opened(reject)
        yield {
            "record": ImportReject._meta.label_lower,
            "run_id": reject.run_id,
            "line": reject.line,
            "column": reject.column,
            "code": reject.code,
            "parameters": row and row.parameters,
            "fields": row and row.fields,
        }


def touched(member: Member) -> Iterator[Row]:
    """Yield when which kind of fact changed; the rows name others too, who are left out."""
    yield from dump(Touch.objects.filter(member_ids__contains=[member.pk]).order_by("id"), "member_ids")


def told(member: Member) -> Iterator[Row]:
    """Yield what the shop's other systems were told, by which webhook, and what they answered."""
    yield from dump(webhook_events.events_of(member.pk).order_by("id"))
    sent = webhook_events.deliveries_of(member.pk).order_by("id")
    yield from dump(sent, "taken_until", "due_at", webhook=F("endpoint__name"))
    yield from dump(webhook_events.attempts_of(member.pk).order_by("id"))


def _answers(member: Member) -> QuerySet[IdempotencyKey]:
    by_api = Q(endpoint__contains=f"/members/{member.uid}/")
    return IdempotencyKey.objects.filter(by_api | Q(client=client_of(member)))


def register_all() -> None:
    own = [
        (
            Section("profile", _("Profile and contact"), _("taken away"), covers(Member)),
            profile,
            erase_profile,
        ),
        (
            # Erased after what stands below: an erasure moves facts too, such as what is forfeited.
            Section(
                "webhooks",
                _("What the shop's other systems were told by webhooks"),
                _("taken away; what waits is not told any more"),
                covers(WebhookEvent, WebhookDelivery, WebhookAttempt),
            ),
            told,
            lambda member, _now: webhook_events.forget_about(member.pk),
        ),
        (
            Section("identities", _("Identities at other providers"), _("taken away"), covers(Identity)),
            lambda member: dump(member.identities.order_by("provider")),
            lambda member, _now: privacy.delete(member.identities.all()),
        ),
        (
            Section("attributes", _("Attributes"), _("taken away"), covers(AttributeValue)),
            attributes,
            lambda member, _now: privacy.delete(member.attribute_values.all()),
        ),
        (
            Section(
                "orders",
                _("Orders, their items and refunds"),
                _("stay with their amounts, of a member without a name"),
                covers(Order, OrderItem, Refund),
            ),
            orders,
            keep,
        ),
        (
            Section("events", _("Behaviour events"), _("taken away, from archives too"), covers(Event)),
            events,
            erase_events,
        ),
        (
            Section("inbox", _("Messages in the inbox"), _("taken away"), covers(InboxMessage)),
            lambda member: dump(member.inbox_messages.order_by("id")),
            lambda member, _now: privacy.delete(member.inbox_messages.all()),
        ),
        (
            Section("activities", _("Feed of facts"), _("taken away"), covers(Activity)),
            lambda member: dump(member.activities.order_by("id")),
            lambda member, _now: privacy.delete(member.activities.all()),
        ),
        (
            Section(
                "levels",
                _("Levels and their history"),
                _("stay, of a member without a name"),
                covers(MemberLevel, PaidPeriod, LevelChange),
            ),
            levels,
            erase_from_levels,
        ),
        (
            Section(
                "touches",
                _("Times at which facts changed"),
                _("stay for a day, of a member without a name"),
                covers(Touch),
            ),
            touched,
            keep,
        ),
        (
            Section(
                "totals",
                _("Totals of orders"),
                _("stay, since they are the sums of the orders"),
                covers(MemberMetrics, DailyTotal),
            ),
            totals,
            keep,
        ),
        (
            Section(
                "rejected_rows",
                _("Rejected rows of imports that name the uid"),
                _("taken away; the files themselves stay until their time is over"),
                covers(ImportReject),
            ),
            rejected_rows,
            lambda member, _now: privacy.delete(import_rejects.naming(member.uid)),
        ),
        (
            Section("answers", _("Answers to the shop's systems, kept for repeated requests"), _("taken away"), ()),
            lambda member: dump(_answers(member), "body_hash"),
            lambda member, _now: privacy.delete(_answers(member)),
        ),
    ]
    for section, export, erase in own:
        privacy.register(section, export, erase)
