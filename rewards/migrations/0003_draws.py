"""Published pools that never change, awards, and the draw: one statement from the chance to the prize."""

from django.db import migrations

PUBLISHED = """
CREATE TRIGGER pool_version_immutable BEFORE UPDATE OR DELETE ON rewards_poolversion
    FOR EACH ROW EXECUTE FUNCTION rewards_refuse_change();
CREATE TRIGGER pool_version_prize_immutable BEFORE UPDATE OR DELETE ON rewards_poolversionprize
    FOR EACH ROW EXECUTE FUNCTION rewards_refuse_change();
CREATE TRIGGER draw_append_only BEFORE UPDATE OR DELETE ON rewards_draw
    FOR EACH ROW EXECUTE FUNCTION rewards_refuse_change();

-- At commit, each roll has exactly one owner and one prize is the consolation.
CREATE FUNCTION rewards_version_is_whole() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM (
            SELECT floor - lag(ceiling, 1, 0) OVER (ORDER BY floor, ceiling) AS gap
            FROM rewards_poolversionprize WHERE version_id = NEW.version_id
        ) AS neighbours WHERE gap <> 0
    ) OR (
        SELECT max(ceiling) <> 1000000 OR count(*) FILTER (WHERE consolation) <> 1
        FROM rewards_poolversionprize WHERE version_id = NEW.version_id
    ) THEN
        RAISE EXCEPTION 'the prizes of version % do not own each roll once, with one consolation prize', NEW.version_id
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER pool_version_whole AFTER INSERT ON rewards_poolversionprize
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION rewards_version_is_whole();
"""

AWARDS = """
-- Give a free code of the gift to the award; false when there is none. Codes that others hold are skipped, and
-- looked for once more: whoever held them may have failed.
CREATE FUNCTION rewards_claim_code(p_gift bigint, p_award bigint) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    v_code bigint;
BEGIN
    FOR attempt IN 1..2 LOOP
        UPDATE rewards_couponcode SET award_id = p_award
            WHERE id = (
                SELECT id FROM rewards_couponcode WHERE gift_id = p_gift AND award_id IS NULL
                ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED
            )
            RETURNING id INTO v_code;
        -- Not FOUND: the loop itself sets it.
        EXIT WHEN v_code IS NOT NULL;
    END LOOP;
    RETURN v_code IS NOT NULL;
END $$;

-- Grant a gift. Return the award; the first one if the key was granted before; NULL when the codes have run out.
-- The award goes in first: a repeat in flight waits for it here, and never takes a second code.
CREATE FUNCTION rewards_grant(
    p_member bigint, p_gift bigint, p_key text, p_source text, p_now timestamptz
) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    v_gift record;
    v_award bigint;
BEGIN
    SELECT kind, amount, valid_days INTO STRICT v_gift FROM rewards_gift WHERE id = p_gift;
    INSERT INTO rewards_award (member_id, gift_id, key, source, state, granted_at, expires_at)
        VALUES (p_member, p_gift, p_key, p_source, 'granted', p_now, p_now + v_gift.valid_days * interval '24 hours')
        ON CONFLICT (key) DO NOTHING
        RETURNING id INTO v_award;
    IF v_award IS NULL THEN
        SELECT id INTO STRICT v_award FROM rewards_award WHERE key = p_key;
        RETURN v_award;
    END IF;
    IF v_gift.kind = 'coupon' AND NOT rewards_claim_code(p_gift, v_award) THEN
        DELETE FROM rewards_award WHERE id = v_award;
        RETURN NULL;
    END IF;
    IF v_gift.kind IN ('points', 'growth') THEN
        PERFORM rewards_post(p_member, v_gift.kind, v_gift.amount, 'award:' || v_award, p_source, p_now);
    END IF;
    RETURN v_award;
END $$;
"""

