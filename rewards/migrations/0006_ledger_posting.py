"""The ledger's door: one function writes entries and moves accounts, and all others go through it."""

from importlib import import_module

from django.db import migrations

BEFORE = import_module("rewards.migrations.0002_ledger")
INTERIM = import_module("rewards.migrations.0005_posting")

LOCKING = """
-- Open the accounts that a member lacks, and lock them in the order of their ids, so that two transactions that each
-- want several never wait for each other. Levels follow growth, so its members are locked before their accounts.
CREATE OR REPLACE FUNCTION rewards_lock_accounts(p_members bigint[], p_units text[]) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF 'growth' = ANY (p_units) THEN
        PERFORM FROM members_member WHERE id = ANY (p_members) ORDER BY id FOR NO KEY UPDATE;
    END IF;
    INSERT INTO rewards_account (member_id, unit_id, balance, earned)
        SELECT DISTINCT wanted.member, unit.id, 0, 0
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
"""

EXPIRY = """
-- When what comes in now will expire, NULL for never: at the local midnight after its last day. A month that has no
-- such day ends with its last one.
CREATE FUNCTION rewards_expires_at(p_unit rewards_unit, p_now timestamptz) RETURNS timestamptz
LANGUAGE sql STABLE AS $$
    SELECT CASE p_unit.expiry
        WHEN 'days' THEN ((p_now AT TIME ZONE p_unit.time_zone)::date + p_unit.expires_after + 1)::timestamp
        WHEN 'months' THEN
            ((p_now AT TIME ZONE p_unit.time_zone)::date + make_interval(months => p_unit.expires_after))::date
            + interval '1 day'
        WHEN 'year_end' THEN
            date_trunc('year', p_now AT TIME ZONE p_unit.time_zone)
            + make_interval(years => p_unit.expires_after + 1)
    END AT TIME ZONE p_unit.time_zone
$$;
"""

WRITING = """
-- Write one entry and move its account by what the entry does: nothing else writes either. Under the account's lock.
CREATE FUNCTION rewards_enter(p_entry rewards_entry) RETURNS rewards_entry LANGUAGE plpgsql AS $$
BEGIN
    p_entry.id := coalesce(p_entry.id, nextval('rewards_entry_id_seq'));
    UPDATE rewards_account SET
        balance = balance + p_entry.to_balance, pending = pending + p_entry.to_pending,
        debt = debt + p_entry.to_debt, earned = earned + p_entry.to_earned
        WHERE id = p_entry.account_id
        RETURNING balance INTO p_entry.balance_after;
    INSERT INTO rewards_entry (
        id, account_id, kind, amount, to_balance, to_pending, to_debt, to_earned, balance_after,
        original_id, key, reason, reference, posted_at
    ) VALUES (
        p_entry.id, p_entry.account_id, p_entry.kind, p_entry.amount, p_entry.to_balance, p_entry.to_pending,
        p_entry.to_debt, p_entry.to_earned, p_entry.balance_after,
        p_entry.original_id, p_entry.key, p_entry.reason, p_entry.reference, p_entry.posted_at
    );
    RETURN p_entry;
END $$;

-- An entry that does nothing yet.
CREATE FUNCTION rewards_new_entry(
    p_account bigint, p_kind text, p_amount bigint, p_key text, p_reason text, p_reference text, p_now timestamptz,
    p_original bigint DEFAULT NULL
) RETURNS rewards_entry LANGUAGE plpgsql AS $$
DECLARE
    v_entry rewards_entry;
BEGIN
    v_entry.id := nextval('rewards_entry_id_seq');
    v_entry.account_id := p_account;
    v_entry.kind := p_kind;
    v_entry.amount := p_amount;
    v_entry.to_balance := 0;
    v_entry.to_pending := 0;
    v_entry.to_debt := 0;
    v_entry.to_earned := 0;
    v_entry.original_id := p_original;
    v_entry.key := p_key;
    v_entry.reason := p_reason;
    v_entry.reference := p_reference;
    v_entry.posted_at := p_now;
    RETURN v_entry;
END $$;

-- Let an entry's amount come in: it settles the debt first, only the rest reaches the balance, as a lot if it expires.
CREATE FUNCTION rewards_credit(p_entry rewards_entry, p_debt bigint, p_expires_at timestamptz) RETURNS rewards_entry
LANGUAGE plpgsql AS $$
BEGIN
    p_entry.to_debt := -least(p_debt, p_entry.amount);
    p_entry.to_balance := p_entry.amount + p_entry.to_debt;
    p_entry := rewards_enter(p_entry);
    IF p_expires_at IS NOT NULL AND p_entry.to_balance > 0 THEN
        INSERT INTO rewards_lot (entry_id, account_id, amount, remaining, expires_at)
            VALUES (p_entry.id, p_entry.account_id, p_entry.to_balance, p_entry.to_balance, p_expires_at);
    END IF;
    RETURN p_entry;
END $$;

-- Take an amount out of the account's lots, first what expires first. What no lot holds never expires and goes last.
CREATE FUNCTION rewards_take_from_lots(p_account bigint, p_entry bigint, p_amount bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_lot record;
    v_left bigint := p_amount;
    v_taken bigint;
BEGIN
    FOR v_lot IN
        SELECT entry_id, remaining FROM rewards_lot WHERE account_id = p_account AND remaining > 0
        ORDER BY expires_at, entry_id
    LOOP
        EXIT WHEN v_left = 0;
        v_taken := least(v_left, v_lot.remaining);
        UPDATE rewards_lot SET remaining = remaining - v_taken WHERE entry_id = v_lot.entry_id;
        INSERT INTO rewards_lotuse (entry_id, lot_id, amount) VALUES (p_entry, v_lot.entry_id, v_taken);
        v_left := v_left - v_taken;
    END LOOP;
END $$;

-- Expire what is due of one account, as one entry. Under the account's lock. Whoever takes from an account calls this
-- first, so that nothing expired is ever spent, however late the nightly job is. Return how much expired.
CREATE FUNCTION rewards_expire_account(p_account bigint, p_now timestamptz) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    v_due bigint;
    v_entry rewards_entry;
BEGIN
    SELECT sum(remaining) INTO v_due FROM rewards_lot
        WHERE account_id = p_account AND remaining > 0 AND expires_at <= p_now;
    IF v_due IS NULL THEN
        RETURN 0;
    END IF;
    v_entry := rewards_new_entry(p_account, 'expire', -v_due, '', '', '', p_now);
    v_entry.key := 'expire:' || v_entry.id;
    v_entry.to_balance := -v_due;
    v_entry := rewards_enter(v_entry);
    PERFORM rewards_take_from_lots(p_account, v_entry.id, v_due);
    RETURN v_due;
END $$;
"""

