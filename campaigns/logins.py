"""That a member was here in a period: by a visit to the campaign, or by a login that the shop told of.

Both are behaviour events. A visit has a type of its own, so that what the shop's logins earn is not earned by visits.
"""

from campaigns.kinds.face import Turn
from members.event_rows import EventRow
from members.ingest_events import ingest_events
from members.models import Event, Member

LOGIN = "login"
VISIT = "campaign_visit"


def note_visit(turn: Turn) -> None:
    """Keep the visit as an event. The enrolment is locked, and who was here already is not asked again."""
    uid = Member.objects.values_list("uid", flat=True).get(pk=turn.member_id)
    event_id = f"visit:{turn.enrolment_id}:{turn.task.key}:{turn.period}"[:100]
    ingest_events([EventRow(event_id, uid, VISIT, turn.now, item=turn.campaign)], now=turn.now)


def seen(turn: Turn, *, by_visit: bool, by_login: bool) -> bool:
    """Whether the member was here in the part of the campaign that the period covers."""
    events = Event.objects.filter(
        member_id=turn.member_id, occurred_at__gte=turn.window.since, occurred_at__lt=turn.window.until
    )
    if by_login and events.filter(type=LOGIN).exists():
        return True
    return by_visit and events.filter(type=VISIT, item=turn.campaign).exists()
