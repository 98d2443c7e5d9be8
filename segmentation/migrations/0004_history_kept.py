"""What was said before stays: first versions of the rules there are, a default among the RFM models, no changed history."""

from django.db import migrations

FORWARDS = """
INSERT INTO segmentation_segmentversion (segment_id, number, rule, saved_at, saved_by)
SELECT id, 1, rule, COALESCE(refreshed_at, now()), '' FROM segmentation_segment WHERE rule IS NOT NULL;

UPDATE segmentation_rfmmodel SET is_default = true
WHERE id = (SELECT id FROM segmentation_rfmmodel ORDER BY slug <> 'default', id LIMIT 1);

CREATE FUNCTION segmentation_refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'history is not rewritten: add a row' USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER segment_version_immutable BEFORE UPDATE ON segmentation_segmentversion
    FOR EACH ROW EXECUTE FUNCTION segmentation_refuse_rewriting();
CREATE TRIGGER tag_change_immutable BEFORE UPDATE ON segmentation_tagchange
    FOR EACH ROW EXECUTE FUNCTION segmentation_refuse_rewriting();
"""

BACKWARDS = """
DROP TRIGGER tag_change_immutable ON segmentation_tagchange;
DROP TRIGGER segment_version_immutable ON segmentation_segmentversion;
DROP FUNCTION segmentation_refuse_rewriting;
DELETE FROM segmentation_segmentversion;
"""


class Migration(migrations.Migration):
    dependencies = [("segmentation", "0003_segmentation_whole")]
    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
