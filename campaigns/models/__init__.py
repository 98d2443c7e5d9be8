"""The draft and its revisions, and the live state of those who take part."""

from campaigns.models.draft import Campaign, CampaignPool, Chain, ChainStep, Revision, Reward, Task
from campaigns.models.playing import ChainProgress, Completion, Enrolment, Progress, TaskQuota
from campaigns.models.proposals import Proposal

__all__ = [
    "Campaign",
    "CampaignPool",
    "Chain",
    "ChainProgress",
    "ChainStep",
    "Completion",
    "Enrolment",
    "Progress",
    "Proposal",
    "Revision",
    "Reward",
    "Task",
    "TaskQuota",
]
