"""The API of webhooks: a client's endpoints, with their secrets shown once. Another client's are not there (404)."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, ClassVar, cast

from django.db import transaction
from django.http import Http404, HttpResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from operations import webhook_api_schema as schema
from operations import webhook_api_words as api_words
from operations import webhook_asked, webhook_endpoints, webhook_health, webhook_kinds, webhook_rights
from operations.api_errors import ApiError
from operations.api_keys import client_of
from operations.api_schema import ANY_CALL, IDEMPOTENCY_KEY, ONE_OBJECT
from operations.idempotency import answer_with_secret
from operations.models import ApiKey, WebhookDelivery, WebhookEndpoint
from operations.sentences import listed
from operations.webhook_refusals import WebhookRefusal, WebhookRefused

LARGEST_ID = 2**63 - 1
State = WebhookEndpoint.State
# What is refused for how things stand, not for what was sent.
CONFLICTS = {
    WebhookRefusal.TOO_MANY,
    WebhookRefusal.NOT_ON,
    WebhookRefusal.STILL_WAITING,
    WebhookRefusal.FORGOTTEN,
    WebhookRefusal.NOT_TOLD,
}


class Endpoints(APIView):
    """The webhooks that this client has made; a new one."""

    scope: ClassVar = ApiKey.Scope.WEBHOOKS

    @api_words.ENDPOINTS
    @extend_schema(operation_id="webhooks", responses={200: schema.ENDPOINTS, **ANY_CALL})
    def get(self, request: Request) -> Response:
        return Response({"webhooks": [as_json(each) for each in own(request).order_by("pk")]})

    @api_words.CREATE
    @extend_schema(
        operation_id="create_webhook",
        parameters=[IDEMPOTENCY_KEY],
        request={"application/json": schema.CREATE},
        responses={201: schema.ENDPOINT_WITH_SECRET, **schema.CREATE_ERRORS},
    )
    def post(self, request: Request) -> HttpResponse:
        asked = webhook_asked.endpoint_of(request.data)
        check_kinds(request, asked["events"])

        def perform() -> tuple[int, dict[str, Any], str]:
            client, by = client_of(request), key_of(request)
            endpoint, secret = webhook_endpoints.create(**asked, client=client, by=by, now=timezone.now())
            return 201, as_json(endpoint), secret

        with refusals_told():
            return answer_with_secret(request, perform)


class Endpoint(APIView):
    """One webhook; to change it, to pause it or let it go on, to delete it with all that waits."""

    scope: ClassVar = ApiKey.Scope.WEBHOOKS

    @api_words.ONE
    @extend_schema(operation_id="webhook", responses={200: schema.ENDPOINT, **ONE_OBJECT})
    def get(self, request: Request, webhook_id: int) -> Response:
        return Response(as_json(endpoint_of(request, webhook_id)))

    @api_words.CHANGE
    @extend_schema(
        operation_id="change_webhook",
        request={"application/json": schema.CHANGE},
        responses={200: schema.ENDPOINT, **schema.PATCH_ERRORS},
    )
    def patch(self, request: Request, webhook_id: int) -> Response:
        endpoint = endpoint_of(request, webhook_id)
        asked = webhook_asked.changes_of(request.data, endpoint)
        state = asked.pop("state", None)
        # To stop it anybody may: nobody is told anything by that.
        if asked or state != State.PAUSED:
            check_told(request, endpoint, and_of=asked.get("events", ()))
        by, now = key_of(request), timezone.now()
        with refusals_told(), transaction.atomic():
            if asked:
                webhook_endpoints.change(endpoint, **asked, by=by, now=now)
            if state == State.ON:
                webhook_endpoints.switch_on(endpoint, by=by, now=now)
            if state == State.PAUSED:
                webhook_endpoints.pause(endpoint, by=by, now=now)
        return Response(as_json(endpoint_of(request, webhook_id)))

    @api_words.DELETE
    @extend_schema(operation_id="delete_webhook", responses={204: None, **ONE_OBJECT})
    def delete(self, request: Request, webhook_id: int) -> Response:
        webhook_endpoints.delete(endpoint_of(request, webhook_id), by=key_of(request), now=timezone.now())
        return Response(status=204)


class RotateSecret(APIView):
    """A new secret, shown once. The one before signs too for a day, so that the receiver can change over."""

    scope: ClassVar = ApiKey.Scope.WEBHOOKS

    @api_words.ROTATE
    @extend_schema(
        operation_id="rotate_webhook_secret",
        parameters=[IDEMPOTENCY_KEY],
        request={"application/json": schema.NOTHING},
        responses={200: schema.ROTATED, **schema.POST_ERRORS},
    )
    def post(self, request: Request, webhook_id: int) -> HttpResponse:
        endpoint = endpoint_of(request, webhook_id)
        webhook_asked.nothing(request.data)
        check_told(request, endpoint)

        def perform() -> tuple[int, dict[str, Any], str]:
            turned, secret = webhook_endpoints.rotate_secret(endpoint, by=key_of(request), now=timezone.now())
            return 200, {"id": turned.pk, "earlier_until": turned.earlier_until}, secret

        return answer_with_secret(request, perform)


class Kinds(APIView):
    """What webhooks can tell of: each kind with the scope it needs and an example of its data."""

    scope: ClassVar = ApiKey.Scope.WEBHOOKS

    @api_words.KINDS
    @extend_schema(operation_id="webhook_kinds", responses={200: schema.KINDS, **ANY_CALL})
    def get(self, request: Request) -> Response:
        return Response(
            {
                "kinds": [
                    {"type": kind.name, "scope": kind.scope, "description": str(kind.words), "example": kind.example}
                    for kind in webhook_kinds.all_kinds()
                ]
            }
        )


def own(request: Request) -> Any:
    """Return the client's endpoints, each with `waiting`."""
    return webhook_health.with_waiting(WebhookEndpoint.objects.filter(client=client_of(request)))


