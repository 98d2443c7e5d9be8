"""The rule editor in the form of a segment: what is clicked or typed is exactly the JSON that is stored."""

import json
import time

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Locator, Page, Route, expect

from segmentation import recomputing
from segmentation.models import Segment
from tests.segmentation import people

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("browser-admin")]

DESKTOP = pytest.mark.parametrize("phone", [{"viewport": {"width": 1280, "height": 900}, "is_mobile": False}], ids=[""])
WITHOUT_SCRIPTS = pytest.mark.parametrize("phone", [{"java_script_enabled": False}], ids=[""])
COUNT = {"field": "orders.count", "operator": ">=", "value": 1}
ALL_KINDS = [
    {"field": "level", "operator": "in", "value": ["growth", "paid"]},
    {
        "field": "orders.count",
        "operator": ">=",
        "value": 3,
        "where": {"category": ["milk", "tea"], "channel": ["app"]},
        "window": {"last_days": 90},
    },
    {
        "field": "orders.amount.sum",
        "operator": "between",
        "value": ["100", "500"],
        "window": {"from": "2026-01-01", "to": "2026-07-01"},
    },
    {"field": "attribute.married", "operator": "=", "value": True},
    {"field": "profile.birthday", "operator": "is_null"},
    {"combinator": "or", "not": True, "rules": [{"combinator": "and", "rules": [COUNT]}]},
]


def rule(*clauses: object) -> dict:
    return {"version": 1, "combinator": "and", "rules": list(clauses)}


@pytest.fixture
def shop(live_server) -> None:
    people.write(people.invent(1))


@pytest.fixture
def form(signed_in: Page, shop, live_server) -> Page:
    """The form of a new segment."""
    signed_in.goto(live_server.url + reverse("admin:segmentation_segment_add"))
    # The key first: then it does not follow the name any more.
    signed_in.locator("[name=slug]").fill("milk-lovers")
    signed_in.locator("[name=name]").fill("Milk lovers")
    return signed_in


def save(page: Page) -> dict:
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("was added successfully")).to_be_visible()
    return Segment.objects.get(slug="milk-lovers").rule


def write_json(page: Page, written: object) -> None:
    page.get_by_role("button", name="Edit as JSON").click()
    page.locator("[name=rule]").fill(written if isinstance(written, str) else json.dumps(written))


def clause(page: Page, path: str) -> Locator:
    return page.locator(f'.re-clause[data-path="{path}"]')


@DESKTOP
def test_a_rule_is_built_with_the_mouse(form: Page, phone):
    form.get_by_role("button", name="Add a clause").click()
    first = clause(form, "rules[0]")
    first.get_by_label("Field").select_option("orders.count")
    first.get_by_label("Value").fill("3")
    first.get_by_label("Time").select_option("last_days")
    first.get_by_label("days").fill("30")
    first.get_by_role("button", name="Only with category").click()
    first.get_by_role("option", name="milk").click()
    form.get_by_role("button", name="Add a group").click()
    second = clause(form, "rules[1].rules[0]")
    second.get_by_label("Field").select_option("level")
    second.locator(".re-tick").get_by_text("paid").click()
    second.locator(".re-tick").get_by_text("growth").click()
    form.locator('.re-group[data-path="rules[1]"]').get_by_label("How the clauses are joined").select_option("not_or")
    assert save(form) == rule(
        COUNT | {"value": 3, "where": {"category": ["milk"]}, "window": {"last_days": 30}},
        {
            "combinator": "or",
            "not": True,
            "rules": [{"field": "level", "operator": "in", "value": ["paid", "growth"]}],
        },
    )


def tab_to(page: Page, wanted: Locator, key: str = "Tab") -> None:
    for _ in range(60):
        page.keyboard.press(key)
        if wanted.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"{wanted} cannot be reached by {key}")


@DESKTOP
def test_a_rule_is_built_with_the_keyboard_alone(form: Page, phone):
    form.locator("[name=name]").focus()
    tab_to(form, form.get_by_role("button", name="Add a clause"))
    form.keyboard.press("Enter")
    first, keyboard = clause(form, "rules[0]"), form.keyboard
    expect(first.get_by_label("Field")).to_be_focused()
    keyboard.type("units bought")
    tab_to(form, first.get_by_label("Value"))
    keyboard.type("12")
    tab_to(form, first.get_by_role("button", name="Only with channel"))
    keyboard.press("Enter")
    expect(first.get_by_role("combobox", name="channel")).to_be_focused()
    expect(first.get_by_role("option", name="app")).to_be_visible()
    keyboard.press("ArrowDown")
    keyboard.press("Enter")
    keyboard.type("shop 7")
    keyboard.press("Enter")

    tab_to(form, form.get_by_role("button", name="Add a clause"))
    keyboard.press("Space")
    second = clause(form, "rules[1]")
    expect(second.get_by_label("Field")).to_be_focused()
    keyboard.type("region")
    tab_to(form, second.get_by_label("Comparison"))
    keyboard.type("is missing")
    tab_to(form, second.get_by_role("button", name="Move up"))
    keyboard.press("Enter")
    expect(clause(form, "rules[0]").get_by_role("button", name="Move up")).to_be_focused()
    tab_to(form, clause(form, "rules[0]").get_by_role("button", name="Remove the clause"))
    keyboard.press("Enter")
    expect(clause(form, "rules[0]").get_by_role("button", name="Remove the clause")).to_be_focused()
    expect(form.locator(".re-clause")).to_have_count(1)
    keyboard.press("Control+z")
    expect(form.locator(".re-clause")).to_have_count(2)
    channels = json.loads(form.locator("[name=rule]").input_value())["rules"][1]["where"]["channel"]
    assert save(form) == rule(
        {"field": "profile.region", "operator": "is_null"},
        {"field": "orders.quantity.sum", "operator": ">=", "value": 12, "where": {"channel": [channels[0], "shop 7"]}},
    )
    assert channels[0] in people.CHANNELS


