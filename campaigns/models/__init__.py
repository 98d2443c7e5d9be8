"""The draft and its revisions, and the live state of those who take part."""

from campaigns.models.draft import Campaign, CampaignPool, Chain, ChainStep, Revision, Reward, Task
from campaigns.models.playing import ChainProgress, Completion, Enrolment, Progress, TaskQuota
from campaigns.models.sharing import Bargain, Help, Invitation, Team, TeamSeat

__all__ = [
    "Bargain",
    "Campaign",
    "CampaignPool",
    "Chain",
    "ChainProgress",
    "ChainStep",
    "Completion",
    "Enrolment",
    "Help",
    "Invitation",
    "Progress",
    "Revision",
    "Reward",
    "Task",
    "TaskQuota",
    "Team",
    "TeamSeat",
]
