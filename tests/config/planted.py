"""Rows of every model with texts that nobody meant, in every text column, and as many of them as a test wants."""

from collections.abc import Iterator

from django.contrib import admin
from django.db import connection
from django.db.models import CharField, Field, Model, TextField

# Columns whose texts choose what runs, or find another row: what stands in them comes out of our own code.
NAMES = {
    "members.refund.fault",
    "segmentation.segment.cron",
    "auth.user.password",
    "campaigns.task.kind",
    "campaigns.campaign.time_zone",
    "rewards.unit.time_zone",
    "rewards.delivery.provider",
    "rewards.gift.provider",
    "operations.listexport.list_label",
    "operations.webhookevent.kind",
    "segmentation.segment.time_zone",
}


# There is one of it for a member and a unit, and statements count on it.
ALONE = {"rewards.account"}


def listed_models() -> list[type[Model]]:
    """Every model with a list, by its table."""
    return sorted({model for model in admin.site._registry if not model._meta.proxy}, key=lambda each: each._meta.label)


def let_anything_in() -> None:
    """Take triggers, foreign keys, checks and unique keys away; the test's transaction brings them back."""
    with connection.cursor() as cursor:
        # What is still to be checked at the end of the transaction would stand in the way of changing a table.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(
            "SELECT conrelid::regclass::text, quote_ident(conname) FROM pg_constraint"
            " WHERE contype IN ('u', 'c', 'x') AND connamespace = current_schema()::regnamespace AND conparentid = 0"
        )
        for table, name in cursor.fetchall():
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name} CASCADE")
        cursor.execute(
            "SELECT indexrelid::regclass::text FROM pg_index JOIN pg_class ON pg_class.oid = indrelid"
            " WHERE indisunique AND NOT indisprimary AND relnamespace = current_schema()::regnamespace"
            " AND NOT relispartition AND relkind = 'r'"
        )
        for (index,) in cursor.fetchall():
            cursor.execute(f"DROP INDEX {index}")


def multiply(model: type[Model], times: int) -> None:
    """Copy the newest row of a model so many times. A key that is no number of its own stays alone."""
    meta = model._meta
    if meta.label_lower in ALONE or meta.pk.get_internal_type() not in ("BigAutoField", "AutoField"):
        return
    fields = [field for field in meta.concrete_fields if not field.primary_key]
    columns = ", ".join(f'"{field.column}"' for field in fields)
    copied = ", ".join(_copied(field) for field in fields)
    table, key = meta.db_table, meta.pk.column
    with connection.cursor() as cursor:
        cursor.execute(
            f'INSERT INTO "{table}" ({columns}) SELECT {copied} FROM "{table}", generate_series(1, {times}) n'
            f' WHERE "{key}" = (SELECT max("{key}") FROM "{table}")'
        )


def _copied(field: Field) -> str:
    """Keys that other rows go by stay unique."""
    if isinstance(field, CharField) and field.unique:
        return f"left(\"{field.column}\", {(field.max_length or 99) - 4}) || '-' || n"
    return f'"{field.column}"'


def text_columns(model: type[Model]) -> Iterator[CharField | TextField]:
    for field in model._meta.concrete_fields:
        if not isinstance(field, CharField | TextField) or field.choices or field.primary_key:
            continue
        if f"{model._meta.label_lower}.{field.name}" not in NAMES:
            yield field


def plant(texts: list[str]) -> int:
    """Put one of the texts into every text column of every model with a list; returns into how many."""
    planted = 0
    with connection.cursor() as cursor:
        for model in listed_models():
            for field in text_columns(model):
                text = texts[planted % len(texts)][: field.max_length or 500]
                cursor.execute(f'UPDATE "{model._meta.db_table}" SET "{field.column}" = %s', [text])
                planted += 1
    return planted
