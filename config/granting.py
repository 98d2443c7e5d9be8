"""Who may give rights to whom. Nobody gives more than they have, or anything to themselves; one administrator stays.

Rights are roles (groups), and for superusers also single permissions and being a superuser. Only superusers and those
in the administrators' role give any.
"""

from collections.abc import Iterable

from django.contrib.auth.models import Group, Permission, User
from django.db.models import Exists, OuterRef, Q, QuerySet

from config.roles import ADMINISTRATOR, group_name
from operations.advisory_locks import Work, wait_for


def is_administrator(user: User) -> bool:
    """Say whether the user may give rights at all."""
    if not (user.is_active and user.is_staff):
        return False
    return user.is_superuser or user.groups.filter(name=group_name(ADMINISTRATOR)).exists()


def administrators() -> QuerySet[User]:
    """Return everybody who can sign in and give rights."""
    in_role = User.groups.through.objects.filter(user=OuterRef("pk"), group__name=group_name(ADMINISTRATOR))
    return User.objects.filter(Q(is_superuser=True) | Q(Exists(in_role)), is_active=True, is_staff=True)


def grantable_groups(actor: User) -> QuerySet[Group]:
    """Return the groups that the actor may give: those with nothing that the actor has not."""
    if not is_administrator(actor):
        return Group.objects.none()
    if actor.is_superuser:
        return Group.objects.all()
    more = Group.permissions.through.objects.filter(group=OuterRef("pk")).exclude(permission__in=_held(actor))
    return Group.objects.exclude(Exists(more))


def grantable_permissions(actor: User) -> QuerySet[Permission]:
    """Return the permissions that the actor may put into a group of the shop's own."""
    if not is_administrator(actor):
        return Permission.objects.none()
    return Permission.objects.all() if actor.is_superuser else _held(actor)


def may_manage(actor: User, target: User) -> bool:
    """Say whether the actor may change the account of the target, and with it sign in as the target."""
    if actor.is_superuser or actor.pk == target.pk:
        return True
    if target.is_superuser:
        return False
    # Also of those who are switched off: they may be switched on again.
    theirs = Permission.objects.filter(Q(group__user=target) | Q(user=target))
    return not theirs.exclude(pk__in=_held(actor)).exists()


def may_change_group(actor: User, group: Group) -> bool:
    """Say whether the actor may change what a group of the shop's own gives: not one they are in."""
    if actor.is_superuser:
        return True
    if not is_administrator(actor) or group.user_set.filter(pk=actor.pk).exists():
        return False
    return grantable_groups(actor).filter(pk=group.pk).exists()


def would_be_administrator(*, active: bool, staff: bool, superuser: bool, groups: Iterable[Group]) -> bool:
    """Say whether an account of this kind can give rights."""
    names = {group.name for group in groups}
    return active and staff and (superuser or group_name(ADMINISTRATOR) in names)


def another_administrator_stays(target: User) -> bool:
    """Say whether somebody else could give rights. Until the transaction ends, nobody else asks: two administrators
    who take the right from each other at the same moment would leave the house without any."""
    wait_for(Work.ADMINISTRATORS)
    return administrators().exclude(pk=target.pk).exists()


def _held(actor: User) -> QuerySet[Permission]:
    return Permission.objects.filter(Q(group__user=actor) | Q(user=actor)).distinct()
