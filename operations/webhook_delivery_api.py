"""The API of what was told through a client's webhooks: how each delivery stands, a test, and telling it again."""

from datetime import datetime
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_filters import ChoiceFilter
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from operations import webhook_api_schema as schema
from operations import webhook_api_words as api_words
from operations import webhook_asked, webhook_endpoints, webhook_kinds, webhook_lookups, webhook_replays, webhook_rights
from operations.api_schema import IDEMPOTENCY_KEY, ONE_OBJECT
from operations.filtering import Exact, Filters, Since, Until, filtered, parameters_of
from operations.idempotency import answer_once
from operations.models import ApiKey, WebhookAttempt, WebhookDelivery, WebhookEndpoint
from operations.paging import NEWEST, asked, page_of
from operations.webhook_api import LARGEST_ID, check_kinds, check_told, endpoint_of, key_of, refusals_told
from operations.webhook_words import payload


class DeliveryFilters(Filters):
    state = ChoiceFilter(choices=WebhookDelivery.State.choices, help_text=_("How the delivery stands."))
    type = Exact("event__kind", help_text=_("A kind of event."))
    uid = Exact("event__member_id", method="of_member", help_text=_("What was told of this member."))
    since = Since("created_at", _("Made then or later."))
    until = Until("created_at", _("Made before."))

    def of_member(self, deliveries: QuerySet[WebhookDelivery], _name: str, uid: str) -> QuerySet[WebhookDelivery]:
        member_id = webhook_lookups.member_id(uid)
        return deliveries.none() if member_id is None else deliveries.filter(event__member_id=member_id)


class Deliveries(APIView):
    """What was told through one webhook and how it stands, newest first."""

    scope: ClassVar = ApiKey.Scope.WEBHOOKS

    @api_words.DELIVERIES
    @extend_schema(
        operation_id="webhook_deliveries",
        parameters=parameters_of(DeliveryFilters),
        responses={200: schema.DELIVERIES, **ONE_OBJECT},
    )
    def get(self, request: Request, webhook_id: int) -> Response:
        page, told = asked(request), endpoint_of(request, webhook_id).deliveries.select_related("event")
        deliveries, following = page_of(filtered(request, DeliveryFilters, told), NEWEST, page)
        return Response({"deliveries": [as_json(each) for each in deliveries], "next": following})


class Delivery(APIView):
    """One delivery with its payload and every try."""

    scope: ClassVar = ApiKey.Scope.WEBHOOKS

    @api_words.ONE_DELIVERY
    @extend_schema(operation_id="webhook_delivery", responses={200: schema.ONE_DELIVERY, **ONE_OBJECT})
    def get(self, request: Request, webhook_id: int, delivery_id: int) -> Response:
        delivery = _delivery(request, webhook_id, delivery_id)
        check_kinds(request, [delivery.event.kind])
        tries = [_try_as_json(each) for each in delivery.tries.order_by("number")]
        return Response(as_json(delivery) | {"payload": payload(delivery.event), "tries": tries})


class ReplayOne(APIView):
    """Tell one event again, with the same webhook-id. A receiver that has taken it already knows it by that."""

    scope: ClassVar = ApiKey.Scope.WEBHOOKS

    @api_words.REPLAY_ONE
    @extend_schema(
        operation_id="replay_webhook_delivery",
        parameters=[IDEMPOTENCY_KEY],
        request={"application/json": schema.NOTHING},
        responses={200: schema.SENT, **schema.POST_ERRORS},
    )
    def post(self, request: Request, webhook_id: int, delivery_id: int) -> HttpResponse:
        delivery = _delivery(request, webhook_id, delivery_id)
        webhook_asked.nothing(request.data)
        check_kinds(request, [delivery.event.kind])

        def perform() -> tuple[int, dict[str, Any]]:
            return 200, as_json(webhook_replays.replay(delivery, by=key_of(request), now=timezone.now()))

        with refusals_told():
            return answer_once(request, perform)


