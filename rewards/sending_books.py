"""What must hold of parcels and payments. Each query counts the rows where it does not."""

from django.utils.translation import gettext_noop

INVARIANTS = {
    gettext_noop("rewards: a red packet and its payment come together"): """
        SELECT count(*) FROM rewards_award award
        JOIN rewards_gift gift ON gift.id = award.gift_id AND gift.kind = 'red_packet'
        LEFT JOIN rewards_delivery delivery ON delivery.award_id = award.id
        WHERE delivery.id IS NULL AND award.state IN ('granted', 'claimed', 'delivered')
    """,
    gettext_noop("rewards: a red packet is delivered when it was paid, and only then"): """
        SELECT count(*) FROM rewards_delivery delivery JOIN rewards_award award ON award.id = delivery.award_id
        WHERE (delivery.state = 'delivered') <> (award.state = 'delivered')
          AND award.state IN ('granted', 'claimed', 'delivered')
    """,
    gettext_noop("rewards: nothing more is paid of an award that was taken back"): """
        SELECT count(*) FROM rewards_delivery delivery JOIN rewards_award award ON award.id = delivery.award_id
        WHERE delivery.state IN ('waiting', 'sending', 'failed', 'unknown') AND award.state IN ('reversed', 'expired')
    """,
    gettext_noop("rewards: a physical award is claimed with an address, and delivered with a tracking number"): """
        SELECT count(*) FROM rewards_award award
        JOIN rewards_gift gift ON gift.id = award.gift_id AND gift.kind = 'physical'
        LEFT JOIN rewards_shipment shipment ON shipment.award_id = award.id
        WHERE (award.state = 'claimed' AND coalesce(shipment.state, 'shipped') = 'shipped')
           OR (award.state = 'delivered' AND shipment.state IS DISTINCT FROM 'shipped')
           OR (award.state = 'granted' AND shipment.id IS NOT NULL)
    """,
    gettext_noop("rewards: a parcel was sent with a number, and no other has one"): """
        SELECT count(*) FROM rewards_shipment
        WHERE sealed IS NOT NULL AND (state = 'shipped') <> (tracking_number <> '')
    """,
    gettext_noop("rewards: a shipping file counts its parcels"): """
        SELECT count(*) FROM rewards_shippingbatch batch
        WHERE parcels < (SELECT count(*) FROM rewards_shipment WHERE batch_id = batch.id)
    """,
}
