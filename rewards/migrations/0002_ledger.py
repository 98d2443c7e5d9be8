"""The ledger's one write path, in the database, so that Python and the draw post through the same door."""

from django.db import migrations

REFUSE_CHANGE = """
-- For tables that are only ever added to. TRUNCATE stays possible: it empties a test's database.
CREATE FUNCTION rewards_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of % is refused: its rows never change', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER entry_append_only BEFORE UPDATE OR DELETE ON rewards_entry
    FOR EACH ROW EXECUTE FUNCTION rewards_refuse_change();
CREATE TRIGGER chance_grant_append_only BEFORE UPDATE OR DELETE ON rewards_chancegrant
    FOR EACH ROW EXECUTE FUNCTION rewards_refuse_change();
"""

LEDGER = """
-- Open the accounts that a member lacks, and lock them in the order of their ids, so that two
-- transactions that each want several never wait for each other.
CREATE FUNCTION rewards_lock_accounts(p_members bigint[], p_units text[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO rewards_account (member_id, unit_id, balance, earned)
        SELECT wanted.member, unit.id, 0, 0
        FROM unnest(p_members) AS wanted(member) CROSS JOIN rewards_unit unit
        WHERE unit.slug = ANY (p_units)
          AND NOT EXISTS (SELECT FROM rewards_account a WHERE a.member_id = wanted.member AND a.unit_id = unit.id)
        ORDER BY wanted.member, unit.id
        ON CONFLICT (member_id, unit_id) DO NOTHING;
    PERFORM FROM rewards_account account JOIN rewards_unit unit ON unit.id = account.unit_id
        WHERE account.member_id = ANY (p_members) AND unit.slug = ANY (p_units)
        ORDER BY account.id
        FOR NO KEY UPDATE OF account;
END $$;

-- Post one signed entry. Return its id; the first entry's if the key was posted before; NULL if the balance
-- cannot cover it. Each statement sees what was committed before it, so the key is looked up under the lock.
CREATE FUNCTION rewards_post(
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
    INSERT INTO rewards_entry (account_id, amount, balance_after, key, reason, posted_at)
        VALUES (v_account, p_amount, v_balance, p_key, p_reason, p_now)
        RETURNING id INTO v_entry;
    RETURN v_entry;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("rewards", "0001_initial")]
    operations = [
        migrations.RunSQL(
            REFUSE_CHANGE,
            """
            DROP TRIGGER chance_grant_append_only ON rewards_chancegrant;
            DROP TRIGGER entry_append_only ON rewards_entry;
            DROP FUNCTION rewards_refuse_change;
            """,
        ),
        migrations.RunSQL(LEDGER, "DROP FUNCTION rewards_post; DROP FUNCTION rewards_lock_accounts;"),
    ]
