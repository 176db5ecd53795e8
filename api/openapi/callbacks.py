"""What the service itself calls: the webhook of a job, at the address that its submission named."""

from __future__ import annotations

from typing import Any

from api.openapi.components import content, parameter

JOB_ENDED: dict[str, Any] = {
    "jobEnded": {
        "{$request.body#/callbackUrl}": {
            "post": {
                "summary": "The webhook: the job document as getJob gives it, signed as Standard Webhooks has it",
                "parameters": [
                    parameter("webhook-id", "header", "of the job, the same at every attempt", {"type": "string"}),
                    parameter("webhook-timestamp", "header", "of this attempt, in seconds", {"type": "integer"}),
                    parameter("webhook-signature", "header", "`v1,` and HMAC-SHA256", {"type": "string"}),
                ],
                "requestBody": {"required": True, "content": content("JobDocument")},
                "responses": {
                    "2XX": {"description": "Delivered."},
                    "410": {"description": "No more attempts are wanted."},
                    "default": {"description": "It is tried again."},
                },
            }
        }
    }
}
