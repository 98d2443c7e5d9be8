"""The rows of the builder: tasks in their order, chains as paths, pools, saved as the plain form saves them."""

from urllib.parse import parse_qs, urlsplit

import pytest

from campaigns.models import Campaign, Chain, ChainStep, Task
from operations.models import AuditRecord
from rewards.models import Gift, PrizePool
from segmentation.models import Tag, TagGroup
from tests.campaigns.builder_hands import LIST, page, save, step_url, wrong
from tests.campaigns.scenes import chain, draft, make_level, pool, task

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("alone_and_now")]


@pytest.mark.parametrize("step", ["audience", "tasks", "pools", "look"])
def test_saving_a_step_without_a_change_changes_nothing(admin_client, step):
    make_level("paid")
    whom = {"levels": ["paid"]}
    campaign = draft(
        audience=whom,
        tasks=[task("one"), task("two", audience=whom)],
        chains=[chain("path", "one", "two", audience=whom)],
        pools=[pool("everyone"), pool("better", audience=whom)],
    )
    before = rows()
    records = AuditRecord.objects.count()

    answer = save(admin_client, step_url(campaign, step))

    assert answer.status_code == 302, wrong(answer)
    assert (rows(), AuditRecord.objects.count()) == (before, records)


def rows():
    """The draft but for the ids of its steps, which are written anew."""
    steps = list(ChainStep.objects.order_by("chain", "number").values("chain", "number", "task", "skip"))
    models = (Campaign, Task, Chain, Campaign.pools.rel.related_model)
    return [list(model.objects.order_by("pk").values()) for model in models] + [steps]


def test_each_step_writes_the_rows_that_the_plain_form_writes(admin_client):
    """The same changes by the plain form of one campaign and by the builder of its twin."""
    make_level("paid")
    contents = {"tasks": [task("one"), task("two")], "chains": [chain("path", "one", "two")]}
    plain, built = draft(slug="plain", **contents), draft(slug="built", pools=[pool("other")], **contents)
    ones = {each.key: each.pk for each in built.tasks.all()}
    twos = {each.key: each.pk for each in plain.tasks.all()}
    say = {"name": "Winter", "tagline": "Come", "audience_levels": ["paid"]}

    def order(tasks):
        return {"tasks-0-position": "2", "tasks-1-position": "1"} | chain_change(tasks)

    def chain_change(tasks):
        return {"chains-0-steps_0": tasks["two"], "chains-0-steps_1": tasks["one"], "chains-0-points": "7"}

    answer = save(admin_client, f"{LIST}{plain.pk}/change/", **say, **order(twos), **{"pools-0-named_only": "on"})
    assert answer.status_code == 302
    assert save(admin_client, step_url(built, "audience"), name="Winter", audience_levels=["paid"]).status_code == 302
    assert save(admin_client, step_url(built, "look"), tagline="Come").status_code == 302
    assert save(admin_client, step_url(built, "tasks"), **order(ones)).status_code == 302
    assert save(admin_client, step_url(built, "pools"), **{"pools-0-named_only": "on"}).status_code == 302

    assert said_by(built) == said_by(plain)


def said_by(campaign):
    own = Campaign.objects.values("name", "tagline", "audience", "colour", "opens_at").get(pk=campaign.pk)
    tasks = list(campaign.tasks.values("key", "position", "points"))
    chains = list(campaign.chains.values("key", "points", "chances", "audience"))
    steps = list(ChainStep.objects.filter(chain__campaign=campaign).values_list("number", "task__key", "skip"))
    return own, tasks, chains, steps, list(campaign.pools.values("named_only", "audience", "position"))


def test_a_chain_is_added_and_drawn_as_a_path(admin_client):
    campaign = draft(tasks=[task("one"), task("two", reward={"chances": 1})], chains=[])
    one, two = campaign.tasks.all()

    answer = save(
        admin_client,
        step_url(campaign, "tasks"),
        **{"chains-0-title": "Path", "chains-0-key": "path", "chains-0-steps_0": one.pk, "chains-0-steps_1": two.pk},
        **{"chains-0-chances": "2"},
    )

    assert answer.status_code == 302, wrong(answer)
    assert list(ChainStep.objects.values_list("number", "task__key")) == [(1, "one"), (2, "two")]
    text = page(admin_client, step_url(campaign, "tasks")).content.decode()
    drawn = text[text.index('class="path-nodes"') :]
    assert drawn.index("Task one") < drawn.index("Task two") < drawn.index("All done") < drawn.index("draw chances 2")


def test_the_plain_form_shows_the_path_too(admin_client):
    campaign = draft(tasks=[task("one"), task("two")], chains=[chain("path", "one", "two")])

    assert 'class="path-nodes"' in page(admin_client, f"{LIST}{campaign.pk}/change/").content.decode()


