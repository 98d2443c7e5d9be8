"""Draws from before limits were recorded say what they fell to the consolation prize for, so that they replay."""

from django.db import migrations

TOLD = """
ALTER TABLE rewards_draw DISABLE TRIGGER draw_append_only;
UPDATE rewards_draw SET closed = jsonb_build_object(rolled, fallback)
    WHERE fallback IN ('out_of_stock', 'no_code') AND closed = '{}';
ALTER TABLE rewards_draw ENABLE TRIGGER draw_append_only;
"""


class Migration(migrations.Migration):
    dependencies = [("rewards", "0020_shipping")]
    operations = [migrations.RunSQL(TOLD, migrations.RunSQL.noop)]
