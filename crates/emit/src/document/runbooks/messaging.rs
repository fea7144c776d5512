//! Trouble with queues, topics and brokers: messages that wait, fail or cannot be stored.

use super::services::{logs, ringing};
use super::{Runbook, alerted, cause, page, run, say, shown, ticket};
use crate::place::Place;

fn url(p: &Place) -> String {
    format!(
        "$({})",
        p.aws(&format!(
            "sqs get-queue-url --queue-name {} --query QueueUrl --output text",
            p.name("aws_sqs_queue")
        ))
    )
}

fn waiting(p: &Place) -> String {
    p.aws(&format!(
        "sqs get-queue-attributes --queue-url \"{}\" --attribute-names ApproximateNumberOfMessages ApproximateNumberOfMessagesNotVisible RedrivePolicy",
        url(p)
    ))
}

fn peek(p: &Place) -> String {
    p.aws(&format!(
        "sqs receive-message --queue-url \"{}\" --max-number-of-messages 5 --visibility-timeout 30 --attribute-names All",
        url(p)
    ))
}

fn arn(p: &Place) -> String {
    format!(
        "$({})",
        p.aws(&format!(
            "sqs get-queue-attributes --queue-url \"{}\" --attribute-names QueueArn --query Attributes.QueueArn --output text",
            url(p)
        ))
    )
}

fn redrive(p: &Place) -> String {
    p.aws(&format!("sqs start-message-move-task --source-arn \"{}\"", arn(p)))
}

fn broker(p: &Place) -> String {
    p.aws(&format!(
        "mq list-brokers --query \"BrokerSummaries[?BrokerName=='{}'].[BrokerId, BrokerState]\" --output text",
        p.name("aws_mq_broker")
    ))
}

fn kafka(p: &Place) -> String {
    p.aws(&format!(
        "kafka list-clusters-v2 --cluster-name-filter {} --query 'ClusterInfoList[].[ClusterArn, State]' --output text",
        p.name("aws_msk_cluster")
    ))
}

