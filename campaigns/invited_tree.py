"""Who invited whom, as a tree: asked in one recursive statement, to a depth."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Count, Exists, OuterRef, Q

from campaigns.models import Enrolment, Invitation

DEPTH = 10
MOST_SHOWN = 500

# In the order of a tree: each friend behind who invited them. There are no rings, so it ends by itself too.
_BELOW = """
    WITH RECURSIVE below AS (
        SELECT i.id, i.inviter_id, i.invitee_id, i.task_key, i.invited_at, i.qualified_at,
               1 AS depth, ARRAY[i.id] AS path
          FROM campaigns_invitation i WHERE i.inviter_id = ANY(%(roots)s)
         UNION ALL
        SELECT i.id, i.inviter_id, i.invitee_id, i.task_key, i.invited_at, i.qualified_at, b.depth + 1, b.path || i.id
          FROM campaigns_invitation i JOIN below b ON i.inviter_id = b.invitee_id WHERE b.depth < %(depth)s
    )
    SELECT b.invitee_id, m.id, m.uid, m.name, b.depth, b.task_key, b.invited_at, b.qualified_at
      FROM below b JOIN campaigns_enrolment e ON e.id = b.invitee_id JOIN members_member m ON m.id = e.member_id
     ORDER BY b.path LIMIT %(most)s
"""
_ABOVE = """
    WITH RECURSIVE above AS (
        SELECT i.inviter_id, 1 AS distance FROM campaigns_invitation i WHERE i.invitee_id = %(enrolment)s
         UNION ALL
        SELECT i.inviter_id, a.distance + 1 FROM campaigns_invitation i JOIN above a ON i.invitee_id = a.inviter_id
         WHERE a.distance < %(depth)s
    )
    SELECT inviter_id FROM above ORDER BY distance DESC
"""


@dataclass(frozen=True, slots=True)
class Branch:
    """A friend in the tree; `depth` is 1 for whoever was invited by the root itself."""

    enrolment_id: int
    member_id: int
    uid: str
    name: str
    depth: int
    task_key: str
    invited_at: datetime
    qualified_at: datetime | None


def below(roots: Sequence[int], *, depth: int = DEPTH, most: int = MOST_SHOWN) -> list[Branch]:
    """Everybody who came by these enrolments, directly or by friends of friends, in the order of the tree."""
    with connection.cursor() as cursor:
        cursor.execute(_BELOW, {"roots": list(roots), "depth": depth, "most": most})
        return [Branch(*row) for row in cursor.fetchall()]


def above(enrolment_id: int, *, depth: int = DEPTH) -> list[Enrolment]:
    """Who invited the member, and who invited them, the first of all first."""
    with connection.cursor() as cursor:
        cursor.execute(_ABOVE, {"enrolment": enrolment_id, "depth": depth})
        ids = [pk for (pk,) in cursor.fetchall()]
    found = Enrolment.objects.select_related("member").in_bulk(ids)
    return [found[pk] for pk in ids]


def roots_of(campaign_id: int, *, most: int = 50) -> list[Enrolment]:
    """Whoever invited friends without having been invited, with how many: `came` and `counted`."""
    was_invited = Exists(Invitation.objects.filter(invitee=OuterRef("pk")))
    inviters = Enrolment.objects.filter(~was_invited, campaign=campaign_id, invited__isnull=False)
    counted = Count("invited", filter=Q(invited__qualified_at__isnull=False))
    counts = inviters.annotate(came=Count("invited"), counted=counted).select_related("member")
    return list(counts.order_by("-came", "pk")[:most])
