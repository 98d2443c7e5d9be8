"""A definition and its JSON are the same thing."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.definition import Audience, Campaign, Chain, DefinitionError, Pool, Reward, Task, as_json, parse

keys = st.from_regex(r"[a-z][a-z0-9-]{0,8}", fullmatch=True)
key_sets = st.frozensets(keys, max_size=3)
bounds = st.none() | st.integers(0, 100)
texts = st.text(max_size=20)
audiences = st.builds(
    Audience,
    **dict.fromkeys(
        ("levels", "tag_groups", "tags_any", "tags_all", "tags_none", "segments_in", "segments_not_in"), key_sets
    ),
    score_from=bounds,
    score_below=bounds,
)
counts = st.integers(0, 1000)
rewards = st.builds(Reward, points=counts, growth=counts, chances=counts, score=counts, gift=st.none() | keys)
configs = st.dictionaries(keys, st.integers() | texts | st.lists(texts, max_size=2), max_size=3)
moments = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
tasks = st.builds(
    Task,
    key=keys,
    title=texts,
    guide=texts,
    kind=keys,
    config=configs,
    period=st.sampled_from(["once", "daily"]),
    claim_mode=st.sampled_from(["automatic", "by_hand"]),
    audience=audiences,
    reward=rewards,
    target=st.integers(1, 100),
)


@st.composite
def campaigns(draw):
    own = tuple(draw(st.lists(tasks, max_size=4, unique_by=lambda task: task.key)))
    steps = tuple(task.key for task in own[:2])
    chains = st.builds(Chain, key=keys, title=texts, audience=audiences, reward=rewards, steps=st.just(steps))
    pools = st.builds(Pool, slug=keys, name=texts, version=st.integers(1, 9), audience=audiences, version_id=st.just(0))
    return draw(
        st.builds(
            Campaign,
            **dict.fromkeys(("slug", "name", "tagline", "rules", "organiser", "colour"), texts),
            revision=counts,
            opens_at=moments,
            closes_at=moments,
            audience=audiences,
            tasks=st.just(own),
            chains=st.lists(chains, max_size=2).map(tuple),
            pools=st.lists(pools, max_size=2).map(tuple),
            paused=st.just(False),
            ended=st.just(False),
            by_key=st.just({}),
        )
    )


@given(campaigns())
def test_what_is_written_reads_back_the_same(campaign):
    text = as_json(campaign)

    assert parse(text) == campaign
    assert as_json(parse(text)) == text


SMALL = as_json(
    Campaign(
        slug="autumn",
        name="Autumn",
        revision=1,
        opens_at=datetime(2026, 11, 1, tzinfo=UTC),
        closes_at=datetime(2026, 12, 1, tzinfo=UTC),
        tagline="",
        rules="",
        organiser="The shop",
        colour="#d4380d",
        audience=Audience(),
        tasks=(Task("one", "One", "", "checkin", {}, "once", "automatic", Audience(), Reward()),),
        chains=(Chain("path", "Path", Audience(), Reward(), ("one",)),),
        pools=(Pool("pool", "Pool", 1, Audience()),),
    )
)


def changed(path, value):
    """SMALL with one value replaced."""

    def put(node, keys):
        if not keys:
            return value
        key, *rest = keys
        if isinstance(node, list):
            return [put(each, rest) if place == key else each for place, each in enumerate(node)]
        return {**node, key: put(node.get(key), rest)}

    return put(SMALL, path)


@pytest.mark.parametrize(
    ("path", "value", "named"),
    [
        (["version"], 2, "version"),
        (["opens_at"], "soon", "opens_at"),
        (["opens_at"], "2026-11-01T00:00:00", "opens_at"),
        (["colour"], None, "colour"),
        (["surprise"], 1, "surprise"),
        (["tasks"], {}, "tasks"),
        (["tasks", 0, "period"], "hourly", "tasks[0].period"),
        (["tasks", 0, "target"], 0, "tasks[0].target"),
        (["tasks", 0, "config"], [], "tasks[0].config"),
        (["tasks", 0, "reward"], {"points": -1}, "tasks[0].reward.points"),
        (["tasks", 0, "reward"], {"gold": 1}, "tasks[0].reward.gold"),
        (["tasks", 0, "audience"], {"levels": [None]}, "tasks[0].audience.levels[0]"),
        (["tasks"], [SMALL["tasks"][0]] * 2, "tasks"),
        (["chains", 0, "steps"], ["two"], "chains[0].steps[0]"),
        (["chains", 0, "steps"], ["one", "one"], "chains[0].steps[1]"),
        (["pools", 0, "version"], 0, "pools[0].version"),
    ],
)
def test_a_fault_is_named_by_its_path(path, value, named):
    with pytest.raises(DefinitionError) as error:
        parse(changed(path, value))

    assert error.value.path == named


def test_the_live_state_is_no_part_of_the_text():
    campaign = parse(SMALL)

    assert as_json(replace(campaign, paused=True, ended=True)) == SMALL
