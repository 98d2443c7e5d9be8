"""What keeps the house running: jobs, the audit trail, API clients and their keys, webhooks. Nothing of the trade."""

from operations.models.audit import AuditRecord
from operations.models.clients import ApiKey, CallCount, IdempotencyKey
from operations.models.list_exports import ListExport
from operations.models.pictures import Picture, PictureSize
from operations.models.running import Book, Heartbeat, Job
from operations.models.webhooks import WebhookAttempt, WebhookDelivery, WebhookEndpoint, WebhookEvent

__all__ = [
    "ApiKey",
    "AuditRecord",
    "Book",
    "CallCount",
    "Heartbeat",
    "IdempotencyKey",
    "Job",
    "ListExport",
    "Picture",
    "PictureSize",
    "WebhookAttempt",
    "WebhookDelivery",
    "WebhookEndpoint",
    "WebhookEvent",
]
