"""The store of facts gives the answers of PostgreSQL at once, whatever happened since and whoever died on the way."""

import json
import os
import random
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from django.db import connection
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from members import touches
from members.models import Event, Level, Member, Order
from segmentation import kept_answers, member_sets, world
from segmentation.counting import live, read_rule
from segmentation.evaluation import members_of
from segmentation.facts import bulk, choosing, current, refreshing, shelf, versions
from segmentation.facts.refreshing import Outcome
from segmentation.models import FactsVersion
from tests.segmentation import people, rule_strategies, shop_changes

pytestmark = pytest.mark.django_db(transaction=True)
KINDS = ("orders", "items", "events", "people")
SEEDS = st.lists(st.integers(0, 2**32), min_size=1, max_size=6)
settings_of_hypothesis = settings(
    max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate]
)
BOUGHT = {"version": 1, "combinator": "and", "rules": [{"field": "orders.count", "operator": ">=", "value": 1}]}
NEVER = {"version": 1, "combinator": "and", "rules": [{"field": "orders.count", "operator": "=", "value": 0}]}


@pytest.fixture
def store(tmp_path, settings, monkeypatch):
    """A store of the invented shop in many small shards, which wants every touched member written at once."""
    settings.FACTS_DIR, settings.KEPT_ANSWERS_MB = str(tmp_path), 8
    monkeypatch.setattr(refreshing, "LEAST_ROWS", 0)
    monkeypatch.setattr(refreshing, "FEW_TOUCHED", 0)
    monkeypatch.setattr(choosing, "ROWS", 30)
    monkeypatch.setattr(bulk, "PAGES", 1)
    monkeypatch.setattr(bulk, "MEMBER_BITS", 6)
    monkeypatch.setattr(bulk, "ID_BITS", 5)
    monkeypatch.setattr(current, "_process", current._Process())
    kept_answers.answers.clear()
    people.write(people.invent(3))
    assert refresh() is Outcome.BUILT
    return versions.directory()


def refresh(**options):
    return refreshing.refresh(told=lambda _what: None, **options)


def by_the_store(rule):
    everyone = world.everyone(now=people.NOW)
    assert any(type(part).__name__ == "KeptPart" for part in everyone.parts)
    return members_of(rule, everyone)


def by_postgresql(rule, settings):
    where, kept = settings.FACTS_DIR, settings.KEPT_ANSWERS_MB
    settings.FACTS_DIR, settings.KEPT_ANSWERS_MB = "", 0
    try:
        return members_of(rule, world.everyone(now=people.NOW))
    finally:
        settings.FACTS_DIR, settings.KEPT_ANSWERS_MB = where, kept


def rows_of(everyone):
    """Every row of every table, with words instead of codes and the order instead of its place."""
    found = {kind: [] for kind in KINDS}
    for part in everyone.parts:
        for kind in KINDS:
            table = getattr(part, kind)
            columns = {name: getattr(table, name).tolist() for name in table.columns()}
            for name, of in table.texts.items():
                texts = (*getattr(table, of).texts, None)
                columns[name] = [texts[code] for code in columns[name]]
            if kind == "items":
                orders = part.orders
                columns["order"] = [
                    tuple(int(column[row]) for column in (orders.member, orders.paid_at, orders.net))
                    for row in columns["order"]
                ]
            rows = zip(*columns.values(), strict=True)
            # Rows of erased members may stand there or not: they are nobody's audience.
            owners = [order[0] for order in columns["order"]] if kind == "items" else columns["member"]
            there = zip(owners, rows, strict=True)
            found[kind] += [tuple(map(str, row)) for owner, row in there if owner in everyone.members]
            assert columns.get("member", []) == sorted(columns.get("member", []))
    return {kind: sorted(rows) for kind, rows in found.items()}


def is_exact(settings):
    kept = rows_of(world.everyone(now=people.NOW))
    where, settings.FACTS_DIR = settings.FACTS_DIR, ""
    try:
        return kept == rows_of(world.everyone(now=people.NOW))
    finally:
        settings.FACTS_DIR = where


def test_all_rows_are_there_once(store, settings):
    assert len(world.everyone(now=people.NOW).parts) > 3
    assert is_exact(settings)


def test_full_equals_patched_after_any_sequence_of_facts(store, settings, monkeypatch):
    """One shop goes on changing; now and then the store is written anew, in part or with its base."""

    @settings_of_hypothesis
    @given(SEEDS, st.lists(rule_strategies.leaves(), min_size=4, max_size=4))
    def agree(seeds, leaves):
        for seed in seeds:
            chance = random.Random(seed)
            chance.choice(shop_changes.CHANGES)(chance)
            if chance.random() < 0.2:
                monkeypatch.setattr(refreshing, "LARGEST_LAYER", chance.choice([0, 1000]))
                assert refresh() in (Outcome.LAYERED, Outcome.FOLDED, Outcome.FRESH)
        for leaf in leaves:
            rule = read_rule({"version": 1, "combinator": "and", "rules": [leaf]})
            assert by_the_store(rule) == by_postgresql(rule, settings), leaf
        assert is_exact(settings)

    agree()


