"""The draft and its revisions, and the live state of those who take part."""

from campaigns.models.boards import BoardClosing, BoardScore, RankPrize
from campaigns.models.draft import Campaign, CampaignPool, Chain, ChainStep, Revision, Reward, Task
from campaigns.models.energy import EnergyAccount, EnergyDrop, EnergyGain, EnergyMilestone, EnergyPot
from campaigns.models.playing import ChainProgress, Completion, Enrolment, Progress, TaskQuota
from campaigns.models.tags import TagGiven, WinnersFollowed

__all__ = [
    "BoardClosing",
    "BoardScore",
    "Campaign",
    "CampaignPool",
    "Chain",
    "ChainProgress",
    "ChainStep",
    "Completion",
    "EnergyAccount",
    "EnergyDrop",
    "EnergyGain",
    "EnergyMilestone",
    "EnergyPot",
    "Enrolment",
    "Progress",
    "RankPrize",
    "Revision",
    "Reward",
    "TagGiven",
    "Task",
    "TaskQuota",
    "WinnersFollowed",
]
