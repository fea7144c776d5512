//! Sentences as people write them, and what must be read out of each.
//!
//! An expectation is `key=value` over a flat view of the spec; `!key` says that a key must be absent.

use std::collections::BTreeMap;

use super::*;
use crate::model::{Source, UseTarget};

fn flat(spec: &Spec) -> BTreeMap<String, String> {
    let mut out = BTreeMap::new();
    let mut put = |key: String, value: Option<String>| {
        if let Some(value) = value {
            out.insert(key, value);
        }
    };
    let number = |n: f64| ((n * 100.0).round() / 100.0).to_string();
    put("name".into(), Some(spec.name.value.clone()));
    put("owner".into(), spec.owner.as_ref().map(|o| o.value.clone()));
    put("cloud".into(), Some(format!("{:?}", spec.cloud.provider.value).to_lowercase()));
    put(
        "regions".into(),
        Some(spec.cloud.regions.iter().map(|r| r.value.as_str()).collect::<Vec<_>>().join("+")),
    );
    put("budget".into(), spec.budget.as_ref().map(|b| number(b.value.0)));
    put("envs".into(), Some(spec.environments.keys().cloned().collect::<Vec<_>>().join("+")));
    put("iac".into(), Some(spec.deliver.iac.clone()));
    put("ci".into(), Some(spec.deliver.ci.clone()));
    put("runtime".into(), Some(spec.deliver.runtime.clone()));
    put("secrets".into(), Some(spec.secrets.keys().cloned().collect::<Vec<_>>().join("+")));
    for (name, e) in &spec.environments {
        put(format!("{name}.scale"), Some(number(e.scale.value)));
        put(format!("{name}.availability"), e.availability.as_ref().map(|a| a.value.to_string()));
        put(format!("{name}.rto"), e.rto.as_ref().map(|r| r.value.to_string()));
        put(format!("{name}.rpo"), e.rpo.as_ref().map(|r| r.value.to_string()));
    }
    for (name, s) in &spec.services {
        let stack = match &s.source {
            Source::Build(b) => {
                b.scan.as_ref().and_then(|s| s.stack).map_or("build".into(), |s| format!("{s:?}"))
            }
            Source::Static(_) => "site".into(),
            Source::Image(_) => "image".into(),
        };
        put(name.clone(), Some(stack));
        put(format!("{name}.public"), Some(s.public.value.to_string()));
        put(format!("{name}.requests"), s.load.requests.as_ref().map(|r| number(r.value)));
        put(format!("{name}.messages"), s.load.messages.as_ref().map(|r| number(r.value)));
        put(format!("{name}.peak"), s.load.peak.as_ref().map(|r| number(r.value)));
        put(format!("{name}.schedule"), s.schedule.as_ref().map(|r| r.value.clone()));
        put(format!("{name}.port"), s.port.as_ref().map(|r| r.value.to_string()));
        put(format!("{name}.health"), s.health.as_ref().map(|r| r.value.clone()));
        put(format!("{name}.host"), s.host.as_ref().map(|r| r.value.clone()));
        put(format!("{name}.release"), Some(format!("{:?}", s.release.value)));
        let latency = s.slo.as_ref().and_then(|s| s.latency.as_ref());
        put(format!("{name}.latency"), latency.map(|l| format!("{}@{}", l.seconds, l.quantile)));
    }
    for (name, r) in &spec.resources {
        put(format!("r.{name}"), Some(format!("{:?}", r.ty.value)));
        put(format!("r.{name}.version"), r.version.as_ref().map(|v| v.value.clone()));
        put(format!("r.{name}.storage"), r.storage_gib.as_ref().map(|v| number(v.value)));
        put(format!("r.{name}.memory"), r.memory_gib.as_ref().map(|v| number(v.value)));
        put(format!("r.{name}.queries"), r.queries.as_ref().map(|v| number(v.value)));
    }
    out
}