def test_a_new_member_and_an_erased_one_are_right_at_once(store):
    never = by_the_store(read_rule(NEVER))
    shop_changes.Member.objects.create(pk=777, uid="new")
    with shop_changes.transaction.atomic():
        touches.touch(touches.PROFILE, [777])
    assert by_the_store(read_rule(NEVER)) == never | member_sets.BitMap([777])
    Member.objects.filter(pk=777).update(erased_at=people.NOW)
    with shop_changes.transaction.atomic():
        touches.touch(touches.PROFILE, [777])
    assert by_the_store(read_rule(NEVER)) == never


def test_an_edit_of_one_clause_reads_one_clause(store, monkeypatch):
    asked = []
    measure = kept_answers.source_of(next(iter_leaves(BOUGHT))).__class__.measure
    monkeypatch.setattr(
        "segmentation.sources.orders.OrdersSource.measure",
        lambda self, leaf, part, world: asked.append(leaf) or measure(self, leaf, part, world),
    )
    clauses = [{"field": "orders.count", "operator": ">=", "value": value} for value in (1, 2, 3)]
    live({"version": 1, "combinator": "or", "rules": clauses}, now=people.NOW)
    asked.clear()
    clauses[1]["value"] = 4
    live({"version": 1, "combinator": "and", "rules": clauses}, now=people.NOW)
    assert {leaf.value for leaf in asked} == {4}


def iter_leaves(rule):
    from segmentation.rules import leaves

    return leaves(read_rule(rule))


STEPS = [
    (shelf.Writing, "add"),
    (shelf.Writing, "finish"),
    (shelf, "synchronise"),
    (versions, "publish"),
    (versions, "_outside_of_the_transaction"),
    (versions, "synchronise"),
    (shelf, "_bytes"),
]


@pytest.mark.parametrize(("where", "step"), STEPS)
@pytest.mark.parametrize("from_scratch", [True, False])
def test_a_build_that_fails_at_any_step_leaves_the_last_good(store, settings, monkeypatch, where, step, from_scratch):
    shop_changes.new_order(random.Random(1))
    with monkeypatch.context() as patch:
        patch.setattr(where, step, full_disk)
        with pytest.raises(OSError, match="No space left"):
            refresh(from_scratch=from_scratch)
    assert by_the_store(read_rule(BOUGHT))
    assert is_exact(settings)
    assert refresh() in (Outcome.LAYERED, Outcome.FRESH)
    assert is_exact(settings)
    used = versions.read_pointer(store)
    assert {path.name for path in store.iterdir() if path.is_dir()} <= {used.base, used.layer, *still_open()}


def still_open():
    opened = current._process.opened
    return {each.name for each in (opened.base, opened.layer) if each} if opened else set()


def full_disk(*_args, **_options):
    raise OSError(28, "No space left on device")


def test_a_builder_that_is_killed_leaves_the_last_good_one(store, settings, process_environment):
    script = """
import os, django, signal
django.setup()
from segmentation.facts import bulk, refreshing
steps = []
def told(what):
    steps.append(what)
    if what.startswith("sorting"): os.kill(os.getpid(), signal.SIGKILL)
refreshing.refresh(told=told, from_scratch=True)
"""
    environment = process_environment | {"FACTS_DIR": settings.FACTS_DIR}
    before = versions.read_pointer(store)
    killed = subprocess.run([sys.executable, "-c", script], env=environment, cwd=Path(__file__).parents[2], check=False)
    assert killed.returncode == -9
    assert len(list(Path(settings.FACTS_DIR).glob("*/*.work"))) == 1
    assert versions.read_pointer(store) == before
    assert is_exact(settings)


def test_of_two_builders_one_gives_way(store):
    with versions.alone(store), pytest.raises(versions.Busy):
        refresh()


def test_a_reader_keeps_what_it_reads_while_a_new_version_is_published(store, settings):
    rule = read_rule(BOUGHT)
    everyone = world.everyone(now=people.NOW)
    before = by_postgresql(rule, settings)
    for _ in range(3):
        refresh(from_scratch=True)
    # Columns are opened when they are asked for: after their version was replaced, too.
    assert members_of(rule, everyone) == before


def test_readers_and_a_writer_at_once_never_see_half_a_version(store, settings):
    faults, stop = [], threading.Event()

    def read():
        try:
            while not stop.is_set():
                assert by_the_store(read_rule(BOUGHT))
        except BaseException as fault:
            faults.append(fault)
        finally:
            connection.close()

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for seed in range(4):
        shop_changes.new_order(random.Random(seed))
        refresh(from_scratch=seed == 2)
    stop.set()
    for reader in readers:
        reader.join()
    assert not faults


