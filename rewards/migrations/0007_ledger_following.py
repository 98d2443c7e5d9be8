"""What follows an entry: it matures, expires or is reversed."""

from django.db import migrations

MATURING = """
-- Mature what is due, at most so many entries; return what matured and whose it is. (1) Choose, (2) lock the members
-- whose growth it is, then the accounts, (3) mature what is still pending.
CREATE FUNCTION rewards_mature(p_now timestamptz, p_limit integer)
RETURNS TABLE (matured bigint, of_member bigint, in_unit text) LANGUAGE plpgsql AS $$
DECLARE
    v_due bigint[];
    v_one record;
    v_entry rewards_entry;
BEGIN
    v_due := ARRAY(
        SELECT entry_id FROM rewards_pendingentry WHERE remaining > 0 AND matures_at <= p_now
        ORDER BY matures_at, entry_id LIMIT p_limit
    );
    PERFORM FROM members_member WHERE id IN (
        SELECT account.member_id FROM rewards_pendingentry pending
        JOIN rewards_account account ON account.id = pending.account_id
        JOIN rewards_unit unit ON unit.id = account.unit_id
        WHERE pending.entry_id = ANY (v_due) AND unit.slug = 'growth'
    ) ORDER BY id FOR NO KEY UPDATE;
    PERFORM FROM rewards_account
        WHERE id IN (SELECT account_id FROM rewards_pendingentry WHERE entry_id = ANY (v_due))
        ORDER BY id FOR NO KEY UPDATE;
    FOR v_one IN
        SELECT pending.entry_id, pending.account_id, pending.remaining, entry.reason, entry.reference,
               account.member_id, unit.slug, rewards_expires_at(unit, p_now) AS expires_at
        FROM rewards_pendingentry pending JOIN rewards_entry entry ON entry.id = pending.entry_id
        JOIN rewards_account account ON account.id = pending.account_id
        JOIN rewards_unit unit ON unit.id = account.unit_id
        WHERE pending.entry_id = ANY (v_due) AND pending.remaining > 0
        ORDER BY pending.matures_at, pending.entry_id
    LOOP
        UPDATE rewards_pendingentry SET remaining = 0 WHERE entry_id = v_one.entry_id;
        v_entry := rewards_new_entry(
            v_one.account_id, 'mature', v_one.remaining, 'mature:' || v_one.entry_id,
            v_one.reason, v_one.reference, p_now, v_one.entry_id
        );
        v_entry.to_pending := -v_one.remaining;
        v_entry.to_earned := v_one.remaining;
        v_entry := rewards_credit(
            v_entry, (SELECT debt FROM rewards_account WHERE id = v_one.account_id), v_one.expires_at
        );
        matured := v_entry.id;
        of_member := v_one.member_id;
        in_unit := v_one.slug;
        RETURN NEXT;
    END LOOP;
END $$;
"""

EXPIRING = """
-- Expire what is due, of at most so many accounts; return of how many. What is due first is chosen first.
CREATE FUNCTION rewards_expire(p_now timestamptz, p_limit integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    v_account bigint;
    v_expired integer := 0;
BEGIN
    FOR v_account IN
        SELECT id FROM rewards_account WHERE id IN (
            SELECT account_id FROM rewards_lot WHERE remaining > 0 AND expires_at <= p_now
            ORDER BY expires_at LIMIT p_limit
        ) ORDER BY id FOR NO KEY UPDATE
    LOOP
        PERFORM rewards_expire_account(v_account, p_now);
        v_expired := v_expired + 1;
    END LOOP;
    RETURN v_expired;
END $$;
"""

