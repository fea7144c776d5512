//! Rules of thumb that sizes rest on where no vendor publishes a figure.
//!
//! They are engineering assumptions, not facts: each is named here once with its unit, and a decision that
//! rests on one says so in its inputs. Figures that a vendor publishes come from the catalogue instead.

/// Share of its CPU that a running copy uses on average once the autoscaler has settled.
pub(crate) const TARGET_CPU: f64 = 0.60;

/// Share of its CPU that a copy may use at mean load while one zone is away.
pub(crate) const SURVIVOR_CPU: f64 = 0.90;

/// Room above the expected peak, as a factor on the number of copies.
pub(crate) const PEAK_HEADROOM: f64 = 1.25;

/// Room above the memory a copy needs, as a factor.
pub(crate) const MEMORY_HEADROOM: f64 = 1.25;

/// Share of a latency objective that CPU work and waiting for a CPU may take; the rest belongs to the network
/// and to what the service calls.
pub(crate) const LATENCY_SHARE: f64 = 0.5;

/// Copies at peak beyond which a larger size is preferred: each copy is one more target to drain at a deployment
/// and one more pool of database connections.
pub(crate) const MANY_COPIES: u32 = 40;

/// Seconds a message may wait in a queue before another reader starts.
pub(crate) const BACKLOG_SECONDS: f64 = 60.0;

/// Requests a second of a service that says nothing.
pub(crate) const ASSUMED_REQUESTS: f64 = 5.0;

/// Requests a second for files of a static site that says nothing.
pub(crate) const ASSUMED_FILES: f64 = 1.0;

/// Messages a second of a queue reader that says nothing.
pub(crate) const ASSUMED_MESSAGES: f64 = 1.0;

/// CPU seconds of a request or message that says nothing: parse, a query or two, serialize.
pub(crate) const ASSUMED_CPU_SECONDS: f64 = 0.01;

/// Peak as a multiple of the mean when nothing is said.
pub(crate) const ASSUMED_PEAK: f64 = 3.0;

/// Seconds that a request is open whose service says nothing: most of it is waiting for what the service calls.
pub(crate) const ASSUMED_ANSWER_SECONDS: f64 = 0.5;

/// MiB of a copy that says nothing.
pub(crate) const ASSUMED_MEMORY_MIB: f64 = 512.0;

/// KiB of a file that a static site serves, when nothing is said.
pub(crate) const ASSUMED_FILE_KIB: f64 = 50.0;

/// Seconds of a scheduled run that says nothing.
pub(crate) const ASSUMED_RUN_SECONDS: f64 = 300.0;

/// Smallest share of a vCPU for runs that come and go, so that starting up does not dominate them.
pub(crate) const BATCH_VCPUS: f64 = 0.5;

/// Deployments a month, for what runs once at each.
pub(crate) const DEPLOYMENTS_A_MONTH: f64 = 30.0;

/// CPU seconds of a query: an indexed lookup or a small write.
pub(crate) const QUERY_CPU_SECONDS: f64 = 0.000_25;

/// Share of its CPU that a database may use at peak.
pub(crate) const DATABASE_PEAK_CPU: f64 = 0.80;

/// Request units of a query, where a database is paid by them: a read of a KiB takes one, a write about five.
pub(crate) const QUERY_UNITS: f64 = 3.0;

/// Storage operations of a query, averaged over what memory answers.
pub(crate) const QUERY_IO: f64 = 0.1;

/// Share of the stored data that should fit into a database's memory.
pub(crate) const WORKING_SET: f64 = 0.10;

/// Share of a database machine's memory that can hold data.
pub(crate) const DATABASE_CACHE: f64 = 0.65;

/// Connections that one copy of a service keeps open to a database at most: what common pools start with.
pub(crate) const POOL_CONNECTIONS: f64 = 10.0;

/// Share of a database's connections that services may take; the rest is for migrations, maintenance, and memory
/// that the class keeps for itself.
pub(crate) const USABLE_CONNECTIONS: f64 = 0.8;

/// Queries a second of a database that says nothing.
pub(crate) const ASSUMED_QUERIES: f64 = 50.0;

/// GiB of a store that says nothing.
pub(crate) const ASSUMED_STORAGE_GIB: f64 = 20.0;

/// GiB of a cache that says nothing.
pub(crate) const ASSUMED_CACHE_GIB: f64 = 0.4;

/// Share of a cache node's memory that can hold data; the rest is for replication and snapshots.
pub(crate) const CACHE_USABLE: f64 = 0.75;

/// API calls of a message: one sends it; readers take and delete up to ten at a time, here two on average.
pub(crate) const CALLS_A_MESSAGE: f64 = 2.0;

/// KiB of a message on the wire.
pub(crate) const MESSAGE_KIB: f64 = 2.0;

/// Seconds a restore takes before data flows: the new machine starts and is wired up.
pub(crate) const RESTORE_SETUP_SECONDS: f64 = 1200.0;

/// MiB a second at which a snapshot is restored and warmed.
pub(crate) const RESTORE_MIB_A_SECOND: f64 = 100.0;

/// Share of a store's size that changes a day, which is what each further backup holds.
pub(crate) const DAILY_CHANGE: f64 = 0.02;

/// Share of requests that open a new connection.
pub(crate) const NEW_CONNECTIONS: f64 = 0.1;

/// MiB that the collector beside a program is kept to: about twice what one holds that has next to nothing to do
/// (not verified).
pub(crate) const COLLECTOR_MIB: f64 = 128.0;

/// vCPUs that the collector beside a program takes on average. It forwards two points a second; one that forwards a
/// hundred log records a second was measured at a hundredth of a CPU (Sumo Logic, OpenTelemetry Collector
/// performance benchmarks, read 2026-11).
pub(crate) const COLLECTOR_VCPUS: f64 = 0.005;