DRAW = """
-- Draw once: (1) find who owns the roll, (2) lock the accounts that may be credited, (3) use a chance, (4) take the
-- prize from its stock and codes, or the consolation prize with the reason why, (5) record the draw.
-- A repeated request returns the first draw; no row means that there is no chance left.
CREATE FUNCTION rewards_draw_prize(
    p_member bigint, p_scope text, p_version bigint, p_request text, p_roll integer, p_now timestamptz
) RETURNS TABLE (draw_id bigint, prize text, gift text, kind text, award_id bigint, chances_left integer, repeated boolean)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    v_rolled record;
    v_consolation record;
    v_given record;
    v_fallback text := '';
    v_left integer;
    v_draw bigint;
    v_award bigint;
    v_constraint text;
BEGIN
    SELECT p.key, p.gift_id, p.stock, v.pool_id, g.name, g.kind INTO STRICT v_rolled
        FROM rewards_poolversionprize p
        JOIN rewards_poolversion v ON v.id = p.version_id JOIN rewards_gift g ON g.id = p.gift_id
        WHERE p.version_id = p_version AND p.floor <= p_roll AND p_roll < p.ceiling;
    SELECT p.key, p.gift_id, p.stock, v_rolled.pool_id, g.name, g.kind INTO STRICT v_consolation
        FROM rewards_poolversionprize p JOIN rewards_gift g ON g.id = p.gift_id
        WHERE p.version_id = p_version AND p.consolation;
    IF v_rolled.kind IN ('points', 'growth') OR v_consolation.kind IN ('points', 'growth') THEN
        PERFORM rewards_lock_accounts(ARRAY[p_member], ARRAY[v_rolled.kind, v_consolation.kind]);
    END IF;

    UPDATE rewards_chances SET used = used + 1
        WHERE member_id = p_member AND scope = p_scope AND used < granted
        RETURNING granted - used INTO v_left;
    IF v_left IS NULL THEN
        RETURN QUERY SELECT * FROM rewards_drawn(p_member, p_scope, p_request);
        RETURN;
    END IF;

    v_given := v_rolled;
    v_draw := nextval('rewards_draw_id_seq');
    IF v_rolled.stock IS NOT NULL THEN
        UPDATE rewards_prizestock SET issued = issued + 1
            WHERE pool_id = v_rolled.pool_id AND key = v_rolled.key AND issued < stock;
        IF NOT FOUND THEN
            v_fallback := 'out_of_stock';
            v_given := v_consolation;
        END IF;
    END IF;
    v_award := rewards_grant(p_member, v_given.gift_id, 'draw:' || v_draw, p_scope, p_now);
    IF v_award IS NULL THEN
        v_fallback := 'no_code';
        v_given := v_consolation;
        IF v_rolled.stock IS NOT NULL THEN
            UPDATE rewards_prizestock SET issued = issued - 1 WHERE pool_id = v_rolled.pool_id AND key = v_rolled.key;
        END IF;
        v_award := rewards_grant(p_member, v_given.gift_id, 'draw:' || v_draw, p_scope, p_now);
    END IF;
    INSERT INTO rewards_draw (
        id, member_id, scope, version_id, request_key, roll, rolled, prize, fallback, award_id, drawn_at
    ) VALUES (
        v_draw, p_member, p_scope, p_version, p_request, p_roll, v_rolled.key, v_given.key, v_fallback, v_award, p_now
    );
    RETURN QUERY SELECT v_draw, v_given.key::text, v_given.name::text, v_given.kind::text, v_award, v_left, false;
EXCEPTION WHEN unique_violation THEN
    -- A repeated request, and the chance, stock, code and award taken for it are given back with this block.
    GET STACKED DIAGNOSTICS v_constraint = CONSTRAINT_NAME;
    IF v_constraint <> 'draw_once' THEN
        RAISE;
    END IF;
    RETURN QUERY SELECT * FROM rewards_drawn(p_member, p_scope, p_request);
END $$;

-- The draw recorded for a request, as its repetition is told.
CREATE FUNCTION rewards_drawn(p_member bigint, p_scope text, p_request text)
RETURNS TABLE (draw_id bigint, prize text, gift text, kind text, award_id bigint, chances_left integer, repeated boolean)
LANGUAGE sql STABLE AS $$
    SELECT d.id, d.prize, g.name, g.kind, d.award_id, c.granted - c.used, true
    FROM rewards_draw d
    JOIN rewards_award a ON a.id = d.award_id JOIN rewards_gift g ON g.id = a.gift_id
    JOIN rewards_chances c ON c.member_id = d.member_id AND c.scope = d.scope
    WHERE d.member_id = p_member AND d.scope = p_scope AND d.request_key = p_request
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("rewards", "0002_ledger")]
    operations = [
        migrations.RunSQL(
            PUBLISHED,
            """
            DROP TRIGGER pool_version_whole ON rewards_poolversionprize;
            DROP FUNCTION rewards_version_is_whole;
            DROP TRIGGER draw_append_only ON rewards_draw;
            DROP TRIGGER pool_version_prize_immutable ON rewards_poolversionprize;
            DROP TRIGGER pool_version_immutable ON rewards_poolversion;
            """,
        ),
        migrations.RunSQL(AWARDS, "DROP FUNCTION rewards_grant; DROP FUNCTION rewards_claim_code;"),
        migrations.RunSQL(DRAW, "DROP FUNCTION rewards_draw_prize; DROP FUNCTION rewards_drawn;"),
    ]
