"""The draft and its revisions, and the live state of those who take part."""

from campaigns.models.boards import BoardClosing, BoardScore, RankPrize
from campaigns.models.building import Typed
from campaigns.models.confirming import CallbackSecret, CodeTries, Submission, TaskCode
from campaigns.models.draft import Campaign, CampaignPool, Chain, ChainStep, Revision, Reward, Task
from campaigns.models.energy import EnergyAccount, EnergyDrop, EnergyGain, EnergyMilestone, EnergyPot
from campaigns.models.fraud import DeviceUse, HeldCompletion, Pace, Trusted
from campaigns.models.looks import Look
from campaigns.models.made_up_days import MadeUpDay
from campaigns.models.offers import Offer, OfferCoupon, OfferGroup, OfferStock, Reservation
from campaigns.models.playing import ChainProgress, Completion, Enrolment, Progress, TaskQuota
from campaigns.models.proposals import Proposal
from campaigns.models.rehearsal import Acknowledgement, CostForecast
from campaigns.models.sharing import Bargain, Help, Invitation, Team, TeamSeat
from campaigns.models.tags import TagGiven, WinnersFollowed
from campaigns.models.taken_back import TakenBack

__all__ = [
    "Acknowledgement",
    "Bargain",
    "BoardClosing",
    "BoardScore",
    "CallbackSecret",
    "Campaign",
    "CampaignPool",
    "Chain",
    "ChainProgress",
    "ChainStep",
    "CodeTries",
    "Completion",
    "CostForecast",
    "DeviceUse",
    "EnergyAccount",
    "EnergyDrop",
    "EnergyGain",
    "EnergyMilestone",
    "EnergyPot",
    "Enrolment",
    "HeldCompletion",
    "Help",
    "Invitation",
    "Look",
    "MadeUpDay",
    "Offer",
    "OfferCoupon",
    "OfferGroup",
    "OfferStock",
    "Pace",
    "Progress",
    "Proposal",
    "RankPrize",
    "Reservation",
    "Revision",
    "Reward",
    "Submission",
    "TagGiven",
    "TakenBack",
    "Task",
    "TaskCode",
    "TaskQuota",
    "Team",
    "TeamSeat",
    "Trusted",
    "Typed",
    "WinnersFollowed",
]
