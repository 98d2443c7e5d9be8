"""Many at once: an identity that many claim, a choice taken away as members get it, contact resealed as it changes."""

import random

import pytest
from django.db import transaction

from members import contact, resealing
from members.attribute_form import AttributeForm
from members.ingest import ingest_members
from members.models import Attribute, AttributeValue, Identity, Member
from members.rows import MemberRow
from tests.members.shop import NOW
from tests.races import together

pytestmark = pytest.mark.django_db(transaction=True)
THREADS = 12
ROUNDS = 5


def at_once(number, work):
    """Run work(0) … work(number - 1) at once; an exception of any of them is the test's."""
    results = together.at_once(number, work)
    for result in results:
        if isinstance(result, Exception):
            raise result
    return results


@pytest.mark.parametrize("known", [False, True], ids=["newcomers", "known members"])
def test_an_identity_that_many_claim_at_once_has_one_member_and_the_others_rows_do_nothing(known):
    for turn in range(ROUNDS):
        if known:
            Member.objects.bulk_create(Member(uid=f"{turn}-{index}") for index in range(THREADS))

        def claim(index, turn=turn):
            row = MemberRow(f"{turn}-{index}", name="owner", identities={"wechat-openid": f"o{turn}"})
            result = ingest_members([row], now=NOW)
            return result.created + result.updated, len(result.rejected)

        outcomes = at_once(THREADS, claim)
        assert sorted(outcomes) == [(0, 1)] * (THREADS - 1) + [(1, 0)]
    owned = Identity.objects.values_list("member__uid", flat=True)
    assert sorted(owned) == sorted(Member.objects.filter(name="owner").values_list("uid", flat=True))
    assert Member.objects.count() == (ROUNDS * THREADS if known else ROUNDS)


def test_batches_that_claim_the_same_identities_in_any_order_neither_share_nor_deadlock():
    for turn in range(ROUNDS):
        openids = [f"{turn}-{number}" for number in range(200)]

        def claim_all(index, openids=openids):
            shuffled = random.Random(index).sample(openids, len(openids))
            rows = [MemberRow(f"{index}-{openid}", identities={"wechat-openid": openid}) for openid in shuffled]
            result = ingest_members(rows, now=NOW)
            return result.created, len(result.rejected)

        outcomes = at_once(THREADS, claim_all)
        assert sum(created for created, _ in outcomes) == len(openids)
        assert sum(rejected for _, rejected in outcomes) == len(openids) * (THREADS - 1)
    assert Identity.objects.count() == Member.objects.count() == ROUNDS * 200


def test_a_choice_is_taken_away_or_members_have_it_never_both():
    for turn in range(ROUNDS * 4):
        attribute = Attribute.objects.create(slug=f"size-{turn}", label="Size", kind="choice", choices=["S", "M"])

        def work(index, attribute=attribute):
            if index:
                return ingest_members([MemberRow(f"u{index}", attributes={attribute.slug: "M"})], now=NOW)
            with transaction.atomic():
                form = AttributeForm({"label": "Size", "choices": "S"}, instance=Attribute.objects.get(pk=attribute.pk))
                for fixed in ("slug", "kind", "label_en"):
                    del form.fields[fixed]
                return form.is_valid() and form.save()

        at_once(4, work)
        attribute.refresh_from_db()
        assert ("M" in attribute.choices) or not AttributeValue.objects.filter(attribute=attribute).exists()


def test_resealing_loses_no_change_that_comes_in_meanwhile(settings):
    ingest_members([MemberRow(f"u{number}", phone="13800000000") for number in range(200)], now=NOW)
    settings.PERSONAL_DATA_KEYS = ["new", settings.SECRET_KEY]

    def work(index):
        if index < 2:
            return list(resealing.reseal())
        rows = [MemberRow(f"u{number}", phone=f"1390000{number:04d}") for number in range(200)]
        for start in range(0, 200, 10):
            ingest_members(rows[start : start + 10], now=NOW)
        return None

    at_once(4, work)
    list(resealing.reseal())
    settings.PERSONAL_DATA_KEYS = ["new"]
    phones = {member.uid: contact.phone_of(member) for member in Member.objects.all()}
    assert phones == {f"u{number}": f"1390000{number:04d}" for number in range(200)}
    assert Member.objects.filter(contact.has_phone("13900000007")).get().uid == "u7"
