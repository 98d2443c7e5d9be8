"""Whatever campaign is loaded, its file comes back, and what was dumped once dumps to the same bytes for ever."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns import campaign_files
from campaigns.definition import as_json, parse
from campaigns.drafts import Draft
from campaigns.models import Campaign
from campaigns.proposed import definition_proposed
from tests.campaigns.scenes import NOW, QUIZ, make_gifts, pool

pytestmark = pytest.mark.django_db
KEYS = [f"key-{number}" for number in range(6)]
POOLS = ["pool-a", "pool-b", "pool-c"]
CONFIGS = {"checkin": {}, "quiz": QUIZ, "purchase": {"orders": 2, "categories": ["milk", "茶"]}}

# Anything that a text of PostgreSQL can hold.
characters = st.characters(exclude_categories=["Cs"], exclude_characters="\x00")
texts = st.text(characters, max_size=30)
titles = texts.filter(str.strip)
some = st.lists(st.sampled_from(["a", "b-1", "c_2"]), unique=True, max_size=3)
counts = st.integers(1, 2_000_000_000)


def parts(**strategies):
    """Some of these keys: what says nothing is left out, as the file leaves it out."""
    return st.fixed_dictionaries({}, optional=strategies).map(
        lambda given: {key: value for key, value in given.items() if value not in ([], "", 0)}
    )


audiences = parts(
    levels=some,
    tag_groups=some,
    tags_any=some.map(lambda tags: [f"g.{tag}" for tag in tags]),
    tags_all=some.map(lambda tags: [f"g.{tag}" for tag in tags]),
    tags_none=some.map(lambda tags: [f"g.{tag}" for tag in tags]),
    segments_in=some,
    segments_not_in=some,
    score_from=st.integers(1, 1000),
    score_below=st.integers(1, 1000),
)
rewards = {
    "points": counts,
    "growth": counts,
    "chances": counts,
    "gift": st.just("thanks"),
    "pool": st.sampled_from(POOLS),
}
quotas = st.fixed_dictionaries(
    {"quota": counts},
    optional={"per": st.sampled_from(["day", "week", "month"]), "audience": audiences.filter(bool)},
)


@st.composite
def tasks(draw, key):
    kind = draw(st.sampled_from(sorted(CONFIGS)))
    options = parts(
        times=st.integers(1, 1000),
        finish_within=st.integers(1, 60 * 24 * 366),
        claim_within=st.integers(1, 24 * 366),
        quotas=st.lists(quotas, max_size=2),
        slot=st.sampled_from(["top", "side"]),
    )
    return {
        "key": key,
        "title": draw(titles),
        "guide": draw(texts),
        "kind": kind,
        "config": CONFIGS[kind],
        "period": draw(st.sampled_from(["once", "daily", "weekly", "monthly", "times"])),
        "claim_mode": draw(st.sampled_from(["automatic", "by_hand", "accept_first"])),
        "audience": draw(audiences),
        "reward": draw(parts(score=counts, **rewards)),
    } | draw(options)


@st.composite
def chains(draw, key, steps):
    skips = draw(st.lists(st.none() | audiences.filter(bool), min_size=len(steps), max_size=len(steps)))
    named = [{"task": step, "skip": skip} if skip else step for step, skip in zip(steps, skips, strict=True)]
    made = {
        "key": key,
        "title": draw(titles),
        "audience": draw(audiences),
        "reward": draw(parts(**rewards)),
        "steps": named,
    }
    return made | draw(parts(within=st.integers(1, 24 * 366), slot=st.sampled_from(["top", "side"])))


@st.composite
def offers(draw, key):
    made = {
        "key": key,
        "kind": draw(st.sampled_from(["flash", "first_order", "group"])),
        "title": draw(titles),
        "price": f"{draw(st.integers(0, 99_999))}.{draw(st.integers(10, 99))}",
        "offer_price": f"{draw(st.integers(0, 99_999))}.{draw(st.integers(10, 99))}",
        "audience": draw(audiences),
    }
    return made | draw(parts(stock=st.integers(1, 1000), minutes=st.integers(16, 100), gift=st.just("thanks")))


@st.composite
def campaigns(draw):
    keys = draw(st.lists(st.sampled_from(KEYS), unique=True, max_size=5))
    cut = draw(st.integers(0, len(keys)))
    moments = draw(st.lists(st.datetimes(timezones=st.just(NOW.tzinfo)), min_size=2, max_size=2))
    made = {
        "version": 1,
        "slug": "any",
        "name": draw(titles),
        "opens_at": moments[0].isoformat(),
        "closes_at": moments[1].isoformat(),
        "tagline": draw(texts),
        "rules": draw(texts),
        "organiser": draw(titles),
        "colour": draw(st.from_regex(r"#[0-9a-f]{6}", fullmatch=True)),
        "audience": draw(audiences),
        "tasks": [draw(tasks(key)) for key in keys],
        "chains": [draw(chains(f"chain-{number}", steps)) for number, steps in enumerate([keys[:cut], keys[cut:]])],
        "pools": [pool(slug) | {"audience": draw(audiences)} | draw(parts(named_only=st.just(True))) for slug in POOLS],
    }
    sold = {"offers": [draw(offers(f"offer-{number}")) for number in range(draw(st.integers(0, 2)))]}
    return (
        made
        | {key: value for key, value in sold.items() if value}
        | draw(parts(time_zone=st.sampled_from(["Europe/Berlin", "America/New_York"])))
    )


@given(campaigns())
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_any_campaign_comes_back(file):
    make_gifts()

    text = campaign_files.dump(campaign_files.load(file, by=None, now=NOW))

    assert json.loads(text) == file
    assert campaign_files.dump(campaign_files.load(campaign_files.read(text), by=None, now=NOW)) == text
    definition = definition_proposed(Draft(Campaign.objects.get(slug="any")))
    assert parse(as_json(definition)) == definition
