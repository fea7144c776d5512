import http.server
import json
import logging
import sys
import threading
import unittest

import main
from telemetry import BOUNDS, Telemetry


class Queue:
    """A queue whose second and third messages cannot be read."""

    def __init__(self):
        bodies = ['{"id": 7}', "not JSON", "[]", '{"id": 8}']
        self.messages = [
            {"MessageId": str(i), "ReceiptHandle": f"r{i}", "Body": body} for i, body in enumerate(bodies)
        ]
        self.deleted = []

    def receive_message(self, **_):
        main.stopping.set()
        return {"Messages": self.messages}

    def delete_message(self, QueueUrl, ReceiptHandle):
        self.deleted.append(ReceiptHandle)


class Collector(http.server.BaseHTTPRequestHandler):
    """Keeps what is sent to it."""

    received: list[tuple[str, dict]] = []

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.received.append((self.path, body))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_):
        pass


def plain(attributes):
    return {one["key"]: one["value"]["stringValue"] for one in attributes}


class MailerTest(unittest.TestCase):
    def setUp(self):
        main.log.propagate = False
        main.log.addHandler(logging.NullHandler())

    def test_the_confirmation_names_the_order(self):
        self.assertIn("order 7", main.confirmation('{"id": 7}'))

    def test_only_handled_messages_are_deleted(self):
        main.stopping.clear()
        queue = Queue()
        main.consume(queue, "http://queue/1/orders", Telemetry({}))
        self.assertEqual(queue.deleted, ["r0", "r3"])

    def test_messages_reach_the_collector_under_the_names_of_the_conventions(self):
        server = http.server.HTTPServer(("127.0.0.1", 0), Collector)
        self.addCleanup(server.server_close)
        threading.Thread(target=server.handle_request).start()
        telemetry = Telemetry(
            {
                "OTEL_SERVICE_NAME": "mailer",
                "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{server.server_port}/",
                "OTEL_RESOURCE_ATTRIBUTES": "deployment.environment.name=test, team=caf%C3%A9",
            }
        )
        main.stopping.clear()
        main.consume(Queue(), "http://queue/1/orders", telemetry)
        telemetry.flush()
        path, body = Collector.received[-1]
        self.assertEqual(path, "/v1/metrics")
        sent = body["resourceMetrics"][0]
        who = plain(sent["resource"]["attributes"])
        self.assertEqual(who["service.name"], "mailer")
        self.assertEqual(who["deployment.environment.name"], "test")
        self.assertEqual(who["team"], "café")
        metric = sent["scopeMetrics"][0]["metrics"][0]
        self.assertEqual((metric["name"], metric["unit"]), ("messaging.process.duration", "s"))
        counts = {}
        for point in metric["histogram"]["dataPoints"]:
            self.assertEqual(len(point["bucketCounts"]), len(BOUNDS) + 1)
            labels = plain(point["attributes"])
            self.assertEqual(labels["messaging.destination.name"], "orders")
            counts[labels.get("error.type")] = int(point["count"])
        self.assertEqual(counts, {None: 2, "JSONDecodeError": 1, "TypeError": 1})

    def test_a_collector_that_is_away_breaks_nothing(self):
        telemetry = Telemetry({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"})
        telemetry.observe("orders", 0.1)
        with self.assertLogs(main.log, "WARNING"):
            telemetry.flush()

    def test_a_log_line_has_the_fields_of_the_contract(self):
        try:
            raise ValueError("secret")
        except ValueError:
            record = main.log.makeRecord("mailer", logging.WARNING, "", 0, "odd %s", ("one",), sys.exc_info())
        line = json.loads(main.JsonFormatter().format(record))
        self.assertTrue(line["time"].endswith("+00:00"))
        self.assertEqual((line["level"], line["message"], line["error"]), ("warn", "odd one", "ValueError"))


if __name__ == "__main__":
    unittest.main()
