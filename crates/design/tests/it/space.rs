//! The space of specs: what holds for every application, worked out by hand from the spec and not from the design.

use catalog::{machines, regions};
use design::{Blueprint, Compute, ContainersDesign, EnvironmentDesign, ResourceChoice};
use ir::{Availability, Diagnostics, Severity, Spanned, Usd};
use spec::{LatencyTarget, Release, Resource, ResourceType, Slo, Source, Spec, UseTarget, yaml};

use crate::build::{TYPES, bare, built, empty, environment, resource, server, service, shop, uses};

/// One way to change an application.
type Change = Box<dyn Fn(&mut Spec)>;

fn with(change: impl Fn(&mut Spec) + 'static) -> Change {
    Box::new(change)
}

/// An API with a database and a queue, and its worker: the smallest thing that has one of everything that is sized.
fn plain() -> Spec {
    let mut spec = empty();
    let mut api = server("./api", 50.0, 0.01);
    api.uses = uses(UseTarget::Resource, &["db", "cache", "jobs"]);
    let mut worker = service(built("./worker"));
    worker.uses = uses(UseTarget::Resource, &["jobs", "db"]);
    worker.load.messages = Some(bare(5.0));
    spec.services.insert("api".to_owned(), api);
    spec.services.insert("worker".to_owned(), worker);
    for (name, ty) in
        [("db", ResourceType::Postgres), ("cache", ResourceType::Redis), ("jobs", ResourceType::Queue)]
    {
        spec.resources.insert(name.to_owned(), resource(ty));
    }
    spec
}

