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
        let approvers: Vec<&str> = e.approvers.iter().map(|a| a.value.as_str()).collect();
        if !approvers.is_empty() {
            put("approvers".into(), Some(approvers.join("+")));
        }
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
        put(format!("{name}.cpu"), s.load.cpu.as_ref().map(|r| number(r.value)));
        put(format!("{name}.memory"), s.load.memory_mib.as_ref().map(|r| number(r.value)));
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
    ("Our Django app serves 10k users and uses Postgres", "api=PythonPip r.db=Postgres !api.requests"),
    ("Java API with Postgres, 500 GB of images", "r.files=Bucket r.files.storage=500 !r.db.storage"),
    ("GDPR: EU only. Python API with Postgres.", "regions=eu-west-1"),
    ("Node API in the US", "regions=us-east-1"),
    ("Help us host a Node API", "regions=eu-west-1"),
    ("API for customers in Brazil, in Go", "regions=sa-east-1 api=Go"),
    ("Node API in Europe, in Frankfurt", "regions=eu-central-1"),
    ("Node API must never leave Germany", "regions=eu-central-1"),
    ("Node API not in the US", "regions=eu-west-1"),
    ("Node API for the founders of a shop in Iceland", "regions=eu-west-1 cloud=aws"),
    ("Node API, scale to 5x on Black Friday, 10 rps", "api.requests=10 api.peak=5"),
    ("Node API, 10 rps, up to 300 rps on Black Friday", "api.requests=10 api.peak=30"),
    ("Node API normal load 10 rps, Black Friday 300 rps", "api.requests=10 api.peak=30"),
    ("Node API, 50 requests per second average, 400 at peak", "api.requests=50 api.peak=8"),
    ("Node API, 40 rps peak 10 rps average", "api.requests=10 api.peak=4"),
    ("Traffic triples at weekends. Node API with 10 rps.", "api.peak=3"),
    ("Node API with 500 rps. Actually 800 rps.", "api.requests=800"),
    ("Node API with Postgres with 100 GB. Actually 200 GB.", "r.db.storage=200"),
    ("API in Node handling 100-200 requests per second", "api.requests=200"),
    ("API in Node handling between 100 and 200 requests per second", "api.requests=200"),
    ("Node API with 1.5m requests per day", "api.requests=17.36"),
    ("Node API with 1.000.000 requests per day", "api.requests=11.57"),
    ("Node API with 10 000 requests per second", "api.requests=10000"),
    ("Node API, 10k daily active users each making 20 requests a day", "api.requests=2.31"),
    ("Node API at most 1.200 EUR per month", "!budget"),
    ("Node API for 1.200 requests per second", "!api.requests"),
    ("node api postgres aws 500rps 99 $800 a month", "budget=800 api.requests=500"),
    ("Node API budget: $2,500", "budget=2500"),
    ("Our budget is 2000 dollars. No wait, 2500 dollars per month. Node API.", "budget=2500"),
    (
        "Node API must not be down more than 5 minutes a month",
        "production.availability=99.9886% !production.rto",
    ),
    ("Node API with max 1 hour of downtime per year", "production.availability=99.9886% !production.rto"),
    ("Node API. We can tolerate up to 4 hours of downtime in a disaster", "production.rto=14400"),
    ("No data loss allowed. Node API with Postgres.", "production.rpo=0"),
    ("We need zero RPO and 15 min RTO for a Go API", "production.rpo=0 production.rto=900"),
    (
        "Node API, 2 hours recovery time, 10 minutes of data loss are acceptable",
        "production.rto=7200 production.rpo=600",
    ),
    ("Go API. RTO: 30 minutes RPO: 5 minutes", "production.rto=1800 production.rpo=300"),
    ("Staging 99%, production 99.9%. Go API.", "staging.availability=99% production.availability=99.9%"),
    ("Staging should be 20% of production. Go API", "staging.scale=0.2"),
    ("dev, staging and prod environments. Go API.", "envs=development+staging+production"),
    ("qa and production environments. Go API for the dev team", "envs=qa+production"),
    ("Go API, no staging", "envs=production"),
    ("Node API with Postgres, deployments approved by alice@x.com", "approvers=alice@x.com !owner"),
    (
        "Production must be approved by ops@acme.io and cto@acme.io. Go API.",
        "approvers=ops@acme.io+cto@acme.io",
    ),
    (
        "Team: platform@acme.io. Approver: cto@acme.io. Go API.",
        "owner=platform@acme.io approvers=cto@acme.io",
    ),
    ("The application is called \"Acme Shop\". Go API.", "name=acme-shop api=Go !acme"),
    ("Node API at api.acme.com and React app at www.acme.com", "api.host=api.acme.com web.host=www.acme.com"),
    ("A Node API on port 3000 with health at /api/health", "api.port=3000 api.health=/api/health"),
    ("Java services with Kafka", "api=JavaMaven r.events=Kafka"),
    ("Three Node APIs: users, orders and payments", "users=NodeNpm orders=NodeNpm payments=NodeNpm !api"),
    (
        "Microservices: users (Go), orders (Java), payments (Node).",
        "users=Go orders=JavaMaven payments=NodeNpm",
    ),
    (
        "A users service, an orders service and a payments service, all in Go",
        "users=Go orders=Go payments=Go",
    ),
    (
        "The backend is written in Go, the frontend in React, the database is Postgres 15",
        "api=Go web=site r.db.version=15",
    ),
    ("Back-end: Go. Front-end: Vue. Queue: RabbitMQ.", "api=Go web=site r.broker=Rabbitmq !r.queue"),
    ("API: Go, DB: MySQL 8", "api=Go r.db=Mysql r.db.version=8"),
    ("1. Node API\n2. Postgres\n3. 100 rps", "r.db=Postgres !r.db.version api.requests=100"),
    ("Requirements:\r\n* Go API\r\n* MySQL 8\r\n* 1k rps", "api=Go r.db.version=8 api.requests=1000"),
    ("We need Postgres (16), Redis (7) and a Node API", "r.db.version=16 r.cache.version=7"),
    ("Go API with Postgres, 50 connections", "!r.db.version"),
    ("Go API with Postgres 50 connections", "!r.db.version"),
    ("A .NET API with SQL Server", "api=build !sql !net"),
    ("ASP.NET Core API with Postgres", "api=build !core"),
    ("Host a WordPress blog with MySQL", "blog=build r.db=Mysql"),
    ("Flutter mobile app with a Python backend", "api=PythonPip !mobile"),
    ("Node API on Azure. No, AWS.", "cloud=aws"),
    ("Node API on AWS not Azure", "cloud=aws"),
    ("Node API on AWS or GCP, whichever is cheaper", "cloud=aws"),
    ("Go API. Previously it ran on Azure.", "cloud=aws"),
    ("Move from MySQL to Postgres. Node API.", "r.db=Postgres !r.db-postgres"),
    ("Replace our Jenkins with GitHub Actions. Node API.", "ci=github-actions"),
    ("Unlike our old Java app, this is a Go API", "api=Go"),
    ("We currently use MySQL but want Postgres. Go API.", "r.db=Postgres !r.db-postgres"),
    ("Instead of Kafka use SQS. Java API.", "r.queue=Queue !r.events"),
    ("Node API. Use SQS rather than Kafka.", "r.queue=Queue !r.events"),
    ("We have a Node API with Postgres. Actually MySQL, not Postgres.", "r.db=Mysql"),
    ("I don't want to use Kubernetes or Lambda. Go API.", "runtime=auto"),
    ("We don't want Redis and Kafka. Go API with Postgres.", "!r.cache !r.events r.db=Postgres"),
    ("Neither Redis nor Kafka. Go API with Postgres.", "!r.cache !r.events r.db=Postgres"),
    ("We won't need a cache. Go API", "!r.cache"),
    ("Redis isn't needed. Go API with Postgres.", "!r.cache r.db=Postgres"),
    ("MongoDB is not required, Go API with Postgres", "r.db=Postgres"),
    ("Go API, Redis is optional", "!r.cache"),
    ("Maybe later we add Kafka. Go API with Postgres.", "!r.events r.db=Postgres"),
    ("Can we use Kafka? Go API.", "!r.events"),
    ("Go API with Postgres or MySQL", "r.db=Postgres !r.db-mysql"),
    ("Static site on S3", "web=site !r.files"),
    ("API in Node uses S3 for uploads", "r.uploads=Bucket !r.uses !r.files"),
    ("Celery for background jobs, Django API", "worker=PythonPip !job"),
    ("We are starting with a Go API", "envs=staging+production api=Go"),
    ("Go API scaling from 10 to 1000 rps", "api.requests=1000 envs=staging+production"),
    ("Node API. Requests take 50 ms of CPU each and 200MB RAM.", "api.cpu=0.05 api.memory=200 !api.latency"),
    ("Node API with response time under 1 second", "api.latency=1@0.95"),
    ("Node API median latency 50 ms", "api.latency=0.05@0.5"),
    ("Python job that runs every Monday at 9:30", "job.schedule=30·9·*·*·1"),
    ("Python job each Monday and Thursday at 7:15 am", "job.schedule=15·7·*·*·1,4"),
    ("Python job on weekdays at 6pm", "job.schedule=0·18·*·*·1-5"),
    ("Python job twice a day", "job.schedule=0·2,14·*·*·*"),
    ("Python job on the first of the month", "job.schedule=0·2·1·*·*"),
    ("Python job at 14:30 every day", "job.schedule=30·14·*·*·*"),
    ("Python job every night at 11:45 pm Berlin time", "job.schedule=45·23·*·*·*"),
    ("Python job: cron \"30 4 * * *\"", "job.schedule=30·4·*·*·* job=PythonPip"),
    ("Python job every Sunday at midnight", "job.schedule=0·0·*·*·0"),
    ("Python job every 90 minutes", "job.schedule=0·2·*·*·*"),
    ("Go API on Black Friday", "!job"),
];

