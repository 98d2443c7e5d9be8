"""Webhooks tell of entries, draws, and what becomes of awards."""

from django.db import migrations

# Rows are looked up by their ids: of a transition table the planner knows no size, and reads whole tables for one row.
POINTS = """
CREATE FUNCTION rewards_tell_entries() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF operations_webhook_wanted('points.changed') THEN
        PERFORM members_webhook_tell('points.changed', array_agg(ROW(
            account.member_id,
            jsonb_build_object(
                'entry', entry.id, 'unit', unit.slug, 'kind', entry.kind, 'amount', entry.amount,
                'balance', entry.balance_after, 'reason', entry.reason, 'reference', entry.reference
            ),
            entry.posted_at
        )::operations_webhook_fact ORDER BY entry.id))
        FROM rewards_entry entry
        JOIN rewards_account account ON account.id = entry.account_id
        JOIN rewards_unit unit ON unit.id = account.unit_id
        WHERE entry.id = ANY (ARRAY(SELECT id FROM posted));
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER entry_told AFTER INSERT ON rewards_entry
    REFERENCING NEW TABLE AS posted FOR EACH STATEMENT EXECUTE FUNCTION rewards_tell_entries();
"""

DRAWS = """
-- The key of the campaign that a scope is of, NULL for any other scope.
CREATE FUNCTION rewards_campaign_of(p_scope text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN p_scope LIKE 'campaign:%' THEN substr(p_scope, 10) END
$$;

CREATE FUNCTION rewards_tell_draws() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF operations_webhook_wanted('draw.made') THEN
        PERFORM members_webhook_tell('draw.made', array_agg(ROW(
            draw.member_id,
            jsonb_build_object(
                'draw', draw.id, 'campaign', rewards_campaign_of(draw.scope), 'pool', pool.slug,
                'pool_version', version.number, 'prize', draw.prize, 'gift', gift.slug, 'kind', prize.kind,
                'award', draw.award_id, 'price', draw.price, 'chances_left', draw.chances_left
            ),
            draw.drawn_at
        )::operations_webhook_fact ORDER BY draw.id))
        FROM rewards_draw draw
        JOIN rewards_poolversion version ON version.id = draw.version_id
        JOIN rewards_prizepool pool ON pool.id = version.pool_id
        JOIN rewards_poolversionprize prize ON prize.version_id = version.id AND prize.key = draw.prize
        JOIN rewards_gift gift ON gift.id = prize.gift_id
        WHERE draw.id = ANY (ARRAY(SELECT id FROM made));
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER draw_told AFTER INSERT ON rewards_draw
    REFERENCING NEW TABLE AS made FOR EACH STATEMENT EXECUTE FUNCTION rewards_tell_draws();
"""

AWARDS = """
-- No code and no address: these are for the member alone.
CREATE FUNCTION rewards_tell_of_awards(p_kind text, p_awards bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM members_webhook_tell(p_kind, array_agg(ROW(
        award.member_id,
        jsonb_build_object(
            'award', award.id, 'gift', gift.slug, 'gift_name', gift.name, 'kind', gift.kind, 'amount', gift.amount,
            'campaign', rewards_campaign_of(award.scope), 'source', award.source, 'state', award.state,
            'expires_at', operations_webhook_time(award.expires_at)
        ) || CASE WHEN p_kind = 'award.redeemed' THEN jsonb_build_object('outlet', outlet.slug) ELSE '{}' END,
        CASE WHEN p_kind = 'award.granted' THEN award.granted_at ELSE coalesce(award.changed_at, award.granted_at) END
    )::operations_webhook_fact ORDER BY award.id))
    FROM rewards_award award
    JOIN rewards_gift gift ON gift.id = award.gift_id
    LEFT JOIN rewards_checkoff used ON used.award_id = award.id AND p_kind = 'award.redeemed'
    LEFT JOIN rewards_outlet outlet ON outlet.id = used.outlet_id
    WHERE award.id = ANY (p_awards);
END $$;

CREATE FUNCTION rewards_tell_granted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF operations_webhook_wanted('award.granted') THEN
        PERFORM rewards_tell_of_awards('award.granted', ARRAY(SELECT id FROM granted));
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER award_granted_told AFTER INSERT ON rewards_award
    REFERENCING NEW TABLE AS granted FOR EACH STATEMENT EXECUTE FUNCTION rewards_tell_granted();

-- Row by row, since only this way a trigger can be left alone by whatever does not touch the state: a draw notes what
-- it took for its award by an update.
CREATE FUNCTION rewards_tell_award_moved() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    v_kind text := 'award.' || CASE NEW.state WHEN 'claimed' THEN 'returned' ELSE NEW.state END;
BEGIN
    IF operations_webhook_wanted(v_kind) THEN
        PERFORM rewards_tell_of_awards(v_kind, ARRAY[NEW.id]);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER award_moved_told AFTER UPDATE OF state ON rewards_award
    FOR EACH ROW WHEN (OLD.state <> NEW.state AND (NEW.state <> 'claimed' OR OLD.state = 'delivered'))
    EXECUTE FUNCTION rewards_tell_award_moved();
"""
SILENT = """
DROP TRIGGER award_moved_told ON rewards_award;
DROP TRIGGER award_granted_told ON rewards_award;
DROP TRIGGER draw_told ON rewards_draw;
DROP TRIGGER entry_told ON rewards_entry;
DROP FUNCTION rewards_tell_award_moved;
DROP FUNCTION rewards_tell_granted;
DROP FUNCTION rewards_tell_of_awards;
DROP FUNCTION rewards_tell_draws;
DROP FUNCTION rewards_campaign_of;
DROP FUNCTION rewards_tell_entries;
"""


class Migration(migrations.Migration):
    dependencies = [("rewards", "0025_pictures"), ("members", "0017_webhook_events")]
    operations = [migrations.RunSQL(POINTS + DRAWS + AWARDS, SILENT)]
