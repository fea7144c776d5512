"""Reads orders from the queue and sends a confirmation for each."""

import json
import logging
import os
import signal
import threading

import boto3

stopping = threading.Event()
log = logging.getLogger("mailer")


class JsonFormatter(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        return json.dumps({"level": record.levelname.lower(), "message": record.getMessage()})


def confirmation(body: str) -> str:
    """The text of the confirmation for an order, as the queue holds it."""
    order = json.loads(body)
    return f"Thank you. Your order {order['id']} is on its way."


def consume(queue, url: str) -> None:
    """Takes messages until told to stop; a message is deleted only after it was handled."""
    while not stopping.is_set():
        answer = queue.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=5)
        for message in answer.get("Messages", []):
            try:
                log.info(confirmation(message["Body"]))
            except (KeyError, ValueError):
                # Left in the queue: after its tries it lands in the dead-letter queue.
                log.exception("cannot read message %s", message["MessageId"])
                continue
            queue.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])


def main() -> None:
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stopping.set())
    log.info("started")
    consume(boto3.client("sqs"), os.environ["ORDERS_URL"])
    log.info("stopped")


if __name__ == "__main__":
    main()