static SENTENCES: &[(&str, &str)] = &[
    (
        "a Node API with Postgres and a queue on AWS, 500 requests a second, 99.9 %, under 800 dollars a month",
        "api=NodeNpm r.db=Postgres r.queue=Queue cloud=aws api.requests=500 production.availability=99.9% budget=800",
    ),
    ("Python API on Azure with MySQL", "api=PythonPip cloud=azure r.db=Mysql regions=westeurope"),
    ("A Go service in Frankfurt", "api=Go regions=eu-central-1"),
    (
        "We run a Django app on GCP in London with PostgreSQL 16.",
        "api=PythonPip cloud=gcp regions=europe-west2 r.db=Postgres r.db.version=16",
    ),
    (
        "An Express backend, MongoDB, Redis. Ireland.",
        "api=NodeNpm r.db=Mongodb r.cache=Redis regions=eu-west-1",
    ),
    ("Spring Boot API with Kafka and Elasticsearch", "api=JavaMaven r.events=Kafka r.search=Opensearch"),
    ("a React frontend and a Node API", "web=site api=NodeNpm web.public=true"),
    ("A static website in eu-central-1", "web=site regions=eu-central-1 cloud=aws !api"),
    ("API in Go, worker in Python, RabbitMQ", "api=Go worker=PythonPip r.broker=Rabbitmq"),
    (
        "A Node API and a Python worker reading from a queue at 50 messages a second",
        "api=NodeNpm worker=PythonPip r.queue=Queue worker.messages=50",
    ),
    ("Node API, 1,500 req/s, peaks of 3x", "api.requests=1500 api.peak=3"),
    ("Node API doing 800/s with a 4x peak", "api.requests=800 api.peak=4"),
    ("Node API, 2k rps", "api.requests=2000"),
    ("Node API, 6000 requests per minute", "api.requests=100"),
    ("Node API with 8.64M requests a day", "api.requests=100"),
    ("Node API with 2 million requests daily", "api.requests=23.15"),
    ("Node API, about 200 requests per second, 1000 rps at peak", "api.requests=200 api.peak=5"),
    ("Node API for 10,000 users a day", "!api.requests"),
    ("Node API with five nines", "production.availability=99.999%"),
    ("Node API with three nines", "production.availability=99.9%"),
    ("Node API, 99.95% uptime", "production.availability=99.95%"),
    ("Node API available 99,99 percent of the time", "production.availability=99.99%"),
    ("Node API for $800", "budget=800"),
    ("Node API for $1,200 per month", "budget=1200"),
    ("Node API, budget 1500 USD/month", "budget=1500"),
    ("Node API under 12k a year", "budget=1000"),
    ("Node API, spend at most 300 dollars monthly", "budget=300"),
    ("Node API, no more than $500/month", "budget=500"),
    ("Node API for 500 euros a month", "!budget"),
    ("Node API with Postgres with 100 GB of storage", "r.db.storage=100"),
    ("Node API, Postgres (1 TB), Redis with 2 GB of memory", "r.db.storage=1024 r.cache.memory=2"),
    ("Node API with a bucket of 500 GiB for uploads", "r.uploads.storage=500"),
    ("Node API with a database: Postgres, 2000 queries a second", "r.db.queries=2000"),
    (
        "Node API. Recover within an hour, lose at most 5 minutes of data.",
        "production.rto=3600 production.rpo=300",
    ),
    ("Node API, RTO 4h, RPO 15m", "production.rto=14400 production.rpo=900"),
    ("Node API. RPO of one hour and RTO of two hours", "production.rpo=3600 production.rto=7200"),
    ("Node API. We can lose no more than 30 seconds of data", "production.rpo=30"),
    ("Node API with Postgres, no Redis", "r.db=Postgres !r.cache"),
    ("Node API without a queue or a cache, but with Postgres", "!r.queue !r.cache r.db=Postgres"),
    ("Node API with Postgres and without Redis and Kafka", "r.db=Postgres !r.cache !r.events"),
    ("We don't need Kafka. Node API with a queue.", "!r.events r.queue=Queue"),
    ("Node API with Redis. Actually, no Redis.", "!r.cache"),
    ("Node API with MySQL, no, Postgres", "r.db=Postgres"),
    ("Node API with MySQL. Sorry, Postgres.", "r.db=Postgres"),
    ("Node API with Postgres instead of MySQL", "r.db=Postgres !r.db-mysql"),
    ("Node API on AWS, actually Azure", "cloud=azure"),
    ("Node API in Ireland, no, Frankfurt", "regions=eu-central-1"),
    ("Node API in Ireland and Frankfurt", "regions=eu-west-1+eu-central-1"),
    ("Node API in us-east", "regions=us-east-1"),
    ("Node API in uksouth", "regions=uksouth cloud=azure"),
    ("Node API in europe-west3", "regions=europe-west3 cloud=gcp"),
    ("A nightly report in Go that reads Postgres", "report=Go report.schedule=0·2·*·*·* r.db=Postgres"),
    ("A Python job every 15 minutes", "job=PythonPip job.schedule=*/15·*·*·*·*"),
    ("A Go cron job every night at 3 am", "job.schedule=0·3·*·*·*"),
    ("A Python batch job that runs hourly", "job.schedule=0·*·*·*·*"),
    ("A Node API with an orders queue and a mailer", "r.orders=Queue mailer=build api=NodeNpm"),
    ("A billing API in Java and an orders API in Go", "billing=JavaMaven orders=Go"),
    ("An internal Node API", "api.public=false"),
    ("A Node API that is not public", "api.public=false"),
    ("A Node API on port 3000 with a health check at /healthz", "api.port=3000 api.health=/healthz"),
    ("A Node API called shop, owner ops@shop.example", "name=shop owner=ops@shop.example"),
    ("A Node API at api.shop.example", "api.host=api.shop.example"),
    ("A Node API that needs STRIPE_KEY and SENDGRID_TOKEN", "secrets=STRIPE_KEY+SENDGRID_TOKEN"),
    ("Node API with Terraform and GitLab CI on Kubernetes", "iac=terraform ci=gitlab runtime=kubernetes"),
    ("Node API on Lambda with canary releases", "runtime=lambda api.release=Canary"),
    ("Node API with blue/green deployments", "api.release=BlueGreen"),
    ("Node API with staging at 20 % and production", "staging.scale=0.2 envs=staging+production"),
    ("Node API, only production", "envs=production"),
    ("Node API, 300 ms at p99", "api.latency=0.3@0.99"),
    ("Node API where 95 % of requests take less than 200 ms", "api.latency=0.2@0.95"),
    ("Can you set up a Node API with Postgres on AWS?", "api=NodeNpm r.db=Postgres cloud=aws"),
    ("Node API with Postgres. Do we need Redis?", "r.db=Postgres !r.cache"),
    ("A node api with postgers and elasticsearh in frankfrut", "r.db=Postgres r.search=Opensearch"),
    ("Flask app, SQLite is not enough so Postgres please, 100 dollars per month", "r.db=Postgres budget=100"),
    (
        "Go microservice, 20k rps peak, average 5k rps, RPO zero",
        "api=Go api.requests=5000 api.peak=4 production.rpo=0",
    ),
    (
        "Python API. Recovery point objective is 1 minute and recovery time objective is 30 minutes.",
        "production.rpo=60 production.rto=1800",
    ),
    (
        "A Django app with Celery workers and a Redis cache, spikes to 5x",
        "api=PythonPip worker=PythonPip r.cache=Redis",
    ),
    (
        "A users API in Node, a payments API in Java and a notification worker in Python",
        "users=NodeNpm payments=JavaMaven notification=PythonPip",
    ),
    ("A Next.js site with a Go backend, images in S3", "web=site api=Go r.files=Bucket"),
    ("Rails app with Postgres", "api=build r.db=Postgres"),
    ("We want to go live soon with a Python API", "api=PythonPip"),
    ("a Node.js API,\nPostgres 16,\nRedis cache", "api=NodeNpm r.db.version=16 r.cache=Redis"),
    ("Write the login page. Host a Node API with Postgres.", "api=NodeNpm r.db=Postgres"),
    ("Node API with Memcached", "r.cache=Memcached"),
    ("Node API publishing to a topic", "r.topic=Topic"),
    ("FastAPI + Postgres + S3", "api=PythonPip r.db=Postgres r.files=Bucket"),
];

