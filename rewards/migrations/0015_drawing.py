"""Scarce things and the draw: what is taken, given back, granted, drawn and reversed, each in one place.

Whatever cannot be given raises QM001 with the reason as its message: the block around it gives back all that was
taken. A draw that is refused as a whole raises QM002 inside, and says so in its answer.
"""

from importlib import import_module

from django.db import migrations

BEFORE = import_module("rewards.migrations.0003_draws")

BACKFILL = """
ALTER TABLE rewards_poolversionprize DISABLE TRIGGER pool_version_prize_immutable;
UPDATE rewards_poolversionprize prize
    SET name = gift.name, kind = gift.kind, face_value = gift.face_value * 100, cost = gift.cost * 100
    FROM rewards_gift gift WHERE gift.id = prize.gift_id;
ALTER TABLE rewards_poolversionprize ENABLE TRIGGER pool_version_prize_immutable;

UPDATE rewards_award award SET
    cost = gift.cost * 100,
    state = CASE WHEN award.state = 'granted' AND gift.kind IN ('points', 'growth', 'thanks') THEN 'delivered'
                 ELSE award.state END
    FROM rewards_gift gift WHERE gift.id = award.gift_id;
UPDATE rewards_award award SET scope = draw.scope FROM rewards_draw draw WHERE draw.award_id = award.id;
UPDATE rewards_award award SET taken = jsonb_build_object('stock', stock.id)
    FROM rewards_draw draw
    JOIN rewards_poolversion version ON version.id = draw.version_id
    JOIN rewards_poolversionprize prize ON prize.version_id = draw.version_id AND prize.key = draw.prize
    JOIN rewards_prizestock stock ON stock.pool_id = version.pool_id AND stock.key = draw.prize
    WHERE draw.award_id = award.id AND prize.stock IS NOT NULL;
"""

MOVES = """
CREATE FUNCTION rewards_award_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.state, NEW.state) NOT IN (
        ('granted', 'claimed'), ('granted', 'delivered'), ('granted', 'redeemed'), ('granted', 'expired'),
        ('granted', 'reversed'), ('claimed', 'delivered'), ('claimed', 'reversed'), ('delivered', 'reversed'),
        ('expired', 'reversed')
    ) THEN
        RAISE EXCEPTION 'award % cannot go from % to %', OLD.id, OLD.state, NEW.state USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER award_moves BEFORE UPDATE OF state ON rewards_award
    FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION rewards_award_moves();
"""

TAKING = """
-- Take one of what is allowed, for a member or for everyone (NULL). Return the quota, NULL where nothing is left.
-- By its unique index: a member compared by IS NOT DISTINCT FROM would be looked for in the whole table.
CREATE FUNCTION rewards_take(p_member bigint, p_key text, p_allowed bigint) RETURNS bigint LANGUAGE sql AS $$
    INSERT INTO rewards_quota AS quota (member_id, key, allowed, used)
        SELECT p_member, p_key, p_allowed, 1 WHERE p_allowed > 0
        ON CONFLICT (member_id, key) DO UPDATE SET used = quota.used + 1, allowed = p_allowed
            WHERE quota.used < p_allowed
        RETURNING id
$$;

-- Charge the budgets of some scopes, in the order of their ids. What is promised is charged whether there is room or
-- not. Return [[use, cents], …]; raise QM001 'budget' where one has no room.
CREATE FUNCTION rewards_charge(p_scopes text[], p_member bigint, p_day date, p_cents bigint, p_promised boolean)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_budget record;
    v_use bigint;
    v_charged jsonb := '[]';
BEGIN
    IF p_cents = 0 THEN
        RETURN v_charged;
    END IF;
    FOR v_budget IN
        SELECT id, cents,
            CASE WHEN per IN ('day', 'member_day') THEN p_day END AS day,
            CASE WHEN per IN ('member', 'member_day') THEN p_member END AS member
        FROM rewards_budget WHERE scope = ANY (p_scopes) ORDER BY id
    LOOP
        INSERT INTO rewards_budgetuse (budget_id, day, member_id, allowed, drawn, promised)
            VALUES (v_budget.id, v_budget.day, v_budget.member, v_budget.cents, 0, 0)
            ON CONFLICT (budget_id, day, member_id) DO NOTHING;
        v_use := NULL;
        UPDATE rewards_budgetuse SET
            allowed = CASE WHEN p_promised THEN allowed ELSE v_budget.cents END,
            drawn = drawn + CASE WHEN p_promised THEN 0 ELSE p_cents END,
            promised = promised + CASE WHEN p_promised THEN p_cents ELSE 0 END
            WHERE budget_id = v_budget.id AND day IS NOT DISTINCT FROM v_budget.day
              AND member_id IS NOT DISTINCT FROM v_budget.member
              AND (p_promised OR drawn + promised + p_cents <= v_budget.cents)
            RETURNING id INTO v_use;
        IF v_use IS NULL THEN
            RAISE EXCEPTION USING ERRCODE = 'QM001', MESSAGE = 'budget';
        END IF;
        v_charged := v_charged || jsonb_build_array(jsonb_build_array(v_use, p_cents));
    END LOOP;
    RETURN v_charged;
END $$;

-- How many cents a draw may cost, NULL for any: the least that a budget of these scopes has left.
CREATE FUNCTION rewards_room(p_scopes text[], p_member bigint, p_day date) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT min(budget.cents - coalesce(spent.drawn + spent.promised, 0))
    FROM rewards_budget budget LEFT JOIN rewards_budgetuse spent ON spent.budget_id = budget.id
     AND spent.day IS NOT DISTINCT FROM CASE WHEN budget.per IN ('day', 'member_day') THEN p_day END
     AND spent.member_id IS NOT DISTINCT FROM CASE WHEN budget.per IN ('member', 'member_day') THEN p_member END
    WHERE budget.scope = ANY (p_scopes)
$$;

-- Give back what an award took (`Award.taken`), in the order in which draws take it: the quotas of the gift after the
-- stock of the prize.
CREATE FUNCTION rewards_put_back(p_taken jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_one jsonb;
    v_quota bigint;
    v_of_gift bigint[] := '{}';
BEGIN
    FOR v_one IN SELECT jsonb_array_elements(p_taken -> 'budgets') LOOP
        UPDATE rewards_budgetuse SET drawn = drawn - (v_one ->> 1)::bigint WHERE id = (v_one ->> 0)::bigint;
    END LOOP;
    FOR v_one IN SELECT jsonb_array_elements(p_taken -> 'promised') LOOP
        UPDATE rewards_budgetuse SET promised = promised - (v_one ->> 1)::bigint WHERE id = (v_one ->> 0)::bigint;
    END LOOP;
    FOR v_one IN SELECT jsonb_array_elements(p_taken -> 'quotas') LOOP
        UPDATE rewards_quota SET used = used - 1 WHERE id = v_one::bigint AND key NOT LIKE 'gift:%'
            RETURNING id INTO v_quota;
        IF v_quota IS NULL THEN
            v_of_gift := v_of_gift || v_one::bigint;
        END IF;
    END LOOP;
    UPDATE rewards_prizestock SET issued = issued - 1 WHERE id = (p_taken ->> 'stock')::bigint;
    FOREACH v_quota IN ARRAY v_of_gift LOOP
        UPDATE rewards_quota SET used = used - 1 WHERE id = v_quota;
    END LOOP;
END $$;
"""

