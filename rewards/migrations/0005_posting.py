"""The ledger's write path, with what each entry did to its account; older entries told so."""

from django.db import migrations

# The trigger refuses changes to entries, so it rests while the older ones are told.
BACKFILL = """
ALTER TABLE rewards_entry DISABLE TRIGGER entry_append_only;
UPDATE rewards_entry SET
    kind = CASE WHEN amount > 0 THEN 'earn' ELSE 'spend' END,
    to_balance = amount, to_earned = greatest(amount, 0);
ALTER TABLE rewards_entry ENABLE TRIGGER entry_append_only;
"""

LEDGER = """
CREATE OR REPLACE FUNCTION rewards_post(
    p_member bigint, p_unit text, p_amount bigint, p_key text, p_reason text, p_now timestamptz
) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    v_entry bigint;
    v_account bigint;
    v_balance bigint;
BEGIN
    PERFORM rewards_lock_accounts(ARRAY[p_member], ARRAY[p_unit]);
    SELECT id INTO v_entry FROM rewards_entry WHERE key = p_key;
    IF v_entry IS NOT NULL THEN
        RETURN v_entry;
    END IF;
    UPDATE rewards_account SET balance = balance + p_amount, earned = earned + greatest(p_amount, 0)
        WHERE member_id = p_member AND unit_id = (SELECT id FROM rewards_unit WHERE slug = p_unit)
          AND balance + p_amount >= 0
        RETURNING id, balance INTO v_account, v_balance;
    IF v_account IS NULL THEN
        RETURN NULL;
    END IF;
    INSERT INTO rewards_entry (account_id, kind, amount, to_balance, to_earned, balance_after, key, reason, posted_at)
        VALUES (v_account, CASE WHEN p_amount > 0 THEN 'earn' ELSE 'spend' END, p_amount, p_amount,
                greatest(p_amount, 0), v_balance, p_key, p_reason, p_now)
        RETURNING id INTO v_entry;
    RETURN v_entry;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("rewards", "0004_full_ledger")]
    operations = [
        migrations.RunSQL(BACKFILL, migrations.RunSQL.noop),
        migrations.RunSQL(
            "CREATE TRIGGER lot_use_append_only BEFORE UPDATE OR DELETE ON rewards_lotuse"
            " FOR EACH ROW EXECUTE FUNCTION rewards_refuse_change()",
            "DROP TRIGGER lot_use_append_only ON rewards_lotuse",
        ),
        migrations.RunSQL(LEDGER, migrations.RunSQL.noop),
    ]