def endpoint_of(request: Request, webhook_id: int) -> WebhookEndpoint:
    """Return the client's endpoint of this number, or raise Http404."""
    found = own(request).filter(pk=webhook_id).first() if webhook_id <= LARGEST_ID else None
    if found is None:
        raise Http404
    return found


def key_of(request: Request) -> ApiKey:
    return cast(ApiKey, request.auth)


def check_kinds(request: Request, kinds: Iterable[str]) -> None:
    """Raise ApiError `scope_missing` (403), naming them, where the key may not be told of some of the kinds."""
    if refused := webhook_rights.lacking(kinds, key_of(request).scopes):
        words = _("The API key lacks the scope for these events: %(kinds)s.") % {"kinds": listed(refused)}
        raise ApiError("scope_missing", words, status=403, fields={"events": refused})


def check_told(request: Request, endpoint: WebhookEndpoint, *, and_of: Iterable[str] = ()) -> None:
    """Raise ApiError `scope_missing` (403) where the endpoint tells, or will, of what the key may not be told.

    The client has another key that may: this one must not lead elsewhere what that one set up.
    """
    kinds = {*endpoint.events, *and_of}
    if webhook_rights.lacking((kind.name for kind in webhook_kinds.all_kinds()), key_of(request).scopes):
        waiting = endpoint.deliveries.filter(state=WebhookDelivery.State.WAITING)
        kinds.update(waiting.order_by().values_list("event__kind", flat=True).distinct())
    check_kinds(request, kinds)


@contextmanager
def refusals_told() -> Iterator[None]:
    """Answer what webhooks refuse as the API does: by code, with the field that is meant."""
    try:
        yield
    except WebhookRefused as refused:
        status = 409 if refused.refusal in CONFLICTS else 400
        fields = {refused.field: [str(refused)]} if refused.field else {}
        raise ApiError(refused.refusal.value, str(refused), status=status, fields=fields) from None


def as_json(endpoint: Any) -> dict[str, Any]:
    """Return what a client is shown of its endpoint, which `own` found or which is new."""
    return {
        "id": endpoint.pk,
        "name": endpoint.name,
        "url": endpoint.url,
        "events": endpoint.events,
        "segments": endpoint.segments,
        "state": endpoint.state,
        "off_reason": endpoint.off_reason,
        "failing_since": endpoint.failing_since,
        "last_delivered_at": endpoint.last_delivered_at,
        "created_at": endpoint.created_at,
        "waiting": getattr(endpoint, "waiting", 0),
    }


urlpatterns: list[URLPattern] = [
    path("webhooks/", Endpoints.as_view(), name="webhooks"),
    path("webhooks/kinds/", Kinds.as_view(), name="webhook-kinds"),
    path("webhooks/<int:webhook_id>/", Endpoint.as_view(), name="webhook"),
    path("webhooks/<int:webhook_id>/rotate-secret/", RotateSecret.as_view(), name="webhook-rotate-secret"),
]
