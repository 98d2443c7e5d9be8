"""Orders that were refunded in whole so far are so in their quantity and their lines too."""

from django.db import migrations, models

REFUNDED_IN_WHOLE = """
UPDATE members_order SET refunded_quantity = quantity
    WHERE status = 'refunded' AND refunded_quantity <> quantity;
UPDATE members_orderitem item SET refunded_quantity = item.quantity, refunded_amount = item.amount
    FROM members_order o
    WHERE o.id = item.order_id AND o.status = 'refunded'
      AND (item.refunded_quantity, item.refunded_amount) <> (item.quantity, item.amount);
"""


class Migration(migrations.Migration):
    dependencies = [("members", "0005_profile_plain_dropped")]
    operations = [
        migrations.AddField(
            "order", "refunded_by_parts", models.BooleanField(db_default=False, default=False, editable=False)
        ),
        migrations.RunSQL(REFUNDED_IN_WHOLE, migrations.RunSQL.noop),
    ]