class ReplayMany(APIView):
    """Tell again what was given up, or all, since a time: in the order in which it happened."""

    scope: ClassVar = ApiKey.Scope.WEBHOOKS

    @api_words.REPLAY
    @extend_schema(
        operation_id="replay_webhook",
        parameters=[IDEMPOTENCY_KEY],
        request={"application/json": schema.REPLAY},
        responses={200: schema.REPLAYED, **schema.POST_ERRORS},
    )
    def post(self, request: Request, webhook_id: int) -> HttpResponse:
        endpoint = endpoint_of(request, webhook_id)
        wanted, now = webhook_asked.replay_of(request.data), timezone.now()
        wanted["until"] = wanted["until"] or now
        _check_told(request, endpoint, wanted["since"], wanted["until"])

        def perform() -> tuple[int, dict[str, Any]]:
            return 200, {"replayed": webhook_replays.replay_many(endpoint, **wanted, by=key_of(request), now=now)}

        with refusals_told():
            return answer_once(request, perform)


class Test(APIView):
    """Send an event of the kind webhook.test, which tells of nothing, to see that the receiver takes it."""

    scope: ClassVar = ApiKey.Scope.WEBHOOKS

    @api_words.TEST
    @extend_schema(
        operation_id="test_webhook",
        parameters=[IDEMPOTENCY_KEY],
        request={"application/json": schema.NOTHING},
        responses={200: schema.SENT, **schema.POST_ERRORS},
    )
    def post(self, request: Request, webhook_id: int) -> HttpResponse:
        endpoint = endpoint_of(request, webhook_id)
        webhook_asked.nothing(request.data)
        check_told(request, endpoint)

        def perform() -> tuple[int, dict[str, Any]]:
            return 200, as_json(webhook_endpoints.test_event(endpoint, by=key_of(request), now=timezone.now()))

        with refusals_told():
            return answer_once(request, perform)


def _delivery(request: Request, webhook_id: int, delivery_id: int) -> WebhookDelivery:
    deliveries = endpoint_of(request, webhook_id).deliveries.select_related("event")
    found = deliveries.filter(pk=delivery_id).first() if delivery_id <= LARGEST_ID else None
    if found is None:
        raise Http404
    return found


def _check_told(request: Request, endpoint: WebhookEndpoint, since: datetime, until: datetime) -> None:
    """Raise ApiError where something of a kind was told then of which the key may not be told now."""
    refused = webhook_rights.lacking((kind.name for kind in webhook_kinds.all_kinds()), key_of(request).scopes)
    if refused:
        told = endpoint.deliveries.filter(event__kind__in=refused, created_at__gte=since, created_at__lt=until)
        check_kinds(request, told.order_by().values_list("event__kind", flat=True).distinct())


def as_json(delivery: WebhookDelivery) -> dict[str, Any]:
    waits = delivery.state == WebhookDelivery.State.WAITING
    return {
        "id": delivery.pk,
        "event": delivery.event.message_id,
        "type": delivery.event.kind,
        "state": delivery.state,
        "attempts": delivery.attempts,
        "next_attempt_at": delivery.due_at if waits else None,
        "last_status": delivery.last_status,
        "last_error": delivery.last_error,
        "replays": delivery.replays_id,
        "created_at": delivery.created_at,
        "ended_at": delivery.ended_at,
    }


def _try_as_json(attempt: WebhookAttempt) -> dict[str, Any]:
    return {
        "number": attempt.number,
        "at": attempt.at,
        "milliseconds": attempt.milliseconds,
        "status": attempt.status,
        "error": attempt.error,
        "answer": attempt.answer,
    }


HERE = "webhooks/<int:webhook_id>/"
urlpatterns: list[URLPattern] = [
    path(f"{HERE}test/", Test.as_view(), name="webhook-test"),
    path(f"{HERE}replay/", ReplayMany.as_view(), name="webhook-replay"),
    path(f"{HERE}deliveries/", Deliveries.as_view(), name="webhook-deliveries"),
    path(f"{HERE}deliveries/<int:delivery_id>/", Delivery.as_view(), name="webhook-delivery"),
    path(f"{HERE}deliveries/<int:delivery_id>/replay/", ReplayOne.as_view(), name="webhook-delivery-replay"),
]
