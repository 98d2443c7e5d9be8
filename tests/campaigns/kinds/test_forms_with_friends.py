"""What operators fill in for tasks among friends: what is there is shown, and saved as it was."""

import pytest

from campaigns import kinds
from rewards.models import Gift
from tests.campaigns.kinds.test_game_forms import filled_in

pytestmark = pytest.mark.django_db
BUY = {"count": 3, "qualify": "buy", "amount": "50.00", "within_days": 7, "friend": {"points": 3, "gift": "mug"}}
HELP = {"helps": 5, "per_helper": 1, "per_helper_in_all": 3, "helpers": "audience", "helper_reward": {"chances": 1}}
CUT = {"title": "Milk", "sku": "MILK", "price": "99.00", "floor": "9.90", "helps": 20, "hours": 24}
CONFIGS = [
    ("invite", BUY),
    ("invite", {"count": 1, "qualify": "enter", "new_only": True}),
    ("assist", HELP),
    ("assist", {"helps": 2}),
    ("bargain", CUT),
    ("bargain", CUT | {"floor": "0", "per_helper": 2, "helper_reward": {"points": 1}}),
    ("team", {"size": 3, "hours": 24, "goal": "all_bought"}),
]


@pytest.mark.parametrize(("kind", "config"), CONFIGS)
def test_what_is_there_is_shown_and_saved_as_it_was(kind, config):
    Gift.objects.create(slug="mug", name="Mug", kind="link", link="https://shop.example/")
    found = kinds.find(kind)
    assert found.faults(config) == []
    form = found.Form(filled_in(found.Form, config))
    assert form.is_valid(), form.errors
    assert form.config() == config
    # Also where the admin draws it.
    assert "<input" in found.Form(initial=found.Form.initial_of(config)).as_p()


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"count": 0}, "count"),
        ({"qualify": "look"}, "qualify"),
        ({"amount": "0"}, "amount"),
        ({"within_days": 0}, "within_days"),
        ({"new_only": 1}, "new_only"),
        ({"friend": {"gold": 1}}, "friend.gold"),
        ({"friends": 1}, "friends"),
    ],
)
def test_what_is_wrong_with_an_invitation_is_said_with_its_place(change, path):
    assert [fault.path for fault in kinds.find("invite").faults(BUY | change)] == [path]


def test_only_a_friend_who_has_to_buy_has_an_amount_and_days():
    faults = kinds.find("invite").faults(BUY | {"qualify": "enter"})
    assert [fault.path for fault in faults] == ["amount", "within_days"]
