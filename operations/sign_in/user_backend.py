"""The user of a request, with what the doors ask about them, in the one statement that Django makes anyway."""

from datetime import datetime
from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import User
from django.db.models import BigIntegerField, BooleanField, F, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.utils import timezone

from operations.models import TwoFactorRule

# As text, once for all: asked with every request, and built by the ORM it would cost more than PostgreSQL needs for it.
_AUTHENTICATOR = "(SELECT own.id FROM operations_authenticator own WHERE own.user_id = auth_user.id AND own.confirmed)"
_DUE = """EXISTS (
    SELECT FROM operations_twofactorrule rule WHERE rule.required_from <= %s AND (
        rule.group_id IS NULL
        OR EXISTS (SELECT FROM auth_user_groups g WHERE g.user_id = auth_user.id AND g.group_id = rule.group_id)
    )
)"""


def with_second_factor(users: QuerySet[User], *, now: datetime) -> QuerySet[User]:
    """Annotate `authenticator_id` (None without one) and `second_factor_due`: a rule that has begun asks for one."""
    return users.annotate(
        authenticator_id=RawSQL(_AUTHENTICATOR, [], output_field=BigIntegerField()),  # noqa: S611 - a constant
        second_factor_due=RawSQL(_DUE, [now], output_field=BooleanField()),  # noqa: S611 - a constant
    )


def asked_from(user: User) -> datetime | None:
    """Return from when on a rule asks this user for a second factor; None where none does."""
    rules = TwoFactorRule.objects.filter(Q(group=None) | Q(group__user=user))
    return rules.order_by(F("required_from")).values_list("required_from", flat=True).first()


class Users(ModelBackend):
    def get_user(self, user_id: Any) -> User | None:
        found = with_second_factor(User.objects.filter(pk=user_id), now=timezone.now()).first()
        return found if found is not None and self.user_can_authenticate(found) else None