#[test]
fn every_sentence_is_understood() {
    let mut wrong = Vec::new();
    for (text, expected) in SENTENCES {
        let understood = read(text);
        let flat = understood.spec.as_ref().map(flat).unwrap_or_default();
        for claim in expected.split(' ') {
            let holds = match (claim.strip_prefix('!'), claim.split_once('=')) {
                (Some(key), _) => !flat.contains_key(key),
                (None, Some((key, value))) => flat.get(key).is_some_and(|v| *v == value.replace('·', " ")),
                (None, None) => panic!("{claim}"),
            };
            if !holds {
                wrong.push(format!("{text}\n    wanted {claim}, got {flat:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn whatever_is_in_a_spec_was_said_or_assumed_and_resolves() {
    for (text, _) in SENTENCES {
        let understood = read(text);
        let Some(spec) = understood.spec else { continue };
        assert_eq!(spec.assumptions, understood.assumed, "{text}");
        assert!(
            understood
                .assumed
                .iter()
                .all(|a| !a.because.is_empty() && !a.because.ends_with('.') && !a.assumed.is_empty()),
            "{text}"
        );
        for fact in &understood.understood {
            assert!(text.contains(&fact.phrase), "{text}: {fact:?}");
        }
        for used in spec.services.values().flat_map(|s| &s.uses) {
            let there = match used.target {
                UseTarget::Service => spec.services.contains_key(&used.name),
                UseTarget::Resource => spec.resources.contains_key(&used.name),
                UseTarget::Secret => spec.secrets.contains_key(&used.name),
            };
            assert!(there, "{text}: {}", used.name);
        }
        assert!(spec.resources.keys().all(|r| !spec.services.contains_key(r)), "{text}");
        crate::roundtrip::check(text, &spec);
    }
}

#[test]
fn work_of_other_roles_is_handed_off() {
    for (text, roles) in [
        ("Write the login page", &["frontend"][..]),
        ("Design a landing page and host a Node API", &["frontend"]),
        ("Implement the checkout endpoint", &["backend"]),
        ("Please fix the bug in the API", &["backend"]),
        ("Code the API in Node", &["backend"]),
        ("Do the manual testing of the release", &["qa"]),
        ("Test the app by hand", &["qa"]),
        ("Train a recommendation model", &["data-science"]),
        ("Prioritise the backlog", &["product-owner"]),
        ("Write the roadmap", &["product-owner"]),
        ("Build a Node API with Postgres", &[]),
        ("No manual testing, a Node API with a queue backlog alarm", &[]),
    ] {
        let found: Vec<&str> = read(text).refusals.iter().map(|r| r.role).collect();
        assert_eq!(found, roles, "{text}");
    }
    let both = read("Write the login page. Host a Node API with Postgres.");
    assert!(both.spec.is_some() && both.refusals[0].handoff.len() == 4);
}

#[test]
fn hostile_and_foreign_text_gives_no_spec_and_no_panic() {
    let long = "a Node API with Postgres and 500 requests a second, ".repeat(20_000);
    let digits = "9".repeat(100_000);
    let nested = "(".repeat(50_000);
    for text in [
        "",
        " ",
        "\n\n\n",
        "?",
        ".",
        "🚢🚢 🐳",
        "مرحبا بالعالم ٥٠٠",
        "我们需要一个数据库",
        "Ein Dienst mit Datenbank",
        "\u{202e}\u{0}\u{feff}",
        "no no no",
        "a an the",
        "99.9 % 800 $ / / /",
        "$",
        "1e309 %",
        "İstanbul ﬀ ß",
        &digits,
        &nested,
        "a million million million million million million million dollars",
    ] {
        let understood = read(text);
        assert!(understood.spec.is_none(), "{text:.40}");
        assert!(!understood.missing.is_empty(), "{text:.40}");
    }
    let understood = read(&long);
    assert!(understood.spec.is_some());
    assert!(understood.missing.iter().any(|m| m.contains("fewer words")));
    for (text, _) in SENTENCES {
        for (at, _) in text.char_indices() {
            let _ = read(&text[at..]);
            let _ = read(&text[..at]);
        }
    }
}
