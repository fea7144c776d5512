import unittest

import main


class Queue:
    """A queue with three messages, the second of which cannot be read."""

    def __init__(self):
        bodies = ['{"id": 7}', "not JSON", '{"id": 8}']
        self.messages = [
            {"MessageId": str(i), "ReceiptHandle": f"r{i}", "Body": body} for i, body in enumerate(bodies)
        ]
        self.deleted = []

    def receive_message(self, **_):
        main.stopping.set()
        return {"Messages": self.messages}

    def delete_message(self, QueueUrl, ReceiptHandle):
        self.deleted.append(ReceiptHandle)


class MailerTest(unittest.TestCase):
    def test_the_confirmation_names_the_order(self):
        self.assertIn("order 7", main.confirmation('{"id": 7}'))

    def test_only_handled_messages_are_deleted(self):
        main.stopping.clear()
        queue = Queue()
        main.consume(queue, "http://queue")
        self.assertEqual(queue.deleted, ["r0", "r2"])


if __name__ == "__main__":
    unittest.main()
