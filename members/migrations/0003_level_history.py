"""Changes of level are added to, never changed; who has a level today stands on the ladder with it."""

from django.db import migrations

APPEND_ONLY = """
CREATE FUNCTION members_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of % is refused: its rows never change', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER level_change_append_only BEFORE UPDATE ON members_levelchange
    FOR EACH ROW EXECUTE FUNCTION members_refuse_change();
"""

# A level by growth was given so far by import alone: as if the growth it needs had been earned. One that was paid for
# has no end on record.
STANDINGS = """
INSERT INTO members_memberlevel (member_id, growth_level_id, growth, growth_base, since)
    SELECT member.id, level.id, 0, -level.growth_needed, now()
    FROM members_member member JOIN members_level level ON level.id = member.level_id AND level.kind = 'growth';
INSERT INTO members_paidperiod (member_id, level_id, key, order_id, starts_at, bought_at, closed)
    SELECT member.id, level.id, 'before:' || member.id, '', now(), now(), false
    FROM members_member member JOIN members_level level ON level.id = member.level_id AND level.kind = 'paid';
"""


class Migration(migrations.Migration):
    dependencies = [("members", "0002_loyalty")]
    operations = [
        migrations.RunSQL(
            APPEND_ONLY,
            "DROP TRIGGER level_change_append_only ON members_levelchange; DROP FUNCTION members_refuse_change",
        ),
        migrations.RunSQL(STANDINGS, migrations.RunSQL.noop),
    ]
