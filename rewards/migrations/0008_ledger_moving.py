"""What a member holds goes to another member, or is forfeited."""

from django.db import migrations

MOVING = """
-- Move an amount to another member: one entry that sends, and one that receives for each moment of expiry, since what is
-- sent keeps its own. Return them, the sent one first; the first ones if the key was posted before, without their
-- accounts where these are others; none if the balance cannot cover it or there is no such unit.
CREATE FUNCTION rewards_transfer(
    p_from bigint, p_to bigint, p_unit text, p_amount bigint, p_key text, p_reason text, p_now timestamptz
) RETURNS SETOF rewards_entry LANGUAGE plpgsql AS $$
DECLARE
    v_giver record;
    v_taker record;
    v_piece record;
    v_sent rewards_entry;
    v_received rewards_entry;
BEGIN
    PERFORM rewards_lock_accounts(ARRAY[p_from, p_to], ARRAY[p_unit]);
    SELECT account.* INTO v_giver FROM rewards_account account JOIN rewards_unit unit ON unit.id = account.unit_id
        WHERE unit.slug = p_unit AND account.member_id = p_from;
    SELECT account.* INTO v_taker FROM rewards_account account
        WHERE account.member_id = p_to AND account.unit_id = v_giver.unit_id;
    FOR v_sent IN
        SELECT entry.* FROM rewards_entry first JOIN rewards_entry entry ON first.id IN (entry.id, entry.original_id)
        WHERE first.key = p_key ORDER BY entry.id
    LOOP
        v_sent.account_id := CASE
            WHEN v_sent.kind = 'send' AND v_sent.account_id = v_giver.id THEN v_giver.id
            WHEN v_sent.kind = 'receive' AND v_sent.account_id = v_taker.id THEN v_taker.id
        END;
        RETURN NEXT v_sent;
    END LOOP;
    IF v_sent.id IS NOT NULL THEN
        RETURN;
    END IF;
    IF v_giver.id IS NULL OR v_giver.balance - rewards_expire_account(v_giver.id, p_now) < p_amount THEN
        RETURN;
    END IF;
    v_sent := rewards_new_entry(v_giver.id, 'send', -p_amount, p_key, p_reason, '', p_now);
    v_sent.to_balance := -p_amount;
    PERFORM rewards_take_from_lots(v_giver.id, v_sent.id, p_amount);
    v_sent := rewards_enter(v_sent);
    RETURN NEXT v_sent;
    FOR v_piece IN
        SELECT lot.expires_at, sum(use.amount)::bigint AS amount
        FROM rewards_lotuse use JOIN rewards_lot lot ON lot.entry_id = use.lot_id
        WHERE use.entry_id = v_sent.id GROUP BY lot.expires_at
        UNION ALL
        SELECT NULL, p_amount - coalesce(sum(amount), 0)::bigint FROM rewards_lotuse WHERE entry_id = v_sent.id
        ORDER BY expires_at
    LOOP
        CONTINUE WHEN v_piece.amount = 0;
        v_received := rewards_new_entry(v_taker.id, 'receive', v_piece.amount, '', p_reason, '', p_now, v_sent.id);
        v_received.key := 'receive:' || v_received.id;
        v_received := rewards_credit(
            v_received, (SELECT debt FROM rewards_account WHERE id = v_taker.id), v_piece.expires_at
        );
        RETURN NEXT v_received;
    END LOOP;
END $$;

-- Forfeit what a member holds and what is pending, in every unit; once per key. Return the new entries.
CREATE FUNCTION rewards_forfeit(p_member bigint, p_key text, p_reason text, p_now timestamptz)
RETURNS SETOF rewards_entry LANGUAGE plpgsql AS $$
DECLARE
    v_account record;
    v_entry rewards_entry;
BEGIN
    PERFORM FROM rewards_account WHERE member_id = p_member ORDER BY id FOR NO KEY UPDATE;
    PERFORM rewards_expire_account(id, p_now) FROM rewards_account WHERE member_id = p_member;
    FOR v_account IN
        SELECT account.id, account.balance, account.pending, p_key || ':' || unit.slug AS key
        FROM rewards_account account JOIN rewards_unit unit ON unit.id = account.unit_id
        WHERE account.member_id = p_member AND account.balance + account.pending > 0
          AND NOT EXISTS (SELECT FROM rewards_entry WHERE key = p_key || ':' || unit.slug)
        ORDER BY account.id
    LOOP
        v_entry := rewards_new_entry(
            v_account.id, 'forfeit', -(v_account.balance + v_account.pending), v_account.key, p_reason, '', p_now
        );
        v_entry.to_balance := -v_account.balance;
        v_entry.to_pending := -v_account.pending;
        PERFORM rewards_take_from_lots(v_account.id, v_entry.id, v_account.balance);
        UPDATE rewards_pendingentry SET remaining = 0 WHERE account_id = v_account.id AND remaining > 0;
        RETURN NEXT rewards_enter(v_entry);
    END LOOP;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("rewards", "0007_ledger_following")]
    operations = [migrations.RunSQL(MOVING, "DROP FUNCTION rewards_forfeit; DROP FUNCTION rewards_transfer")]