/// Changes that walk each dimension from nothing to more than can be had.
fn changes() -> Vec<(String, Change)> {
    let mut all: Vec<(String, Change)> = Vec::new();
    let mut add = |name: String, change: Change| all.push((name, change));
    for rate in [0.0, 0.01, 1.0, 40.0, 700.0, 20_000.0, 300_000.0] {
        add(
            format!("{rate} requests a second"),
            with(move |s| s.services["api"].load.requests = Some(bare(rate))),
        );
        add(
            format!("{rate} messages a second"),
            with(move |s| s.services["worker"].load.messages = Some(bare(rate))),
        );
        add(
            format!("{rate} messages a second in order"),
            with(move |s| {
                s.services["worker"].load.messages = Some(bare(rate));
                s.resources["jobs"].ordered = true;
            }),
        );
        add(
            format!("{rate} queries a second"),
            with(move |s| s.resources["db"].queries = Some(bare(rate * 3.0))),
        );
    }
    for peak in [1.0, 5.0, 50.0] {
        add(format!("a peak of {peak}"), with(move |s| s.services["api"].load.peak = Some(bare(peak))));
    }
    for cpu in [0.0, 0.0001, 0.1, 2.0, 60.0] {
        add(format!("{cpu} s of CPU"), with(move |s| s.services["api"].load.cpu = Some(bare(cpu))));
        add(
            format!("{cpu} s of CPU a message"),
            with(move |s| s.services["worker"].load.cpu = Some(bare(cpu))),
        );
        for quantile in [0.5, 0.95, 0.999] {
            let target = LatencyTarget { seconds: 0.2, quantile };
            add(
                format!("{cpu} s of CPU within 200 ms for {quantile}"),
                with(move |s| {
                    s.services["api"].load.cpu = Some(bare(cpu));
                    s.services["api"].slo = Some(Slo { availability: None, latency: Some(bare(target)) });
                }),
            );
        }
    }
    for mib in [16.0, 4096.0, 60_000.0, 98_304.0, 200_000.0] {
        add(format!("{mib} MiB a copy"), with(move |s| s.services["api"].load.memory_mib = Some(bare(mib))));
    }
    for gib in [0.1, 20.0, 1024.0, 51_200.0, 200_000.0] {
        add(format!("{gib} GiB of data"), with(move |s| s.resources["db"].storage_gib = Some(bare(gib))));
        add(format!("{gib} GiB of cache"), with(move |s| s.resources["cache"].memory_gib = Some(bare(gib))));
    }
    for nines in [0.9, 0.99, 0.999, 0.9995, 0.9999, 0.99999] {
        add(
            format!("{nines} of availability"),
            with(move |s| s.environments["production"].availability = Some(bare(Availability(nines)))),
        );
    }
    add(
        "five nines of one service".to_owned(),
        with(|s| {
            let slo = Slo { availability: Some(bare(Availability(0.99999))), latency: None };
            s.services["api"].slo = Some(slo);
        }),
    );
    for (rto, rpo) in [(None, Some(0)), (Some(300), Some(0)), (Some(60), None), (Some(86_400), Some(86_400))]
    {
        add(
            format!("RTO {rto:?} and RPO {rpo:?}"),
            with(move |s| {
                let production = &mut s.environments["production"];
                (production.rto, production.rpo) = (rto.map(bare), rpo.map(bare));
            }),
        );
    }
    for ty in TYPES {
        add(
            format!("{ty:?}"),
            with(move |s| {
                s.resources["db"] = Resource { storage_gib: Some(bare(300.0)), ..resource(ty) };
            }),
        );
    }
    for release in [Release::Canary, Release::BlueGreen] {
        add(format!("{release:?}"), with(move |s| s.services["api"].release = bare(release)));
    }
    for region in regions::of("aws") {
        let id = region.id.clone();
        add(format!("in {id}"), with(move |s| s.cloud.regions = vec![bare(id.clone())]));
    }
    add(
        "two regions".to_owned(),
        with(|s| s.cloud.regions = ["eu-west-1", "eu-central-1"].map(|r| bare(r.to_owned())).to_vec()),
    );
    add("as functions".to_owned(), with(|s| s.deliver.runtime = "lambda".to_owned()));
    add(
        "functions that work for minutes".to_owned(),
        with(|s| {
            s.deliver.runtime = "lambda".to_owned();
            s.services["worker"].load.messages = Some(bare(0.001));
            s.services["worker"].load.cpu = Some(bare(80.0));
        }),
    );
    add(
        "one environment".to_owned(),
        with(|s| {
            s.environments.shift_remove("staging");
        }),
    );
    add(
        "a staging as large as production".to_owned(),
        with(|s| s.environments["staging"] = environment(1.0)),
    );
    add("only a worker".to_owned(), with(|s| s.services.retain(|name, _| name == "worker")));
    add("no service".to_owned(), with(|s| s.services.clear()));
    add(
        "only a site".to_owned(),
        with(|s| {
            s.services.clear();
            s.resources.clear();
            let mut site = service(Source::Static(bare("./dist".to_owned())));
            site.public = bare(true);
            s.services.insert("web".to_owned(), site);
        }),
    );
    add(
        "only a schedule".to_owned(),
        with(|s| {
            s.services.clear();
            let mut job = service(built("./job"));
            job.schedule = Some(bare("*/5 * * * *".to_owned()));
            s.services.insert("job".to_owned(), job);
        }),
    );
    add(
        "thirty services".to_owned(),
        with(|s| {
            for at in 0..30 {
                let mut one = server("./x", f64::from(at), 0.005);
                one.uses = uses(UseTarget::Resource, &["db"]);
                s.services.insert(format!("s{at}"), one);
            }
        }),
    );
    add(
        "a job without a port that is called".to_owned(),
        with(|s| {
            s.services["worker"].load.messages = None;
            s.services["worker"].uses.clear();
            s.services["worker"].load.requests = Some(bare(500.0));
        }),
    );
    all
}

fn tasks<'a>(
    spec: &'a Spec,
    environment: &'a EnvironmentDesign,
) -> Vec<(&'a spec::Service, &'a ContainersDesign, f64)> {
    let scale = spec.environments[&environment.name].scale.value;
    let of = |(name, design): (&'a String, &'a design::ServiceDesign)| match &design.compute {
        Compute::Containers(tasks) => Some((&spec.services[name], tasks, scale)),
        _ => None,
    };
    environment.services.iter().filter_map(of).collect()
}