@DESKTOP
def test_a_fault_is_shown_at_its_clause_and_goes_when_it_is_mended(form: Page, phone):
    broken = COUNT | {"window": {"last_days": 0}}
    write_json(form, rule(COUNT, {"combinator": "or", "rules": [COUNT, broken]}))
    form.get_by_role("button", name="Edit as clauses").click()
    wrong = clause(form, "rules[1].rules[1]")
    expect(wrong.get_by_text("From 1 to 36500 days.")).to_be_visible()
    expect(form.locator(".re-clause.is-wrong")).to_have_count(1)
    wrong.get_by_label("days").fill("7")
    expect(form.locator(".re-faults")).to_have_count(0)


@DESKTOP
def test_the_count_follows_the_rule_and_the_last_answer_wins(form: Page, phone):
    held: list[Route] = []
    write_json(form, rule(COUNT))
    form.get_by_role("button", name="Edit as clauses").click()
    figure = form.locator(".live-count b")
    expect(figure).to_be_visible()
    before = figure.inner_text()
    form.route("**/editor/live/", lambda route: held.append(route) if not held else route.continue_())
    clause(form, "rules[0]").get_by_label("Value").fill("2")
    deadline = time.monotonic() + 5
    while not held and time.monotonic() < deadline:
        form.wait_for_timeout(50)
    clause(form, "rules[0]").get_by_label("Value").fill("999")
    expect(figure).to_have_text("0")
    assert before != "0"
    held[0].abort()
    expect(form.locator(".live-words")).to_contain_text("at least 999 orders")


@DESKTOP
def test_a_count_that_fails_says_so_and_the_rule_is_saved_all_the_same(form: Page, complaints, phone):
    form.route("**/editor/live/", lambda route: route.fulfill(status=500, body="no"))
    write_json(form, rule(COUNT))
    expect(form.get_by_text("The count did not come.")).to_be_visible()
    assert save(form) == rule(COUNT)


@DESKTOP
def test_what_the_editor_does_not_know_is_kept(form: Page, phone):
    strange = {"field": "shoe.size", "operator": "~", "value": {"eu": [42]}, "odd": None}
    write_json(form, rule(strange))
    form.get_by_role("button", name="Edit as clauses").click()
    expect(clause(form, "rules[0]").locator("code")).to_contain_text('"odd":null')
    form.get_by_role("button", name="Add a clause").click()
    clause(form, "rules[1]").get_by_label("Field").select_option("orders.count")
    kept = json.loads(form.locator("[name=rule]").input_value())
    assert kept["rules"] == [strange, {"field": "orders.count", "operator": ">=", "value": ""}]

    write_json(form, '{"version": 1, "rules"')
    expect(form.get_by_text("This is not JSON")).to_be_visible()
    expect(form.get_by_role("button", name="Edit as clauses")).to_have_attribute("aria-disabled", "true")
    assert form.locator("[name=rule]").input_value() == '{"version": 1, "rules"'


@WITHOUT_SCRIPTS
def test_without_scripts_the_json_is_saved(form: Page, phone):
    written = rule(*ALL_KINDS)
    form.locator("[name=rule]").fill(json.dumps(written))
    assert save(form) == written


def test_every_kind_of_clause_fits_a_phone_and_is_large_enough_for_a_thumb(form: Page):
    write_json(form, rule(*ALL_KINDS))
    form.get_by_role("button", name="Edit as clauses").click()
    expect(form.locator(".live-count")).to_be_visible()
    assert form.evaluate("document.documentElement.scrollWidth") == 390
    targets = form.locator(".rule-editor :is(button, select, .re-control, .re-tick span):visible")
    small = targets.evaluate_all(
        "all => all.map(each => [each.outerHTML.slice(0, 90), each.getBoundingClientRect()])"
        ".filter(([, box]) => box.height < 43.5 || box.width < 43.5).map(([html]) => html)"
    )
    assert small == []
    nameless = form.locator(".rule-editor :is(input, select, button):visible").evaluate_all(
        "all => all.filter(each => !each.ariaLabel && !each.innerText && !each.labels?.length)"
        ".map(each => each.outerHTML.slice(0, 90))"
    )
    assert nameless == []
    assert save(form) == rule(*ALL_KINDS)


@DESKTOP
def test_a_field_of_the_overlaps_opens_a_segment_of_both(signed_in: Page, shop, live_server, phone):
    for slug, least in (("some", 1), ("many", 2)):
        one = Segment.objects.create(slug=slug, name=slug.title(), rule=rule(COUNT | {"value": least}))
        recomputing.recompute(one, now=timezone.now())
    signed_in.goto(live_server.url + reverse("admin:segmentation_segment_overlaps") + "?segment=some&segment=many")
    signed_in.get_by_role("row", name="1 Some").get_by_role("link").nth(1).click()
    expect(signed_in.locator(".re-clause")).to_have_count(2)
    expect(signed_in.locator("[name=name]")).to_have_value("Some and Many")
    expect(signed_in.locator(".live-words")).to_contain_text("in Some, and in Many")
