"""What people call a permission: Django keeps the names in the database, in English."""

from django.contrib.auth.models import Permission
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

ACTIONS = {
    "add": _("Permission to add"),
    "change": _("Permission to change"),
    "delete": _("Permission to delete"),
    "view": _("Permission to view"),
}


def permission_words(permission: Permission) -> str:
    """Return a permission as whoever grants it reads it; models mark the names of their own for translation."""
    kind = permission.content_type
    own = permission.codename.removesuffix(f"_{kind.model}")
    return f"{kind.app_labeled_name} | {ACTIONS.get(own) or gettext(permission.name)}"
