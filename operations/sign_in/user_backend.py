"""The user of a request, with what the doors ask about them, in the one statement that Django makes anyway."""

from datetime import datetime
from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import User
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from operations.models import Authenticator, TwoFactorRule


def with_second_factor(users: QuerySet[User], *, now: datetime) -> QuerySet[User]:
    """Annotate `authenticator_id` (None without one) and `second_factor_due`: a rule that has begun asks for one."""
    own = Authenticator.objects.filter(user=OuterRef("pk"), confirmed=True).values("pk")
    theirs = Q(group=None) | Q(group__user=OuterRef("pk"))
    due = TwoFactorRule.objects.filter(theirs, required_from__lte=now)
    return users.annotate(authenticator_id=Subquery(own), second_factor_due=Exists(due))


def asked_from(user: User) -> datetime | None:
    """Return from when on a rule asks this user for a second factor; None where none does."""
    rules = TwoFactorRule.objects.filter(Q(group=None) | Q(group__user=user))
    return rules.order_by(F("required_from")).values_list("required_from", flat=True).first()


class Users(ModelBackend):
    def get_user(self, user_id: Any) -> User | None:
        found = with_second_factor(User.objects.filter(pk=user_id), now=timezone.now()).first()
        return found if found is not None and self.user_can_authenticate(found) else None
