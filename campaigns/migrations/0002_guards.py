"""What the database itself refuses: changing a revision, and a step of a chain without the one before it."""

from django.db import migrations

REVISIONS_ARE_IMMUTABLE = """
CREATE FUNCTION campaigns_refuse_revision_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'revisions are immutable: % refused', TG_OP USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER campaigns_revision_immutable BEFORE UPDATE OR DELETE ON campaigns_revision
    FOR EACH ROW EXECUTE FUNCTION campaigns_refuse_revision_change();
"""
REVISIONS_ARE_MUTABLE = """
DROP TRIGGER campaigns_revision_immutable ON campaigns_revision;
DROP FUNCTION campaigns_refuse_revision_change();
"""
STEPS_FOLLOW = """
ALTER TABLE campaigns_chainprogress ADD CONSTRAINT chain_progress_previous
    FOREIGN KEY (enrolment_id, chain_key, previous_step)
    REFERENCES campaigns_chainprogress (enrolment_id, chain_key, step);
"""
STEPS_MAY_SKIP = "ALTER TABLE campaigns_chainprogress DROP CONSTRAINT chain_progress_previous;"


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0001_initial")]

    operations = [
        migrations.RunSQL(REVISIONS_ARE_IMMUTABLE, REVISIONS_ARE_MUTABLE),
        migrations.RunSQL(STEPS_FOLLOW, STEPS_MAY_SKIP),
    ]
