"""RFM over real orders (the CDNOW sample; its source and licence stand beside the file), checked with pandas."""

from datetime import date
from pathlib import Path

import pandas
import pytest
from django.core.management import call_command

from segmentation import rfm
from segmentation.models import RfmModel
from tests.segmentation.people import NOW

SAMPLE = Path(__file__).parent.parent / "fixtures" / "cdnow_sample.csv"
AT = date(1998, 7, 1)


@pytest.mark.django_db
def test_real_customers_score_as_pandas_cuts_them():
    call_command("import_data", "orders", str(SAMPLE))
    model = RfmModel.objects.get(slug="default")
    version = rfm.recompute(model, at=AT, now=NOW)

    orders = pandas.read_csv(SAMPLE)
    orders["day"] = pandas.to_datetime(orders.paid_at, utc=True).dt.tz_convert("Asia/Shanghai").dt.date
    by_hand = orders.groupby("uid").agg(last=("day", "max"), f=("order_id", "count"), m=("amount", "sum")).round(2)
    scored = pandas.DataFrame(rfm.export(model), columns=rfm.CSV_HEADER).set_index("uid")
    assert version.size == len(by_hand) == len(scored)
    assert (scored.recency_days == by_hand["last"].map(lambda day: (AT - day).days)).all()
    assert (scored.frequency == by_hand.f).all()
    assert (scored.monetary.astype(float) == by_hand.m).all()
    assert (scored.m == pandas.qcut(by_hand.m, 5, labels=False) + 1).all()
    assert (scored.r == 5 - pandas.qcut(scored.recency_days, 5, labels=False)).all()
    assert rfm.parts_lost(version)["f"][1] < 5
