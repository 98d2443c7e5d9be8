"""The gift library in the admin: each kind with its own fields, what is left, where it is used, and its codes."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from campaigns.models import Task
from operations import jobs
from operations.models import AuditRecord, Job
from rewards import code_batches, stocktaking
from rewards.awards import grant_award
from rewards.models import CodeBatch, CouponCode, Gift
from tests.campaigns.scenes import draft, publish, task
from tests.rewards.build import NOW, coupon, gift, members, pool, published

pytestmark = pytest.mark.django_db

MONEY = {"face_value": "0", "cost": "0"}


@pytest.fixture(autouse=True)
def _english(settings, tmp_path):
    settings.LANGUAGE_CODE = "en"
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def desk(admin_client):
    return admin_client


def signed_in(*permissions):
    user = User.objects.create(username="lin", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    desk = Client()
    desk.force_login(user)
    return desk


def page(name, *args):
    return reverse(f"admin:rewards_{name}", args=args)


def add(desk, **fields):
    return desk.post(page("gift_add"), {"name": "New", "slug": "new"} | MONEY | fields)


def faults(answer):
    assert answer.status_code == 200, "it was saved"
    return {field: list(told) for field, told in answer.context["adminform"].form.errors.items()}


SAVED = [
    {"kind": "coupon", "threshold": "100", "face_value": "20", "cost": "18.5", "valid_days": "30"},
    {"kind": "coupon", "threshold": "20", "face_value": "20"},
    {"kind": "shared_coupon", "shared_code": "SAVE10", "face_value": "10", "low_stock_at": "5", "stock": "50"},
    {"kind": "points", "amount": "100", "cost": "1"},
    {"kind": "growth", "amount": "5"},
    {"kind": "chances", "amount": "2"},
    {"kind": "physical", "face_value": "199", "stock": "10", "per_member": "1", "low_stock_at": "3"},
    {"kind": "red_packet", "provider": "manual", "face_value": "5"},
    {"kind": "link", "link": "https://example.com/gift"},
    {"kind": "thanks"},
]


@pytest.mark.parametrize("fields", SAVED, ids=lambda fields: fields["kind"])
def test_a_gift_of_each_kind_is_saved_with_the_fields_of_its_kind(desk, fields):
    assert add(desk, **fields).status_code == 302
    assert Gift.objects.get().kind == fields["kind"]
    record = AuditRecord.objects.get(action="gift.added")
    assert record.target_name == "New"


@pytest.mark.parametrize(("typed", "cost"), [("", Decimal(5)), ("0", Decimal(5)), ("4.5", Decimal("4.5"))])
def test_a_red_packet_costs_its_value_unless_somebody_says_otherwise(desk, typed, cost):
    add(desk, kind="red_packet", provider="manual", face_value="5", cost=typed)
    assert Gift.objects.get().cost == cost


REFUSED = [
    ({"kind": "points"}, "amount", "need an amount"),
    ({"kind": "points", "amount": "0"}, "amount", "need an amount"),
    ({"kind": "chances"}, "amount", "need an amount"),
    ({"kind": "chances", "amount": "1", "draws_in": "campaign:none"}, "draws_in", "valid choice"),
    ({"kind": "shared_coupon"}, "shared_code", "needs its code"),
    ({"kind": "link"}, "link", "needs its address"),
    ({"kind": "link", "link": "http://example.com"}, "link", "begins with https://"),
    ({"kind": "link", "link": "javascript:alert(1)"}, "link", "begins with https://"),
    ({"kind": "red_packet", "face_value": "5"}, "provider", "who pays"),
    ({"kind": "red_packet", "provider": "manual"}, "face_value", "worth its face value"),
    ({"kind": "coupon", "threshold": "20", "face_value": "20.01"}, "face_value", "more than the amount from which"),
    ({"kind": "coupon", "threshold": "0"}, "threshold", "Leave it empty"),
    ({"kind": "coupon", "face_value": "-1"}, "face_value", "less than nothing"),
    ({"kind": "coupon", "cost": "-0.01"}, "cost", "less than nothing"),
    ({"kind": "coupon", "face_value": "1.001"}, "face_value", "2 decimal places"),
    ({"kind": "coupon", "valid_days": "0"}, "valid_days", "From 1 to"),
    ({"kind": "coupon", "valid_days": "4000000"}, "valid_days", "From 1 to"),
    ({"kind": "physical", "low_stock_at": "3"}, "low_stock_at", "never runs low"),
    ({"kind": "physical", "stock": "2", "low_stock_at": "3"}, "low_stock_at", "more than the stock"),
    ({"kind": "coupon", "low_stock_at": "100001"}, "low_stock_at", "At most"),
    ({"kind": "physical", "per_member": "0"}, "per_member", "no limit"),
]


@pytest.mark.parametrize(("fields", "field", "fault"), REFUSED, ids=lambda each: str(each)[:60])
def test_what_is_wrong_with_a_gift_is_said_beside_its_field(desk, fields, field, fault):
    told = faults(add(desk, **fields))
    assert list(told) == [field]
    assert fault in " ".join(told[field])


@pytest.mark.parametrize(
    ("start", "end", "fault"),
    [(2, 1, "after the start"), (None, -1, "That time is over"), (None, 5, None), (1, 5, None)],
)
def test_a_fixed_time_has_an_end_after_its_start_and_after_now(desk, start, end, fault):
    def at(name, days):
        moment = timezone.localtime() + timedelta(days=days)
        return {f"{name}_0": f"{moment:%Y-%m-%d}", f"{name}_1": f"{moment:%H:%M:%S}"}

    times = at("valid_until", end) | (at("valid_from", start) if start is not None else {})
    answer = add(desk, kind="coupon", **times)
    if fault is None:
        assert answer.status_code == 302
    else:
        assert fault in " ".join(faults(answer)["valid_until"])


def test_days_and_a_fixed_time_together_are_refused(desk):
    end = {"valid_until_0": "2030-01-01", "valid_until_1": "00:00:00"}
    told = faults(add(desk, kind="coupon", valid_days="3", **end))
    assert list(told) == ["valid_until"]


def test_what_another_kind_would_have_is_emptied(desk):
    leftovers = {"amount": "5", "shared_code": "X", "link": "https://example.com", "threshold": "10", "valid_days": "3"}
    assert add(desk, kind="thanks", stock="5", low_stock_at="3", **leftovers).status_code == 302
    kept = Gift.objects.get()
    assert (kept.amount, kept.shared_code, kept.link, kept.threshold, kept.valid_days) == (None, "", "", None, None)
    assert (kept.stock, kept.low_stock_at) == (None, None)


def test_chances_can_be_for_a_campaign_that_there_is(desk):
    draft()
    assert add(desk, kind="chances", amount="1", draws_in="campaign:autumn").status_code == 302
    assert Gift.objects.get(slug="new").draws_in == "campaign:autumn"


def test_red_packets_are_paid_out_by_a_provider_that_the_settings_name(desk, settings):
    settings.DELIVERY_PROVIDERS = {"manual": {}}
    given = {"kind": "red_packet", "face_value": "5"}
    assert "valid choice" in " ".join(faults(add(desk, provider="other", **given))["provider"])
    assert add(desk, provider="manual", **given).status_code == 302


def test_a_gift_that_was_given_stays_what_it_is_but_for_its_name_cost_and_limits(desk, settings):
    settings.FOUR_EYES = frozenset()
    (member,) = members(1)
    plus = gift("plus", "points", amount=5)
    grant_award(plus, member.pk, key="k", source="test", now=NOW)
    data = {"name": "New name", "slug": "other", "kind": "growth", "amount": 500, "cost": "1", "stock": "9"}
    assert desk.post(page("gift_change", plus.pk), data | {"face_value": "7"}).status_code == 302
    plus.refresh_from_db()
    assert (plus.name, plus.cost, plus.stock) == ("New name", 1, 9)
    assert (plus.slug, plus.kind, plus.amount, plus.face_value) == ("plus", "points", 5, 0)


def test_a_coupon_with_codes_stays_a_coupon(desk):
    voucher = coupon("voucher", codes=1)
    desk.post(page("gift_change", voucher.pk), {"name": "V", "slug": "voucher", "kind": "thanks"} | MONEY)
    voucher.refresh_from_db()
    assert (voucher.name, voucher.kind) == ("V", "coupon")


def test_a_stock_below_what_was_given_is_refused_with_the_number(desk):
    thing = gift("thing", "physical", stock=5)
    for member in members(3):
        grant_award(thing, member.pk, key=f"k{member.pk}", source="test", now=NOW)
    data = {"name": "Thing", "slug": "thing", "kind": "physical"} | MONEY
    assert faults(desk.post(page("gift_change", thing.pk), data | {"stock": "2"})) == {
        "stock": ["3 were given already."]
    }
    assert desk.post(page("gift_change", thing.pk), data | {"stock": "3"}).status_code == 302


def test_the_list_shows_what_is_left_and_what_runs_low(desk, django_assert_max_num_queries):
    (member,) = members(1)
    coupon("voucher", codes=7)
    thing = gift("thing", "physical", stock=5, low_stock_at=4)
    grant_award(thing, member.pk, key="k", source="test", now=NOW)
    for number in range(20):
        gift(f"more-{number}", "physical", stock=9)
    with django_assert_max_num_queries(12):
        text = desk.get(page("gift_changelist")).content.decode()
    lefts = {gift.slug: stocktaking.left_of(gift) for gift in stocktaking.counted(Gift.objects.all())}
    assert (lefts["voucher"].count, lefts["voucher"].low) == (7, False)
    assert (lefts["thing"].count, lefts["thing"].low) == (4, True)
    assert re.search(r"bg-red[^>]*>\s*4\s*<", text)


def test_the_first_page_names_what_runs_low_to_who_may_see_gifts(desk):
    coupon("plenty", codes=6, low_stock_at=5)
    coupon("few", codes=5, low_stock_at=5)
    gift("none", "physical", stock=0, low_stock_at=0)
    gift("silent", "physical", stock=0)
    assert [(each.name, each.remaining) for each in stocktaking.running_low()] == [("None", 0), ("Few", 5)]
    text = desk.get("/admin/").content.decode()
    assert "The gift “Few” runs low: 5 left." in text
    assert "The gift “None” has run out." in text
    assert "Plenty" not in text
    assert "Few" not in signed_in("view_campaign").get("/admin/").content.decode()


def test_what_is_left_of_a_coupon_with_a_stock_is_the_smaller_of_both():
    coupon("voucher", codes=7, stock=3, low_stock_at=3)
    (voucher,) = stocktaking.counted(Gift.objects.all())
    assert stocktaking.left_of(voucher) == stocktaking.Left(3, low=True)
    assert [each.remaining for each in stocktaking.running_low()] == [3]


def test_codes_are_counted_no_further_than_a_list_needs():
    coupon("voucher", codes=7)
    (voucher,) = stocktaking.counted(Gift.objects.all(), up_to=4)
    assert stocktaking.left_of(voucher, up_to=4) == stocktaking.Left(4, more=True)


def test_a_stock_that_is_smaller_than_the_codes_is_told_to_the_last():
    coupon("voucher", codes=7, stock=3)
    (voucher,) = stocktaking.counted(Gift.objects.all(), up_to=4)
    assert stocktaking.left_of(voucher, up_to=4) == stocktaking.Left(3)


def test_a_gift_names_the_pools_and_campaigns_that_give_it_and_is_kept(desk):
    thanks = gift("thanks")
    published((gift("gold"), 10, 1), consolation=(thanks, 999_990))
    publish(tasks=[task("one", reward={"gift": "thanks"})])
    text = desk.get(page("gift_change", thanks.pk)).content.decode()
    for words in ("prize pool “Wheel”, draft", "prize pool “Wheel”, as published", "as published", "task “"):
        assert words in text
    answer = desk.post(page("gift_delete", thanks.pk), {"post": "yes"})
    assert "prize pool “Wheel”" in answer.content.decode()
    assert Gift.objects.filter(pk=thanks.pk).exists()
    assert Task.objects.get().gift == thanks


def test_a_gift_that_nothing_uses_is_deleted_and_one_with_codes_is_not(desk, django_assert_max_num_queries):
    unused, voucher = gift("unused"), coupon("voucher", codes=50)
    desk.post(page("gift_delete", unused.pk), {"post": "yes"})
    with django_assert_max_num_queries(30):
        answer = desk.post(page("gift_delete", voucher.pk), {"post": "yes"})
    assert "Voucher has codes" in answer.content.decode()
    assert list(Gift.objects.all()) == [voucher]
    desk.post(page("gift_changelist"), {"action": "delete_selected", "_selected_action": voucher.pk, "post": "yes"})
    assert list(Gift.objects.all()) == [voucher]


def test_who_may_only_look_sees_the_fields_of_the_kind(desk):
    packet = gift("packet", "red_packet", provider="manual", face_value=5)
    text = signed_in("view_gift").get(page("gift_change", packet.pk)).content.decode()
    assert "manual" in text
    assert "shared code" not in text.lower()


def work_off():
    while job := Job.objects.filter(function=code_batches.SLICE_JOB, state="queued").first():
        jobs.run(job.pk)


def texts(voucher):
    return {code.code for code in voucher.codes.all()}


def test_typed_codes_come_in_at_once_and_a_files_by_a_worker(desk):
    voucher = coupon("voucher", codes=1)
    data = {"codes": "A1\r\nvoucher-0\r\nbad code", "file": SimpleUploadedFile("codes.txt", "\ufeffB1\nB2\n".encode())}
    answer = desk.post(page("codebatch_import", voucher.pk), data, follow=True)
    text = answer.content.decode()
    assert "1 code was added." in text
    assert "1 code was known already." in text
    assert "Line 3 was refused: has spaces" in text
    assert texts(voucher) == {"voucher-0", "A1"}
    work_off()
    assert texts(voucher) == {"voucher-0", "A1", "B1", "B2"}
    shown = desk.get(page("codebatch_change", CodeBatch.objects.get().pk)).content.decode()
    assert "All lines were read" in shown
    # As a word: the page's own tokens may hold any two letters.
    assert not re.search(r"\bB1\b", shown)


def test_the_button_on_the_page_of_a_coupon_leads_to_its_import(desk):
    voucher, other = coupon("voucher", codes=0), gift("other")
    assert desk.get(f"/admin/rewards/gift/{voucher.pk}/import-codes/").url == page("codebatch_import", voucher.pk)
    assert desk.get(f"/admin/rewards/gift/{other.pk}/import-codes/").status_code == 403
    assert desk.get(page("codebatch_import", other.pk)).status_code == 404


@pytest.mark.parametrize(
    ("content", "fault"),
    [(b"", "empty"), (b"\xff\xfe\x00", "UTF-16"), (b"\n \n", "empty"), (b"a,b\nc,d\n", "none of them is called")],
)
def test_a_file_without_codes_is_one_clear_error(desk, content, fault):
    voucher = coupon("voucher", codes=0)
    data = {"file": SimpleUploadedFile("codes.txt", content), "codes": "TYPED"}
    assert fault in desk.post(page("codebatch_import", voucher.pk), data).content.decode()
    assert not CouponCode.objects.exists()


def test_nothing_typed_and_no_file_is_an_error(desk):
    voucher = coupon("voucher", codes=0)
    text = desk.post(page("codebatch_import", voucher.pk), {"codes": " \r\n "}).content.decode()
    assert "There are no codes to import." in text


def test_refused_lines_are_shown_with_number_and_reason(desk):
    voucher = coupon("voucher", codes=0)
    file = SimpleUploadedFile("codes.txt", b"A1\nA 2\n" + b"x" * 51)
    desk.post(page("codebatch_import", voucher.pk), {"file": file})
    work_off()
    text = desk.get(page("codebatch_change", CodeBatch.objects.get().pk)).content.decode()
    assert "has spaces or characters other than" in text
    assert "longer than 50 characters" in text


def test_codes_are_generated_and_go_out_on_record(desk):
    voucher = coupon("voucher", codes=0)
    desk.post(page("codebatch_generate", voucher.pk), {"count": "30"})
    work_off()
    batch = CodeBatch.objects.get()
    answer = desk.post(page("codebatch_export", batch.pk))
    lines = b"".join(answer.streaming_content).decode().splitlines()
    assert set(lines[1:]) == texts(voucher)
    assert len(lines) == 31
    assert AuditRecord.objects.filter(action="code_batch.exported").count() == 1
    assert desk.get(page("codebatch_export", batch.pk)).status_code == 405


@pytest.mark.parametrize("count", ["0", "-1", "1000001", "many", ""])
def test_a_number_that_cannot_be_generated_is_refused(desk, count):
    voucher = coupon("voucher", codes=0)
    assert desk.post(page("codebatch_generate", voucher.pk), {"count": count}).status_code == 200
    assert not CodeBatch.objects.exists()


def test_importing_generating_and_revealing_need_a_permission_each():
    voucher = coupon("voucher", codes=1)
    batch = code_batches.begin_generation(voucher, 3, by=None, now=NOW)
    work_off()
    editor = signed_in("change_gift", "view_gift", "view_couponcode", "view_codebatch")
    code = CouponCode.objects.first()
    for address in (
        page("codebatch_import", voucher.pk),
        page("codebatch_generate", voucher.pk),
        page("codebatch_export", batch.pk),
        page("codebatch_cancel", batch.pk),
        page("codebatch_resume", batch.pk),
        page("couponcode_reveal", code.pk),
    ):
        assert editor.post(address, {"codes": "A1", "count": "1"}).status_code == 403, address
    assert CouponCode.objects.count() == 4
    assert not AuditRecord.objects.filter(action="coupon_code.revealed").exists()


def test_a_code_is_revealed_to_a_post_and_never_kept_by_the_browser():
    coupon("voucher", codes=1)
    code = CouponCode.objects.get()
    clerk = signed_in("view_couponcode", "reveal_couponcode")
    masked = clerk.get(page("couponcode_change", code.pk)).content.decode()
    assert "vo••••-0" in masked
    assert "voucher-0" not in masked
    assert clerk.get(page("couponcode_reveal", code.pk)).status_code == 302
    assert not AuditRecord.objects.exists()
    answer = clerk.post(page("couponcode_reveal", code.pk))
    assert "voucher-0" in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    part = clerk.post(page("couponcode_reveal", code.pk), headers={"HX-Request": "true"}).content.decode()
    assert "voucher-0" in part
    assert "<html" not in part
    assert AuditRecord.objects.filter(action="coupon_code.revealed").count() == 2


def test_staff_find_a_code_by_its_whole_text(desk):
    coupon("voucher", codes=3)
    text = desk.get(page("couponcode_changelist"), {"q": "voucher-2"}).content.decode()
    assert "vo••••-2" in text
    assert "vo••••-1" not in text


def test_a_pool_in_draft_alone_keeps_its_gift(desk):
    gold = gift("gold")
    pool((gold, 10, None))
    assert "draft" in desk.get(page("gift_change", gold.pk)).content.decode()


def test_the_key_of_a_gift_may_be_left_empty(desk):
    gift("red-packet")
    assert add(desk, kind="red_packet", provider="manual", face_value="5", slug="").status_code == 302
    assert Gift.objects.filter(kind="red_packet").get().slug == "red-packet-2"


def test_in_a_window_beside_a_pool_only_what_a_gift_needs_is_open(desk):
    def closed(address):
        return [str(part.name) for part in desk.get(address).context["adminform"] if "collapse" in part.classes]

    assert closed(page("gift_add")) == []
    assert closed(page("gift_add") + "?_popup=1") == [
        "What members are shown of it",
        "How long it is valid",
        "How many there are",
        "Where it is used",
    ]


def test_what_is_wrong_in_a_closed_part_of_the_window_opens_it(desk):
    answer = add(desk, kind="coupon", valid_days="-1", _popup="1")

    assert "valid_days" in faults(answer)
    open_parts = [str(part.name) for part in answer.context["adminform"] if not part.is_collapsible]
    assert "How long it is valid" in open_parts
    assert "How many there are" not in open_parts


@pytest.mark.parametrize("typed", ["满50减20", "满 50 减 20", "50减", "  满50 减20 ", "save-20"])
def test_a_gift_is_found_however_spaces_are_put(desk, typed):
    Gift.objects.create(slug="save-20", kind="thanks", name="满 50 减 20 元券")
    Gift.objects.create(slug="other", kind="thanks", name="满100减50")

    found = desk.get(page("gift_changelist"), {"q": typed}).context["cl"].queryset

    assert [each.slug for each in found] == ["save-20"]
