"""Expiring tells whose it was, so that these members are touched in the same transaction."""

from importlib import import_module

from django.db import migrations

BEFORE = import_module("rewards.migrations.0007_ledger_following").EXPIRING

EXPIRING = """
-- Expire what is due, of at most so many accounts; return whose they are. What is due first is chosen first.
CREATE FUNCTION rewards_expire(p_now timestamptz, p_limit integer) RETURNS SETOF bigint LANGUAGE plpgsql AS $$
DECLARE
    v_account record;
BEGIN
    FOR v_account IN
        SELECT id, member_id FROM rewards_account WHERE id IN (
            SELECT account_id FROM rewards_lot WHERE remaining > 0 AND expires_at <= p_now
            ORDER BY expires_at LIMIT p_limit
        ) ORDER BY id FOR NO KEY UPDATE
    LOOP
        PERFORM rewards_expire_account(v_account.id, p_now);
        RETURN NEXT v_account.member_id;
    END LOOP;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("rewards", "0012_members_held_before_accounts")]
    operations = [
        migrations.RunSQL("DROP FUNCTION rewards_expire", BEFORE),
        migrations.RunSQL(EXPIRING, "DROP FUNCTION rewards_expire"),
    ]
