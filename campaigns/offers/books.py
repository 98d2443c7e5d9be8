"""What must hold of offers: what is counted as taken is what reservations and coupons hold. Counted in violations."""

from django.utils.translation import gettext_noop

# What a reservation holds of the stock.
HELD = """
    CASE row.state WHEN 'lapsed' THEN 0 ELSE row.quantity - CASE WHEN row.restock THEN row.returned ELSE 0 END END
"""
INVARIANTS = {
    gettext_noop("offers: what is taken is held by reservations and coupons"): f"""
        WITH held AS (
            SELECT enrolment.campaign_id, row.offer_key, sum({HELD}) AS quantity
              FROM campaigns_reservation row JOIN campaigns_enrolment enrolment ON enrolment.id = row.enrolment_id
             GROUP BY 1, 2
            UNION ALL
            SELECT enrolment.campaign_id, row.offer_key, count(*) FILTER (WHERE row.withdrawn_at IS NULL)
              FROM campaigns_offercoupon row JOIN campaigns_enrolment enrolment ON enrolment.id = row.enrolment_id
             GROUP BY 1, 2
        )
        SELECT count(*) FROM (SELECT * FROM campaigns_offerstock WHERE enrolment_id IS NULL) stock
          FULL JOIN (SELECT campaign_id, offer_key, sum(quantity) AS quantity FROM held GROUP BY 1, 2) held
         USING (campaign_id, offer_key)
         WHERE coalesce(stock.taken, 0) <> coalesce(held.quantity, 0)
    """,  # noqa: S608
    gettext_noop("offers: what a member has taken is held by the member's reservations"): f"""
        SELECT count(*) FROM (SELECT * FROM campaigns_offerstock WHERE enrolment_id IS NOT NULL) stock
          FULL JOIN (SELECT row.enrolment_id, row.offer_key, sum({HELD}) AS quantity
                       FROM campaigns_reservation row GROUP BY 1, 2) held
         USING (enrolment_id, offer_key)
         WHERE coalesce(stock.taken, 0) <> coalesce(held.quantity, 0)
    """,  # noqa: S608
    gettext_noop("offers: the seats of an open group are those of its members"): """
        SELECT count(*) FROM campaigns_offergroup buying
          LEFT JOIN LATERAL (
            SELECT count(*) FILTER (WHERE state IN ('reserved', 'bought')) AS taken,
                   count(*) FILTER (WHERE state = 'bought') AS paid
              FROM campaigns_reservation row WHERE row.group_id = buying.id
          ) seats ON true
         WHERE buying.state = 'open' AND (buying.taken, buying.paid) IS DISTINCT FROM (seats.taken, seats.paid)
    """,
    gettext_noop("offers: what was bought was bought by an order of the member"): """
        SELECT count(*) FROM campaigns_reservation row
          JOIN campaigns_enrolment enrolment ON enrolment.id = row.enrolment_id
          JOIN members_order bought ON bought.id = row.order_id
         WHERE bought.member_id <> enrolment.member_id
    """,
}
