"""What the database itself refuses: a changed member set, a second tag of an exclusive group, a tag that moves house."""

from django.db import migrations

FORWARDS = """
CREATE FUNCTION segmentation_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a member set is immutable: store a new one' USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER member_set_immutable BEFORE UPDATE ON segmentation_memberset
    FOR EACH ROW EXECUTE FUNCTION segmentation_refuse_change();
CREATE TRIGGER member_set_chunk_immutable BEFORE UPDATE ON segmentation_membersetchunk
    FOR EACH ROW EXECUTE FUNCTION segmentation_refuse_change();

CREATE FUNCTION segmentation_fill_exclusive_group() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT CASE WHEN g.exclusive THEN g.id END INTO NEW.exclusive_group_id
    FROM segmentation_tag t JOIN segmentation_taggroup g ON g.id = t.group_id WHERE t.id = NEW.tag_id;
    RETURN NEW;
END $$;

CREATE TRIGGER member_tag_exclusive_group BEFORE INSERT OR UPDATE ON segmentation_membertag
    FOR EACH ROW EXECUTE FUNCTION segmentation_fill_exclusive_group();

CREATE FUNCTION segmentation_follow_exclusive() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE segmentation_membertag SET exclusive_group_id = NULL
    WHERE tag_id IN (SELECT id FROM segmentation_tag WHERE group_id = NEW.id);
    RETURN NULL;
END $$;

CREATE TRIGGER tag_group_exclusive_changed AFTER UPDATE OF exclusive ON segmentation_taggroup
    FOR EACH ROW WHEN (OLD.exclusive IS DISTINCT FROM NEW.exclusive)
    EXECUTE FUNCTION segmentation_follow_exclusive();

CREATE FUNCTION segmentation_refuse_move() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a tag stays in its group' USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER tag_stays_in_group BEFORE UPDATE OF group_id ON segmentation_tag
    FOR EACH ROW WHEN (OLD.group_id IS DISTINCT FROM NEW.group_id)
    EXECUTE FUNCTION segmentation_refuse_move();
"""

BACKWARDS = """
DROP TRIGGER tag_stays_in_group ON segmentation_tag;
DROP TRIGGER tag_group_exclusive_changed ON segmentation_taggroup;
DROP TRIGGER member_tag_exclusive_group ON segmentation_membertag;
DROP TRIGGER member_set_chunk_immutable ON segmentation_membersetchunk;
DROP TRIGGER member_set_immutable ON segmentation_memberset;
DROP FUNCTION segmentation_refuse_move, segmentation_follow_exclusive, segmentation_fill_exclusive_group,
    segmentation_refuse_change;
"""


class Migration(migrations.Migration):
    dependencies = [("segmentation", "0001_initial")]
    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
