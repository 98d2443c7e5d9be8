"""The groups of the house, made and kept in step with the role table by every `migrate`. Others are left alone."""

from django.contrib.auth.models import Group, Permission
from django.db import transaction

from config.role_table import ROLES
from config.roles import group_name, permissions_of


@transaction.atomic
def synchronise() -> None:
    """Give each role's group what the table says, no more and no less. Permissions that are not there yet are left out.

    `migrate` calls this when all apps have made their permissions; a release that changes the table thereby changes
    what everybody in a role may do.
    """
    known = {
        f"{app}.{codename}": pk
        for pk, app, codename in Permission.objects.values_list("pk", "content_type__app_label", "codename")
    }
    for role in ROLES:
        group, _made = Group.objects.get_or_create(name=group_name(role))
        wanted = {known[each] for each in permissions_of(role) if each in known}
        held = set(group.permissions.values_list("pk", flat=True))
        if wanted != held:
            group.permissions.add(*wanted - held)
            group.permissions.remove(*held - wanted)
