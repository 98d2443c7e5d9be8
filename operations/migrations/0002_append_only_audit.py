"""The audit trail cannot be rewritten: PostgreSQL refuses UPDATE and DELETE, whoever asks."""

from django.db import migrations

FORWARDS = """
CREATE FUNCTION operations_refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON operations_auditrecord
    FOR EACH ROW EXECUTE FUNCTION operations_refuse_rewriting();
"""

BACKWARDS = """
DROP TRIGGER audit_append_only ON operations_auditrecord;
DROP FUNCTION operations_refuse_rewriting();
"""


class Migration(migrations.Migration):
    dependencies = [("operations", "0001_initial")]

    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
