"""What operators fill in for these kinds: faults are named by their place, and forms give back what they were given."""

import pytest

from campaigns import kinds
from members.models import Attribute, Level

pytestmark = pytest.mark.django_db
STEPS = [{"from": 1, "to": 10, "odds": 900_000}, {"from": 50, "to": 50, "odds": 100_000}]
MAKE_UP = {"days_back": 3, "per_month": 2, "unit": "points", "price": 20}
BONUSES = [{"days": 3, "reward": {"points": 5}}, {"days": 7, "reward": {"chances": 1}}]


@pytest.fixture(autouse=True)
def _shop():
    Level.objects.create(slug="gold", name="Gold", kind="paid", rank=9)
    Attribute.objects.create(slug="skin", label="Skin", kind="text")


GOOD = [
    ("login", {}),
    ("login", {"by": "visit"}),
    ("checkin", {}),
    ("checkin", {"streaks": BONUSES, "repeat": True, "make_up": MAKE_UP}),
    ("gift_pack", {}),
    ("gift_pack", {"packs": [{"name": "one", "reward": {"points": 1}}], "again": True}),
    ("points_draw", {"steps": STEPS}),
    ("profile", {"parts": ["phone", "attribute.skin"], "ask": ["attribute.skin"], "link": "https://shop.example/me"}),
    ("browse", {"seconds": 15, "url": "https://shop.example/new", "pause": 20}),
    ("paid_level", {}),
    ("paid_level", {"levels": ["gold"]}),
    ("purchase", {"orders": 2, "categories": ["milk"], "within_days": 3}),
    ("purchase", {"amount": "99.50", "skus": ["m1", "m2"]}),
]
BAD = [
    ("login", {"by": "phone"}, {"by"}),
    ("login", {"zone": "Asia/Tokyo"}, {"zone"}),
    ("checkin", {"streaks": []}, {"streaks"}),
    ("checkin", {"streaks": [{"days": 0, "reward": {"points": 1}}]}, {"streaks[0].days"}),
    ("checkin", {"streaks": [{"days": True, "reward": {"points": 1}}]}, {"streaks[0].days"}),
    ("checkin", {"streaks": [*BONUSES, {"days": 3, "reward": {"points": 1}}]}, {"streaks[2].days"}),
    ("checkin", {"streaks": [{"days": 3, "reward": {}}]}, {"streaks[0].reward"}),
    ("checkin", {"streaks": [{"days": 3, "reward": {"coins": 1}}]}, {"streaks[0].reward"}),
    ("checkin", {"streaks": [{"days": 3}]}, {"streaks[0]"}),
    ("checkin", {"repeat": "yes"}, {"repeat"}),
    ("checkin", {"make_up": MAKE_UP | {"price": 0}}, {"make_up.price"}),
    ("checkin", {"make_up": MAKE_UP | {"days_back": 32, "per_month": "2"}}, {"make_up.days_back", "make_up.per_month"}),
    ("checkin", {"make_up": MAKE_UP | {"unit": "growth"}}, {"make_up.unit"}),
    ("checkin", {"make_up": MAKE_UP | {"unit": "gems"}}, {"make_up.unit"}),
    ("checkin", {"make_up": []}, {"make_up"}),
    ("gift_pack", {"packs": [{"name": "", "reward": {"points": 1}}]}, {"packs[0].name"}),
    ("gift_pack", {"packs": {}}, {"packs"}),
    ("points_draw", {}, {"steps"}),
    ("points_draw", {"steps": STEPS[:1]}, {"steps"}),
    ("points_draw", {"steps": [*STEPS, {"from": 1, "to": 1, "odds": 1}]}, {"steps"}),
    ("points_draw", {"steps": [{"from": 10, "to": 1, "odds": 1_000_000}]}, {"steps[0]"}),
    ("points_draw", {"steps": [{"from": 0, "to": 1, "odds": 1_000_000}]}, {"steps[0]"}),
    ("profile", {}, {"parts"}),
    ("profile", {"parts": ["phone", "phone"]}, {"parts"}),
    ("profile", {"parts": ["level"]}, {"parts"}),
    ("profile", {"parts": ["attribute.gone"]}, {"parts"}),
    ("profile", {"parts": ["phone"], "ask": ["email"]}, {"ask"}),
    ("profile", {"parts": ["phone"], "link": "javascript:alert(1)"}, {"link"}),
    ("browse", {"seconds": 15}, {"url"}),
    ("browse", {"seconds": 0, "url": "https://shop.example/"}, {"seconds"}),
    ("browse", {"seconds": 15, "url": "//shop.example/"}, {"url"}),
    ("browse", {"seconds": 15, "url": "https://shop.example/", "pause": 4}, {"pause"}),
    ("paid_level", {"levels": []}, {"levels"}),
    ("paid_level", {"levels": ["silver"]}, {"levels"}),
]


@pytest.mark.parametrize(("kind", "config"), GOOD)
def test_what_can_be_published_has_no_faults(kind, config):
    assert kinds.find(kind).faults(config) == []
    assert kinds.find(kind).target(config) >= 1


@pytest.mark.parametrize(("kind", "config", "places"), BAD)
def test_each_fault_names_its_place(kind, config, places):
    assert {fault.path for fault in kinds.find(kind).faults(config)} == places


def posted(form):
    """What a browser sends of a form that was not touched."""
    sent = {}
    for field in form:
        widget = field.field.widget
        context = widget.get_context(field.html_name, field.value(), {})["widget"]
        sent |= dict(cells_of(context))
    return sent


def cells_of(widget):
    if "subwidgets" in widget:
        for each in widget["subwidgets"]:
            yield from cells_of(each)
    elif widget.get("type") == "checkbox":
        if widget["attrs"].get("checked"):
            yield widget["name"], "on"
    else:
        value = widget["value"]
        yield widget["name"], (value if widget.get("optgroups") and widget["attrs"].get("multiple") else first(value))


def first(value):
    return (value[0] if value else "") if isinstance(value, list) else ("" if value is None else value)


@pytest.mark.parametrize(("kind", "config"), GOOD)
def test_the_form_gives_back_what_it_was_filled_with(kind, config):
    form_of = kinds.find(kind).Form
    sent = posted(form_of(initial=form_of.initial_of(config)))

    form = form_of(sent)

    assert form.is_valid(), form.errors
    assert form.config() == config


@pytest.mark.parametrize("text", ["1-10: 90\n50: 10", "1 – 10 : 90 %\n\n50：10%"])
def test_the_steps_of_a_points_draw_are_written_as_lines(text):
    form = kinds.find("points_draw").Form({"steps": text})
    assert form.is_valid()
    assert form.config() == {"steps": STEPS}


def test_a_line_that_is_no_step_is_named_by_its_number():
    form = kinds.find("points_draw").Form({"steps": "1-10: 90\nfifty: 10"})
    assert not form.is_valid()
    assert "2" in form.errors["steps"][0]
