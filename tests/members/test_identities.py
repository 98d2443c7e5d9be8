"""Identities at providers: one member each, taken by row and refused by name."""

import pytest
from django.db import IntegrityError, transaction
from django.test import override_settings
from rest_framework.test import APIClient

from members import identities, imports
from members.faults import Fault
from members.ingest import ingest_members
from members.models import Identity, Member
from members.rows import MemberRow
from operations.api_keys import create_api_key
from tests.members.shop import NOW

pytestmark = pytest.mark.django_db

OPENID = "wechat-openid"


def row(uid, subject, provider=OPENID, **given):
    return MemberRow(uid, identities={provider: subject}, **given)


def take(*rows):
    result = ingest_members(list(rows), now=NOW)
    return result.created, result.updated, result.unchanged, len(result.rejected)


def owners():
    return {(each.provider, each.subject): each.member.uid for each in Identity.objects.select_related("member")}


def test_an_identity_is_taken_kept_and_changed():
    assert take(row("u1", "o1"), row("u2", "o2")) == (2, 0, 0, 0)
    assert take(row("u1", "o1")) == (0, 0, 1, 0)
    assert take(row("u1", "o9"), row("u1", "union", "wechat-unionid")) == (0, 2, 0, 0)
    assert owners() == {(OPENID, "o9"): "u1", ("wechat-unionid", "union"): "u1", (OPENID, "o2"): "u2"}


def test_a_row_that_claims_anothers_identity_is_refused_whole():
    take(row("u1", "o1"))
    claim = MemberRow("u2", name="Li", identities={"wecom": "w2", OPENID: "o1"})
    result = ingest_members([claim, MemberRow("u3", name="Wang")], now=NOW)
    assert [(index, error.code, error.column) for index, error in result.rejected] == [
        (0, Fault.IDENTITY_OF_ANOTHER_MEMBER, f"identity.{OPENID}")
    ]
    assert set(Member.objects.values_list("uid", flat=True)) == {"u1", "u3"}
    assert owners() == {(OPENID, "o1"): "u1"}


def test_a_known_member_keeps_all_it_had_when_its_row_is_refused():
    take(row("u1", "o1"), row("u2", "o2", name="Li"))
    assert take(row("u2", "o1", name="Lin")) == (0, 0, 0, 1)
    assert Member.objects.get(uid="u2").name == "Li"
    assert owners() == {(OPENID, "o1"): "u1", (OPENID, "o2"): "u2"}


def test_of_two_rows_that_claim_one_identity_the_first_has_it():
    assert take(row("u1", "o1"), row("u2", "o1"), row("u1", "o1")) == (1, 0, 1, 1)
    assert owners() == {(OPENID, "o1"): "u1"}


def test_what_an_earlier_row_gives_up_is_free_for_a_later_one_and_not_before():
    take(row("u1", "o1"))
    assert take(row("u2", "o1"), row("u1", "o3"), row("u3", "o1")) == (1, 1, 0, 1)
    assert owners() == {(OPENID, "o3"): "u1", (OPENID, "o1"): "u3"}


def test_two_members_may_exchange_their_identities_within_a_file():
    take(row("u1", "o1"), row("u2", "o2"))
    assert take(row("u1", "spare"), row("u2", "o1"), row("u1", "o2")) == (0, 3, 0, 0)
    assert owners() == {(OPENID, "o2"): "u1", (OPENID, "o1"): "u2"}


def test_the_same_id_at_two_providers_is_two_identities():
    assert take(row("u1", "same", "alipay"), row("u2", "same", "douyin")) == (2, 0, 0, 0)


def test_a_batch_that_another_overtook_is_read_anew(monkeypatch):
    take(row("u1", "o1"))
    part, calls = identities.part, []

    def read_too_early(rows):
        calls.append(rows)
        return (list(rows), []) if len(calls) == 1 else part(rows)

    monkeypatch.setattr(identities, "part", read_too_early)
    assert take(row("u2", "o1"), MemberRow("u3", name="Wang")) == (1, 0, 0, 1)
    assert len(calls) == 2
    assert owners() == {(OPENID, "o1"): "u1"}
    assert not Member.objects.filter(uid="u2").exists()


@pytest.mark.parametrize(
    ("first", "second"), [(("u1", OPENID, "o1"), ("u2", OPENID, "o1")), (("u1", OPENID, "o1"), ("u1", OPENID, "o2"))]
)
def test_the_database_lets_an_identity_have_one_member_and_a_member_one_at_a_provider(first, second):
    for uid, provider, subject in (first, second):
        member, _ = Member.objects.get_or_create(uid=uid)
        given = {"member": member, "provider": provider, "subject": subject}
        if (uid, provider, subject) == first:
            Identity.objects.create(**given)
    with pytest.raises(IntegrityError), transaction.atomic():
        Identity.objects.create(**given)


def test_the_providers_are_a_setting():
    importer = imports.importer_of("members")
    raws = [{"uid": "u1", "identity.line": "x"}]
    for providers, created in (([OPENID], 0), (["line"], 1)):
        with override_settings(IDENTITY_PROVIDERS=providers):
            context = importer.load_context(NOW)
            assert imports.take(importer, enumerate(raws), context=context, now=NOW).created == created


def test_the_api_takes_and_shows_identities():
    client = APIClient()
    _, plain, _ = create_api_key("shop", ["facts", "eligibility"])
    client.credentials(HTTP_AUTHORIZATION=f"Api-Key {plain}")
    rows = [{"uid": "u1", f"identity.{OPENID}": "o1"}, {"uid": "u2", f"identity.{OPENID}": "o1"}]
    answer = client.post("/api/v1/members/bulk/", rows, format="json").json()
    assert [(each["index"], each["code"]) for each in answer["rejected"]] == [(1, "identity_of_another_member")]
    assert client.get("/api/v1/members/u1/").json()["identities"] == {OPENID: "o1"}
