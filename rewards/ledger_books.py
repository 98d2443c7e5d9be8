"""What must hold in the books of the ledger. Each query counts the rows where it does not."""

from django.utils.translation import gettext_noop

INVARIANTS = {
    gettext_noop("ledger: accounts = sums of what their entries did"): """
        SELECT count(*) FROM rewards_account account
        LEFT JOIN (
            SELECT account_id, sum(to_balance) AS balance, sum(to_pending) AS pending, sum(to_debt) AS debt,
                   sum(to_earned) AS earned
            FROM rewards_entry GROUP BY account_id
        ) entries ON entries.account_id = account.id
        WHERE (account.balance, account.pending, account.debt, account.earned) IS DISTINCT FROM (
            coalesce(entries.balance, 0), coalesce(entries.pending, 0), coalesce(entries.debt, 0),
            coalesce(entries.earned, 0)
        )
    """,
    gettext_noop("ledger: no balance beside a debt"): """
        SELECT count(*) FROM rewards_account
        WHERE balance < 0 OR pending < 0 OR debt < 0 OR earned < 0 OR (debt > 0 AND balance > 0)
    """,
    gettext_noop("ledger: the last entry tells the balance"): """
        SELECT count(*) FROM rewards_account account
        JOIN LATERAL (
            SELECT balance_after FROM rewards_entry WHERE account_id = account.id ORDER BY id DESC LIMIT 1
        ) last ON last.balance_after <> account.balance
    """,
    gettext_noop("ledger: pending = sum of what is still pending of entries"): """
        SELECT count(*) FROM rewards_account account
        LEFT JOIN (
            SELECT account_id, sum(remaining) AS remaining FROM rewards_pendingentry GROUP BY account_id
        ) entries ON entries.account_id = account.id
        WHERE account.pending <> coalesce(entries.remaining, 0)
    """,
    gettext_noop("ledger: what is left of a lot = its amount less its uses"): """
        SELECT count(*) FROM rewards_lot lot
        LEFT JOIN (SELECT lot_id, sum(amount) AS amount FROM rewards_lotuse GROUP BY lot_id) uses
          ON uses.lot_id = lot.entry_id
        WHERE lot.remaining <> lot.amount - coalesce(uses.amount, 0)
    """,
    gettext_noop("ledger: lots are within the balance"): """
        SELECT count(*) FROM (
            SELECT account_id, sum(remaining) AS remaining FROM rewards_lot WHERE remaining > 0 GROUP BY account_id
        ) lots JOIN rewards_account account ON account.id = lots.account_id
        WHERE lots.remaining > account.balance
    """,
    gettext_noop("ledger: a lot is what its entry added to the balance"): """
        SELECT count(*) FROM rewards_lot lot JOIN rewards_entry entry ON entry.id = lot.entry_id
        WHERE lot.account_id <> entry.account_id OR lot.amount <> entry.to_balance
    """,
    gettext_noop("ledger: an entry takes from lots of its account no more than from the balance"): """
        SELECT count(*) FROM (
            SELECT use.entry_id, sum(use.amount) AS amount, min(use.amount) AS least, max(use.amount) AS most,
                   bool_or(lot.account_id <> entry.account_id) AS of_another, min(-entry.to_balance) AS taken
            FROM rewards_lotuse use JOIN rewards_lot lot ON lot.entry_id = use.lot_id
            JOIN rewards_entry entry ON entry.id = use.entry_id
            GROUP BY use.entry_id
        ) uses
        WHERE of_another OR NOT (
            (least > 0 AND amount <= taken) OR (most < 0 AND amount >= taken)
        )
    """,
    gettext_noop("ledger: what an entry did agrees with its amount and kind"): """
        SELECT count(*) FROM rewards_entry WHERE NOT coalesce(CASE kind
            WHEN 'pend' THEN amount > 0 AND (to_balance, to_pending, to_debt, to_earned) = (0, amount, 0, 0)
            WHEN 'mature' THEN amount > 0 AND to_pending = -amount AND to_earned = amount AND original_id IS NOT NULL
            WHEN 'receive' THEN amount > 0 AND to_pending = 0 AND to_earned = 0 AND original_id IS NOT NULL
            WHEN 'forfeit' THEN
                to_balance <= 0 AND to_pending <= 0 AND to_balance + to_pending = amount
                AND (to_debt, to_earned) = (0, 0)
            WHEN 'reverse' THEN original_id IS NOT NULL AND CASE
                WHEN amount > 0 THEN (to_pending, to_earned) = (0, 0)
                WHEN to_earned = 0 THEN (to_balance, to_debt) = (0, 0) AND to_pending BETWEEN amount AND 0
                ELSE to_earned = amount AND to_pending = 0 AND to_balance <= 0 AND to_debt >= 0
                     AND to_balance - to_debt >= amount
            END
            WHEN 'earn' THEN amount > 0 AND (to_pending, to_earned) = (0, amount)
            WHEN 'adjust' THEN (to_pending, to_earned) = (0, greatest(amount, 0))
            ELSE kind IN ('spend', 'expire', 'send') AND amount < 0 AND (to_pending, to_earned) = (0, 0)
        END AND CASE
            WHEN kind IN ('pend', 'forfeit') OR (kind = 'reverse' AND amount < 0) THEN true
            WHEN amount < 0 THEN (to_balance, to_debt) = (amount, 0)
            ELSE to_balance >= 0 AND to_debt <= 0 AND to_balance - to_debt = amount
        END, false)
    """,
    gettext_noop("ledger: an entry is never reversed beyond its amount"): """
        SELECT count(*) FROM (
            SELECT original_id, sum(amount) AS amount, count(DISTINCT account_id) AS accounts,
                   min(account_id) AS account
            FROM rewards_entry WHERE kind = 'reverse' GROUP BY original_id
        ) reversals JOIN rewards_entry original ON original.id = reversals.original_id
        WHERE sign(reversals.amount) <> -sign(original.amount) OR abs(reversals.amount) > abs(original.amount)
           OR accounts <> 1 OR account <> original.account_id
           OR original.kind NOT IN ('earn', 'pend', 'spend', 'adjust')
    """,
    gettext_noop("ledger: what a spend gave back to a lot is within what it took"): """
        SELECT count(*) FROM (
            SELECT coalesce(entry.original_id, entry.id) AS spent, use.lot_id, sum(use.amount) AS amount
            FROM rewards_lotuse use JOIN rewards_entry entry ON entry.id = use.entry_id
            WHERE entry.kind IN ('spend', 'adjust') OR (entry.kind = 'reverse' AND entry.amount > 0)
            GROUP BY 1, 2
        ) uses WHERE amount < 0
    """,
    gettext_noop("ledger: an entry that was pending matured once, with what was not reversed before"): """
        SELECT count(*) FROM rewards_entry pended
        JOIN rewards_pendingentry pending ON pending.entry_id = pended.id
        LEFT JOIN LATERAL (
            SELECT count(*) FILTER (WHERE kind = 'mature') AS times,
                   coalesce(sum(to_pending), 0) AS gone, bool_or(account_id <> pended.account_id) AS elsewhere
            FROM rewards_entry WHERE original_id = pended.id
        ) follow ON true
        WHERE pended.kind <> 'pend' OR times > 1 OR elsewhere OR pending.account_id <> pended.account_id
           OR (pending.remaining <> pended.amount + gone AND NOT (pending.remaining = 0 AND EXISTS (
                SELECT FROM rewards_entry forfeited WHERE forfeited.account_id = pended.account_id
                  AND forfeited.kind = 'forfeit' AND forfeited.id > pended.id)))
    """,
    gettext_noop("ledger: a transfer gives what it takes, in the same unit"): """
        SELECT count(*) FROM rewards_entry sent
        JOIN rewards_account giver ON giver.id = sent.account_id
        LEFT JOIN LATERAL (
            SELECT sum(entry.amount) AS amount, bool_and(taker.unit_id = giver.unit_id AND taker.id <> giver.id) AS same
            FROM rewards_entry entry JOIN rewards_account taker ON taker.id = entry.account_id
            WHERE entry.original_id = sent.id AND entry.kind = 'receive'
        ) received ON true
        WHERE sent.kind = 'send' AND (coalesce(received.amount, 0) <> -sent.amount OR NOT received.same)
    """,
}
