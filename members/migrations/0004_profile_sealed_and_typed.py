"""Phone and email move into sealed columns, attributes into a row of their type for each value."""

from django.db import connection, migrations, models

from members import contact

SLICE = 5_000

READ = """
    SELECT id, phone, email FROM members_member WHERE id > %s AND (phone <> '' OR email <> '')
    ORDER BY id LIMIT %s
"""
# A column that is dropped stays in the rows on disk: it is emptied first.
SEAL = """
    UPDATE members_member AS member SET sealed_phone = given.sealed_phone, phone_hash = given.phone_hash,
        sealed_email = given.sealed_email, email_hash = given.email_hash, phone = '', email = ''
    FROM unnest(%s::bigint[], %s::bytea[], %s::bytea[], %s::bytea[], %s::bytea[])
        AS given (id, sealed_phone, phone_hash, sealed_email, email_hash)
    WHERE member.id = given.id
"""
READ_SEALED = """
    SELECT id, sealed_phone, sealed_email FROM members_member
    WHERE id > %s AND (sealed_phone IS NOT NULL OR sealed_email IS NOT NULL) ORDER BY id LIMIT %s
"""
UNSEAL = """
    UPDATE members_member AS member SET phone = given.phone, email = given.email
    FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS given (id, phone, email) WHERE member.id = given.id
"""

# What fits its declaration, in the column of its type. CASE keeps a cast from meeting what it would choke on.
MOVE_ATTRIBUTES = """
    INSERT INTO members_attributevalue (member_id, attribute_id, text, number, day, boolean)
    SELECT member_id, attribute_id, text, number, day, boolean FROM (
        SELECT member.id AS member_id, attribute.id AS attribute_id,
            CASE WHEN jsonb_typeof(given.value) = 'string' AND given.value #>> '{}' <> ''
                  AND length(given.value #>> '{}') <= 500
                  AND (attribute.kind = 'text' OR attribute.kind = 'choice' AND attribute.choices @> given.value)
                 THEN given.value #>> '{}' END AS text,
            CASE WHEN attribute.kind = 'number' AND jsonb_typeof(given.value) = 'number'
                 THEN CASE WHEN abs((given.value #>> '{}')::numeric) < 1e18
                           THEN round((given.value #>> '{}')::numeric, 6) END END AS number,
            CASE WHEN attribute.kind = 'date' AND given.value #>> '{}' ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$'
                 THEN CASE WHEN pg_input_is_valid(given.value #>> '{}', 'date')
                           THEN (given.value #>> '{}')::date END END AS day,
            CASE WHEN attribute.kind = 'boolean' AND jsonb_typeof(given.value) = 'boolean'
                 THEN (given.value #>> '{}')::boolean END AS boolean
        FROM members_member member CROSS JOIN LATERAL jsonb_each(member.attributes) AS given (slug, value)
            JOIN members_attribute attribute ON attribute.slug = given.slug
    ) AS typed
    WHERE num_nonnulls(text, number, day, boolean) = 1
    ON CONFLICT (member_id, attribute_id) DO NOTHING
"""
COUNT_ATTRIBUTES = "SELECT count(*) FROM members_member, jsonb_each(attributes)"
RESTORE_ATTRIBUTES = """
    UPDATE members_member AS member SET attributes = stored.attributes FROM (
        SELECT value.member_id, jsonb_object_agg(attribute.slug, coalesce(
            to_jsonb(value.text), to_jsonb(trim_scale(value.number)), to_jsonb(value.day), to_jsonb(value.boolean)
        )) AS attributes
        FROM members_attributevalue value JOIN members_attribute attribute ON attribute.id = value.attribute_id
        GROUP BY value.member_id
    ) AS stored WHERE member.id = stored.member_id
"""


def seal_contacts(apps, schema_editor):
    for rows in slices(READ):
        write(SEAL, [(pk, *sealed(contact.Kind.PHONE, phone), *sealed(contact.Kind.EMAIL, email)) for pk, phone, email in rows])


def sealed(kind, text):
    return contact.seal(kind, text) if text else (None, None)


def unseal_contacts(apps, schema_editor):
    for rows in slices(READ_SEALED):
        write(
            UNSEAL,
            [
                (pk, contact.unseal(contact.Kind.PHONE, phone) or "", contact.unseal(contact.Kind.EMAIL, email) or "")
                for pk, phone, email in rows
            ],
        )


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


def move_attributes(apps, schema_editor):
    with connection.cursor() as cursor:
        cursor.execute(COUNT_ATTRIBUTES)
        stored = cursor.fetchone()[0]
        cursor.execute(MOVE_ATTRIBUTES)
        if dropped := stored - cursor.rowcount:
            print(f"\n  {dropped} of {stored} values of attributes do not fit their declaration: dropped", end="")


def restore_attributes(apps, schema_editor):
    with connection.cursor() as cursor:
        cursor.execute(RESTORE_ATTRIBUTES)
        cursor.execute("DELETE FROM members_attributevalue")


class Migration(migrations.Migration):
    dependencies = [("members", "0003_level_history")]
    operations = [
        migrations.AddField(
            model_name="attribute",
            name="choice_labels",
            field=models.JSONField(blank=True, default=dict, verbose_name="labels of the choices"),
        ),
        migrations.RunPython(seal_contacts, unseal_contacts),
        migrations.RunPython(move_attributes, restore_attributes),
    ]