GRANTING = """
-- Give a free code of the gift to the award; false when there is none. Codes that others hold are passed over at first;
-- then they are waited for: whoever holds them may fail. A look at a code that was given meanwhile leaves a lock on it,
-- which goes with the block: who waits holds none but of those before, in the order of their ids.
CREATE OR REPLACE FUNCTION rewards_claim_code(p_gift bigint, p_award bigint) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    v_code bigint;
BEGIN
    BEGIN
        UPDATE rewards_couponcode SET award_id = p_award
            WHERE id = (
                SELECT id FROM rewards_couponcode WHERE gift_id = p_gift AND award_id IS NULL
                ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED
            )
            RETURNING id INTO v_code;
        IF v_code IS NULL THEN
            RAISE EXCEPTION USING ERRCODE = 'QM003';
        END IF;
        RETURN true;
    EXCEPTION WHEN SQLSTATE 'QM003' THEN
        NULL;
    END;
    UPDATE rewards_couponcode SET award_id = p_award
        WHERE id = (
            SELECT id FROM rewards_couponcode WHERE gift_id = p_gift AND award_id IS NULL
            ORDER BY id LIMIT 1 FOR UPDATE
        )
        RETURNING id INTO v_code;
    RETURN v_code IS NOT NULL;
END $$;

-- A gift that gets a stock or a limit for a member counts what was given of it before. What is under way holds the
-- gift's key (`rewards_grant`) and is waited for; what begins later waits here, and meets the stock. The lock comes before
-- the update: afterwards a grant could hold the row as it was, and go on by that.
CREATE FUNCTION rewards_gift_waits() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM rewards_gift WHERE id = OLD.id FOR UPDATE;
    RETURN NEW;
END $$;
CREATE TRIGGER gift_waits BEFORE UPDATE OF stock, per_member ON rewards_gift
    FOR EACH ROW WHEN (
        OLD.stock IS NULL AND NEW.stock IS NOT NULL OR OLD.per_member IS NULL AND NEW.per_member IS NOT NULL
    ) EXECUTE FUNCTION rewards_gift_waits();

-- Awards are locked before quotas, as a reversal does.
CREATE FUNCTION rewards_gift_counts() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    v_key text := 'gift:' || NEW.slug;
BEGIN
    INSERT INTO rewards_quota (member_id, key, allowed, used)
        SELECT NULL, v_key, NEW.stock, 0 WHERE NEW.stock IS NOT NULL
        UNION ALL
        SELECT DISTINCT member_id, v_key, NEW.per_member, 0 FROM rewards_award
            WHERE gift_id = NEW.id AND state <> 'reversed' AND NEW.per_member IS NOT NULL
        ON CONFLICT (member_id, key) DO NOTHING;
    WITH uncounted AS (
        SELECT award.id, jsonb_agg(quota.id) AS quotas
            FROM rewards_award award JOIN rewards_quota quota ON quota.key = v_key
             AND (quota.member_id IS NULL AND NEW.stock IS NOT NULL
                  OR quota.member_id = award.member_id AND NEW.per_member IS NOT NULL)
            WHERE award.gift_id = NEW.id AND NOT coalesce(award.taken -> 'quotas', '[]') @> to_jsonb(quota.id)
            GROUP BY award.id
    ), counted AS (
        UPDATE rewards_award award SET taken = award.taken || jsonb_build_object(
            'quotas', coalesce(award.taken -> 'quotas', '[]') || uncounted.quotas
        ) FROM uncounted WHERE award.id = uncounted.id AND award.state <> 'reversed'
        RETURNING uncounted.quotas
    ), given AS (
        SELECT one::bigint AS id, count(*) AS more FROM counted, jsonb_array_elements(quotas) AS one GROUP BY 1
    )
    UPDATE rewards_quota quota SET used = used + more, allowed = greatest(allowed, used + more)
        FROM given WHERE quota.id = given.id;
    RETURN NULL;
END $$;
CREATE TRIGGER gift_counts AFTER UPDATE OF stock, per_member ON rewards_gift
    FOR EACH ROW WHEN (
        OLD.stock IS NULL AND NEW.stock IS NOT NULL OR OLD.per_member IS NULL AND NEW.per_member IS NOT NULL
    ) EXECUTE FUNCTION rewards_gift_counts();

-- The quotas of a gift, wherever it is given: of its member, then of all. Raise QM001 with the reason.
CREATE FUNCTION rewards_take_gift(p_member bigint, p_gift rewards_gift) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_quota bigint;
    v_taken jsonb := '[]';
BEGIN
    IF p_gift.per_member IS NOT NULL THEN
        v_quota := rewards_take(p_member, 'gift:' || p_gift.slug, p_gift.per_member);
        IF v_quota IS NULL THEN
            RAISE EXCEPTION USING ERRCODE = 'QM001', MESSAGE = 'member_limit';
        END IF;
        v_taken := v_taken || to_jsonb(v_quota);
    END IF;
    IF p_gift.stock IS NOT NULL THEN
        v_quota := rewards_take(NULL, 'gift:' || p_gift.slug, p_gift.stock);
        IF v_quota IS NULL THEN
            RAISE EXCEPTION USING ERRCODE = 'QM001', MESSAGE = 'gift_out_of_stock';
        END IF;
        v_taken := v_taken || to_jsonb(v_quota);
    END IF;
    RETURN v_taken;
END $$;

-- Hold all of a member's chances, and open those of a scope: whoever gives chances does so before budgets and quotas, as
-- draws use theirs before.
CREATE FUNCTION rewards_lock_chances(p_member bigint, p_scope text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO rewards_chances (member_id, scope, bucket, granted, used) VALUES (p_member, p_scope, '', 0, 0)
        ON CONFLICT (member_id, scope, bucket) DO NOTHING;
    PERFORM FROM rewards_chances WHERE member_id = p_member ORDER BY id FOR NO KEY UPDATE;
END $$;

-- Draws that a gift gives, in its own scope or in the one where it is given.
CREATE FUNCTION rewards_grant_chances(p_member bigint, p_scope text, p_count integer, p_key text, p_now timestamptz)
RETURNS void LANGUAGE sql AS $$
    WITH held AS (
        INSERT INTO rewards_chances (member_id, scope, bucket, granted, used) VALUES (p_member, p_scope, '', p_count, 0)
            ON CONFLICT (member_id, scope, bucket) DO UPDATE SET granted = rewards_chances.granted + p_count
            RETURNING id
    )
    INSERT INTO rewards_chancegrant (chances_id, key, count, granted_at) SELECT id, p_key, p_count, p_now FROM held
$$;

-- Grant a gift, of which `p_taken` was taken before. Return the award; the first one if the key was granted before;
-- raise QM001 where it cannot be given: then nothing is. `p_cents` is its cost where the caller has charged the budgets;
-- else those of the scope are charged as promised. `p_always`: whatever limits the gift has.
-- The award goes in first: a repeat in flight waits for it here.
CREATE FUNCTION rewards_grant(
    p_member bigint, p_gift bigint, p_key text, p_source text, p_now timestamptz, p_day date, p_scope text,
    p_taken jsonb DEFAULT '{}', p_cents bigint DEFAULT NULL, p_always boolean DEFAULT false
) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    v_gift rewards_gift;
    v_award bigint;
    v_cents bigint;
    v_draws_in text;
    v_taken jsonb := p_taken;
BEGIN
    -- Held, as the award would hold it: whoever sets a stock for it counts this award, or it counts itself.
    SELECT * INTO STRICT v_gift FROM rewards_gift WHERE id = p_gift FOR KEY SHARE;
    v_cents := coalesce(p_cents, v_gift.cost * 100);
    INSERT INTO rewards_award (
        member_id, gift_id, key, source, scope, state, cost, taken, granted_at, usable_from, expires_at
    ) VALUES (
        p_member, p_gift, p_key, p_source, p_scope,
        CASE WHEN v_gift.kind IN ('points', 'growth', 'chances', 'link', 'thanks') THEN 'delivered' ELSE 'granted' END,
        v_cents, p_taken, p_now, v_gift.valid_from,
        coalesce(v_gift.valid_until, p_now + v_gift.valid_days * interval '24 hours')
    ) ON CONFLICT (key) DO NOTHING
        RETURNING id INTO v_award;
    IF v_award IS NULL THEN
        SELECT id INTO STRICT v_award FROM rewards_award WHERE key = p_key;
        RETURN v_award;
    END IF;
    IF v_gift.kind = 'chances' THEN
        -- Nobody draws in the mall.
        v_draws_in := coalesce(nullif(v_gift.draws_in, ''), nullif(p_scope, 'mall'), '');
        IF v_draws_in = '' THEN
            RAISE EXCEPTION USING ERRCODE = 'QM001', MESSAGE = 'nowhere_to_draw';
        END IF;
        PERFORM rewards_lock_chances(p_member, v_draws_in);
    END IF;
    IF p_cents IS NULL AND v_cents > 0 AND p_scope <> '' THEN
        v_taken := v_taken || jsonb_build_object(
            'promised', rewards_charge(ARRAY[p_scope], p_member, p_day, v_cents, true)
        );
    END IF;
    IF NOT p_always AND num_nonnulls(v_gift.per_member, v_gift.stock) > 0 THEN
        v_taken := v_taken || jsonb_build_object(
            'quotas', coalesce(v_taken -> 'quotas', '[]') || rewards_take_gift(p_member, v_gift)
        );
    END IF;
    IF v_taken <> p_taken THEN
        UPDATE rewards_award SET taken = v_taken WHERE id = v_award;
    END IF;
    CASE
        WHEN v_gift.kind = 'coupon' THEN
            IF NOT rewards_claim_code(p_gift, v_award) THEN
                RAISE EXCEPTION USING ERRCODE = 'QM001', MESSAGE = 'no_code';
            END IF;
        WHEN v_gift.kind IN ('points', 'growth') THEN
            PERFORM rewards_post(p_member, v_gift.kind, v_gift.amount, 'award:' || v_award, p_source, p_now);
        WHEN v_gift.kind = 'chances' THEN
            PERFORM rewards_grant_chances(p_member, v_draws_in, v_gift.amount, 'award:' || v_award, p_now);
        ELSE NULL;
    END CASE;
    RETURN v_award;
END $$;

-- Take an award back: what was taken for it returns, once. A code that its owner has seen is not given to anybody else.
-- Points and growth value are taken back by the ledger. Return '' when it is done, else the state that forbids it.
CREATE FUNCTION rewards_reverse_award(p_award bigint, p_now timestamptz, p_reason text) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    v_award record;
    v_taken jsonb;
    v_chances bigint;
    v_unused integer := 0;
BEGIN
    SELECT award.member_id, award.scope, award.state, gift.kind, gift.amount, gift.draws_in INTO STRICT v_award
        FROM rewards_award award JOIN rewards_gift gift ON gift.id = award.gift_id WHERE award.id = p_award;
    IF v_award.kind IN ('points', 'growth') THEN
        PERFORM rewards_lock_accounts(ARRAY[v_award.member_id], ARRAY[v_award.kind]);
    ELSIF v_award.kind = 'chances' THEN
        SELECT id, least(v_award.amount, granted - used) INTO v_chances, v_unused FROM rewards_chances
            WHERE member_id = v_award.member_id AND bucket = ''
              AND scope = coalesce(nullif(v_award.draws_in, ''), v_award.scope)
            FOR UPDATE;
    END IF;
    UPDATE rewards_award SET state = 'reversed', changed_at = p_now
        WHERE id = p_award AND state IN ('granted', 'claimed', 'delivered', 'expired')
          -- Money that was paid out is gone.
          AND NOT (state = 'delivered' AND v_award.kind = 'red_packet')
        RETURNING taken INTO v_taken;
    IF v_taken IS NULL THEN
        RETURN (SELECT state FROM rewards_award WHERE id = p_award);
    END IF;
    PERFORM rewards_put_back(v_taken);
    CASE
        WHEN v_award.kind = 'coupon' THEN
            UPDATE rewards_couponcode SET award_id = NULL WHERE award_id = p_award AND shown_at IS NULL;
        WHEN v_award.kind IN ('points', 'growth') THEN
            PERFORM rewards_reverse(entry.id, NULL, 'award-reversed:' || p_award, p_reason, p_now)
                FROM rewards_entry entry WHERE entry.key = 'award:' || p_award;
        WHEN v_award.kind = 'chances' AND v_unused > 0 THEN
            UPDATE rewards_chances SET granted = granted - v_unused WHERE id = v_chances;
            INSERT INTO rewards_chancegrant (chances_id, key, count, granted_at)
                VALUES (v_chances, 'award-reversed:' || p_award, -v_unused, p_now);
        ELSE NULL;
    END CASE;
    RETURN '';
END $$;
"""

