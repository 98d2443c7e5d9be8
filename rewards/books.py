"""What must hold in the books of rewards. Each query counts the rows where it does not."""

from django.utils.translation import gettext_noop

from operations import books
from rewards import ledger_books, mall_books, sending_books, streaks

OWN = {
    gettext_noop("rewards: levels follow all growth value that was earned"): """
        SELECT count(*) FROM (
            SELECT account.member_id, account.earned FROM rewards_account account
            JOIN rewards_unit unit ON unit.id = account.unit_id AND unit.slug = 'growth'
        ) grown FULL JOIN members_memberlevel standing ON standing.member_id = grown.member_id
        WHERE coalesce(grown.earned, 0) <> coalesce(standing.growth, 0)
    """,
    gettext_noop("rewards: issued of a stock = awards that took from it"): """
        SELECT count(*) FROM (SELECT id, issued FROM rewards_prizestock) stock
        FULL JOIN (
            SELECT (taken ->> 'stock')::bigint AS id, count(*) AS awards FROM rewards_award
            WHERE taken ? 'stock' AND state <> 'reversed' GROUP BY 1
        ) given USING (id)
        WHERE coalesce(stock.issued, 0) <> coalesce(given.awards, 0)
    """,
    gettext_noop("rewards: a limited prize took from its stock"): """
        SELECT count(*) FROM rewards_draw draw
        JOIN rewards_poolversion version ON version.id = draw.version_id
        JOIN rewards_poolversionprize prize ON prize.version_id = draw.version_id AND prize.key = draw.prize
        JOIN rewards_award award ON award.id = draw.award_id
        LEFT JOIN rewards_prizestock stock ON stock.id = (award.taken ->> 'stock')::bigint
          AND stock.pool_id = version.pool_id AND stock.key = draw.prize
        WHERE (prize.stock IS NULL) <> (stock.id IS NULL)
    """,
    gettext_noop("rewards: used of a quota = awards that took from it"): """
        SELECT count(*) FROM (
            SELECT id, used FROM rewards_quota WHERE key NOT LIKE 'draws:%' AND key NOT LIKE 'bought:%'
        ) quota
        FULL JOIN (
            SELECT one::bigint AS id, count(*) AS awards
            FROM rewards_award, jsonb_array_elements(taken -> 'quotas') AS one
            WHERE state <> 'reversed' GROUP BY 1
        ) given USING (id)
        WHERE coalesce(quota.used, 0) <> coalesce(given.awards, 0)
    """,
    gettext_noop("rewards: what was spent of a budget = what awards took from it"): """
        SELECT count(*) FROM (SELECT id, drawn, promised FROM rewards_budgetuse) spent
        FULL JOIN (
            SELECT id, sum(cents) FILTER (WHERE kind = 'budgets') AS drawn,
                   sum(cents) FILTER (WHERE kind = 'promised') AS promised
            FROM (
                SELECT kind, (one ->> 0)::bigint AS id, (one ->> 1)::bigint AS cents
                FROM rewards_award, (VALUES ('budgets'), ('promised')) AS kinds (kind),
                    jsonb_array_elements(taken -> kind) AS one
                WHERE state <> 'reversed'
            ) each GROUP BY id
        ) taken USING (id)
        WHERE coalesce(spent.drawn, 0) <> coalesce(taken.drawn, 0)
           OR coalesce(spent.promised, 0) <> coalesce(taken.promised, 0)
    """,
    gettext_noop("rewards: a charge is the whole cost of its award, to a budget of everyone or of its member"): """
        SELECT count(*) FROM rewards_award award
        CROSS JOIN (VALUES ('budgets'), ('promised')) AS kinds (kind)
        CROSS JOIN LATERAL jsonb_array_elements(award.taken -> kind) AS charge
        LEFT JOIN rewards_budgetuse used ON used.id = (charge ->> 0)::bigint
        WHERE (charge ->> 1)::bigint <> award.cost OR used.id IS NULL OR used.member_id <> award.member_id
    """,
    gettext_noop("rewards: nothing is drawn beyond what its budget allowed"): """
        SELECT count(*) FROM rewards_budgetuse WHERE drawn > allowed
    """,
    gettext_noop("rewards: a draw bought was paid in points"): """
        SELECT count(*) FROM (SELECT id, price FROM rewards_draw WHERE price > 0) draw
        FULL JOIN (
            SELECT substr(key, 12)::bigint AS id, -amount AS price FROM rewards_entry WHERE key LIKE 'draw-price:%'
        ) paid USING (id)
        WHERE draw.price IS DISTINCT FROM paid.price
    """,
    gettext_noop("rewards: draws without a win follow from each other, up to the streak"): f"""
        SELECT count(*) FROM ({streaks.BROKEN}) broken
    """,  # noqa: S608
    gettext_noop("rewards: chances used = draws"): """
        SELECT count(*)
        FROM (SELECT member_id, scope, sum(used) AS used FROM rewards_chances GROUP BY member_id, scope) chances
        FULL JOIN (SELECT member_id, scope, count(*) AS draws FROM rewards_draw GROUP BY member_id, scope) drawn
          USING (member_id, scope)
        WHERE coalesce(chances.used, 0) <> coalesce(drawn.draws, 0)
    """,
    gettext_noop("rewards: chances granted = sum of grants"): """
        SELECT count(*) FROM rewards_chances chances
        LEFT JOIN (SELECT chances_id, sum(count) AS count FROM rewards_chancegrant GROUP BY chances_id) grants
          ON grants.chances_id = chances.id
        WHERE chances.granted <> coalesce(grants.count, 0)
    """,
    gettext_noop("rewards: a code belongs to an award of its gift"): """
        SELECT count(*) FROM rewards_couponcode code JOIN rewards_award award ON award.id = code.award_id
        WHERE award.gift_id <> code.gift_id
    """,
    gettext_noop("rewards: a coupon's award has a code"): """
        SELECT count(*) FROM rewards_award award JOIN rewards_gift gift ON gift.id = award.gift_id
        LEFT JOIN rewards_couponcode code ON code.award_id = award.id
        WHERE gift.kind = 'coupon' AND award.state <> 'reversed' AND code.id IS NULL
    """,
    gettext_noop("rewards: an award was used = it was checked off, within its time"): """
        SELECT count(*) FROM rewards_award award
        FULL JOIN rewards_checkoff used ON used.award_id = award.id
        WHERE (coalesce(award.state, '') = 'redeemed') <> (used.id IS NOT NULL)
           OR used.at < award.usable_from OR used.at >= award.expires_at
    """,
    gettext_noop("rewards: an award of points has its entry"): """
        SELECT count(*) FROM rewards_award award JOIN rewards_gift gift ON gift.id = award.gift_id
        LEFT JOIN rewards_entry entry ON entry.key = 'award:' || award.id
        WHERE gift.kind IN ('points', 'growth') AND entry.id IS NULL
    """,
    gettext_noop(
        "rewards: each roll gave the prize that owns it, or with a reason the guaranteed or consolation one"
    ): """
        SELECT count(*) FROM rewards_draw draw
        LEFT JOIN rewards_poolversionprize owner ON owner.version_id = draw.version_id
          AND owner.floor <= draw.roll AND draw.roll < owner.ceiling
        LEFT JOIN rewards_poolversionprize given ON given.version_id = draw.version_id AND given.key = draw.prize
        JOIN rewards_poolversion version ON version.id = draw.version_id
        WHERE owner.key IS DISTINCT FROM draw.rolled
           OR given.key IS NULL
           OR (draw.fallback = '' AND given.key <> owner.key)
           OR (draw.fallback <> '' AND NOT given.consolation AND NOT (
               given.key = version.guarantee_prize AND draw.misses + 1 >= version.guarantee_after
           ))
           OR (draw.fallback NOT IN ('', 'guaranteed') AND draw.closed ->> draw.rolled IS DISTINCT FROM draw.fallback)
           OR draw.closed ? draw.prize
    """,
    gettext_noop("rewards: a draw's award is the member's, of the prize's gift"): """
        SELECT count(*) FROM rewards_draw draw
        JOIN rewards_award award ON award.id = draw.award_id
        JOIN rewards_poolversionprize prize ON prize.version_id = draw.version_id AND prize.key = draw.prize
        WHERE award.member_id <> draw.member_id OR award.gift_id <> prize.gift_id
    """,
    gettext_noop("rewards: what an earning keeps is the sum of its entries"): """
        SELECT count(*)
        FROM (
            SELECT 'earn:' || rule.slug || ':' || earning.reference || ':' AS key,
                   earning.granted - earning.reversed AS kept
            FROM rewards_earning earning JOIN rewards_earningrule rule ON rule.id = earning.rule_id
        ) earnings
        FULL JOIN (
            SELECT left(key, length(key) - strpos(reverse(key), ':') + 1) AS key, sum(amount) AS amount
            FROM rewards_entry WHERE key LIKE 'earn:%'
            GROUP BY 1
        ) entries USING (key)
        WHERE coalesce(earnings.kept, 0) <> coalesce(entries.amount, 0)
    """,
    # Once nothing waits to be settled any more.
    gettext_noop("rewards: nothing is kept of an order that was refunded in whole"): """
        SELECT count(*) FROM rewards_earning earning
        JOIN members_order refunded ON 'order:' || refunded.order_id = earning.reference
        JOIN members_member member ON member.id = earning.member_id
        WHERE earning.granted > earning.reversed AND member.erased_at IS NULL
          AND (refunded.status = 'refunded' OR refunded.refunded_amount = refunded.amount)
          AND NOT EXISTS (
            SELECT FROM operations_job
            WHERE function LIKE 'rewards.jobs.settle%' AND state IN ('queued', 'running')
          )
    """,
    gettext_noop("rewards: an adjustment's entry is of its member, unit and amount"): """
        SELECT count(*) FROM rewards_adjustment adjustment
        JOIN rewards_entry entry ON entry.id = adjustment.entry_id
        JOIN rewards_account account ON account.id = entry.account_id
        WHERE account.member_id <> adjustment.member_id OR account.unit_id <> adjustment.unit_id
           OR entry.amount <> adjustment.amount
    """,
}
INVARIANTS = ledger_books.INVARIANTS | mall_books.INVARIANTS | sending_books.INVARIANTS | OWN


def register_all() -> None:
    """Hand the invariants to those who check the books."""
    for name, sql in INVARIANTS.items():
        books.register(name, sql)