REVERSING = """
-- How much of what an entry gave is gone for good and was not passed over by an earlier reversal: what expired of its
-- lot; all of it once the account was forfeited.
CREATE FUNCTION rewards_lost(p_account bigint, p_original bigint, p_given bigint, p_amount bigint) RETURNS bigint
LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM rewards_entry WHERE account_id = p_account AND id > p_given AND kind = 'forfeit') THEN
        RETURN p_amount;
    END IF;
    RETURN least(p_amount, coalesce((
        SELECT sum(use.amount) FROM rewards_lotuse use JOIN rewards_entry entry ON entry.id = use.entry_id
        WHERE use.lot_id = p_given AND entry.kind = 'expire'
    ), 0) - coalesce((
        SELECT sum(to_balance + to_pending - to_debt - amount) FROM rewards_entry
        WHERE original_id = p_original AND kind = 'reverse'
    ), 0));
END $$;

-- Take back what an entry gave: from its own lot, then from the other lots and the rest of the balance; what is missing
-- becomes debt. What of it is lost is not taken again.
CREATE FUNCTION rewards_take_back(p_entry rewards_entry, p_given bigint, p_balance bigint) RETURNS rewards_entry
LANGUAGE plpgsql AS $$
DECLARE
    v_own bigint;
    v_rest bigint := 0;
    v_missing bigint := -p_entry.amount;
BEGIN
    v_own := coalesce((SELECT least(remaining, v_missing) FROM rewards_lot WHERE entry_id = p_given), 0);
    IF v_own > 0 THEN
        UPDATE rewards_lot SET remaining = remaining - v_own WHERE entry_id = p_given;
        INSERT INTO rewards_lotuse (entry_id, lot_id, amount) VALUES (p_entry.id, p_given, v_own);
        v_missing := v_missing - v_own;
    END IF;
    IF v_missing > 0 THEN
        v_missing := v_missing - rewards_lost(p_entry.account_id, p_entry.original_id, p_given, v_missing);
        v_rest := least(v_missing, p_balance - v_own);
        PERFORM rewards_take_from_lots(p_entry.account_id, p_entry.id, v_rest);
    END IF;
    p_entry.to_balance := -(v_own + v_rest);
    p_entry.to_debt := v_missing - v_rest;
    p_entry.to_earned := p_entry.amount;
    RETURN rewards_enter(p_entry);
END $$;

-- Give back what an entry spent: it settles the debt first, the rest goes into the lots it came from, what was used last
-- first. As if the spent lay in a row, what no lot held at its head: earlier reversals took `p_before` from the head,
-- the debt takes the next, and each lot gets what is left of its stretch.
CREATE FUNCTION rewards_give_back(p_entry rewards_entry, p_spent rewards_entry, p_before bigint, p_debt bigint)
RETURNS rewards_entry LANGUAGE plpgsql AS $$
BEGIN
    p_entry.to_debt := -least(p_debt, p_entry.amount);
    p_entry.to_balance := p_entry.amount + p_entry.to_debt;
    p_entry := rewards_enter(p_entry);
    INSERT INTO rewards_lotuse (entry_id, lot_id, amount)
        SELECT p_entry.id, lot_id, greatest(floor, p_before - p_entry.to_debt) - least(ceiling, p_before + p_entry.amount)
        FROM (
            SELECT use.lot_id,
                   sum(use.amount) OVER used - use.amount - p_spent.amount - sum(use.amount) OVER () AS floor,
                   sum(use.amount) OVER used - p_spent.amount - sum(use.amount) OVER () AS ceiling
            FROM rewards_lotuse use JOIN rewards_lot lot ON lot.entry_id = use.lot_id
            WHERE use.entry_id = p_spent.id
            WINDOW used AS (ORDER BY lot.expires_at DESC, lot.entry_id DESC)
        ) stretch
        WHERE greatest(floor, p_before - p_entry.to_debt) < least(ceiling, p_before + p_entry.amount);
    UPDATE rewards_lot SET remaining = remaining - use.amount
        FROM rewards_lotuse use WHERE use.entry_id = p_entry.id AND use.lot_id = rewards_lot.entry_id;
    RETURN p_entry;
END $$;

-- Reverse what an entry did, NULL for all of it that is left; never more than is left. Return the new entry; the first
-- one if the key was posted before, without its account if that reversed another entry; NULL when nothing is left.
-- Matured or not, a pending entry's reversals are its own.
CREATE FUNCTION rewards_reverse(p_entry bigint, p_amount bigint, p_key text, p_reason text, p_now timestamptz)
RETURNS rewards_entry LANGUAGE plpgsql AS $$
DECLARE
    v_original rewards_entry;
    v_account rewards_account;
    v_entry rewards_entry;
    v_given bigint;
    v_before bigint;
    v_amount bigint;
BEGIN
    SELECT * INTO v_original FROM rewards_entry WHERE id = p_entry;
    IF v_original.kind = 'mature' THEN
        SELECT * INTO v_original FROM rewards_entry WHERE id = v_original.original_id;
    END IF;
    IF v_original.kind IS NULL OR v_original.kind NOT IN ('earn', 'pend', 'spend', 'adjust') THEN
        RAISE EXCEPTION 'entry % cannot be reversed', p_entry USING ERRCODE = 'invalid_parameter_value';
    END IF;
    PERFORM FROM members_member WHERE id = (
        SELECT account.member_id FROM rewards_account account JOIN rewards_unit unit ON unit.id = account.unit_id
        WHERE account.id = v_original.account_id AND unit.slug = 'growth'
    ) FOR NO KEY UPDATE;
    PERFORM FROM rewards_account WHERE id = v_original.account_id FOR NO KEY UPDATE;
    SELECT * INTO v_entry FROM rewards_entry WHERE key = p_key;
    IF v_entry.id IS NOT NULL THEN
        v_entry.account_id := CASE
            WHEN v_entry.kind = 'reverse' AND v_entry.original_id = v_original.id THEN v_entry.account_id
        END;
        RETURN v_entry;
    END IF;

    v_before := (SELECT coalesce(sum(abs(amount)), 0) FROM rewards_entry
                 WHERE original_id = v_original.id AND kind = 'reverse');
    v_amount := least(p_amount, abs(v_original.amount) - v_before);
    IF v_amount <= 0 THEN
        RETURN NULL;
    END IF;
    PERFORM rewards_expire_account(v_original.account_id, p_now);
    SELECT * INTO STRICT v_account FROM rewards_account WHERE id = v_original.account_id;
    v_entry := rewards_new_entry(
        v_account.id, 'reverse', -sign(v_original.amount)::bigint * v_amount, p_key, p_reason, v_original.reference,
        p_now, v_original.id
    );
    IF v_original.amount < 0 THEN
        v_entry := rewards_give_back(v_entry, v_original, v_before, v_account.debt);
        -- A lot that has expired meanwhile gets its own back too, and expires again.
        PERFORM rewards_expire_account(v_account.id, p_now);
        RETURN v_entry;
    END IF;
    v_given := v_original.id;
    IF v_original.kind = 'pend' THEN
        v_given := (SELECT id FROM rewards_entry WHERE original_id = v_original.id AND kind = 'mature');
    END IF;
    IF v_given IS NULL THEN
        -- Less than asked only where the account was forfeited.
        v_entry.to_pending := -least(
            v_amount, (SELECT remaining FROM rewards_pendingentry WHERE entry_id = v_original.id)
        );
        UPDATE rewards_pendingentry SET remaining = remaining + v_entry.to_pending WHERE entry_id = v_original.id;
        RETURN rewards_enter(v_entry);
    END IF;
    RETURN rewards_take_back(v_entry, v_given, v_account.balance);
END $$;
"""

class Migration(migrations.Migration):
    dependencies = [("rewards", "0006_ledger_posting")]
    operations = [
        migrations.RunSQL(MATURING, "DROP FUNCTION rewards_mature"),
        migrations.RunSQL(EXPIRING, "DROP FUNCTION rewards_expire"),
        migrations.RunSQL(
            REVERSING,
            """
            DROP FUNCTION rewards_reverse; DROP FUNCTION rewards_give_back; DROP FUNCTION rewards_take_back;
            DROP FUNCTION rewards_lost;
            """,
        ),
    ]
