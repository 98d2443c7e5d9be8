"""The arithmetic of earning, without a database."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewards.earning_amounts import Standing, earned, kept, net_that_counts, settled, within

START, END = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)
MONEY = st.integers(0, 10**14 - 1).map(lambda cents: Decimal(cents).scaleb(-2))
RATES = st.integers(1, 10**12 - 1).map(lambda parts: Decimal(parts).scaleb(-4))
MULTIPLIERS = st.integers(1, 10_000).map(lambda hundredths: Decimal(hundredths).scaleb(-2))
NETS = st.lists(st.integers(0, 50_000).map(lambda cents: Decimal(cents).scaleb(-2)), min_size=1, max_size=12)


@given(MONEY, RATES, MULTIPLIERS)
def test_what_is_earned_is_the_exact_product_rounded_down(net, rate, multiplier):
    cents, parts, hundredths = int(net * 100), int(rate * 10_000), int(multiplier * 100)
    assert earned(net, rate, multiplier) == cents * parts * hundredths // 10**8


@given(st.integers(0, 10**15), MONEY.filter(bool), st.data())
def test_what_is_kept_is_the_exact_share_rounded_down(granted, base, data):
    cents = data.draw(st.integers(0, int(base * 100)))
    assert kept(granted, base, Decimal(cents).scaleb(-2)) == granted * cents // int(base * 100)


@pytest.mark.parametrize("net", ["-0.01", "100.01"])
def test_no_share_is_reckoned_beyond_the_base(net):
    with pytest.raises(ValueError, match="not between"):
        kept(100, Decimal(100), Decimal(net))


@given(NETS, RATES, MULTIPLIERS)
def test_without_a_cap_only_the_largest_and_the_last_net_matter(nets, rate, multiplier):
    standing = Standing(multiplier)
    for net in nets:
        standing = settled(standing, net, rate=rate, room=None)
        assert settled(standing, net, rate=rate, room=None) == standing
    assert standing.granted == earned(max(nets), rate, multiplier)
    assert standing.kept == kept(standing.granted, max(nets), nets[-1])
    # At most one less than if it had earned on the last net at once.
    assert 0 <= earned(nets[-1], rate, multiplier) - standing.kept <= 1


@given(NETS, st.integers(0, 500))
def test_a_cap_grants_the_smaller_of_itself_and_what_was_earned(nets, cap):
    rate, standing = Decimal(1), Standing(Decimal("1.5"))
    for net in nets:
        standing = settled(standing, net, rate=rate, room=cap - standing.granted)
    assert standing.granted == min(cap, earned(max(nets), rate, Decimal("1.5")))
    assert 0 <= standing.kept <= standing.granted


def test_a_whole_refund_keeps_nothing():
    standing = settled(Standing(Decimal("1.5")), Decimal(199), rate=Decimal(1), room=None)
    assert settled(standing, Decimal(0), rate=Decimal(1), room=None).kept == 0


@pytest.mark.parametrize(
    ("at", "ends_at", "counts"),
    [("2026-10-31T23:59:59", END, False), ("2026-11-01T00:00:00", END, True), ("2026-11-30T23:59:59", END, True),
     ("2026-12-01T00:00:00", END, False), ("2036-12-01T00:00:00", None, True)],
)  # fmt: skip
def test_the_first_moment_of_a_rule_counts_and_its_end_does_not(at, ends_at, counts):
    assert within(datetime.fromisoformat(at).replace(tzinfo=UTC), START, ends_at) is counts


@pytest.mark.parametrize(
    ("categories", "counted"), [([], "50"), (["milk"], "30"), (["milk", "milk"], "30"), (["milk", "bread"], "50"),
                                (["cheese"], "0")],
)  # fmt: skip
def test_only_the_rule_s_categories_count_and_never_more_than_was_paid(categories, counted):
    lines = {"milk": Decimal(30), "bread": Decimal(40), "": Decimal(5)}
    assert net_that_counts(Decimal(50), lines, categories) == Decimal(counted)
