"""The call by which others tell what became of what we gave them. It needs no API key: it is signed.

`POST callbacks/deliveries/` of a red packet: `{"key", "state": "delivered"|"failed", "reference", "error", "final"}`,
of a parcel: `{"award", "state": "shipped"|"returned", "carrier", "number"}`. Answers: 200 with how it stands; a
repeated webhook-id gets the first answer. Refused are 401 what no sender signed, 400 what is older than five minutes
or unreadable, 404 what is not the sender's to tell of, 409 what does not fit how it stands.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from members import cells
from members.faults import RowError
from operations import json_body, signed_calls
from operations.api_errors import ApiError
from operations.standard_webhooks import Fault, NotAuthentic
from rewards import api_schema, api_words, receipt_secrets, receipts, tracking
from rewards.delivery_providers import Outcome, Verdict
from rewards.models import ReceiptSender
from rewards.receipts import ReceiptRefused, Taken
from rewards.tracking import TrackingRow

FORGED = gettext_lazy("The signature is not that of a sender of receipts.")
LARGEST_ID = 2**63 - 1
KEY = 32
PAYMENT_FIELDS = frozenset({"key", "state", "reference", "error", "final"})
PARCEL_FIELDS = frozenset({"award", "state", "carrier", "number"})

Take = Callable[[ReceiptSender, datetime, datetime], Taken]


class DeliveriesView(APIView):
    """A receipt: what became of a red packet's payment, or of a parcel."""

    authentication_classes = ()
    permission_classes = ()

    @api_words.RECEIPT
    @extend_schema(
        operation_id="delivery_receipt",
        auth=[],
        parameters=signed_calls.HEADERS,
        request={"application/json": api_schema.RECEIPT},
        responses={200: api_schema.RECEIPT_TAKEN, **signed_calls.ERRORS},
    )
    def post(self, request: Request) -> HttpResponse:
        plain, now = request._request, timezone.now()
        sender, message_id = _authentic(plain, now)
        receipt_secrets.note_heard(sender, now=now)
        named, take = _parsed(json_body.parse(plain.body))
        signed_at = datetime.fromtimestamp(int(plain.headers["webhook-timestamp"]), UTC)

        def perform() -> tuple[int, dict[str, Any]]:
            taken = take(sender, signed_at, now)
            return 200, named | {"state": taken.state, "changed": taken.changed}

        try:
            return signed_calls.answer_once(plain, f"receipts:{sender.pk}", message_id, perform)
        except ReceiptRefused as error:
            words = str(receipts.WORDINGS[error.refusal])
            raise ApiError(error.refusal.value, words, status=error.status) from None


def _authentic(request: HttpRequest, now: datetime) -> tuple[ReceiptSender, str]:
    """Return who signed the call, and its webhook-id. Raises ApiError."""
    fault = NotAuthentic(Fault.FORGED)
    signed_calls.body_of(request)
    for sender, secrets in receipt_secrets.secrets_by_sender(now=now):
        try:
            return sender, signed_calls.authentic_id(request, secrets, now=now)
        except NotAuthentic as error:
            fault = error
            if error.fault is not Fault.FORGED:
                break
    raise signed_calls.refused(fault, forged=FORGED)


def _parsed(body: Any) -> tuple[dict[str, Any], Take]:
    """Return what names the payment or parcel, and how the receipt is taken. Raises ApiError."""
    if not isinstance(body, Mapping):
        raise ApiError("invalid", _("The body must be a JSON object."))
    if ("key" in body) == ("award" in body):
        raise _invalid("key", _("Name either a payment by its key or a parcel by its award."))
    known = PAYMENT_FIELDS if "key" in body else PARCEL_FIELDS
    for name in body:
        if name not in known:
            raise _invalid(name, _("This is not a field of it."))
    try:
        return _payment(body) if "key" in body else _parcel(body)
    except RowError as error:
        raise _invalid("number" if error.column == "tracking_number" else error.column, error.message) from None


def _payment(body: Mapping[str, Any]) -> tuple[dict[str, Any], Take]:
    key, final = cells.required_text(body["key"], "key", limit=KEY), body.get("final")
    state = _one_of(body, (Verdict.DELIVERED.value, Verdict.FAILED.value))
    if final is not None and not isinstance(final, bool):
        raise _invalid("final", _("This must be true or false."))
    outcome = Outcome(
        Verdict(state),
        reference=cells.text(body.get("reference"), "reference", limit=100) or "",
        error=cells.text(_on_one_line(body.get("error")), "error", limit=500) or "",
        final=bool(final),
    )

    def take(sender: ReceiptSender, signed_at: datetime, now: datetime) -> Taken:
        return receipts.take_payment(sender, key, outcome, signed_at=signed_at, now=now)

    return {"key": key}, take


def _parcel(body: Mapping[str, Any]) -> tuple[dict[str, Any], Take]:
    award = body["award"]
    if isinstance(award, bool) or not isinstance(award, int) or not 0 < award <= LARGEST_ID:
        raise _invalid("award", _("Name the award by its number."))
    state = _one_of(body, ("shipped", "returned"))
    number = tracking.checked_number(cells.required_text(body.get("number"), "number", limit=tracking.LONGEST))
    if state == "returned":
        return {"award": award}, lambda sender, _at, now: receipts.take_returned(sender, award, number, now=now)
    row = TrackingRow(award, cells.required_text(body.get("carrier"), "carrier", limit=tracking.LONGEST), number)
    return {"award": award}, lambda sender, _at, now: receipts.take_shipped(sender, row, now=now)


def _one_of(body: Mapping[str, Any], states: tuple[str, str]) -> str:
    state = body.get("state")
    if state not in states:
        raise _invalid("state", _("This must be “%(one)s” or “%(other)s”.") % {"one": states[0], "other": states[1]})
    return str(state)


def _on_one_line(text: Any) -> Any:
    return " ".join(text.split()) if isinstance(text, str) else text


def _invalid(field: str, words: str) -> ApiError:
    return ApiError("invalid", _("The request has values that cannot be used."), fields={field[:50]: [str(words)]})


urlpatterns: list[URLPattern] = [path("callbacks/deliveries/", DeliveriesView.as_view(), name="delivery-receipts")]