PRIZES = """
-- The prizes of a version that a member cannot win at this moment, each with the reason: {"gold": "out_of_stock"}.
-- Their odds are the consolation prize's. Read without locks; what is taken is guarded where it is taken.
CREATE FUNCTION rewards_closed(
    p_version rewards_poolversion, p_pool text, p_member bigint, p_scope text, p_day date, p_hour text
) RETURNS jsonb LANGUAGE sql STABLE AS $$
    WITH listed AS MATERIALIZED (
        SELECT prize, kind, bool_or(member_id = p_member) AS mine FROM rewards_poollisting
        WHERE pool_id = p_version.pool_id AND (kind = 'white' OR member_id = p_member) GROUP BY prize, kind
    ), room AS MATERIALIZED (
        SELECT rewards_room(ARRAY[p_scope, 'pool:' || p_pool], p_member, p_day) AS cents
    ), won AS MATERIALIZED (
        SELECT p_version.wins_per_member IS NOT NULL AND EXISTS (
            SELECT FROM rewards_quota WHERE member_id = p_member AND key = 'wins:' || p_pool
            AND used >= p_version.wins_per_member
        ) AS enough
    )
    SELECT coalesce(jsonb_object_agg(key, reason) FILTER (WHERE reason IS NOT NULL), '{}') FROM (
        SELECT prize.key, CASE
            WHEN EXISTS (SELECT FROM listed WHERE kind = 'black' AND listed.prize IN ('', prize.key)) THEN 'black_list'
            WHEN (SELECT NOT bool_or(mine) FROM listed WHERE kind = 'white' AND listed.prize IN ('', prize.key))
                THEN 'not_listed'
            WHEN prize.cost > 0 AND prize.cost > room.cents THEN 'budget'
            WHEN won.enough THEN 'wins_limit'
            WHEN prize.per_member IS NOT NULL AND EXISTS (
                SELECT FROM rewards_quota WHERE member_id = p_member AND used >= prize.per_member
                AND key = 'prize:' || p_pool || ':' || prize.key
            ) THEN 'member_limit'
            WHEN gift.per_member IS NOT NULL AND EXISTS (
                SELECT FROM rewards_quota WHERE member_id = p_member AND used >= gift.per_member
                AND key = 'gift:' || gift.slug
            ) THEN 'member_limit'
            WHEN gift.stock IS NOT NULL AND EXISTS (
                SELECT FROM rewards_quota WHERE member_id IS NULL AND used >= gift.stock AND key = 'gift:' || gift.slug
            ) THEN 'gift_out_of_stock'
            WHEN prize.per_hour IS NOT NULL AND EXISTS (
                SELECT FROM rewards_quota WHERE member_id IS NULL AND used >= prize.per_hour
                AND key = 'release:' || p_pool || ':' || prize.key || ':' || p_hour
            ) THEN 'hour'
            WHEN prize.per_day IS NOT NULL AND EXISTS (
                SELECT FROM rewards_quota WHERE member_id IS NULL AND used >= prize.per_day
                AND key = 'release:' || p_pool || ':' || prize.key || ':' || p_day
            ) THEN 'day'
            WHEN prize.stock IS NOT NULL AND NOT EXISTS (
                SELECT FROM rewards_prizestock stock
                WHERE stock.pool_id = p_version.pool_id AND stock.key = prize.key AND stock.issued < stock.stock
            ) THEN 'out_of_stock'
            WHEN gift.kind = 'coupon' AND NOT EXISTS (
                SELECT FROM rewards_couponcode WHERE gift_id = gift.id AND award_id IS NULL
            ) THEN 'no_code'
        END AS reason
        FROM rewards_poolversionprize prize JOIN rewards_gift gift ON gift.id = prize.gift_id, room, won
        WHERE prize.version_id = p_version.id AND NOT prize.consolation
    ) prizes
$$;

-- Take what a prize needs: budgets, the member's limits, this hour's and this day's release, the stock. The row that
-- everybody wants goes last; a stock in several slices is looked through from one of them on. Raise QM001 with the reason.
CREATE FUNCTION rewards_take_prize(
    p_version rewards_poolversion, p_pool text, p_prize rewards_poolversionprize, p_member bigint, p_scope text,
    p_day date, p_hour text, p_slice bigint
) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_limit record;
    v_quota bigint;
    v_quotas jsonb := '[]';
    v_slices integer;
    v_stock bigint;
    v_taken jsonb := '{}';
BEGIN
    IF p_prize.cost > 0 THEN
        v_taken := jsonb_build_object('budgets', rewards_charge(
            ARRAY[p_scope, 'pool:' || p_pool], p_member, p_day, p_prize.cost, false
        ));
    END IF;
    IF num_nonnulls(p_version.wins_per_member, p_prize.per_member, p_prize.per_hour, p_prize.per_day) > 0 THEN
        FOR v_limit IN
            SELECT * FROM (VALUES
                (1, p_member, 'wins:' || p_pool, p_version.wins_per_member, 'wins_limit'),
                (2, p_member, 'prize:' || p_pool || ':' || p_prize.key, p_prize.per_member, 'member_limit'),
                (3, NULL, 'release:' || p_pool || ':' || p_prize.key || ':' || p_hour, p_prize.per_hour, 'hour'),
                (4, NULL, 'release:' || p_pool || ':' || p_prize.key || ':' || p_day, p_prize.per_day, 'day')
            ) AS limits (place, member, key, allowed, reason) WHERE allowed IS NOT NULL ORDER BY place
        LOOP
            v_quota := rewards_take(v_limit.member, v_limit.key, v_limit.allowed);
            IF v_quota IS NULL THEN
                RAISE EXCEPTION USING ERRCODE = 'QM001', MESSAGE = v_limit.reason;
            END IF;
            v_quotas := v_quotas || to_jsonb(v_quota);
        END LOOP;
        v_taken := v_taken || jsonb_build_object('quotas', v_quotas);
    END IF;
    IF p_prize.stock IS NOT NULL THEN
        SELECT count(*) INTO v_slices FROM rewards_prizestock WHERE pool_id = p_version.pool_id AND key = p_prize.key;
        FOR attempt IN 1..v_slices LOOP
            -- A slice that was emptied while it was waited for stays locked: each is looked at in a block of its own,
            -- which gives that lock back before the next slice is waited for.
            BEGIN
                UPDATE rewards_prizestock SET issued = issued + 1
                    WHERE pool_id = p_version.pool_id AND key = p_prize.key AND slice = (p_slice + attempt) % v_slices
                      AND issued < stock
                    RETURNING id INTO v_stock;
                IF v_stock IS NULL THEN
                    RAISE EXCEPTION USING ERRCODE = 'QM003';
                END IF;
            EXCEPTION WHEN SQLSTATE 'QM003' THEN
                NULL;
            END;
            -- Not FOUND: the loop itself sets it.
            EXIT WHEN v_stock IS NOT NULL;
        END LOOP;
        IF v_stock IS NULL THEN
            RAISE EXCEPTION USING ERRCODE = 'QM001', MESSAGE = 'out_of_stock';
        END IF;
        v_taken := v_taken || jsonb_build_object('stock', v_stock);
    END IF;
    RETURN v_taken;
END $$;
"""

