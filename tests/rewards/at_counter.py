"""Outlets, their staff and awards to check off, for the tests of the counter."""

from django.contrib.auth.models import Permission, User
from django.test import Client

from rewards.awards import grant_award
from rewards.models import Award, Gift, Outlet
from tests.rewards.build import NOW, members


def clerk(name: str = "lin", *places: Outlet) -> User:
    user = User.objects.create_user(name, is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="redeem_award"))
    for place in places:
        place.staff.add(user)
    return user


def outlet(slug: str = "west", *, active: bool = True) -> Outlet:
    return Outlet.objects.create(slug=slug, name=f"{slug.title()} Lake", address="1 Road", active=active)


def award(gift: Gift, key: str = "a", *, now=NOW) -> Award:
    (member,) = members(1) if key == "a" else [Award.objects.earliest("pk").member]
    return grant_award(gift, member.pk, key=key, source="test", now=now)


def phone(user: User) -> Client:
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    client.force_login(user)
    return client
