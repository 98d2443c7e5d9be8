"""The draft and its revisions, and the live state of those who take part."""

from campaigns.models.draft import Campaign, CampaignPool, Chain, ChainStep, Revision, Reward, Task
from campaigns.models.looks import Look
from campaigns.models.made_up_days import MadeUpDay
from campaigns.models.playing import ChainProgress, Completion, Enrolment, Progress, TaskQuota
from campaigns.models.sharing import Bargain, Help, Invitation, Team, TeamSeat
from campaigns.models.taken_back import TakenBack

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
    "Look",
    "MadeUpDay",
    "Progress",
    "Revision",
    "Reward",
    "TakenBack",
    "Task",
    "TaskQuota",
    "Team",
    "TeamSeat",
]
