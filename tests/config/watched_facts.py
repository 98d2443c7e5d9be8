"""Who changed, as the tables say it themselves: triggers that note each fact's family and member, for tests only."""

from collections import defaultdict

from django.db import connection

from members.models import Member, Touch

_NOTED = """
CREATE TABLE changed_facts (family text, member_id bigint);
CREATE FUNCTION note_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    v_new jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END;
    v_old jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END;
    v_row jsonb := coalesce(v_new, v_old);
    v_member bigint;
BEGIN
    -- The columns that count are named with the trigger; without any, each change counts.
    IF TG_OP = 'UPDATE' AND TG_NARGS > 2 AND NOT EXISTS (
        SELECT FROM unnest(TG_ARGV[2:]) AS named WHERE v_new -> named IS DISTINCT FROM v_old -> named
    ) THEN
        RETURN NULL;
    END IF;
    EXECUTE format('SELECT %s FROM jsonb_to_record($1) AS r(id bigint, member_id bigint, order_id text,'
                   ' enrolment_id bigint)', TG_ARGV[1]) INTO v_member USING v_row;
    INSERT INTO changed_facts VALUES (TG_ARGV[0], v_member);
    RETURN NULL;
END $$;
"""
_TRIGGER = """
CREATE TRIGGER noted_{number} AFTER {when} ON {table} FOR EACH ROW EXECUTE FUNCTION note_change({arguments})
"""
ANY = "INSERT OR UPDATE OR DELETE"
OF_ORDER = "(SELECT member_id FROM members_order WHERE id = r.order_id::bigint)"
OF_ENROLMENT = "(SELECT member_id FROM campaigns_enrolment WHERE id = r.enrolment_id)"
# Table, what counts as a change, its family, whose row it is, and the columns that rules read (none: all).
WATCHED = [
    ("members_member", "INSERT", "profile", "id", ()),
    (
        "members_member",
        "UPDATE",
        "profile",
        "id",
        ("uid", "name", "gender", "birthday", "region", "joined_at", "erased_at"),
    ),
    ("members_member", "UPDATE", "level", "id", ("level_id",)),
    ("members_attributevalue", ANY, "attribute", "member_id", ()),
    ("members_order", ANY, "orders", "member_id", ()),
    ("members_orderitem", ANY, "orders", OF_ORDER, ()),
    ("members_event", ANY, "events", "member_id", ()),
    ("rewards_account", "UPDATE", "points", "member_id", ("balance", "earned")),
    ("rewards_draw", ANY, "draws", "member_id", ()),
    ("campaigns_enrolment", "INSERT OR DELETE", "participation", "member_id", ()),
    ("campaigns_completion", "INSERT OR DELETE", "participation", OF_ENROLMENT, ()),
    ("campaigns_chainprogress", "INSERT OR DELETE", "participation", OF_ENROLMENT, ()),
]


def watch() -> None:
    """Begin to note. The test's transaction takes the triggers away again."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED;")
        cursor.execute(_NOTED)
        for number, (table, when, family, whose, columns) in enumerate(WATCHED):
            arguments = ", ".join(f"'{each}'" for each in (family, whose, *columns))
            cursor.execute(_TRIGGER.format(number=number, when=when, table=table, arguments=arguments))
    Touch.objects.all().delete()


def changed() -> dict[str, set[str]]:
    """Return the uids of those of whom facts changed since `watch`, by family."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT family, member_id FROM changed_facts")
        return _by_family(cursor.fetchall())


def touched() -> dict[str, set[str]]:
    """Return the uids of those who were touched since `watch`, by family."""
    return _by_family((row.family, member_id) for row in Touch.objects.all() for member_id in row.member_ids)


def _by_family(pairs) -> dict[str, set[str]]:
    uids = dict(Member.objects.values_list("pk", "uid"))
    found = defaultdict(set)
    for family, member_id in pairs:
        found[family].add(uids[member_id])
    return dict(found)
