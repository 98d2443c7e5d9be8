"""Deleted webhooks stay, off and unseen, until jobs have deleted their deliveries."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("operations", "0008_webhook_counts")]
    operations = [
        migrations.AddField(
            "webhookendpoint", "deleted_at", models.DateTimeField(blank=True, editable=False, null=True)
        ),
        migrations.AddConstraint(
            "webhookendpoint",
            models.CheckConstraint(
                condition=Q(("deleted_at", None), ("state", "off"), _connector="OR"),
                name="webhook_endpoint_deleted_is_off",
            ),
        ),
    ]
