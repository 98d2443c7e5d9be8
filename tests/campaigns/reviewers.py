"""Those who submit campaigns and those who decide about them."""

from typing import Any

from django.contrib.auth.models import Permission, User


def user(name: str, *rights: str, **fields: Any) -> User:
    """A user of the admin with these rights: "approve_campaign", …"""
    made = User.objects.create_user(name, password="x", is_staff=True, **fields)
    made.user_permissions.set(Permission.objects.filter(codename__in=rights))
    return User.objects.get(pk=made.pk)


def operator(name: str = "olga") -> User:
    return user(name, "view_campaign", "change_campaign", "add_campaign", "submit_campaign")


def reviewer(name: str = "rita", *more: str) -> User:
    return user(name, "view_campaign", "approve_campaign", *more)
