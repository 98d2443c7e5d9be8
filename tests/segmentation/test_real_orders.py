"""RFM over real orders (the CDNOW sample; its source and licence stand beside the file), checked with pandas."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pandas
import pytest
from django.core.management import call_command
from django.utils import translation

from members.models import Member
from segmentation import rfm, rfm_words, rules, world
from segmentation.counting import read_rule
from segmentation.models import RfmModel
from segmentation.sources import SOURCES
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
    once = (by_hand.f == 1).sum()
    assert rfm.parts_lost(version) == {"f": (5, scored.f.nunique())}
    assert version.summary["common"] == {"f": (1.0, once)}
    with translation.override("en"):
        (told,) = rfm_words.lost_words(version)
    share = f"{100 * once / version.size:.1f} % of the members have the same value (1 order)"
    assert told.startswith(f"Frequency was cut into {scored.f.nunique()} parts instead of 5, because {share}")
    assert list(scored["class"]) == list(_classes(scored))
    _few_say_the_same(scored)


def _classes(scored: pandas.DataFrame) -> Iterator[str]:
    """The classes by hand: what is above the mean score is high."""
    high = scored[["r", "f", "m"]] > scored[["r", "f", "m"]].mean()
    second = {(True, True): "value", (True, False): "develop", (False, True): "keep", (False, False): "winback"}
    for row in high.itertuples(index=False):
        yield f"{'important' if row.m else 'general'}_{second[row.r, row.f]}"


def _few_say_the_same(scored: pandas.DataFrame) -> None:
    """Some customers, asked for alone, are scored from their own orders."""
    some = scored.iloc[::97]
    ids = dict(Member.objects.filter(uid__in=some.index).values_list("uid", "pk"))
    few = world.only(ids.values(), now=NOW)
    for column in ("r", "f", "m", "class"):
        clause = {"field": f"rfm.default.{column}", "operator": "is_not_null"}
        (asked,) = rules.leaves(read_rule({"version": 1, "combinator": "and", "rules": [clause]}))
        values = [SOURCES["rfm"].values_of(asked, ids[uid], few) for uid in some.index]
        assert values == [[value] for value in some[column]]
