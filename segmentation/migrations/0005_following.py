"""What a segment's version was made from; a version of another rule is as of no state of the facts."""

import django.contrib.postgres.fields
from django.db import migrations, models

FORWARDS = """
CREATE FUNCTION segmentation_forget_as_of() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.rule IS DISTINCT FROM OLD.rule THEN
        NEW.as_of := '';
    END IF;
    IF NEW.next_run_at IS NOT DISTINCT FROM OLD.next_run_at THEN
        NEW.next_run_at := NULL;
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER segment_redefined BEFORE UPDATE OF rule, every_minutes, cron ON segmentation_segment
    FOR EACH ROW WHEN ((OLD.rule, OLD.every_minutes, OLD.cron) IS DISTINCT FROM (NEW.rule, NEW.every_minutes, NEW.cron))
    EXECUTE FUNCTION segmentation_forget_as_of();
"""

BACKWARDS = """
DROP TRIGGER segment_redefined ON segmentation_segment;
DROP FUNCTION segmentation_forget_as_of;
"""


class Migration(migrations.Migration):
    dependencies = [("segmentation", "0004_history_kept")]
    operations = [
        migrations.AddField(
            model_name="segment",
            name="families",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=20), blank=True, default=list, editable=False, size=None
            ),
        ),
        migrations.RunSQL(FORWARDS, BACKWARDS),
    ]
