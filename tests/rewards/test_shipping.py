"""Parcels out: exactly those that wait go into a file, and the file harms no spreadsheet."""

import csv
import io

import pytest
from django.contrib.auth.models import User

from operations.models import AuditRecord
from rewards import giving_addresses, shipping, tracking
from rewards.addresses import Address
from rewards.models import Award, Shipment
from rewards.reversing import reverse_award
from tests.rewards import build
from tests.rewards.build import NOW
from tests.rewards.parcels import HOME, addressed, mug, won

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator():
    return User.objects.create_user("op")


@pytest.fixture(autouse=True)
def english(settings):
    from django.utils.translation import override

    settings.LANGUAGE_CODE = "en"
    with override("en"):
        yield


def read(batch, operator):
    text = "".join(shipping.file_of(batch, by=operator, now=NOW))
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))


def test_the_file_has_a_row_for_each_parcel_that_waits(operator):
    ann, bob, eve = build.members(3)
    shipments = [addressed(ann), addressed(bob)]
    won(eve)
    batch = shipping.export_waiting([mug()], by=operator, now=NOW)
    assert batch.parcels == 2
    header, *rows = read(batch, operator)
    assert header[0] == "Number of the award"
    assert [row[0] for row in rows] == [str(each.award_id) for each in shipments]
    assert rows[0][1:10] == ["Mug", "王芳", "13812345678", "浙江省", "杭州市", "西湖区", HOME.street, "310012",
                             f"浙江省杭州市西湖区{HOME.street}"]  # fmt: skip
    assert rows[0][10:] == ["", ""]
    assert set(Shipment.objects.values_list("state", "batch")) == {("exported", batch.pk)}
    assert build.books_are_right()


def test_a_cell_that_a_spreadsheet_would_run_is_disarmed(operator):
    ann = build.members(1)[0]
    formulas = Address('=HYPERLINK("http://evil")', "13812345678", HOME.region, "@SUM(A1) +1 -2 号")
    addressed(ann, formulas)
    _header, row = read(shipping.export_waiting([mug()], by=operator, now=NOW), operator)
    assert row[2] == '\'=HYPERLINK("http://evil")'
    assert row[7].startswith("'@SUM")
    assert not [cell for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


def test_only_the_chosen_gifts_are_exported_and_each_parcel_once(operator):
    ann = build.members(1)[0]
    addressed(ann)
    other = build.gift("cup", "physical")
    with pytest.raises(shipping.NothingWaits):
        shipping.export_waiting([other], by=operator, now=NOW)
    shipping.export_waiting([mug(), other], by=operator, now=NOW)
    with pytest.raises(shipping.NothingWaits):
        shipping.export_waiting([mug(), other], by=operator, now=NOW)


def test_what_was_taken_back_is_not_sent_whether_before_the_export_or_after(operator):
    ann, bob = build.members(2)
    first, second = addressed(ann), addressed(bob)
    reverse_award(first.award_id, by=None, reason="a mistake", now=NOW)
    assert [gift.parcels for gift in shipping.gifts_waiting()] == [1]
    batch = shipping.export_waiting([mug()], by=operator, now=NOW)
    assert batch.parcels == 1
    reverse_award(second.award_id, by=None, reason="a mistake", now=NOW)
    with pytest.raises(shipping.AllShipped):
        shipping.file_of(batch, by=operator, now=NOW)


def test_the_file_may_be_fetched_again_for_what_was_not_sent_yet(operator):
    ann, bob = build.members(2)
    first, second = addressed(ann), addressed(bob)
    batch = shipping.export_waiting([mug()], by=operator, now=NOW)
    assert len(read(batch, operator)) == 3
    tracking.ingest_tracking([tracking.TrackingRow(first.award_id, "SF", "SF100")], now=NOW)
    assert [row[0] for row in read(batch, operator)[1:]] == [str(second.award_id)]
    tracking.ingest_tracking([tracking.TrackingRow(second.award_id, "SF", "SF101")], now=NOW)
    with pytest.raises(shipping.AllShipped):
        shipping.file_of(batch, by=operator, now=NOW)


def test_the_export_and_each_download_are_on_record_without_an_address(operator):
    addressed(build.members(1)[0])
    batch = shipping.export_waiting([mug()], by=operator, now=NOW)
    read(batch, operator)
    records = AuditRecord.objects.filter(action__startswith="shipping_batch.")
    assert sorted(records.values_list("action", "actor_name")) == [
        ("shipping_batch.downloaded", "op"),
        ("shipping_batch.exported", "op"),
    ]
    assert "王芳" not in str(list(records.values_list("changes", flat=True)))


def test_who_gives_an_address_in_a_town_under_the_province_is_found_by_the_courier(operator):
    addressed(build.members(1)[0], Address("王芳", "13812345678", "419001", "济水大街 1 号"))
    _header, row = read(shipping.export_waiting([mug()], by=operator, now=NOW), operator)
    assert row[4:7] == ["河南省", "济源市", "济源市"]
    assert row[9] == "河南省济源市济水大街 1 号"


def test_a_parcel_that_came_back_waits_again_once_the_member_has_looked_at_the_address(operator):
    ann = build.members(1)[0]
    shipment = addressed(ann)
    shipping.export_waiting([mug()], by=operator, now=NOW)
    tracking.ingest_tracking([tracking.TrackingRow(shipment.award_id, "SF", "SF100")], now=NOW)
    tracking.note_return(shipment.pk, by=operator, now=NOW)
    assert Award.objects.get().state == Award.State.CLAIMED
    assert build.books_are_right()
    giving_addresses.give_address(ann.pk, shipment.award_id, HOME, now=NOW)
    assert shipping.export_waiting([mug()], by=operator, now=NOW).parcels == 1
    assert build.books_are_right()
