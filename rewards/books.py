"""What must hold in the books of rewards. Each query counts the rows where it does not."""

from django.utils.translation import gettext_noop

from operations import books
from rewards import ledger_books

INVARIANTS = ledger_books.INVARIANTS | {
    gettext_noop("rewards: levels follow all growth value that was earned"): """
        SELECT count(*) FROM (
            SELECT account.member_id, account.earned FROM rewards_account account
            JOIN rewards_unit unit ON unit.id = account.unit_id AND unit.slug = 'growth'
        ) grown FULL JOIN members_memberlevel standing ON standing.member_id = grown.member_id
        WHERE coalesce(grown.earned, 0) <> coalesce(standing.growth, 0)
    """,
    gettext_noop("rewards: issued = draws that gave the prize"): """
        SELECT count(*) FROM rewards_prizestock stock
        LEFT JOIN (
            SELECT version.pool_id, draw.prize, count(*) AS draws
            FROM rewards_draw draw
            JOIN rewards_poolversion version ON version.id = draw.version_id
            JOIN rewards_poolversionprize prize ON prize.version_id = draw.version_id AND prize.key = draw.prize
            WHERE prize.stock IS NOT NULL
            GROUP BY version.pool_id, draw.prize
        ) given ON given.pool_id = stock.pool_id AND given.prize = stock.key
        WHERE stock.issued <> coalesce(given.draws, 0)
    """,
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
        WHERE gift.kind = 'coupon' AND code.id IS NULL
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
    gettext_noop("rewards: each roll gave the prize that owns it, or the consolation prize for a reason"): """
        SELECT count(*) FROM rewards_draw draw
        LEFT JOIN rewards_poolversionprize owner ON owner.version_id = draw.version_id
          AND owner.floor <= draw.roll AND draw.roll < owner.ceiling
        LEFT JOIN rewards_poolversionprize given ON given.version_id = draw.version_id AND given.key = draw.prize
        WHERE owner.key IS DISTINCT FROM draw.rolled
           OR given.key IS NULL
           OR (draw.fallback = '' AND given.key <> owner.key)
           OR (draw.fallback <> '' AND NOT given.consolation)
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


def register_all() -> None:
    """Hand the invariants to those who check the books."""
    for name, sql in INVARIANTS.items():
        books.register(name, sql)
