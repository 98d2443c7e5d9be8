"""Growth value earned so far lifts those whom it should have lifted. Nobody falls: an imported level stays."""

from django.db import migrations

FOLLOW = """
INSERT INTO members_memberlevel (member_id, growth_level_id, growth, growth_base, since)
    SELECT account.member_id, NULL, account.earned, 0, now()
    FROM rewards_account account JOIN rewards_unit unit ON unit.id = account.unit_id AND unit.slug = 'growth'
    WHERE account.earned > 0
    ON CONFLICT (member_id) DO UPDATE SET
        growth = excluded.growth, growth_base = least(0, excluded.growth + members_memberlevel.growth_base);
UPDATE members_memberlevel standing SET growth_level_id = (
    SELECT level.id FROM members_level level
    WHERE level.kind = 'growth' AND level.growth_needed <= greatest(standing.growth - standing.growth_base, 0)
    ORDER BY level.rank DESC LIMIT 1
);
WITH counting AS (
    SELECT member.id, member.level_id AS before, (
        SELECT level.id FROM members_level level
        WHERE level.id = standing.growth_level_id OR level.id IN (
            SELECT period.level_id FROM members_paidperiod period
            WHERE period.member_id = member.id AND NOT period.closed AND period.revoked_at IS NULL
        )
        ORDER BY level.rank DESC LIMIT 1
    ) AS after
    FROM members_member member JOIN members_memberlevel standing ON standing.member_id = member.id
), changed AS (
    INSERT INTO members_levelchange (member_id, before_id, after_id, cause, reference, changed_at)
    SELECT id, before, after, 'ladder', '', now() FROM counting WHERE before IS DISTINCT FROM after
    RETURNING member_id, after_id
)
UPDATE members_member member SET level_id = changed.after_id FROM changed WHERE changed.member_id = member.id;
"""


class Migration(migrations.Migration):
    dependencies = [("members", "0007_levels"), ("rewards", "0009_ledger_notices")]
    operations = [migrations.RunSQL(FOLLOW, migrations.RunSQL.noop)]