def test_a_step_that_falls_away_and_another_face_of_a_chain_are_told(admin_client):
    make_level("paid")
    whom = {"levels": ["paid"]}
    campaign = draft(
        tasks=[task("one"), task("two"), task("three")],
        chains=[chain("path", "one", "two", slot="face"), chain("other", "three", slot="face", audience=whom)],
    )
    ChainStep.objects.filter(task__key="two").update(skip=whom)

    text = page(admin_client, step_url(campaign, "tasks")).content.decode()

    assert "Falls away for: One of these levels: paid" in text
    assert "Chain other: One of these levels: paid" in text


def test_tasks_are_put_in_order_by_their_numbers_without_a_script(admin_client):
    campaign = draft(tasks=[task("one"), task("two"), task("three")])

    answer = save(
        admin_client,
        step_url(campaign, "tasks"),
        **{"tasks-0-position": "3", "tasks-1-position": "1", "tasks-2-position": "2"},
    )

    assert answer.status_code == 302, wrong(answer)
    assert list(campaign.tasks.values_list("key", flat=True)) == ["two", "three", "one"]


def test_a_task_is_taken_away_but_not_one_that_is_a_step(admin_client):
    campaign = draft(tasks=[task("one"), task("two")], chains=[chain("path", "one")])

    answer = save(admin_client, step_url(campaign, "tasks"), **{"tasks-0-DELETE": "on"})
    assert answer.status_code == 200
    assert campaign.tasks.count() == 2

    answer = save(admin_client, step_url(campaign, "tasks"), **{"tasks-0-DELETE": "", "tasks-1-DELETE": "on"})
    assert answer.status_code == 302, wrong(answer)
    assert list(campaign.tasks.values_list("key", flat=True)) == ["one"]


def test_a_pool_that_is_offered_stands_last(admin_client):
    campaign = draft(pools=[pool("first"), pool("second")])
    draft(slug="other", pools=[pool("third")])
    third = Campaign.objects.get(slug="other").pools.get().pool

    answer = save(admin_client, step_url(campaign, "pools"), **{"pools-2-pool": third.pk})

    assert answer.status_code == 302, wrong(answer)
    assert list(campaign.pools.values_list("pool__slug", flat=True)) == ["first", "second", "third"]


# The check rehearses a draft without faults: it counts whom it reaches.
@pytest.mark.parametrize(("step", "most"), [("tasks", 45), ("check", 65)])
def test_the_number_of_statements_does_not_grow_with_tasks_and_chains(
    admin_client, django_assert_max_num_queries, step, most
):
    gift = Gift.objects.create(slug="cup", name="Cup", kind="thanks")
    tag = Tag.objects.create(slug="keen", name="Keen", group=TagGroup.objects.create(slug="mood", name="Mood"))
    few = draft(slug="few", tasks=[task("one")], chains=[chain("path", "one")])
    keys = [f"t{number}" for number in range(12)]
    chains = [chain(f"path-{number}", *keys[2 * number : 2 * number + 2]) for number in range(6)]
    many = draft(slug="many", tasks=[task(key) for key in keys], chains=chains, pools=[pool("other")])
    for campaign in (few, many):
        for rows in (campaign.tasks, campaign.chains):
            rows.update(gift=gift, tag=tag, pool=campaign.pools.get().pool)
    page(admin_client, step_url(few, step))

    with django_assert_max_num_queries(most) as at_few:
        page(admin_client, step_url(few, step))
    with django_assert_max_num_queries(most) as at_many:
        page(admin_client, step_url(many, step))

    assert len(at_many) == len(at_few)


def test_chains_make_their_keys_and_tell_tasks_of_one_title_apart(admin_client):
    make_level("paid")
    tasks = [task("one", title="Hello"), task("two", title="Hello", audience={"levels": ["paid"]}), task("three")]
    campaign = draft(tasks=tasks, chains=[chain("chain", "one")])
    url = step_url(campaign, "tasks")

    offered = page(admin_client, url).content.decode()
    assert [f">{words}</option>" in offered for words in ("Hello (paid)", "Hello (one)", "Task three")] == [True] * 3
    answer = save(
        admin_client,
        url,
        **{"chains-1-title": "Another", "chains-1-steps_0": campaign.tasks.get(key="three").pk},
    )

    assert answer.status_code == 302, wrong(answer)
    assert Chain.objects.get(title="Another").key == "chain-2"


def test_the_pool_from_whose_form_one_comes_is_chosen(admin_client):
    campaign = draft(pools=[pool("everyone")])
    url = step_url(campaign, "pools")
    before = page(admin_client, url).context
    made = PrizePool.objects.create(slug="new", name="New")

    back = parse_qs(urlsplit(before["new_pool_url"]).query)["_back"][0]
    (row,) = page(admin_client, back).context["new_pools"]
    assert row.initial["pool"] == made.pk
    # Once it is offered there is nothing left to propose.
    saved = save(admin_client, back, **{"pools-1-pool": made.pk})
    assert saved.status_code == 302, wrong(saved)
    (row,) = page(admin_client, back).context["new_pools"]
    assert "pool" not in row.initial
    for nonsense in ("x", "9" * 40, "-1"):
        (row,) = page(admin_client, f"{url}?made_since={nonsense}").context["new_pools"]
        assert "pool" not in row.initial