DRAW = """
-- The draw recorded for a request, as its repetition is told.
CREATE FUNCTION rewards_drawn(p_member bigint, p_scope text, p_request text)
RETURNS TABLE (
    draw_id bigint, prize text, gift text, kind text, award_id bigint, chances_left integer, repeated boolean,
    asked text, refusal text
) LANGUAGE sql STABLE AS $$
    SELECT d.id, d.prize, p.name, p.kind, d.award_id, d.chances_left, true, d.asked, ''
    FROM rewards_draw d JOIN rewards_poolversionprize p ON p.version_id = d.version_id AND p.key = d.prize
    WHERE d.member_id = p_member AND d.scope = p_scope AND d.request_key = p_request
$$;

-- Draw once: (1) hold the gate and the member, (2) find who owns the roll, (3) lock what may move: accounts, then chances,
-- (4) use a chance or pay for one, (5) give the prize if it can be won, else the guaranteed one if it is due, else the consolation prize,
-- (6) record the draw. A repeated request returns the first draw; what is refused says why.
CREATE FUNCTION rewards_draw_prize(
    p_member bigint, p_scope text, p_bucket text, p_version bigint, p_request text, p_asked text, p_roll integer,
    p_pay boolean, p_now timestamptz, p_day date, p_hour text
) RETURNS TABLE (
    draw_id bigint, prize text, gift text, kind text, award_id bigint, chances_left integer, repeated boolean,
    asked text, refusal text
) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    v_version rewards_poolversion;
    v_pool text;
    v_rolled rewards_poolversionprize;
    v_consolation rewards_poolversionprize;
    v_guaranteed rewards_poolversionprize;
    v_given rewards_poolversionprize;
    v_try rewards_poolversionprize;
    v_units text[];
    v_left integer;
    v_misses integer;
    v_closed jsonb;
    v_taken jsonb;
    v_fallback text := '';
    v_draw bigint;
    v_award bigint;
    v_text text;
BEGIN
    -- Whoever shuts the gate waits for this draw; a draw that begins later finds it shut.
    PERFORM pg_advisory_xact_lock_shared(hashtext('rewards.draws'), hashtext(p_scope));
    IF EXISTS (SELECT FROM rewards_drawgate WHERE scope = p_scope AND NOT is_open) THEN
        RAISE EXCEPTION USING ERRCODE = 'QM002', MESSAGE = 'paused';
    END IF;
    -- The member stays who it is: an erasure waits, or is waited for.
    PERFORM FROM members_member WHERE id = p_member AND erased_at IS NULL FOR KEY SHARE;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'QM002', MESSAGE = 'member_erased';
    END IF;
    SELECT * INTO STRICT v_version FROM rewards_poolversion WHERE id = p_version;
    SELECT slug INTO STRICT v_pool FROM rewards_prizepool WHERE id = v_version.pool_id;
    SELECT * INTO STRICT v_rolled FROM rewards_poolversionprize p
        WHERE p.version_id = p_version AND p.floor <= p_roll AND p_roll < p.ceiling;
    IF v_rolled.consolation THEN
        v_consolation := v_rolled;
    ELSE
        SELECT * INTO STRICT v_consolation FROM rewards_poolversionprize p
            WHERE p.version_id = p_version AND p.consolation;
    END IF;
    IF v_version.guarantee_after IS NOT NULL THEN
        SELECT * INTO STRICT v_guaranteed FROM rewards_poolversionprize p
            WHERE p.version_id = p_version AND p.key = v_version.guarantee_prize;
    END IF;
    v_units := ARRAY(
        SELECT unit FROM unnest(ARRAY[
            v_rolled.kind, v_consolation.kind, v_guaranteed.kind, CASE WHEN p_pay THEN 'points' END
        ]) AS unit WHERE unit IN ('points', 'growth')
    );
    IF cardinality(v_units) > 0 THEN
        PERFORM rewards_lock_accounts(ARRAY[p_member], v_units);
    END IF;

    v_draw := nextval('rewards_draw_id_seq');
    IF v_version.draws_per_day IS NOT NULL
        AND rewards_take(p_member, 'draws:' || v_pool || ':' || p_day, v_version.draws_per_day) IS NULL
    THEN
        RAISE EXCEPTION USING ERRCODE = 'QM002', MESSAGE = 'draws_per_day';
    END IF;
    IF 'chances' IN (v_rolled.kind, v_consolation.kind, v_guaranteed.kind) THEN
        PERFORM rewards_lock_chances(p_member, p_scope);
    END IF;
    IF p_pay THEN
        IF v_version.price IS NULL THEN
            RAISE EXCEPTION USING ERRCODE = 'QM002', MESSAGE = 'not_for_points';
        ELSIF v_version.bought_per_day IS NOT NULL
            AND rewards_take(p_member, 'bought:' || v_pool || ':' || p_day, v_version.bought_per_day) IS NULL
        THEN
            RAISE EXCEPTION USING ERRCODE = 'QM002', MESSAGE = 'bought_per_day';
        END IF;
        IF (rewards_post(
            p_member, 'points', -v_version.price, 'draw-price:' || v_draw, p_scope, p_now, 'draw:' || v_draw
        )).id IS NULL THEN
            RAISE EXCEPTION USING ERRCODE = 'QM002', MESSAGE = 'points_short';
        END IF;
        WITH held AS (
            INSERT INTO rewards_chances AS c (member_id, scope, bucket, granted, used)
                VALUES (p_member, p_scope, p_bucket, 1, 1)
                ON CONFLICT (member_id, scope, bucket) DO UPDATE SET granted = c.granted + 1, used = c.used + 1
                RETURNING id
        )
        INSERT INTO rewards_chancegrant (chances_id, key, count, granted_at)
            SELECT id, 'bought:' || v_draw, 1, p_now FROM held;
    ELSE
        UPDATE rewards_chances SET used = used + 1
            WHERE member_id = p_member AND scope = p_scope AND bucket = p_bucket AND used < granted
            RETURNING granted - used INTO v_left;
        IF v_left IS NULL THEN
            RAISE EXCEPTION USING ERRCODE = 'QM002', MESSAGE = 'no_chance';
        END IF;
    END IF;
    IF v_version.guarantee_after IS NOT NULL THEN
        INSERT INTO rewards_streak AS s (member_id, pool_id, misses) VALUES (p_member, v_version.pool_id, 0)
            ON CONFLICT (member_id, pool_id) DO UPDATE SET misses = s.misses
            RETURNING misses INTO v_misses;
    END IF;

    v_closed := rewards_closed(v_version, v_pool, p_member, p_scope, p_day, p_hour);
    v_try := v_rolled;
    FOR attempt IN 1..2 LOOP
        IF v_try.consolation THEN
            NULL;
        ELSIF v_closed ? v_try.key THEN
            v_text := v_closed ->> v_try.key;
            v_fallback := CASE WHEN attempt = 1 THEN v_text ELSE v_fallback END;
        ELSE
            BEGIN
                v_taken := rewards_take_prize(
                    v_version, v_pool, v_try, p_member, p_scope, p_day, p_hour, v_draw
                );
                v_award := rewards_grant(
                    p_member, v_try.gift_id, 'draw:' || v_draw, p_scope, p_now, p_day, p_scope, v_taken, v_try.cost
                );
                v_given := v_try;
                v_fallback := CASE WHEN attempt = 2 AND v_fallback = '' THEN 'guaranteed' ELSE v_fallback END;
            EXCEPTION WHEN SQLSTATE 'QM001' THEN
                -- Gone since the prizes were looked at: what was taken is given back with this block.
                v_fallback := CASE WHEN attempt = 1 THEN SQLERRM ELSE v_fallback END;
                v_closed := v_closed || jsonb_build_object(v_try.key, SQLERRM);
            END;
        END IF;
        EXIT WHEN v_award IS NOT NULL OR v_version.guarantee_after IS NULL OR v_misses + 1 < v_version.guarantee_after
            OR v_try.key = v_guaranteed.key;
        v_try := v_guaranteed;
    END LOOP;
    IF v_award IS NULL THEN
        v_given := v_consolation;
        v_taken := '{}';
        IF v_consolation.cost > 0 THEN
            v_taken := jsonb_build_object('promised', rewards_charge(
                ARRAY[p_scope, 'pool:' || v_pool], p_member, p_day, v_consolation.cost, true
            ));
        END IF;
        v_award := rewards_grant(
            p_member, v_consolation.gift_id, 'draw:' || v_draw, p_scope, p_now, p_day, p_scope, v_taken,
            v_consolation.cost, true
        );
    END IF;
    IF v_version.guarantee_after IS NOT NULL THEN
        UPDATE rewards_streak SET misses = CASE WHEN v_given.consolation THEN misses + 1 ELSE 0 END
            WHERE member_id = p_member AND pool_id = v_version.pool_id;
    END IF;
    SELECT coalesce(sum(granted - used), 0) INTO v_left FROM rewards_chances
        WHERE member_id = p_member AND scope = p_scope;
    INSERT INTO rewards_draw (
        id, member_id, scope, bucket, version_id, request_key, asked, roll, rolled, prize, fallback, closed, misses,
        price, chances_left, award_id, drawn_at
    ) VALUES (
        v_draw, p_member, p_scope, p_bucket, p_version, p_request, p_asked, p_roll, v_rolled.key, v_given.key,
        v_fallback, v_closed, v_misses, CASE WHEN p_pay THEN v_version.price ELSE 0 END, v_left, v_award, p_now
    );
    RETURN QUERY SELECT v_draw, v_given.key::text, v_given.name::text, v_given.kind::text, v_award, v_left, false,
        p_asked, '';
EXCEPTION
    -- A repeated request: the chance, points, stock, code and award taken for it are given back with this block.
    WHEN unique_violation THEN
        GET STACKED DIAGNOSTICS v_text = CONSTRAINT_NAME;
        IF v_text <> 'draw_once' THEN
            RAISE;
        END IF;
        RETURN QUERY SELECT * FROM rewards_drawn(p_member, p_scope, p_request);
    WHEN SQLSTATE 'QM002' THEN
        v_text := SQLERRM;
        RETURN QUERY SELECT * FROM rewards_drawn(p_member, p_scope, p_request);
        IF NOT FOUND THEN
            RETURN QUERY SELECT NULL::bigint, '', '', '', NULL::bigint, 0, false, '', v_text;
        END IF;
END $$;
"""

