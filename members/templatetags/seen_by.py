"""Personal data in the admin's templates: `{% member_name member %}` is whole or masked, by who looks."""

from typing import Any

from django import template

from members import seen_by

register = template.Library()


@register.simple_tag(takes_context=True)
def member_name(context: Any, member: Any, otherwise: str = "") -> str:
    """Return the name of a member, a Member or a row of its values; `otherwise` for one without a name."""
    given = member.get("name") if isinstance(member, dict) else getattr(member, "name", "")
    return seen_by.name(given or "", _user(context)) or otherwise


@register.simple_tag(takes_context=True)
def member_birthday(context: Any, member: Any) -> str:
    """Return the birthday of a member; "" for one who told none."""
    return seen_by.birthday(member.birthday, _user(context))


def _user(context: Any) -> Any:
    # An include with `only` keeps the request of the page, though not its variables.
    request = getattr(context, "request", None) or context.get("request")
    return getattr(request, "user", None)
