"""The draft and its revisions, and the live state of those who take part."""

from campaigns.models.confirming import CallbackSecret, CodeTries, Submission, TaskCode
from campaigns.models.draft import Campaign, CampaignPool, Chain, ChainStep, Revision, Reward, Task
from campaigns.models.playing import ChainProgress, Completion, Enrolment, Progress, TaskQuota

__all__ = [
    "CallbackSecret",
    "Campaign",
    "CampaignPool",
    "Chain",
    "ChainProgress",
    "ChainStep",
    "CodeTries",
    "Completion",
    "Enrolment",
    "Progress",
    "Revision",
    "Reward",
    "Submission",
    "Task",
    "TaskCode",
    "TaskQuota",
]