def a_file_is_lost(root, _settings):
    next(root.glob("*/0.orders.member.npy")).unlink()


def a_file_is_cut(root, _settings):
    next(root.glob("*/0.orders.net.npy")).write_bytes(b"short")


def its_contents_are_broken(root, _settings):
    next(root.glob("*/contents.json")).write_bytes(b"{")


def the_pointer_is_broken(root, _settings):
    (root / "current.json").write_bytes(b"[]")


def the_pointer_is_lost(root, _settings):
    (root / "current.json").unlink()


def the_site_moves(_root, settings):
    settings.TIME_ZONE = "Europe/Berlin"


def the_database_is_another(_root, _settings):
    FactsVersion.objects.all().delete()


def a_level_is_called_otherwise(_root, _settings):
    Level.objects.filter(slug="growth").update(slug="grown")


HARMS = [
    a_file_is_lost,
    a_file_is_cut,
    its_contents_are_broken,
    the_pointer_is_broken,
    the_pointer_is_lost,
    the_site_moves,
    the_database_is_another,
    a_level_is_called_otherwise,
]


@pytest.mark.parametrize("harm", HARMS)
def test_a_store_that_is_damaged_or_of_elsewhere_is_left_aside_and_replaced(store, settings, monkeypatch, harm):
    harm(store, settings)
    monkeypatch.setattr(current, "_process", current._Process())
    everyone = world.everyone(now=people.NOW)
    assert {type(part).__name__ for part in everyone.parts} == {"ReadPart"}
    assert len(members_of(read_rule(BOUGHT), everyone))
    shop_changes.view(random.Random(1))
    assert refresh() is Outcome.BUILT
    assert is_exact(settings)


def test_it_is_private_and_small_shops_have_none(store, settings, monkeypatch, tmp_path):
    assert oct(store.stat().st_mode)[-3:] == "700"
    monkeypatch.setattr(refreshing, "LEAST_ROWS", 1 + Order.objects.count() + Event.objects.count())
    assert refresh() is Outcome.SMALL
    settings.FACTS_DIR = ""
    assert refresh() is Outcome.OFF


def on_the_disk(root, text):
    return [path for path in root.rglob("*.json") if text in path.read_text(encoding="utf-8")]


@pytest.mark.parametrize("known_to_the_base", [True, False])
def test_nothing_of_an_erased_member_is_left_on_the_disk_after_a_day(store, settings, monkeypatch, known_to_the_base):
    with shop_changes.transaction.atomic():
        member = Member.objects.create(pk=900, uid="gone", region="Nowhere else")
        Event.objects.create(event_id="s", member=member, occurred_at=people.NOW, type="search", keyword="own words")
        touches.touch(touches.PROFILE, [900])
        touches.touch(touches.EVENTS, [900])
    refresh(from_scratch=known_to_the_base)
    assert len(on_the_disk(store, "own words")) == 1
    with shop_changes.transaction.atomic():
        Event.objects.filter(member=member).delete()
        Member.objects.filter(pk=900).update(erased_at=people.NOW, region="")
        touches.touch(touches.PROFILE, [900])
    monkeypatch.setattr(refreshing, "LARGEST_LAYER", 0)
    monkeypatch.setattr(refreshing, "LARGEST_SHARE", 0)
    assert refresh() is Outcome.LAYERED
    assert not refreshing.needs_everything()
    monkeypatch.setattr(refreshing, "LEFT_OF_ERASED", refreshing.timedelta(0))
    assert refreshing.needs_everything()
    monkeypatch.setattr(versions, "LONGEST_READ", refreshing.timedelta(0))
    assert [refresh(), refresh()] == [Outcome.BUILT, Outcome.FRESH]
    assert not on_the_disk(store, "own words") + on_the_disk(store, "Nowhere else")
    assert not refreshing.needs_everything()
    assert is_exact(settings)


def test_a_level_that_is_renamed_while_the_store_is_built_is_found_out(store, monkeypatch):
    read = bulk._Bulk.read

    def read_then_rename(self):
        read(self)
        a_level_is_called_otherwise(None, None)

    monkeypatch.setattr(bulk._Bulk, "read", read_then_rename)
    refresh(from_scratch=True)
    assert versions.refusal(versions.read_pointer(store)) == "a level has another key"


def test_the_pointer_says_what_it_answers_for(store):
    told = json.loads((store / "current.json").read_text())
    assert told["zone"] == "Asia/Shanghai"
    assert set(told["levels"].values()) == set(people.LEVELS)
    assert FactsVersion.objects.get().token == versions.uuid.UUID(told["token"])
    assert os.listdir(store / told["base"])
