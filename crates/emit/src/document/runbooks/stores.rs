//! Trouble with what holds data besides databases: caches and search.

use super::services::{logs, ringing};
use super::{Runbook, alerted, cause, page, run, say, ticket};
use crate::place::Place;

fn cache(p: &Place) -> String {
    if p.has("aws_elasticache_cluster") && !p.has("aws_elasticache_replication_group") {
        return p.aws(&format!(
            "elasticache describe-cache-clusters --cache-cluster-id {} --show-cache-node-info",
            p.name("aws_elasticache_cluster")
        ));
    }
    p.aws(&format!(
        "elasticache describe-replication-groups --replication-group-id {} --query 'ReplicationGroups[].[Status, NodeGroups[].NodeGroupMembers[].[CacheClusterId, CurrentRole]]'",
        p.name("aws_elasticache_replication_group")
    ))
}

fn search(p: &Place) -> String {
    p.aws(&format!(
        "opensearch describe-domain --domain-name {} --query 'DomainStatus.[DomainProcessingStatus, ClusterConfig.InstanceCount, EBSOptions.VolumeSize]'",
        p.name("aws_opensearch_domain")
    ))
}

pub(super) static RUNBOOKS: &[Runbook] = &[
    Runbook {
        slugs: &[
            ticket("cache-cpu", "The cache's engine is busy"),
            ticket("memcached-cpu", "The cache is short of CPU"),
        ],
        applies: alerted,
        users: "everything that uses the cache becomes slower",
        first: &[run("See its state", cache), run("See what else rings", ringing)],
        causes: &[
            cause("Commands over many keys", "`KEYS`, large `SMEMBERS` or scripts in the slow log"),
            cause("One key is asked for all the time", "commands grew, keys did not"),
            cause("Connections that come and go", "new connections a second are many"),
        ],
        mend: &[
            say("Replace the command (`SCAN`, smaller collections)"),
            say("Keep a hot key in the service's own memory for seconds"),
            say("Choose a larger node in the spec, plan and apply in a quiet hour"),
        ],
        verify: &[say("CPU is under its line for 30 minutes")],
        escalate: "when services wait for the cache longer than for the database",
        afterwards: &["Let services work, more slowly, without the cache"],
    },
    Runbook {
        slugs: &[ticket("cache-memory", "The cache is nearly full")],
        applies: alerted,
        users: "nothing yet; then lost sessions or refused writes, by the eviction policy",
        first: &[run("See its state", cache), say("Find the largest keys: `redis-cli --bigkeys`")],
        causes: &[
            cause("Keys without an end", "the number of keys only grows; `TTL` says -1"),
            cause("Larger values", "the number is even, memory grows"),
            cause("More users", "both grow with traffic"),
        ],
        mend: &[
            say("Give keys a time to live"),
            say("Choose a larger node in the spec, plan and apply in a quiet hour"),
        ],
        verify: &[run("Memory is under its line for a day", cache)],
        escalate: "when writes are refused",
        afterwards: &["Review what is kept there: a cache may forget"],
    },
    Runbook {
        slugs: &[
            ticket("cache-evictions", "The cache throws keys away"),
            ticket("memcached-evictions", "The cache throws values away"),
        ],
        applies: alerted,
        users: "slower pages: what was thrown away is computed again",
        first: &[run("See its state", cache), run("See whether the database behind it rings", ringing)],
        causes: &[
            cause("It is too small for what is used", "hits fall as evictions grow"),
            cause("Values that nobody asks for again", "hits stay as they were"),
        ],
        mend: &[
            say("Shorten the time to live of large values"),
            say("Choose a larger node in the spec, plan and apply in a quiet hour"),
        ],
        verify: &[say("Evictions stop, hits rise")],
        escalate: "when the database behind it rings",
        afterwards: &["Set `memory` in the spec to what is used at the peak"],
    },
    Runbook {
        slugs: &[page("search-red", "Part of the search data cannot be found")],
        applies: alerted,
        users: "searches fail or miss results",
        first: &[
            run("See the domain", search),
            say("Ask it which shards are missing: `GET _cluster/allocation/explain`"),
        ],
        causes: &[
            cause("A node failed", "fewer nodes than configured"),
            cause("Storage is full", "the storage alarm rang before"),
            cause("A change is under way", "the domain is processing"),
        ],
        mend: &[
            say("Wait for the node to be replaced"),
            say("Free storage: delete the oldest indices"),
            say("Restore the missing index from the newest hourly snapshot, or index again"),
        ],
        verify: &[run("`GET _cluster/health` says green or yellow", search)],
        escalate: "after 15 minutes",
        afterwards: &["Give every index at least one replica"],
    },
    Runbook {
        slugs: &[page("search-storage", "The search domain's storage runs out")],
        applies: alerted,
        users: "nothing yet; then new documents are refused",
        first: &[
            run("See the domain", search),
            say("Find the largest indices: `GET _cat/indices?s=store.size:desc`"),
        ],
        causes: &[
            cause("Old indices are kept for ever", "one a day, none deleted"),
            cause("Large documents", "few documents, much storage"),
        ],
        mend: &[say("Delete the oldest indices"), say("Raise `storage` in the spec and apply")],
        verify: &[run("Free storage is above its line, and no write block is left", search)],
        escalate: "when writes are refused",
        afterwards: &["Let a policy delete indices by age"],
    },
    Runbook {
        slugs: &[
            ticket("search-cpu", "The search domain is short of CPU"),
            ticket("search-heap", "The search domain's heap is nearly full"),
        ],
        applies: alerted,
        users: "slow searches",
        first: &[run("See the domain", search), run("Read the callers' log", logs)],
        causes: &[
            cause(
                "Costly queries",
                "wildcards at the beginning, deep pages, large aggregations in the slow log",
            ),
            cause("Too many small shards", "hundreds of shards of a few megabytes"),
            cause("Bulk indexing", "it began and ends with a load"),
        ],
        mend: &[
            say("Limit the query or the load"),
            say("Merge small indices"),
            say("Choose a larger instance in the spec, plan and apply in a quiet hour"),
        ],
        verify: &[say("Under its line for 30 minutes")],
        escalate: "when nodes leave the cluster",
        afterwards: &["Limit the size of results in the service"],
    },
];
