"""What keeps the house running: jobs, the audit trail, API clients and their keys, webhooks. Nothing of the trade."""

from operations.models.approvals import ApprovalComment, ApprovalRequest
from operations.models.audit import AuditRecord
from operations.models.clients import ApiKey, CallCount, IdempotencyKey
from operations.models.list_exports import ListExport
from operations.models.pictures import Picture, PictureSize
from operations.models.running import Book, Heartbeat, Job
from operations.models.sign_in import Authenticator, RecoveryCode, SignIn, TwoFactorRule
from operations.models.webhooks import WebhookAttempt, WebhookDelivery, WebhookEndpoint, WebhookEvent

__all__ = [
    "ApiKey",
    "ApprovalComment",
    "ApprovalRequest",
    "AuditRecord",
    "Authenticator",
    "Book",
    "CallCount",
    "Heartbeat",
    "IdempotencyKey",
    "Job",
    "ListExport",
    "Picture",
    "PictureSize",
    "RecoveryCode",
    "SignIn",
    "TwoFactorRule",
    "WebhookAttempt",
    "WebhookDelivery",
    "WebhookEndpoint",
    "WebhookEvent",
]
