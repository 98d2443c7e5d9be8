"""The filter of lists by a member's uid."""

from typing import Any

from django.db.models import QuerySet

from members.models import Member
from operations.filtering import Exact


class OfMember(Exact):
    """Rows whose `column` is the member with this uid; none where nobody has it."""

    def filter(self, rows: QuerySet[Any], value: str) -> QuerySet[Any]:
        if not value:
            return rows
        # By the id itself, not a join: PostgreSQL then knows how few rows there are.
        member = Member.objects.filter(uid=value).values_list("pk", flat=True).first()
        return rows.none() if member is None else rows.filter(**{self.field_name: member})
