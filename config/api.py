"""The API's addresses, below /api/v1/. Each app lists its own in its `api.py`."""

from django.urls import re_path

from campaigns import api as campaigns_api
from campaigns import board_api, energy_api
from campaigns import lists_api as campaign_lists_api
from campaigns.offers import api as offers_api
from members import api as members_api
from members import level_api
from members import lists_api as member_lists_api
from operations import webhook_api, webhook_delivery_api
from operations.api_errors import unknown_address
from rewards import api as rewards_api
from rewards import gift_api, mall_api, receipt_api, redeem_api
from rewards import lists_api as reward_lists_api
from segmentation import api as segmentation_api
from segmentation import lists_api as segmentation_lists_api
from segmentation import member_list_api

# They are tried in turn, so the ones that are called most come first.
urlpatterns = [
    *campaigns_api.urlpatterns,
    *offers_api.urlpatterns,
    *board_api.urlpatterns,
    *energy_api.urlpatterns,
    *members_api.urlpatterns,
    *level_api.urlpatterns,
    *segmentation_api.urlpatterns,
    *rewards_api.urlpatterns,
    *redeem_api.urlpatterns,
    *mall_api.urlpatterns,
    *receipt_api.urlpatterns,
    *campaign_lists_api.urlpatterns,
    *member_list_api.urlpatterns,
    *member_lists_api.urlpatterns,
    *segmentation_lists_api.urlpatterns,
    *gift_api.urlpatterns,
    *reward_lists_api.urlpatterns,
    *webhook_api.urlpatterns,
    *webhook_delivery_api.urlpatterns,
    re_path("", unknown_address),
]