POSTING = """
-- Post what a member earns (above 0; pending if it matures later), spends (below 0) or is adjusted by. Return the entry;
-- the first one if the key was posted before, without its account if that is another; NULL if the balance cannot cover it
-- or there is no such unit. Each statement sees what was committed before it, so the key is looked up under the lock.
CREATE FUNCTION rewards_post(
    p_member bigint, p_unit text, p_amount bigint, p_key text, p_reason text, p_now timestamptz,
    p_reference text DEFAULT '', p_matures_at timestamptz DEFAULT NULL, p_kind text DEFAULT NULL
) RETURNS rewards_entry LANGUAGE plpgsql AS $$
DECLARE
    v_account record;
    v_entry rewards_entry;
BEGIN
    IF p_unit = 'growth' THEN
        PERFORM FROM members_member WHERE id = p_member FOR NO KEY UPDATE;
    END IF;
    FOR attempt IN 1..2 LOOP
        SELECT account.id, account.balance, account.debt, rewards_expires_at(unit, p_now) AS expires_at INTO v_account
            FROM rewards_unit unit JOIN rewards_account account ON account.unit_id = unit.id
            WHERE unit.slug = p_unit AND account.member_id = p_member
            FOR NO KEY UPDATE OF account;
        EXIT WHEN v_account.id IS NOT NULL;
        PERFORM rewards_lock_accounts(ARRAY[p_member], ARRAY[p_unit]);
    END LOOP;
    SELECT * INTO v_entry FROM rewards_entry WHERE key = p_key;
    IF v_entry.id IS NOT NULL OR v_account.id IS NULL THEN
        v_entry.account_id := CASE WHEN v_entry.account_id = v_account.id THEN v_account.id END;
        RETURN v_entry;
    END IF;

    IF p_amount < 0 AND v_account.balance - rewards_expire_account(v_account.id, p_now) + p_amount < 0 THEN
        RETURN NULL;
    END IF;
    -- After what expired has its entry: the ids of an account's entries are in the order in which they moved it.
    v_entry := rewards_new_entry(v_account.id, p_kind, p_amount, p_key, p_reason, p_reference, p_now);
    IF p_amount < 0 THEN
        v_entry.kind := coalesce(p_kind, 'spend');
        v_entry.to_balance := p_amount;
        PERFORM rewards_take_from_lots(v_account.id, v_entry.id, -p_amount);
        RETURN rewards_enter(v_entry);
    ELSIF p_matures_at IS NOT NULL THEN
        v_entry.kind := 'pend';
        v_entry.to_pending := p_amount;
        INSERT INTO rewards_pendingentry (entry_id, account_id, remaining, matures_at)
            VALUES (v_entry.id, v_account.id, p_amount, p_matures_at);
        RETURN rewards_enter(v_entry);
    END IF;
    v_entry.kind := coalesce(p_kind, 'earn');
    v_entry.to_earned := p_amount;
    RETURN rewards_credit(v_entry, v_account.debt, v_account.expires_at);
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("rewards", "0005_posting")]
    operations = [
        migrations.RunSQL(
            LOCKING,
            # As it was: the text is replaced, not the function, for others call it.
            BEFORE.LEDGER.split("-- Post one signed entry.")[0].replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"),
        ),
        migrations.RunSQL(EXPIRY, "DROP FUNCTION rewards_expires_at"),
        migrations.RunSQL(
            WRITING,
            """
            DROP FUNCTION rewards_expire_account; DROP FUNCTION rewards_take_from_lots; DROP FUNCTION rewards_credit;
            DROP FUNCTION rewards_new_entry; DROP FUNCTION rewards_enter;
            """,
        ),
        migrations.RunSQL("DROP FUNCTION rewards_post", INTERIM.LEDGER),
        migrations.RunSQL(POSTING, "DROP FUNCTION rewards_post"),
    ]
