"""Attributes: how they are declared, how members' values of them are kept, and what keeps them from going."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import translation
from rest_framework.test import APIClient

from members import attribute_values
from members.faults import Fault
from members.ingest import ingest_members
from members.models import Attribute, AttributeValue, Member
from members.rows import MemberRow
from operations.api_keys import create_api_key
from operations.models import AuditRecord
from segmentation import world
from segmentation.counting import read_rule
from segmentation.evaluation import members_of
from segmentation.models import Segment
from segmentation.sources import catalogue, source_of
from tests.members.shop import NOW

pytestmark = pytest.mark.django_db

ENGLISH = {"Accept-Language": "en"}
ONE_OF_EACH = {
    "city": "上海",
    "children": Decimal("2"),
    "weight": Decimal("61.5"),
    "wedding": date(2015, 6, 1),
    "subscribed": False,
    "size": "M",
}


@pytest.fixture(autouse=True)
def declared():
    for slug, kind in (("city", "text"), ("children", "number"), ("weight", "number"), ("wedding", "date")):
        Attribute.objects.create(slug=slug, label=slug, kind=kind)
    Attribute.objects.create(slug="subscribed", label="订阅", label_en="Subscribed", kind="boolean")
    Attribute.objects.create(
        slug="size",
        label="尺码",
        label_en="Size",
        kind="choice",
        choices=["S", "M", "L"],
        choice_labels={"M": ["中号", "Medium"], "L": ["大号", ""]},
    )


def take(uid="u1", **attributes):
    return ingest_members([MemberRow(uid, attributes=attributes)], now=NOW)


def counts(result):
    return result.created, result.updated, result.unchanged, len(result.rejected)


def values_of(uid="u1"):
    return {each.slug: each.value for each in attribute_values.shown(Member.objects.get(uid=uid))}


def test_each_value_is_kept_in_the_column_of_its_type():
    assert counts(take(**ONE_OF_EACH)) == (1, 0, 0, 0)
    stored = AttributeValue.objects.values_list("attribute__slug", "text", "number", "day", "boolean")
    assert sorted(stored, key=lambda row: row[0]) == [
        ("children", None, Decimal(2), None, None),
        ("city", "上海", None, None, None),
        ("size", "M", None, None, None),
        ("subscribed", None, None, None, False),
        ("wedding", None, None, date(2015, 6, 1), None),
        ("weight", None, Decimal("61.5"), None, None),
    ]


def test_the_same_values_again_change_nothing():
    take(**ONE_OF_EACH)
    ids = set(AttributeValue.objects.values_list("id", flat=True))
    assert counts(take(**ONE_OF_EACH)) == (0, 0, 1, 0)
    assert set(AttributeValue.objects.values_list("id", flat=True)) == ids


def test_a_new_value_takes_the_place_of_the_old_and_leaves_the_others():
    take(**ONE_OF_EACH)
    assert counts(take(size="L", subscribed=True)) == (0, 1, 0, 0)
    assert values_of() == {
        "children": 2,
        "city": "上海",
        "size": "L",
        "subscribed": True,
        "wedding": "2015-06-01",
        "weight": 61.5,
    }


def test_of_two_rows_the_later_value_holds():
    rows = [MemberRow("u1", attributes={"size": "S"}), MemberRow("u1", attributes={"size": "L", "city": "x"})]
    assert counts(ingest_members(rows, now=NOW)) == (1, 1, 0, 0)
    assert values_of() == {"city": "x", "size": "L"}


def test_a_batch_takes_as_many_queries_as_a_row(django_assert_num_queries):
    def rows(count, size):
        return [MemberRow(f"u{number}", phone="13812345678", attributes={"size": size}) for number in range(count)]

    ingest_members(rows(300, "S"), now=NOW)
    for count in (1, 300):
        with django_assert_num_queries(8):
            assert counts(ingest_members(rows(count, f"{'ML'[count == 1]}"), now=NOW)) == (0, count, 0, 0)


@pytest.mark.parametrize(
    ("change", "code", "column"),
    [
        (lambda: Attribute.objects.filter(slug="size").delete(), Fault.UNDECLARED_ATTRIBUTE, "attribute.size"),
        (lambda: Attribute.objects.filter(slug="size").update(choices=["S"]), Fault.UNKNOWN_CHOICE, "attribute.size"),
    ],
)
def test_what_was_taken_away_while_a_file_comes_in_is_refused_row_by_row(change, code, column):
    change()
    rows = [MemberRow("u1", name="Wang", attributes={"size": "M"}), MemberRow("u2", attributes={"city": "x"})]
    result = ingest_members(rows, now=NOW)
    assert [(index, error.code, error.column) for index, error in result.rejected] == [(0, code, column)]
    assert set(Member.objects.values_list("uid", flat=True)) == {"u2"}


@pytest.mark.parametrize("columns", [{}, {"text": "x", "number": 1}, {"day": date(2026, 1, 1), "boolean": True}])
def test_the_database_keeps_one_typed_value_for_each(columns):
    member = Member.objects.create(uid="u1")
    with pytest.raises(IntegrityError), transaction.atomic():
        AttributeValue.objects.create(member=member, attribute=Attribute.objects.get(slug="city"), **columns)


def api():
    client = APIClient()
    _, plain, _ = create_api_key("shop", ["facts", "eligibility"])
    client.credentials(HTTP_AUTHORIZATION=f"Api-Key {plain}")
    return client


def test_the_api_takes_values_refuses_wrong_ones_by_column_and_shows_them_with_labels():
    client = api()
    rows = [
        {"uid": "u1", "attribute.size": "M", "attribute.children": 2, "attribute.subscribed": True},
        {"uid": "u2", "attribute.size": "XXL"},
        {"uid": "u3", "attribute.shoe": "42"},
    ]
    answer = client.post("/api/v1/members/bulk/", rows, format="json").json()
    assert answer["created"] == 1
    assert [(each["index"], each["code"], each["column"]) for each in answer["rejected"]] == [
        (1, "unknown_choice", "attribute.size"),
        (2, "undeclared_attribute", "attribute.shoe"),
    ]
    shown = client.get("/api/v1/members/u1/", headers=ENGLISH).json()
    assert shown["attributes"] == {"children": 2, "size": "M", "subscribed": True}
    assert shown["attribute_labels"] == {
        "children": {"label": "children", "value": "2"},
        "size": {"label": "Size", "value": "Medium"},
        "subscribed": {"label": "Subscribed", "value": "yes"},
    }
    chinese = client.get("/api/v1/members/u1/", headers={"Accept-Language": "zh-hans"}).json()
    assert chinese["attribute_labels"]["size"] == {"label": "尺码", "value": "中号"}


@pytest.mark.parametrize(
    ("language", "choice", "words"),
    [("en", "M", "Medium"), ("zh-hans", "M", "中号"), ("en", "L", "大号"), ("en", "S", "S")],
)
def test_a_choice_reads_in_the_readers_language_as_far_as_it_has_labels(language, choice, words):
    with translation.override(language):
        assert Attribute.objects.get(slug="size").choice_label(choice) == words


@pytest.mark.parametrize(
    ("clause", "found"),
    [
        ({"field": "attribute.city", "operator": "=", "value": "上海"}, {"u1"}),
        ({"field": "attribute.city", "operator": "!=", "value": "上海"}, {"u2"}),
        ({"field": "attribute.children", "operator": ">=", "value": 2}, {"u1"}),
        ({"field": "attribute.weight", "operator": "between", "value": ["61.5", "62"]}, {"u1"}),
        ({"field": "attribute.wedding", "operator": "<", "value": "2015-06-02"}, {"u1"}),
        ({"field": "attribute.subscribed", "operator": "=", "value": False}, {"u1"}),
        ({"field": "attribute.size", "operator": "in", "value": ["S", "M"]}, {"u1"}),
        ({"field": "attribute.size", "operator": "is_null"}, {"u2"}),
    ],
)
def test_a_segment_asks_for_values(clause, found):
    take(**ONE_OF_EACH)
    take("u2")
    rule = read_rule({"version": 1, "combinator": "and", "rules": [clause]})
    members = members_of(rule, world.everyone(now=NOW))
    assert set(Member.objects.filter(pk__in=list(members)).values_list("uid", flat=True)) == found


@pytest.mark.parametrize(
    ("field", "operator", "value", "index"),
    [
        ("attribute.city", "=", "city 7", "attribute_value_text"),
        ("attribute.size", "in", ["L"], "attribute_value_text"),
        ("attribute.children", ">=", 4900, "attribute_value_number"),
        ("attribute.wedding", "<", "2015-01-03", "attribute_value_day"),
    ],
)
def test_a_clause_reads_the_index_of_its_type_alone(field, operator, value, index):
    attributes = dict(Attribute.objects.values_list("slug", "id"))
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO members_member (uid, name, gender, region, created_at)"
                       " SELECT n, '', '', '', now() FROM generate_series(1, 5000) n")  # fmt: skip
        for slug, column, expression in (
            ("city", "text", "'city ' || mod(id, 1000)"),
            ("size", "text", "CASE mod(id, 100) WHEN 0 THEN 'L' ELSE 'M' END"),
            ("children", "number", "row_number() OVER ()"),
            ("wedding", "day", "date '2015-01-01' + mod(id, 1000)::int"),
        ):
            cursor.execute(
                f"INSERT INTO members_attributevalue (member_id, attribute_id, {column})"
                f" SELECT id, %s, {expression} FROM members_member",
                [attributes[slug]],
            )
        cursor.execute("ANALYZE members_attributevalue")
        rule = read_rule(
            {"version": 1, "combinator": "and", "rules": [{"field": field, "operator": operator, "value": value}]}
        )
        (leaf,) = rule.rules
        asked = []
        with connection.execute_wrapper(
            lambda execute, sql, *rest: asked.append((sql, rest[0])) or execute(sql, *rest)
        ):
            source_of(leaf).members_of(leaf, world.everyone(now=NOW))
        sql, params = asked[-1]
        cursor.execute(f"EXPLAIN {sql}", params)
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert index in plan
    assert "Seq Scan on members_attributevalue" not in plan


def save(client, **changes):
    attribute = Attribute.objects.get(slug="size")
    form = {"label": "尺码", "label_en": "Size", "choices": "S\nM | 中号 | Medium\nL | 大号"} | changes
    return client.post(reverse("admin:members_attribute_change", args=[attribute.pk]), form, headers=ENGLISH)


def choices():
    return Attribute.objects.get(slug="size").choices


def add(client, **fields):
    form = {"slug": "colour", "label": "Colour", "kind": "choice", "choices": "red\n blue \n\nred"} | fields
    return client.post(reverse("admin:members_attribute_add"), form, headers=ENGLISH)


def test_choices_are_written_one_a_line_with_their_labels(admin_client):
    assert add(admin_client, choices="red | 红 | Red\n blue | | Blue\n\ngreen|绿\nred").status_code == 302
    colour = Attribute.objects.get(slug="colour")
    assert colour.choices == ["red", "blue", "green"]
    assert colour.choice_labels == {"red": ["红", "Red"], "blue": ["blue", "Blue"], "green": ["绿", ""]}
    page = admin_client.get(reverse("admin:members_attribute_change", args=[colour.pk]), headers=ENGLISH)
    assert "red | 红 | Red\nblue | blue | Blue\ngreen | 绿" in page.content.decode()


@pytest.mark.parametrize("fields", [{"choices": ""}, {"kind": "text"}])
def test_only_a_choice_has_choices(admin_client, fields):
    assert "needs choices, others have none" in add(admin_client, **fields).content.decode()
    assert not Attribute.objects.filter(slug="colour").exists()


@pytest.mark.parametrize("line", ["a | b | c | d", " | Label", "x" * 101])
def test_a_line_that_is_no_choice_is_refused(admin_client, line):
    assert "at most three parts" in add(admin_client, choices=line).content.decode()


def test_the_type_of_an_attribute_stays_and_its_choices_and_labels_may_grow(admin_client):
    assert save(admin_client, choices="S | 小号\nM\nL\nXL", kind="text", slug="other").status_code == 302
    attribute = Attribute.objects.get(slug="size")
    assert (attribute.kind, attribute.choices) == ("choice", ["S", "M", "L", "XL"])
    assert attribute.choice_labels == {"S": ["小号", ""]}
    assert AuditRecord.objects.get().action == "attribute.changed"


def test_a_choice_that_members_have_is_not_taken_away(admin_client):
    take(size="M")
    text = save(admin_client, choices="S\nL").content.decode()
    assert "“M” cannot be taken away: 1 member has it." in text
    assert choices() == ["S", "M", "L"]
    assert save(admin_client, choices="M").status_code == 302
    assert choices() == ["M"]


def segment_reading(operator, value):
    clause = {"field": "attribute.size", "operator": operator, "value": value}
    Segment.objects.create(slug="tall", name="Tall", rule={"version": 1, "combinator": "and", "rules": [clause]})


@pytest.mark.parametrize(("operator", "value"), [("in", ["L", "S"]), ("!=", "L")])
def test_a_choice_that_a_rule_names_is_not_taken_away(admin_client, operator, value):
    segment_reading(operator, value)
    text = save(admin_client, choices="S\nM").content.decode()
    assert "“L” cannot be taken away: it is named in the rule of segment “Tall”." in text
    assert choices() == ["S", "M", "L"]


def delete(client, slug="size"):
    url = reverse("admin:members_attribute_delete", args=[Attribute.objects.get(slug=slug).pk])
    return client.post(url, {"post": "yes"}, headers=ENGLISH)


def test_an_attribute_that_nobody_needs_can_be_deleted(admin_client):
    assert delete(admin_client).status_code == 302
    assert "size" not in catalogue().attributes


def test_an_attribute_that_a_rule_reads_cannot_be_deleted(admin_client):
    segment_reading("is_null", None)
    assert "the rule of segment “Tall”" in delete(admin_client).content.decode()
    assert Attribute.objects.filter(slug="size").exists()


def test_an_attribute_that_members_have_cannot_be_deleted_and_they_are_counted_not_listed(admin_client):
    for number in range(30):
        take(f"u{number}", size="M")
    text = delete(admin_client).content.decode()
    assert "30 members have a value of it" in text
    assert text.count("u1") == 0
    assert Attribute.objects.filter(slug="size").exists()


def test_the_list_and_a_members_page_show_labels_in_the_readers_language(admin_client):
    take(size="M", subscribed=True, weight=Decimal("61.5"))
    listed = admin_client.get(reverse("admin:members_attribute_changelist"), headers=ENGLISH).content.decode()
    assert "Subscribed" in listed
    page = reverse("admin:members_member_change", args=[Member.objects.get().pk])
    for language, words in (
        ("en", ("Size", "Medium", "Subscribed", "yes", "61.5")),
        ("zh-hans", ("尺码", "中号", "订阅")),
    ):
        text = admin_client.get(page, headers={"Accept-Language": language}).content.decode()
        assert [word for word in words if word not in text] == []
