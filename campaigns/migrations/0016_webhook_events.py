"""Webhooks tell who entered a campaign, which task was completed, and that its reward was given."""

from django.db import migrations

ENTERING = """
CREATE FUNCTION campaigns_tell_entered() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF operations_webhook_wanted('campaign.entered') THEN
        PERFORM members_webhook_tell('campaign.entered', array_agg(ROW(
            enrolment.member_id, jsonb_build_object('campaign', campaign.slug), enrolment.joined_at
        )::operations_webhook_fact ORDER BY enrolment.id))
        FROM campaigns_enrolment enrolment JOIN campaigns_campaign campaign ON campaign.id = enrolment.campaign_id
        -- By their ids: of a transition table the planner knows no size, and reads whole tables for one row.
        WHERE enrolment.id = ANY (ARRAY(SELECT id FROM entered));
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER enrolment_told AFTER INSERT ON campaigns_enrolment
    REFERENCING NEW TABLE AS entered FOR EACH STATEMENT EXECUTE FUNCTION campaigns_tell_entered();
"""

TASKS = """
CREATE FUNCTION campaigns_tell_of_tasks(p_kind text, p_completions bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM members_webhook_tell(p_kind, array_agg(ROW(
        enrolment.member_id,
        jsonb_build_object('campaign', campaign.slug, 'task', done.task_key, 'period', done.period)
            || CASE WHEN p_kind = 'task.completed' THEN jsonb_build_object('held', done.held_at IS NOT NULL)
                    ELSE '{}' END,
        CASE WHEN p_kind = 'task.completed' THEN done.completed_at ELSE done.rewarded_at END
    )::operations_webhook_fact ORDER BY done.id))
    FROM campaigns_completion done
    JOIN campaigns_enrolment enrolment ON enrolment.id = done.enrolment_id
    JOIN campaigns_campaign campaign ON campaign.id = enrolment.campaign_id
    WHERE done.id = ANY (p_completions);
END $$;

-- Most rewards are given with the completion itself.
CREATE FUNCTION campaigns_tell_completed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF operations_webhook_wanted('task.completed') THEN
        PERFORM campaigns_tell_of_tasks('task.completed', ARRAY(SELECT id FROM completed));
    END IF;
    IF operations_webhook_wanted('task.rewarded') THEN
        PERFORM campaigns_tell_of_tasks(
            'task.rewarded', ARRAY(SELECT id FROM completed WHERE rewarded_at IS NOT NULL)
        );
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER completion_told AFTER INSERT ON campaigns_completion
    REFERENCING NEW TABLE AS completed FOR EACH STATEMENT EXECUTE FUNCTION campaigns_tell_completed();

CREATE FUNCTION campaigns_tell_rewarded() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF operations_webhook_wanted('task.rewarded') THEN
        PERFORM campaigns_tell_of_tasks('task.rewarded', ARRAY[NEW.id]);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER completion_rewarded_told AFTER UPDATE OF rewarded_at ON campaigns_completion
    FOR EACH ROW WHEN (OLD.rewarded_at IS NULL AND NEW.rewarded_at IS NOT NULL)
    EXECUTE FUNCTION campaigns_tell_rewarded();
"""
SILENT = """
DROP TRIGGER completion_rewarded_told ON campaigns_completion;
DROP TRIGGER completion_told ON campaigns_completion;
DROP TRIGGER enrolment_told ON campaigns_enrolment;
DROP FUNCTION campaigns_tell_rewarded;
DROP FUNCTION campaigns_tell_completed;
DROP FUNCTION campaigns_tell_of_tasks;
DROP FUNCTION campaigns_tell_entered;
"""


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0015_claims_to_tell"), ("members", "0017_webhook_events")]
    operations = [migrations.RunSQL(ENTERING + TASKS, SILENT)]
