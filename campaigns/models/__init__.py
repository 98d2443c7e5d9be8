"""The draft and its revisions, and the live state of those who take part."""

from campaigns.models.draft import Campaign, CampaignPool, Chain, ChainStep, Revision, Reward, Task
from campaigns.models.offers import Offer, OfferCoupon, OfferGroup, OfferStock, Reservation
from campaigns.models.playing import ChainProgress, Completion, Enrolment, Progress, TaskQuota

__all__ = [
    "Campaign",
    "CampaignPool",
    "Chain",
    "ChainProgress",
    "ChainStep",
    "Completion",
    "Enrolment",
    "Offer",
    "OfferCoupon",
    "OfferGroup",
    "OfferStock",
    "Progress",
    "Reservation",
    "Revision",
    "Reward",
    "Task",
    "TaskQuota",
]
