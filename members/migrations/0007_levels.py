"""For how long a paid level was bought; and who has no level yet stands on the one that needs nothing."""

from django.db import migrations, models

ENTRY = """
UPDATE members_member SET level_id = entry.id
FROM (SELECT id FROM members_level WHERE kind = 'growth' AND growth_needed = 0 ORDER BY rank DESC LIMIT 1) entry
WHERE level_id IS NULL;
"""


class Migration(migrations.Migration):
    dependencies = [("members", "0006_orders_refunded_in_whole")]
    operations = [
        migrations.AddField(
            model_name="paidperiod",
            name="months",
            field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="months"),
        ),
        migrations.RunSQL(ENTRY, migrations.RunSQL.noop),
    ]
