"""The whole demo in one transaction: it is there, or it is not."""

from collections.abc import Callable
from datetime import datetime

import numpy as np
from django.contrib.auth.models import User
from django.db import transaction

from campaigns.models import Campaign, Enrolment
from demo import (
    approvals,
    audiences,
    campaign,
    carnival,
    colleagues,
    desk,
    earning,
    fulfilling,
    guarding,
    guests,
    harvest,
    letters,
    mall,
    people,
    pictures,
    planned,
    playing,
    prizes,
    sign_in,
    wednesday,
)
from members.models import Member

SEED = 1212


class AlreadyLoaded(Exception):
    """The demo is there already."""


class NotEmpty(Exception):
    """There are members of a real shop, among whom a demo has no place."""


def is_loaded() -> bool:
    return Campaign.objects.filter(slug=campaign.SLUG).exists()


@transaction.atomic
def load(*, members: int, language: str, now: datetime, step: Callable[[], object]) -> None:
    """Make the demo shop; `step` is called after each of the `STEPS` steps. `now` is in the site's time zone."""
    if is_loaded():
        raise AlreadyLoaded
    if Member.objects.exists():
        raise NotEmpty
    chance = np.random.default_rng(SEED)
    name, _password = sign_in.administrator()
    admin = User.objects.get(username=name)
    staff = colleagues.make_colleagues(language)
    sign_in.make_client()
    people.make_levels()
    earning.make_rules(now=now)
    step()
    shoppers = people.make_members(members, language, now=now, chance=chance)
    step()
    audiences.make_tags(language, now=now)
    step()
    audiences.make_segments(language, now=now)
    step()
    guarding.make_outlets(language, by=admin)
    prizes.make_gifts(language, by=admin, now=now)
    prizes.make_pools(language)
    mall.make_items(language, now=now)
    pictures.hang_gifts(now=now)
    guarding.make_budgets(members)
    guarding.list_members(language, by=admin, now=now)
    step()
    finished = harvest.make_harvest(shoppers, language, by=admin, now=now, chance=chance)
    wednesday.make_wednesday(shoppers, language, by=admin, now=now, chance=chance)
    step()
    live = campaign.make_campaign(language, by=admin, now=now)
    playing.let_members_play(live, shoppers, now=now, chance=chance)
    mall.let_members_shop(language, by=admin, now=now)
    fulfilling.fulfil(language, finished, by=admin, now=now)
    guarding.warn(now=now)
    step()
    carnival.make_carnival(language, by=admin, now=now)
    guests.let_guests_play(guests.invite_guests([*newcomers().values()]), language, by=admin, now=now)
    letters.write([*newcomers().values()], now=now)
    planned.make_planned(language, operator=staff["operator"], by=admin, now=now)
    step()
    desk.work(staff, language, by=admin, now=now)
    approvals.ask_for_all(staff, language, by=admin, now=now)
    step()


STEPS = 9


def newcomers() -> dict[str, str]:
    """Return for each level the uid of its first member who has not entered the campaign, or else of its first."""
    found = {}
    for level in campaign.PURCHASES:
        of_level = Member.objects.filter(level__slug=level, uid__startswith="qm-").order_by("uid")
        entered = Enrolment.objects.filter(campaign__slug=campaign.SLUG).values("member_id")
        member = of_level.exclude(pk__in=entered).first() or of_level.first()
        if member:
            found[level] = member.uid
    return found
