"""The draft and its revisions, and the live state of those who take part."""

from campaigns.models.draft import Campaign, CampaignPool, Chain, ChainStep, Revision, Reward, Task
from campaigns.models.fraud import DeviceUse, HeldCompletion, Pace, Trusted
from campaigns.models.playing import ChainProgress, Completion, Enrolment, Progress, TaskQuota

__all__ = [
    "Campaign",
    "CampaignPool",
    "Chain",
    "ChainProgress",
    "ChainStep",
    "Completion",
    "DeviceUse",
    "Enrolment",
    "HeldCompletion",
    "Pace",
    "Progress",
    "Revision",
    "Reward",
    "Task",
    "TaskQuota",
    "Trusted",
]
