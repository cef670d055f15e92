"""The index of the desk: what answers requests, and what the stream, the queue and the schedule call."""

from typing import Any

from chalice.app import Chalice, Rate, SQSEvent

app = Chalice(app_name="helpdesk")


@app.route("/health")
def health() -> dict[str, str]:
    return {"status": "ok"}


@app.on_dynamodb_record(stream_arn="arn:aws:dynamodb:eu-central-1:123456789012:table/history/stream/latest")
def deliver_events(event: Any) -> dict[str, Any]:
    return {"batchItemFailures": []}


@app.on_sqs_message(queue="mail", batch_size=10)
def send_mail(event: SQSEvent) -> dict[str, Any]:
    return {"batchItemFailures": []}


@app.schedule(Rate(5, unit=Rate.MINUTES))
def sweep(event: Any) -> None:
    return None
