"""The API's addresses, below /api/v1/. Each app lists its own in its `api.py`."""

from django.urls import re_path

from campaigns import api as campaigns_api
from campaigns import board_api, energy_api
from campaigns.offers import api as offers_api
from members import api as members_api
from members import level_api
from operations.api_errors import unknown_address
from rewards import api as rewards_api
from rewards import mall_api, redeem_api
from segmentation import api as segmentation_api

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
    re_path("", unknown_address),
]
