"""Webhooks tell of members by their uids, and of each change of level."""

from django.db import migrations

TELLING = """
-- Tell of members. Whoever is being erased at this moment is not told of, and not waited for: the erasure may be waiting
-- for what this transaction holds. Who is told of is held, so that no erasure overlooks what is written here.
CREATE FUNCTION members_webhook_tell(p_kind text, p_facts operations_webhook_fact[]) RETURNS bigint
LANGUAGE plpgsql AS $$
BEGIN
    RETURN operations_webhook_tell(p_kind, (
        SELECT array_agg(
            ROW(member_id, jsonb_build_object('uid', uid) || data, at)::operations_webhook_fact ORDER BY number
        )
        FROM (
            SELECT fact.*, member.uid
            FROM unnest(p_facts) WITH ORDINALITY AS fact (member_id, data, at, number)
            JOIN members_member member ON member.id = fact.member_id
            WHERE member.erased_at IS NULL
            FOR KEY SHARE OF member SKIP LOCKED
        ) AS named
    ));
END $$;

CREATE FUNCTION members_tell_level_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF operations_webhook_wanted('member.level_changed') THEN
        PERFORM members_webhook_tell('member.level_changed', array_agg(ROW(
            change.member_id,
            jsonb_build_object(
                'before', before.slug, 'after', after.slug, 'cause', change.cause, 'reference', change.reference
            ),
            change.changed_at
        )::operations_webhook_fact ORDER BY change.id))
        FROM members_levelchange change
        LEFT JOIN members_level before ON before.id = change.before_id
        LEFT JOIN members_level after ON after.id = change.after_id
        -- By their ids: of a transition table the planner knows no size, and reads whole tables for one row.
        WHERE change.id = ANY (ARRAY(SELECT id FROM changed));
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER level_change_told AFTER INSERT ON members_levelchange
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION members_tell_level_changes();
"""
SILENT = """
DROP TRIGGER level_change_told ON members_levelchange;
DROP FUNCTION members_tell_level_changes;
DROP FUNCTION members_webhook_tell;
"""


class Migration(migrations.Migration):
    dependencies = [("members", "0016_inbox_messages"), ("operations", "0006_webhook_events")]
    operations = [migrations.RunSQL(TELLING, SILENT)]
