"""Friends in a campaign (`campaigns.friends`): who invited whom, who helped whom, and who is in a team with whom."""

from django.db import connection

from campaigns import friends

# Each part begins at the member's own enrolment and goes along an index.
FRIENDS = """
    WITH own AS (SELECT id FROM campaigns_enrolment WHERE member_id = %(member)s AND campaign_id = %(campaign)s),
    beside (id) AS (
        SELECT inviter_id FROM campaigns_invitation JOIN own ON own.id = invitee_id
        UNION SELECT invitee_id FROM campaigns_invitation JOIN own ON own.id = inviter_id
        UNION SELECT helper_id FROM campaigns_help JOIN own ON own.id = helped_id
        UNION SELECT helped_id FROM campaigns_help JOIN own ON own.id = helper_id
        UNION SELECT other.enrolment_id FROM campaigns_teamseat seat JOIN own ON own.id = seat.enrolment_id
            JOIN campaigns_teamseat other ON other.team_id = seat.team_id
    )
    SELECT DISTINCT enrolment.member_id FROM beside JOIN campaigns_enrolment enrolment USING (id)
    WHERE enrolment.member_id <> %(member)s
"""


def known(member_id: int, campaign_id: int) -> list[int]:
    """Return the ids of the members who invited or helped the member, the other way round, or share a team."""
    with connection.cursor() as cursor:
        cursor.execute(FRIENDS, {"member": member_id, "campaign": campaign_id})
        return [member for (member,) in cursor.fetchall()]


def register_own() -> None:
    friends.register(known)
