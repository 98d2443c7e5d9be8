"""What a task gives most often, points and draw chances, in one statement."""

from django.db import migrations

GIVE = """
-- Give points and chances, each once per key; '' when it is done, else the key that stands for something else. The
-- member is locked first, as by everything that gives: of several gifts in one transaction another may lift the level.
CREATE FUNCTION rewards_give(
    p_member bigint, p_points bigint, p_chances integer, p_scope text, p_bucket text, p_key text, p_reason text,
    p_now timestamptz
) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    v_entry rewards_entry;
    v_chances bigint;
BEGIN
    PERFORM FROM members_member WHERE id = p_member FOR NO KEY UPDATE;
    IF p_points > 0 THEN
        v_entry := rewards_post(p_member, 'points', p_points, p_key || ':points', p_reason, p_now);
        IF v_entry.account_id IS NULL THEN
            RETURN p_key || ':points';
        END IF;
    END IF;
    IF p_chances > 0 THEN
        INSERT INTO rewards_chances (member_id, scope, bucket, granted, used)
            VALUES (p_member, p_scope, p_bucket, 0, 0) ON CONFLICT (member_id, scope, bucket) DO NOTHING;
        SELECT id INTO STRICT v_chances FROM rewards_chances
            WHERE member_id = p_member AND scope = p_scope AND bucket = p_bucket FOR NO KEY UPDATE;
        INSERT INTO rewards_chancegrant (chances_id, key, count, granted_at)
            VALUES (v_chances, p_key || ':chances', p_chances, p_now) ON CONFLICT (key) DO NOTHING;
        IF FOUND THEN
            UPDATE rewards_chances SET granted = granted + p_chances WHERE id = v_chances;
        ELSIF NOT EXISTS (
            SELECT FROM rewards_chancegrant WHERE key = p_key || ':chances' AND chances_id = v_chances
        ) THEN
            RETURN p_key || ':chances';
        END IF;
    END IF;
    RETURN '';
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("rewards", "0021_closed_of_earlier_draws")]

    operations = [migrations.RunSQL(GIVE, "DROP FUNCTION rewards_give")]