/// Figures of running tasks against what the spec says they have to do.
fn check_tasks(what: &str, spec: &Spec, environment: &EnvironmentDesign) {
    for (service, tasks, scale) in tasks(spec, environment) {
        let ContainersDesign { size, min, max, mean_tasks, .. } = *tasks;
        let said =
            |value: &Option<Spanned<f64>>, otherwise: f64| value.as_ref().map_or(otherwise, |v| v.value);
        let server = service.port.is_some();
        let reads = !server && service.uses.iter().any(|u| u.name == "jobs");
        let requests = said(&service.load.requests, if server { 5.0 } else { 0.0 });
        let messages = said(&service.load.messages, if reads { 1.0 } else { 0.0 });
        let busy = (requests + messages) * scale * said(&service.load.cpu, 0.01);
        let peak = busy * said(&service.load.peak, 3.0);
        let vcpus = f64::from(size.cpu) / 1024.0;
        assert!((1..=max).contains(&min) && max <= 5000, "{what}: {tasks:?}");
        assert!((f64::from(min)..=f64::from(max)).contains(&mean_tasks), "{what}: {tasks:?}");
        let memory = said(&service.load.memory_mib, 512.0) * 1.25;
        assert!(f64::from(size.memory_mib) >= memory, "{what}: {tasks:?} holds {memory} MiB");
        let used = |share: f64, copies: f64| share * copies * vcpus * (1.0 + 1e-9);
        assert!(peak <= used(0.6, f64::from(max)), "{what}: {tasks:?} carries a peak of {peak}");
        assert!(busy <= used(0.6, mean_tasks), "{what}: {tasks:?} carries {busy}");
        if environment.critical && server {
            let left = min - min.div_ceil(u32::from(environment.network.zones));
            assert!(min >= 2 && busy <= used(0.9, f64::from(left)), "{what}: {tasks:?} without a zone");
        }
        if let Some(requests) = tasks.target_requests.filter(|_| busy > 0.0) {
            let cpu = said(&service.load.cpu, 0.01);
            let share = f64::from(requests) / 60.0 * cpu / vcpus;
            assert!(share <= 0.6 + 1e-9 || requests == 1, "{what}: {tasks:?} is scaled at {share}");
        }
    }
}

/// Connections that the services of an environment may open to a resource: ten a task, one a run of a function.
fn connections(spec: &Spec, environment: &EnvironmentDesign, resource: &str) -> f64 {
    let users = environment.services.iter().filter(|(name, _)| {
        spec.services[*name].uses.iter().any(|u| u.target == UseTarget::Resource && u.name == resource)
    });
    let of = |compute: &Compute| match compute {
        Compute::Containers(tasks) => f64::from(tasks.max) * 10.0,
        Compute::Function(function) => f64::from(function.concurrency),
        Compute::ScheduledTask { .. } | Compute::OneShot { .. } => 10.0,
        Compute::StaticSite { .. } => 0.0,
    };
    users.map(|(_, s)| of(&s.compute)).sum()
}