OLD_DRAWS = """
DROP FUNCTION rewards_draw_prize; DROP FUNCTION rewards_drawn; DROP FUNCTION rewards_grant;
"""
OLD_GRANT = BEFORE.AWARDS.split("-- Grant a gift.")[1]


class Migration(migrations.Migration):
    dependencies = [("rewards", "0014_scarce_things")]
    operations = [
        migrations.RunSQL(BACKFILL, migrations.RunSQL.noop),
        migrations.RunSQL(MOVES, "DROP TRIGGER award_moves ON rewards_award; DROP FUNCTION rewards_award_moves;"),
        migrations.RunSQL(OLD_DRAWS, f"-- Grant a gift.{OLD_GRANT}{BEFORE.DRAW}"),
        migrations.RunSQL(
            TAKING,
            "DROP FUNCTION rewards_put_back; DROP FUNCTION rewards_room; DROP FUNCTION rewards_charge;"
            " DROP FUNCTION rewards_take;",
        ),
        migrations.RunSQL(
            GRANTING,
            "DROP FUNCTION rewards_reverse_award; DROP FUNCTION rewards_grant; DROP FUNCTION rewards_grant_chances;"
            " DROP FUNCTION rewards_lock_chances;"
            " DROP FUNCTION rewards_take_gift; DROP TRIGGER gift_counts ON rewards_gift;"
            " DROP FUNCTION rewards_gift_counts; DROP TRIGGER gift_waits ON rewards_gift;"
            " DROP FUNCTION rewards_gift_waits;"
            + BEFORE.AWARDS.split("-- Grant a gift.")[0].replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"),
        ),
        migrations.RunSQL(PRIZES, "DROP FUNCTION rewards_take_prize; DROP FUNCTION rewards_closed;"),
        migrations.RunSQL(DRAW, "DROP FUNCTION rewards_draw_prize; DROP FUNCTION rewards_drawn;"),
    ]
