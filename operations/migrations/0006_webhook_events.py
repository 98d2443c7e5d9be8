"""What happened is written for webhooks by the database itself, in the transaction of the fact.

Triggers of the apps call these two functions. Nothing else inserts events but the test of an endpoint, which is no fact
(`webhook_endpoints.test_event`). See `operations.webhook_events`.
"""

from django.db import migrations, models

TELLING = """
-- One thing that happened: whom it is about, what is told of it, and when it was.
CREATE TYPE operations_webhook_fact AS (member_id bigint, data jsonb, at timestamptz);

-- Whether anybody is told of a kind of event, and of this segment. Asked before anything is put together: without an
-- endpoint, this is all that webhooks cost.
CREATE FUNCTION operations_webhook_wanted(p_kind text, p_segment text DEFAULT NULL) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (
        SELECT FROM operations_webhookendpoint
        WHERE state = 'on' AND p_kind = ANY (events)
          AND (p_segment IS NULL OR segments = '{}' OR p_segment = ANY (segments))
    );
END $$;

-- Write what happened, in the order of the array, and a delivery of each to every endpoint that is told of it; return
-- how many were written. What nobody is told of is not.
-- The endpoints are held: one that is being deleted is waited for, and then passed over. Found by the keys at the end of
-- the transaction instead, it would undo the fact. Ids are given here, under whatever locks the fact is written.
CREATE FUNCTION operations_webhook_tell(p_kind text, p_facts operations_webhook_fact[]) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    v_told bigint;
BEGIN
    WITH takers AS MATERIALIZED (
        SELECT id, CASE WHEN p_kind LIKE 'segment.%' THEN segments ELSE '{}' END AS segments
        FROM operations_webhookendpoint WHERE state = 'on' AND p_kind = ANY (events) ORDER BY id FOR KEY SHARE
    ), told AS MATERIALIZED (
        SELECT nextval('operations_webhookevent_id_seq') AS id, member_id, data, at FROM (
            SELECT * FROM unnest(p_facts) WITH ORDINALITY AS fact (member_id, data, at, number)
            WHERE EXISTS (
                SELECT FROM takers WHERE takers.segments = '{}' OR fact.data ->> 'segment' = ANY (takers.segments)
            )
            ORDER BY number
        ) AS facts
    ), sent AS (
        INSERT INTO operations_webhookdelivery (endpoint_id, event_id, member_id, due_at, created_at)
        SELECT takers.id, told.id, told.member_id, told.at, told.at FROM told
        JOIN takers ON takers.segments = '{}' OR told.data ->> 'segment' = ANY (takers.segments)
        ORDER BY told.id, takers.id
    ), written AS (
        INSERT INTO operations_webhookevent (id, message_id, kind, member_id, data, occurred_at)
        SELECT id, 'msg_' || replace(gen_random_uuid()::text, '-', ''), p_kind, member_id, data, at FROM told
        RETURNING 1
    )
    SELECT count(*) INTO v_told FROM written;
    RETURN v_told;
END $$;

-- A time as webhooks tell it: ISO 8601 in UTC, whatever the session's time zone.
CREATE FUNCTION operations_webhook_time(p_at timestamptz) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT to_char(p_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
$$;
"""
SILENT = """
DROP FUNCTION operations_webhook_time;
DROP FUNCTION operations_webhook_tell;
DROP FUNCTION operations_webhook_wanted;
DROP TYPE operations_webhook_fact;
"""


class Migration(migrations.Migration):
    dependencies = [("operations", "0005_webhooks")]
    operations = [
        migrations.AlterField(
            "webhookevent", "message_id", models.CharField(max_length=40, verbose_name="webhook-id")
        ),
        migrations.AddConstraint(
            "webhookevent", models.UniqueConstraint(fields=["message_id"], name="webhook_event_message_once")
        ),
        migrations.RunSQL(TELLING, SILENT),
    ]