/// Figures of stores against what the spec says they hold and do.
fn check_stores(what: &str, spec: &Spec, environment: &EnvironmentDesign, said: &Diagnostics) {
    let scale = spec.environments[&environment.name].scale.value;
    for (name, design) in &environment.resources {
        let asked = &spec.resources[name];
        let gib = asked.storage_gib.as_ref().map_or(20.0, |s| s.value) * scale;
        match &design.choice {
            ResourceChoice::Rds(db) | ResourceChoice::Aurora(db) => {
                let machine =
                    machines("rds").iter().find(|m| m.name == db.class).expect("a class of the catalogue");
                assert!(f64::from(db.storage_gib) >= gib.max(20.0), "{what}: {db:?}");
                assert!(db.max_storage_gib >= db.storage_gib, "{what}: {db:?}");
                // RDS takes no provisioned figure below what a striped volume has by itself, nor above the largest.
                assert!(db.iops == 0 || (12_001..=64_000).contains(&db.iops), "{what}: {db:?}");
                assert!(db.iops == 0 || db.storage_gib >= 400, "{what}: {db:?}");
                let queries = asked.queries.as_ref().map_or(50.0, |q| q.value) * scale;
                assert!(queries * 0.000_25 <= machine.vcpus * 0.8, "{what}: {db:?}");
                assert!(gib * 0.1 <= machine.memory_gib * 0.65, "{what}: {db:?}");
                let taken = connections(spec, environment, name);
                // The most careful of the documented formulas, of which services get four fifths.
                let offered = machine.memory_gib * 1024.0 * 1024.0 * 1024.0 / 12_582_880.0;
                let postgres = (machine.memory_gib * 1024.0 * 1024.0 * 1024.0 / 9_531_392.0).min(5000.0);
                let offered = if asked.ty.value == ResourceType::Postgres { postgres } else { offered };
                let warned = said.iter().any(|d| d.id == "too-many-connections");
                assert!(taken <= offered || warned, "{what}: {taken} connections and {db:?}");
            }
            ResourceChoice::ElastiCache(cache) => {
                let machine =
                    machines("elasticache").iter().find(|m| m.name == cache.node_type).expect("a node type");
                let need = asked.memory_gib.as_ref().map_or(0.4, |m| m.value) * scale;
                assert!(need <= machine.memory_gib * 0.75, "{what}: {cache:?}");
            }
            ResourceChoice::Sqs(queue) => {
                let rate = queue.messages_month / ir::units::SECONDS_A_MONTH;
                assert!(!queue.fifo || rate <= 3000.0, "{what}: {queue:?}");
                assert_eq!(queue.fifo, asked.ordered, "{what}");
                for service in environment.services.values() {
                    let Compute::Function(function) = &service.compute else { continue };
                    if service.uses.iter().any(|u| &u.name == name) && service.port.is_none() {
                        assert!(
                            queue.visibility_seconds >= 6 * function.timeout_seconds,
                            "{what}: {queue:?} {function:?}"
                        );
                    }
                }
            }
            ResourceChoice::Kafka(broker) => {
                assert_eq!(broker.brokers % u32::from(environment.network.zones), 0, "{what}: {broker:?}");
            }
            ResourceChoice::OpenSearch(search) => {
                let zones = u32::from(environment.network.zones);
                assert!(search.nodes == 1 || search.nodes % zones == 0, "{what}: {search:?}");
            }
            _ => {}
        }
    }
}

fn check(what: &str, spec: &Spec, blueprint: &Blueprint, said: &Diagnostics) {
    let offered = regions::region(&blueprint.region).expect("known").zones;
    for environment in blueprint.environments.values() {
        assert!((1..=offered.min(3)).contains(&u32::from(environment.network.zones)), "{what}");
        assert!(environment.monthly.0.is_finite() && environment.monthly.0 >= 0.0, "{what}");
        check_tasks(what, spec, environment);
        check_stores(what, spec, environment, said);
    }
}

/// The advice of a diagnostic that can be followed: `set `key` to value`, or `leave `key` out`.
fn advice(help: &str) -> Vec<(String, Option<String>)> {
    let of = |part: &str| {
        let (_, rest) = part.split_once('`')?;
        let (key, rest) = rest.split_once('`')?;
        if part.trim_start().starts_with("leave ") {
            return Some((key.to_owned(), None));
        }
        let (value, _) = rest.strip_prefix(" to ")?.split_once(" or ")?;
        Some((key.to_owned(), Some(value.to_owned())))
    };
    help.split(", or ").filter_map(of).collect()
}

