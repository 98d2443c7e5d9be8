"""The units that every installation counts in."""

from django.utils.translation import gettext_noop

from rewards.ledger import GROWTH, POINTS
from rewards.models import Unit

NAMES = {POINTS: gettext_noop("points"), GROWTH: gettext_noop("growth value")}


def create_units(**_signal: object) -> None:
    """Create the units that are missing. Runs after each migrate."""
    for slug, name in NAMES.items():
        Unit.objects.get_or_create(slug=slug, defaults={"name": name})
