"""Reads orders from the queue and sends a confirmation for each."""

import datetime
import json
import logging
import os
import signal
import sys
import threading
import time

import boto3

from telemetry import Telemetry

stopping = threading.Event()
log = logging.getLogger("mailer")


class JsonFormatter(logging.Formatter):
    """One JSON object a line, with the fields that every service of the shop writes."""

    FIELDS = ("message_id", "text", "error")
    LEVELS = {"WARNING": "warn", "CRITICAL": "error"}

    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.datetime.fromtimestamp(record.created, datetime.timezone.utc)
        line = {
            "time": moment.isoformat(timespec="milliseconds"),
            "level": self.LEVELS.get(record.levelname, record.levelname.lower()),
            "message": record.getMessage(),
        }
        line.update((name, getattr(record, name)) for name in self.FIELDS if hasattr(record, name))
        if record.exc_info and record.exc_info[0] and "error" not in line:
            line["error"] = record.exc_info[0].__name__
        return json.dumps(line)


def confirmation(body: str) -> str:
    """The text of the confirmation for an order, as the queue holds it."""
    order = json.loads(body)
    return f"Thank you. Your order {order['id']} is on its way."


def handle(message: dict) -> str | None:
    """Sends one confirmation; answers with the kind of failure, None when there was none."""
    try:
        text = confirmation(message["Body"])
    except (KeyError, TypeError, ValueError) as error:
        # Left in the queue: after its tries it lands in the dead-letter queue.
        kind = type(error).__name__
        log.error("message cannot be read", extra={"message_id": message["MessageId"], "error": kind})
        return kind
    log.info("confirmation sent", extra={"message_id": message["MessageId"], "text": text})
    return None


def consume(queue, url: str, telemetry: Telemetry) -> None:
    """Takes messages until told to stop; a message is deleted only after it was handled."""
    name = url.rsplit("/", 1)[-1]
    while not stopping.is_set():
        answer = queue.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=5)
        for message in answer.get("Messages", []):
            began = time.monotonic()
            error = handle(message)
            telemetry.observe(name, time.monotonic() - began, error)
            if error is None:
                queue.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])


def main() -> None:
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stopping.set())
    telemetry = Telemetry()
    sender = threading.Thread(target=telemetry.run, args=(stopping,))
    sender.start()
    log.info("started")
    try:
        consume(boto3.client("sqs"), os.environ["ORDERS_URL"], telemetry)
    finally:
        # A failure stops the sender as well, or the process would never end.
        stopping.set()
        sender.join()
    log.info("stopped")


if __name__ == "__main__":
    main()
