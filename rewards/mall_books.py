"""What must hold in the books of the mall. Each query counts the rows where it does not."""

from django.utils.translation import gettext_noop

INVARIANTS = {
    gettext_noop("mall: an order was paid by its member, its price in points"): """
        SELECT count(*) FROM (SELECT * FROM rewards_mallorder) placed
        FULL JOIN (
            SELECT entry.id, entry.amount, entry.key, account.member_id, unit.slug AS unit FROM rewards_entry entry
            JOIN rewards_account account ON account.id = entry.account_id
            JOIN rewards_unit unit ON unit.id = account.unit_id
            WHERE entry.key LIKE 'mall:%' AND entry.amount < 0
        ) paid ON paid.id = placed.entry_id
        WHERE placed.id IS NULL OR paid.id IS NULL OR paid.amount <> -placed.price OR paid.unit <> 'points'
           OR paid.member_id <> placed.member_id OR paid.key <> 'mall:' || placed.id
    """,
    gettext_noop("mall: an order has its award, of its member and its item's gift"): """
        SELECT count(*) FROM rewards_mallorder placed
        JOIN rewards_mallitem item ON item.id = placed.item_id
        FULL JOIN (SELECT * FROM rewards_award WHERE scope = 'mall') award ON award.id = placed.award_id
        WHERE placed.id IS NULL OR award.id IS NULL OR award.member_id <> placed.member_id
           OR award.gift_id <> item.gift_id
    """,
    gettext_noop("mall: of a cancelled order award and points went back, of one that stands neither"): """
        SELECT count(*) FROM rewards_mallorder placed
        JOIN rewards_award award ON award.id = placed.award_id
        LEFT JOIN (
            SELECT original_id, sum(amount) AS amount FROM rewards_entry WHERE kind = 'reverse' GROUP BY original_id
        ) back ON back.original_id = placed.entry_id
        WHERE (placed.state = 'cancelled') <> (award.state = 'reversed')
           OR coalesce(back.amount, 0) <> CASE placed.state WHEN 'cancelled' THEN placed.price ELSE 0 END
    """,
    gettext_noop("mall: places taken of an item = orders that stand"): """
        SELECT count(*) FROM (
            SELECT split_part(key, ':', 2) AS slug, coalesce(sum(used) FILTER (WHERE member_id IS NULL), 0) AS places,
                   coalesce(sum(used) FILTER (WHERE member_id IS NOT NULL), 0) AS own
            FROM rewards_quota WHERE key LIKE 'item:%' GROUP BY 1
        ) quota FULL JOIN (
            SELECT item.slug, count(*) FILTER (WHERE placed.state = 'placed') AS orders FROM rewards_mallorder placed
            JOIN rewards_mallitem item ON item.id = placed.item_id GROUP BY item.slug
        ) stand ON stand.slug = quota.slug
        WHERE coalesce(quota.places, 0) <> coalesce(stand.orders, 0)
           OR coalesce(quota.own, 0) <> coalesce(stand.orders, 0)
    """,
}