/// The spec as a file with one key changed: advice must be something that can be written.
fn followed(spec: &Spec, key: &str, value: Option<&str>) -> Spec {
    let mut spec = spec.clone();
    let Some(value) = value else {
        let (name, what) = key.rsplit_once('.').expect("a key of a resource");
        let one = spec.resources.get_mut(name.trim_start_matches("resources.")).expect("is there");
        match what {
            "version" => one.version = None,
            "ordered" => one.ordered = false,
            other => panic!("{other} cannot be left out"),
        }
        return spec;
    };
    let text = yaml::print(&spec);
    let mut sources = ir::SourceMap::default();
    let (read, said) = yaml::read("mainstay.yaml", &text, &[format!("{key}={value}")], &mut sources);
    assert!(!said.has_errors(), "{key}={value}: {said:#?}\n{text}");
    read.expect("no errors, so there is one")
}

#[test]
fn sizes_carry_what_the_spec_says_and_every_error_says_what_is_enough() {
    let (mut designed, mut followed_ways) = (0, 0);
    for (what, change) in changes() {
        let mut spec = plain();
        change(&mut spec);
        let (blueprint, said) = design::design(&spec);
        assert_eq!(design::design(&spec).0, blueprint, "{what}: the same every time");
        if !said.has_errors() {
            designed += 1;
            check(&what, &spec, &blueprint.expect("no errors, so there is one"), &said);
            continue;
        }
        for error in said.iter().filter(|d| d.severity == Severity::Error) {
            let help = error.help.as_deref().unwrap_or_else(|| panic!("{what}: {error:?}"));
            for (key, value) in advice(help) {
                followed_ways += 1;
                let changed = followed(&spec, &key, value.as_deref());
                let (_, after) = design::design(&changed);
                let again = after.iter().find(|d| d.id == error.id && d.summary == error.summary);
                assert!(again.is_none(), "{what}: {help}, and then {again:?}");
            }
        }
    }
    assert!(designed >= 80 && followed_ways >= 20, "{designed} designs, {followed_ways} ways out");
}

/// What one dimension costs as it grows; `None` where nothing can be had.
fn costs(figures: &[f64], set: impl Fn(&mut Spec, f64)) -> Vec<Option<f64>> {
    let of = |figure: &f64| {
        let mut spec = plain();
        set(&mut spec, *figure);
        let (blueprint, said) = design::design(&spec);
        blueprint.filter(|_| !said.has_errors()).map(|b| b.monthly().0)
    };
    figures.iter().map(of).collect()
}

#[test]
fn asking_for_more_never_costs_less() {
    type Set = fn(&mut Spec, f64);
    let rates = [0.0, 0.3, 2.0, 11.0, 45.0, 160.0, 650.0, 2100.0, 9000.0, 40_000.0];
    let gib = [1.0, 25.0, 90.0, 300.0, 401.0, 1500.0, 6000.0, 30_000.0];
    let nines = [0.9, 0.99, 0.995, 0.997, 0.998, 0.999, 0.9995];
    let dimensions: [(&str, &[f64], Set); 10] = [
        ("requests", &rates, |s, v| s.services["api"].load.requests = Some(bare(v))),
        ("messages", &rates, |s, v| s.services["worker"].load.messages = Some(bare(v))),
        ("queries", &rates, |s, v| s.resources["db"].queries = Some(bare(v))),
        ("peak", &[1.0, 2.0, 5.0, 20.0, 80.0], |s, v| s.services["api"].load.peak = Some(bare(v))),
        ("CPU", &[0.0, 0.001, 0.02, 0.3, 4.0], |s, v| s.services["api"].load.cpu = Some(bare(v))),
        ("memory", &[10.0, 500.0, 3000.0, 20_000.0, 90_000.0], |s, v| {
            s.services["api"].load.memory_mib = Some(bare(v));
        }),
        ("data", &gib, |s, v| s.resources["db"].storage_gib = Some(bare(v))),
        ("cache", &[0.1, 1.0, 3.0, 20.0, 100.0, 250.0], |s, v| {
            s.resources["cache"].memory_gib = Some(bare(v));
        }),
        ("availability", &nines, |s, v| {
            s.environments["production"].availability = Some(bare(Availability(v)));
        }),
        ("haste", &[0.0, 0.5, 0.9, 0.97, 0.99], |s, v| {
            s.environments["production"].rto = Some(bare(((1.0 - v) * 86_400.0) as u64));
        }),
    ];
    for (what, figures, set) in dimensions {
        let found = costs(figures, set);
        assert!(found.iter().flatten().count() * 2 > found.len(), "{what}: {found:?}");
        let known: Vec<f64> = found.iter().flatten().copied().collect();
        assert!(known.windows(2).all(|w| w[1] >= w[0] - 0.01), "{what}: {found:?}");
        let had = found.iter().take_while(|c| c.is_some()).count();
        assert!(found[had..].iter().all(Option::is_none), "{what}: too much is still too much: {found:?}");
    }
}