pub(super) static RUNBOOKS: &[Runbook] = &[
    Runbook {
        slugs: &[ticket("queue-age", "Messages wait too long"), ticket("messages-failing", "Messages fail")],
        applies: alerted,
        users: "mails, receipts and other later work come late",
        first: &[
            run("See how many wait and how many are being handled", waiting),
            run("See whether the readers ring too", ringing),
            run("Read what the readers say", logs),
        ],
        causes: &[
            cause("The readers are gone", "many wait, none are being handled"),
            cause(
                "The readers are too slow or too few",
                "many wait, many are being handled, the readers' CPU is high",
            ),
            cause(
                "What the readers use is slow",
                "their CPU is low and a store or partner of theirs is slow",
            ),
            cause("One message fails again and again", "the same message identifier in the readers' errors"),
            cause("A burst", "the number of sent messages jumped; the age falls by itself"),
        ],
        mend: &[
            say("Bring the readers back: see the runbook for a service that is down"),
            say("Raise the readers' most copies through their load in the spec"),
            say("If the sender went wild, stop the sender first"),
        ],
        verify: &[run("The number that wait falls towards zero", waiting)],
        escalate: "when messages come near the end of their retention: what is not read by then is gone",
        afterwards: &["Set `load.messages` and `load.peak` in the spec to what was measured"],
    },
    Runbook {
        slugs: &[page("queue-dead-letters", "Messages could not be handled")],
        applies: alerted,
        users: "single orders, mails or uploads were never finished",
        first: &[
            run("See how many there are", waiting),
            run("Look at a few without taking them away", peek),
            run("Find the first failure in the readers' log", logs),
        ],
        causes: &[
            cause(
                "The reader does not understand them",
                "all look alike and began with a release of the sender or the reader",
            ),
            cause(
                "Something was away",
                "they came within one span of time, and the readers' errors name a store or partner",
            ),
            cause(
                "They take longer than they are hidden",
                "the readers finish them and they come back: no errors, only repeats",
            ),
        ],
        mend: &[
            say("Mend the cause first, or they come straight back"),
            run("Send them through again; readers must bear a repeat", redrive),
            say("What can never be handled: save it, tell whoever sent it, then delete it"),
        ],
        verify: &[run("The dead-letter queue is empty and stays so for an hour", waiting)],
        escalate: "at once when the messages are money or somebody's data",
        afterwards: &[
            "Add a test with one of the messages",
            "Let the reader log the message identifier with every error",
        ],
    },
    Runbook {
        slugs: &[ticket("topic-failures", "A topic could not deliver")],
        applies: alerted,
        users: "one of the services that listen misses events",
        first: &[
            run("See what else rings", ringing),
            run("See who listens", |p| {
                p.aws("sns list-subscriptions --query 'Subscriptions[].[TopicArn, Protocol, Endpoint]' --output text")
            }),
        ],
        causes: &[
            cause(
                "The queue's policy no longer lets the topic in",
                "it began with an apply that changed the queue or its key",
            ),
            cause(
                "The key's policy no longer lets the topic in",
                "the same, and the queue is encrypted with a key of its own",
            ),
            cause("The subscriber is gone", "a subscription whose endpoint no longer exists"),
        ],
        mend: &[
            say("Plan: what somebody changed by hand shows there; apply puts it back"),
            say("Send again what was lost, from the sender's own record"),
        ],
        verify: &[run("The alarm is quiet after a test message", ringing)],
        escalate: "when events are lost that nobody can send again",
        afterwards: &["Give the subscription a dead-letter queue if lost events matter"],
    },
    Runbook {
        slugs: &[page("rabbitmq-cpu", "The broker is short of CPU")],
        applies: alerted,
        users: "work is accepted slowly or refused",
        first: &[run("See the broker's state", broker), run("See what else rings", ringing)],
        causes: &[
            cause("Readers are gone", "the number of ready messages grows"),
            cause("Too many connections", "clients open one for each message instead of keeping it"),
            cause("Large messages or many queues", "memory is high too"),
        ],
        mend: &[
            say("Bring the readers back"),
            say("Let clients keep their connections"),
            say("Choose a larger broker in the spec, plan and apply outside of busy hours: it restarts"),
        ],
        verify: &[run("The broker is `RUNNING` and its CPU under its line for 30 minutes", broker)],
        escalate: "when publishers are refused",
        afterwards: &["Set the limits of queues so that senders are slowed down before the broker is"],
    },
    Runbook {
        slugs: &[page("kafka-disk", "A broker's disk fills up")],
        applies: alerted,
        users: "nothing yet; a full broker takes no more messages",
        first: &[run("See the cluster's state", kafka), say("Find the topics that grow: bytes in, by topic")],
        causes: &[
            cause("Retention is longer than the disk", "growth is even and the disk was never large enough"),
            cause("One sender writes much more", "bytes in of one topic jumped"),
        ],
        mend: &[
            say("Shorten the retention of the largest topic: it takes effect within minutes"),
            say("Raise the storage in the spec and apply: it grows without a restart, and never shrinks"),
        ],
        verify: &[say("Disk use falls or stays under its line for a day")],
        escalate: "above 90 %",
        afterwards: &["Give every topic a retention by size"],
    },
    Runbook {
        slugs: &[page("kafka-offline-partitions", "Partitions have no leader")],
        applies: alerted,
        users: "part of the events can be neither written nor read",
        first: &[run("See the cluster's state", kafka), run("See what else rings", ringing)],
        causes: &[
            shown("A broker is away", "the cluster is `HEALING`, or AWS works on it", kafka),
            cause("Too few copies", "topics with a replication factor of 1 live on the lost broker"),
        ],
        mend: &[
            say("Wait while the service replaces the broker; do not restart others meanwhile"),
            say("Raise the replication factor of topics that have only one copy"),
        ],
        verify: &[say("No offline and no under-replicated partitions")],
        escalate: "at once; open a case with AWS when the cluster does not heal within 15 minutes",
        afterwards: &["Let every topic have three copies and two that must answer"],
    },
];