/// What stays open: the beginning of a question that must be asked, or, after `~`, words that must be quoted as not
/// understood. Nothing else may be quoted.
static OPEN: &[(&str, &[&str])] = &[
    ("Node API with Postgres on AWS in Ireland, 500 rps, 99.9 %, under 800 dollars a month", &[]),
    ("Go API with 10k users", &["requests a second: 10k users"]),
    ("Go API, 5 requests per second per user", &["how many they are"]),
    ("Go API for €400 a month", &["the budget in US dollars: prices are in dollars and €400 a month"]),
    ("Go API for 1.200 requests per second", &["whether 1.200 is 1200 or 1.2"]),
    ("Go API, 1 500 rps", &["whether \"1 500\" is one number or two"]),
    ("Go API, 99.95% uptime, 99.99% uptime", &["whether environments.production.availability is"]),
    ("Go API with 100% uptime", &["an availability below 100 %"]),
    ("Go API on AWS or Azure", &["whether AWS or Azure is wanted"]),
    ("Go API, Redis is optional", &["whether Redis is wanted"]),
    ("We might need Redis in the future. Go API.", &["whether Redis is wanted"]),
    ("Do we need Redis? Go API.", &["whether Redis is wanted"]),
    ("Go API, not in the US", &["where it may run: the text rules out US"]),
    ("Go API in Warsaw", &["another region: aws has none in warsaw"]),
    ("Python job every 45 minutes", &["the times at which it runs"]),
    ("Python job every night at 1 am Berlin time", &["the time in UTC: \"1 am Berlin time\""]),
    ("Go API with Postgres growing 10 GB per month", &["how much is stored in all"]),
    ("Go services: a, b and c, each with its own Postgres", &["how many postgres there are"]),
    ("Go API with 10 transactions per second", &["what answers the 10 queries"]),
    ("Go API; keep it below 500", &["~keep it below 500"]),
    ("Go API and 3 workers in Python", &["~3 workers"]),
    ("Go API with 4 vCPU", &["~4 vCPU"]),
    ("Go API with 20 KB responses", &["~20 KB responses"]),
    ("Keep logs for 90 days. Go API.", &["~logs for 90 days"]),
    ("Go API, we expect to double every 6 months", &["~double every 6 months"]),
    ("Go API with at least 2 replicas", &["~least 2 replicas"]),
    ("Go API with stripe keys", &["~stripe"]),
    ("Go API with sign in with Google", &["~sign in with Google"]),
    ("Go API behind a VPN", &["~VPN"]),
    ("Go API PCI DSS compliant", &["~PCI DSS compliant"]),
    ("Go API with HIPAA compliance", &["~HIPAA compliance"]),
    ("Go API with a websocket", &["~websocket"]),
    ("Go API with Datadog", &["~Datadog"]),
    ("Go API with SQL Server", &["~SQL Server: no resource"]),
    ("Go API with DynamoDB", &["~DynamoDB: no resource"]),
    ("Go API on a GPU", &["~GPU: no machine"]),
    ("Go API with daily backups", &["~daily backups: how often"]),
    ("Penetration test of the Go API", &["~Penetration test: whoever tests"]),
    ("Go API with no downtime", &["~downtime"]),
    ("Eine Go API mit Datenbank", &["~mit Datenbank"]),
];

#[test]
fn what_stays_open_is_asked_or_quoted() {
    let mut wrong = Vec::new();
    for (text, expected) in OPEN {
        let read = read(text);
        for said in *expected {
            let found = match said.strip_prefix('~') {
                Some(words) => read.not_understood.iter().any(|n| n.starts_with(words)),
                None => read.missing.iter().any(|m| m.starts_with(said)),
            };
            if !found {
                wrong.push(format!("{text}: no {said} in {:?} {:?}", read.missing, read.not_understood));
            }
        }
        let quoted = expected.iter().filter(|said| said.starts_with('~')).count();
        if read.not_understood.len() != quoted {
            wrong.push(format!("{text}: {:?}", read.not_understood));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

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
        ("Label 10k images", &["data-science"]),
        ("Fine tune GPT on our data", &["data-science"]),
        ("Manual QA of the checkout", &["qa"]),
        ("Run usability tests with customers", &["qa"]),
        ("Build a mobile app", &["frontend"]),
        ("Rewrite our backend in Rust", &["backend"]),
        ("Could you train a churn model and host a Python API?", &["data-science"]),
        ("Who should test the release by hand? Go API.", &[]),
        ("Mobile app backend in Go", &[]),
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