#[test]
fn a_larger_budget_never_takes_anything_away_and_what_it_promises_is_true() {
    let mut large_answers = shop();
    large_answers.services["api"].load.requests = Some(bare(2.0));
    large_answers.services["api"].load.response_kib = Some(bare(4000.0));
    for base in [shop(), large_answers] {
        let mut last: Option<(usize, bool)> = None;
        for budget in (1..30).map(|n| f64::from(n) * 197.0).chain([20_000.0, 1e6]) {
            let mut spec = base.clone();
            spec.budget = Some(bare(Usd(budget)));
            let (blueprint, said) = design::design(&spec);
            let blueprint = blueprint.expect("a budget never leaves nothing");
            let fits = !said.has_errors();
            assert_eq!(fits, blueprint.monthly().0 <= budget, "{budget}: {said:#?}");
            let network = &blueprint.environments["production"].network;
            let told = |id: &str| said.iter().any(|d| d.id == id);
            assert!(network.behind_sites || told("calls-over-plain-http"), "{budget}: {said:#?}");
            let filtered = network.firewall || network.behind_sites && network.site_firewall;
            assert!(filtered || told("firewall-left-out"), "{budget}: {said:#?}");
            let given_up: Vec<&ir::Diagnostic> = said
                .iter()
                .filter(|d| d.help.as_ref().is_some_and(|h| h.starts_with("raise the budget")))
                .collect();
            let now = (given_up.iter().filter(|d| d.severity == Severity::Warning).count(), !fits);
            if let Some((lost, broken)) = last {
                assert!(broken || (now.0 <= lost && !now.1), "{budget}: {now:?} after {:?}", (lost, broken));
            }
            last = Some(now);
            for told in given_up {
                let help = told.help.as_deref().unwrap_or_default();
                let (_, figure) = help.split_once('$').expect("a figure");
                let digits: String =
                    figure.chars().take_while(|c| c.is_ascii_digit() || ",.".contains(*c)).collect();
                let enough: f64 =
                    digits.trim_end_matches(['.', ',']).replace(',', "").parse().expect("dollars");
                let mut raised = spec.clone();
                raised.budget = Some(bare(Usd(enough)));
                let (_, after) = design::design(&raised);
                assert!(after.iter().all(|d| d.id != told.id), "{budget}: {help}, and then {after:#?}");
            }
        }
        assert_eq!(last, Some((0, false)), "everything can be had for a million");
    }
}

#[test]
fn a_region_without_prices_gets_the_sizes_of_one_with_prices() {
    let unpriced: Vec<&regions::Region> = regions::of("aws").iter().filter(|r| r.factor.is_none()).collect();
    assert!(!unpriced.is_empty(), "nothing to try it with");
    let designed = |region: &str| {
        let mut spec = plain();
        spec.cloud.regions = vec![bare(region.to_owned())];
        design::design(&spec).0.expect("designed")
    };
    let home = designed("us-east-2");
    for region in unpriced {
        let there = designed(&region.id);
        for (name, environment) in &there.environments {
            for (service, design) in &environment.services {
                assert_eq!(
                    design.compute, home.environments[name].services[service].compute,
                    "{}",
                    region.id
                );
            }
            for (resource, design) in &environment.resources {
                assert_eq!(design, &home.environments[name].resources[resource], "{}", region.id);
            }
        }
    }
}
