"""Two administrators who take the right from each other at the same moment: one of them stays."""

import pytest
from django.contrib.auth.models import Group, User
from django.db import transaction
from django.forms import modelform_factory

from config import granting
from config.roles import group_name
from config.user_admin import UserForm
from tests.races.together import Crowd

ROUNDS = 10
FORM = modelform_factory(User, UserForm, fields=["username", "is_active", "is_staff", "groups"])


def demote(user: User) -> bool:
    """Take the administrators' role away, as the form of the admin does: checked and stored in one transaction."""
    with transaction.atomic():
        form = FORM({"username": user.username, "is_active": "on", "is_staff": "on"}, instance=user)
        if not form.is_valid():
            return False
        form.save()
        return True


@pytest.mark.django_db(transaction=True)
def test_two_administrators_who_demote_each_other_leave_one():
    role = Group.objects.get(name=group_name("administrator"))
    two = [User.objects.create_user(name, is_staff=True) for name in ("ada", "bob")]
    with Crowd(2) as crowd:
        for _round in range(ROUNDS):
            for user in two:
                user.groups.set([role])
            assert sorted(crowd.each(demote, [User.objects.get(pk=user.pk) for user in two])) == [False, True]
            assert granting.administrators().count() == 1
