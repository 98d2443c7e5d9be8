"""The cells of rejected rows, and what their reasons quote, move into a sealed column."""

import json

from django.db import connection, migrations, models

from members import contact, import_rejects

SLICE = 2_000

READ = "SELECT id, fields, parameters FROM members_importreject WHERE id > %s ORDER BY id LIMIT %s"
# A column that is dropped stays in the rows on disk: it is emptied first.
SEAL = """
    UPDATE members_importreject AS reject SET sealed = given.sealed, found_by = given.found_by,
        fields = '[]', parameters = '{}'
    FROM unnest(%s::bigint[], %s::bytea[], %s::jsonb[]) AS given (id, sealed, found_by) WHERE reject.id = given.id
"""
READ_SEALED = "SELECT id, sealed FROM members_importreject WHERE id > %s ORDER BY id LIMIT %s"
UNSEAL = """
    UPDATE members_importreject AS reject SET fields = given.fields, parameters = given.parameters
    FROM unnest(%s::bigint[], %s::jsonb[], %s::jsonb[]) AS given (id, fields, parameters) WHERE reject.id = given.id
"""


def seal_rows(apps, schema_editor):
    for rows in slices(READ):
        write(SEAL, [(pk, *sealed(*map(json.loads, told))) for pk, *told in rows])


def sealed(fields, parameters):
    columns = import_rejects.sealed(fields, parameters)
    return columns["sealed"], json.dumps(columns["found_by"])


def unseal_rows(apps, schema_editor):
    for rows in slices(READ_SEALED):
        write(UNSEAL, [(pk, *unsealed(told)) for pk, told in rows])


def unsealed(told):
    text = contact.unseal(contact.Kind.REJECT, told)
    return tuple(map(json.dumps, json.loads(text))) if text else ("[]", "{}")


def slices(statement):
    last = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(statement, [last, SLICE])
            rows = cursor.fetchall()
        if not rows:
            return
        yield rows
        last = rows[-1][0]


def write(statement, rows):
    with connection.cursor() as cursor:
        cursor.execute(statement, list(map(list, zip(*rows, strict=True))))


class Migration(migrations.Migration):
    dependencies = [("members", "0011_events")]
    operations = [
        migrations.AddField(
            model_name="importreject",
            name="sealed",
            field=models.BinaryField(null=True),
        ),
        migrations.AddField(
            model_name="importreject",
            name="found_by",
            field=models.JSONField(default=list),
        ),
        migrations.RunPython(seal_rows, unseal_rows),
    ]
