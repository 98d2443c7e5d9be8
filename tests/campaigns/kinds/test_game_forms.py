import pytest

from campaigns.games.forms import LevelGameForm, MiniGameForm
from campaigns.kinds.level_game import KIND as LEVELS
from campaigns.kinds.mini_game import KIND as MINI
from rewards.models import PrizePool

pytestmark = pytest.mark.django_db

CATCH = {
    "game": "catch",
    "pass": 20,
    "best": 60,
    "seconds": 30,
    "rounds": 3,
    "steps": [{"from": 20, "reward": {"points": 5}}, {"from": 50, "reward": {"points": 30, "score": 2}}],
}
PER = {"game": "catch", "pass": 20, "best": 60, "per": {"each": 10, "points": 2, "most": 4}}
OUTSIDE = {"game": "outside", "levels": 5, "pass": 2, "url": "https://games.example/", "secret": 2}

BY_STAGE = {
    "game": "lights",
    "levels": 9,
    "pass": 1,
    "pools": [{"stage": stage, "pool": "wheel"} for stage in range(1, 8)],
}


def filled_in(form_class, config):
    """What a browser sends of the form that shows the configuration."""
    shown = form_class(initial=form_class.initial_of(config))
    sent = {}
    for name, field in shown.fields.items():
        value = shown[name].value()
        if hasattr(field.widget, "decompress"):
            parts = field.widget.decompress(value)
            sent |= {f"{name}_{place}": part for place, part in enumerate(parts) if part}
        elif value is not None:
            sent[name] = str(value)
    return sent


@pytest.mark.parametrize(("kind", "config"), [(MINI, CATCH), (MINI, PER), (LEVELS, OUTSIDE), (LEVELS, BY_STAGE)])
def test_what_is_there_is_shown_and_saved_as_it_was(kind, config):
    PrizePool.objects.create(slug="wheel", name="Wheel")
    assert kind.faults(config) == []
    form = kind.Form(filled_in(kind.Form, config))
    assert form.is_valid(), form.errors
    assert form.config() == config


@pytest.mark.parametrize("form_class", [MiniGameForm, LevelGameForm])
def test_every_setting_of_a_kind_has_its_field(form_class):
    names = {name.partition("_")[0] for name in form_class().fields}
    assert {"game", "pass", "step"} <= names
