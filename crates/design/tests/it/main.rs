//! The designer as its callers see it: specs in, choices and reasons out.

mod build;
mod clouds;
mod space;

use std::collections::BTreeSet;

use build::{TYPES, bare, empty, generated, resource, server, service, shop, uses};
use design::{Blueprint, Compute, Decision, Egress, ResourceChoice};
use ir::{Availability, Diagnostic, Diagnostics, Usd};
use spec::{Protocol, Provider, Release, ResourceType, Source, Spec, UseTarget};

fn designed(spec: &Spec) -> (Blueprint, Diagnostics) {
    let (blueprint, diagnostics) = design::design(spec);
    assert!(!diagnostics.has_errors(), "{diagnostics:#?}");
    (blueprint.expect("no errors, so there is one"), diagnostics)
}

fn diagnostic(spec: &Spec, id: &str) -> Diagnostic {
    let (_, diagnostics) = design::design(spec);
    let found = diagnostics.iter().find(|d| d.id == id).cloned();
    found.unwrap_or_else(|| panic!("no {id} among {diagnostics:#?}"))
}

fn decision<'a>(blueprint: &'a Blueprint, id: &str) -> &'a Decision {
    blueprint.decisions.iter().find(|d| d.id == id).unwrap_or_else(|| panic!("no decision {id}"))
}

/// Two figures that print alike.
fn same(a: Usd, b: Usd) -> bool {
    (a.0 - b.0).abs() < 0.01
}

#[test]
fn a_shop_is_designed_from_end_to_end() {
    let (blueprint, diagnostics) = designed(&shop());
    let production = &blueprint.environments["production"];
    let staging = &blueprint.environments["staging"];
    assert!(production.critical && !staging.critical);
    assert_eq!(blueprint.images, ["api", "mailer", "report"]);

    let Compute::Containers(api) = &production.services["api"].compute else { panic!("api is no task") };
    assert!(api.size.arm && !api.spot && api.min >= 3, "{api:?}");
    let carried = f64::from(api.max) * f64::from(api.size.cpu) / 1024.0 * 0.6;
    assert!(carried >= 800.0 * 3.0 * 0.006, "{api:?}");
    assert_eq!(production.services["api"].release, Release::Canary);
    let Compute::Containers(mailer) = &production.services["mailer"].compute else {
        panic!("mailer is no task")
    };
    assert!(mailer.target_backlog.is_some() && mailer.target_requests.is_none(), "{mailer:?}");
    assert!(
        matches!(&production.services["report"].compute, Compute::ScheduledTask { cron, .. } if cron == "0 2 * * *")
    );
    let Compute::StaticSite { routes, .. } = &production.services["web"].compute else {
        panic!("web is no site")
    };
    assert_eq!(routes, &[("/api/*".to_owned(), "api".to_owned())]);
    let Compute::Containers(api) = &staging.services["api"].compute else { panic!("api is no task") };
    assert!(api.spot && api.min == 1);

    // 99.95 % over load balancer, tasks and cache leaves more than RDS promises.
    let ResourceChoice::Aurora(db) = &production.resources["db"].choice else { panic!("db is no Aurora") };
    assert_eq!((db.instances, db.version.as_str(), db.database.as_str()), (2, "16", "app_db"));
    assert!(matches!(&staging.resources["db"].choice, ResourceChoice::Rds(db) if !db.multi_az));
    assert!(matches!(&production.resources["cache"].choice, ResourceChoice::ElastiCache(c) if c.nodes == 2));
    assert!(matches!(&staging.resources["cache"].choice, ResourceChoice::ElastiCache(c) if c.nodes == 1));
    assert_eq!((production.network.egress, staging.network.egress), (Egress::NatPerZone, Egress::SingleNat));
    assert_ne!(production.network.cidr, staging.network.cidr);
    assert_eq!((production.recovery.backup_days, production.recovery.protect), (35, true));

    // Queue, bucket and content delivery have one form each: their part of the gap is said, with the figure.
    let warned = diagnostics.iter().find(|d| d.id == "availability-not-promised").expect("said");
    assert!(warned.summary.contains(&production.availability.expected.to_string()), "{}", warned.summary);
    assert!(decision(&blueprint, "production.db.engine").weighty);
}

#[test]
fn every_loser_breaks_a_constraint_or_is_not_cheaper_and_every_dollar_has_one_decision() {
    for spec in generated() {
        let (blueprint, _) = designed(&spec);
        let mut ids = std::collections::BTreeSet::new();
        for taken in &blueprint.decisions {
            assert!(ids.insert(taken.id.clone()), "{} twice", taken.id);
            assert!(
                !taken.question.is_empty() && !taken.chosen.is_empty() && !taken.because.is_empty(),
                "{taken:?}"
            );
            for fact in &taken.facts {
                assert!(!fact.source.is_empty() && !fact.fact.is_empty(), "{}: {fact:?}", taken.id);
            }
            for loser in &taken.rejected {
                assert!(!loser.because.is_empty(), "{}: {loser:?}", taken.id);
                let cheaper = loser.difference.is_some_and(|d| d.0 < -0.005);
                let only_cost = loser.because.starts_with("costs ");
                assert!(!(cheaper && only_cost), "{}: {loser:?}", taken.id);
            }
            let alternatives = taken.id.ends_with(".compute") || taken.id.ends_with(".engine");
            let single = taken.chosen.contains("S3");
            assert!(!alternatives || single || !taken.rejected.is_empty(), "{}", taken.id);
        }
        for (name, environment) in &blueprint.environments {
            let own = blueprint.decisions.iter().filter(|d| d.environment.as_ref() == Some(name));
            let sum: Usd = own.filter_map(|d| d.monthly).sum();
            assert!(same(sum, environment.monthly), "{name}: {sum} and {}", environment.monthly);
        }
    }
}

#[test]
fn the_order_of_services_and_resources_chooses_nothing() {
    for spec in generated() {
        let mut shuffled = spec.clone();
        shuffled.services.reverse();
        shuffled.resources.reverse();
        let (one, _) = design::design(&spec);
        let (other, _) = design::design(&shuffled);
        let (one, other) = (one.expect("designed"), other.expect("designed"));
        for (name, environment) in &one.environments {
            let mirrored = &other.environments[name];
            for (service, design) in &environment.services {
                assert_eq!(design, &mirrored.services[service], "{name}.{service}");
            }
            for (resource, design) in &environment.resources {
                assert_eq!(design, &mirrored.resources[resource], "{name}.{resource}");
            }
            assert!(same(environment.monthly, mirrored.monthly), "{name}");
            assert_eq!(environment.availability, mirrored.availability, "{name}");
        }
    }
}

#[test]
fn every_type_of_resource_is_designed_for_every_importance() {
    for ty in TYPES {
        let mut spec = empty();
        let mut api = server("./api", 10.0, 0.01);
        api.uses = uses(UseTarget::Resource, &["it"]);
        spec.services.insert("api".to_owned(), api);
        spec.resources.insert("it".to_owned(), resource(ty));
        let (blueprint, _) = designed(&spec);
        for (name, environment) in &blueprint.environments {
            assert_eq!(environment.resources["it"].ty, ty, "{name}");
            assert!(environment.monthly.0 > 0.0);
            assert!(environment.availability.expected.0 > 0.9, "{ty:?} in {name}");
        }
        assert!(blueprint.environments["production"].monthly.0 > blueprint.environments["staging"].monthly.0);
    }
}

#[test]
fn an_availability_that_nothing_reaches_is_an_error_with_the_best_figure() {
    let mut spec = shop();
    spec.environments["production"].availability = Some(bare(Availability(0.99999)));
    let found = diagnostic(&spec, "availability-infeasible");
    assert!(found.summary.contains("99.999%") && found.summary.contains("99.96%"), "{}", found.summary);
    let help = found.help.expect("says what to write");
    // What the help says is really enough.
    assert!(help.contains("99.96%"), "{help}");
    spec.environments["production"].availability = Some(bare(Availability(0.9996)));
    spec.budget = None;
    designed(&spec);
}

#[test]
fn a_budget_that_is_too_small_is_an_error_whose_figures_are_true() {
    let mut spec = shop();
    spec.deliver.observability.clear();
    // Everything that a budget may cost is given up already.
    let (lean, _) = designed(&spec);
    let least = lean.monthly();
    spec.budget = Some(bare(least - Usd(50.0)));
    let found = diagnostic(&spec, "budget-too-small");
    assert!(
        found.summary.contains(&least.to_string()) && found.summary.contains("$50.00"),
        "{}",
        found.summary
    );
    let way = found.notes.iter().find(|n| n.contains("drop the availability target of production"));
    let way = way.unwrap_or_else(|| panic!("{:?}", found.notes));
    let mut relaxed = spec.clone();
    relaxed.budget = Some(bare(least));
    relaxed.environments["production"].availability = None;
    let (other, _) = designed(&relaxed);
    let saving = least - other.monthly();
    assert!(way.contains(&saving.to_string()), "{way} and not {saving}");
    assert!(saving.0 < 50.0 || way.contains("which is enough"), "{way}");
}

#[test]
fn telemetry_goes_last_and_only_for_a_budget() {
    let mut spec = shop();
    let (with, said) = designed(&spec);
    assert!(said.iter().all(|d| d.id != "telemetry-left-out"));
    for environment in with.environments.values() {
        let found = environment.telemetry.expect("the budget has room");
        let kept: f64 =
            environment.services.values().map(|s| design::usage::telemetry::traces(environment, s)).sum();
        assert!(found.rules && found.sampling > 0.0 && kept > 5_000.0 && kept <= 100_000.0, "{kept}");
    }
    spec.budget = Some(bare(with.monthly() - Usd(0.01)));
    let (without, _) = designed(&spec);
    assert!(without.environments.values().all(|e| e.telemetry.is_none()));
    let said = diagnostic(&spec, "telemetry-left-out");
    assert!(said.notes.iter().any(|n| n.contains(&with.monthly().to_string())), "{said:?}");
    // What it costs is all that its decisions say and what the collectors take of their tasks.
    let own: Usd =
        with.decisions.iter().filter(|d| d.id.contains("telemetry")).filter_map(|d| d.monthly).sum();
    assert!(with.monthly() - without.monthly() >= own && own.0 > 0.0);
    // Nobody asked: nothing is collected, and nothing is said about it.
    spec.deliver.observability.clear();
    let (unasked, said) = designed(&spec);
    assert!(unasked.decisions.iter().all(|d| !d.id.contains("telemetry")) && !said.has_errors());
    assert!((unasked.monthly() - without.monthly()).0.abs() < 0.005);
}

#[test]
fn what_a_budget_may_cost_goes_with_a_warning_and_stays_when_there_is_room() {
    let (without, _) = designed(&shop());
    let network = |b: &Blueprint, name: &str| b.environments[name].network.clone();
    assert!(!network(&without, "production").firewall && !network(&without, "production").behind_sites);
    for id in ["products-differ", "calls-over-plain-http", "firewall-left-out"] {
        let said = diagnostic(&shop(), id);
        assert!(said.notes.iter().any(|n| n.contains("costs $")) && said.help.is_some(), "{said:?}");
    }
    let mut spec = shop();
    spec.budget = Some(bare(Usd(10_000.0)));
    let (with, said) = designed(&spec);
    assert!(said.iter().all(|d| d.id != "firewall-left-out" && d.id != "calls-over-plain-http"));
    // Content delivery carries and filters every call: a second filter behind it would repeat the first.
    let production = network(&with, "production");
    assert!(production.behind_sites && production.site_firewall && !production.firewall);
    assert!(!network(&with, "staging").site_firewall && network(&with, "staging").behind_sites);
    // With a host name callers reach the load balancer over TLS, and are filtered there.
    spec.services["api"].host = Some(bare("api.shop.example".to_owned()));
    let (named, _) = designed(&spec);
    assert!(network(&named, "production").firewall && !network(&named, "production").behind_sites);
    assert!(!network(&named, "staging").firewall);
    for blueprint in [&without, &with] {
        let parts: Usd = blueprint.environments.values().filter_map(|e| e.budget).sum();
        assert!(same(parts, blueprint.budget.expect("asked")), "{parts}");
        assert!(blueprint.environments.values().all(|e| e.budget.is_some_and(|b| b.0 >= e.monthly.0)));
    }
}

#[test]
fn environments_run_the_same_products_unless_the_budget_has_no_room() {
    let products = |b: &Blueprint| -> BTreeSet<&'static str> {
        b.environments.values().map(|e| e.resources["db"].choice.product()).collect()
    };
    let decision = |b: &Blueprint| {
        b.decisions.iter().find(|d| d.id == "all.db.product").cloned().expect("products could differ")
    };
    let mut spec = shop();
    let (apart, _) = designed(&spec);
    assert_eq!(products(&apart).len(), 2);
    let said = diagnostic(&spec, "products-differ");
    let rejected = decision(&apart).rejected;
    // The budget that the warning asks for is enough, and little else comes with it.
    let afforded = rejected.iter().filter(|r| r.because == "does not fit the budget");
    let more = afforded.filter_map(|r| r.difference).min_by(|a, b| a.0.total_cmp(&b.0)).expect("priced");
    assert!(said.notes.iter().any(|n| n.contains(&more.to_string())), "{said:?} does not say {more}");
    spec.budget = Some(bare(apart.monthly() + more + Usd(0.01)));
    let (same, diagnostics) = designed(&spec);
    assert_eq!(products(&same).len(), 1);
    assert!(diagnostics.iter().all(|d| d.id != "products-differ") && decision(&same).monthly.is_none());
    assert!(diagnostics.iter().any(|d| d.id == "firewall-left-out"), "what costs more stays given up");
    spec.budget = None;
    assert_eq!(products(&designed(&spec).0).len(), 1);
    // Where environments would take one product anyway there is nothing to decide.
    spec.environments.shift_remove("staging");
    assert!(designed(&spec).0.decisions.iter().all(|d| !d.id.ends_with(".product")));
}

#[test]
fn recovery_objectives_force_a_standby_or_say_what_is_possible() {
    let form = |rto: Option<u64>, rpo: Option<u64>| {
        let mut spec = shop();
        spec.budget = None;
        let production = &mut spec.environments["production"];
        production.availability = None;
        (production.rto, production.rpo) = (rto.map(bare), rpo.map(bare));
        spec.services["api"].slo = None;
        spec
    };
    let standby = |spec: &Spec| {
        let (blueprint, _) = designed(spec);
        match &blueprint.environments["production"].resources["db"].choice {
            ResourceChoice::Rds(db) => db.multi_az,
            ResourceChoice::Aurora(db) => db.instances > 1,
            other => panic!("{other:?}"),
        }
    };
    assert!(!standby(&form(None, None)));
    assert!(!standby(&form(Some(7200), Some(300))), "a restore of 100 GiB fits two hours");
    assert!(standby(&form(Some(300), None)), "a restore does not fit five minutes");
    assert!(standby(&form(None, Some(60))), "logs are shipped every five minutes");
    let found = diagnostic(&form(Some(10), None), "rto-infeasible");
    assert!(found.summary.contains("10 s") && found.help.is_some_and(|h| h.contains("60 s")));
}

#[test]
fn more_load_never_takes_less_of_anything() {
    let mut last = (0.0, 0.0);
    for requests in [0.0, 1.0, 10.0, 60.0, 200.0, 900.0, 3000.0] {
        let mut spec = shop();
        spec.budget = None;
        spec.services["api"].load.requests = Some(bare(requests));
        spec.resources["db"].queries = Some(bare(requests * 2.0));
        let (blueprint, _) = designed(&spec);
        let production = &blueprint.environments["production"];
        let Compute::Containers(api) = &production.services["api"].compute else { panic!("api is no task") };
        let now = (f64::from(api.max * api.size.cpu), production.monthly.0);
        assert!(now.0 >= last.0 && now.1 >= last.1 - 0.01, "{requests}: {now:?} after {last:?}");
        last = now;
    }
}

#[test]
fn a_function_is_taken_when_asked_for_and_priced_when_not() {
    let mut spec = shop();
    spec.budget = None;
    let (auto, _) = designed(&spec);
    let rejected = &decision(&auto, "production.mailer.compute").rejected;
    let lambda = rejected.iter().find(|r| r.option.starts_with("Lambda")).expect("a candidate");
    assert!(lambda.difference.is_some() && lambda.because.contains("deliver.runtime"), "{lambda:?}");
    spec.deliver.runtime = "lambda".to_owned();
    spec.services["mailer"].load.messages = Some(bare(2.0));
    let (asked, _) = designed(&spec);
    assert!(matches!(asked.environments["production"].services["mailer"].compute, Compute::Function(_)));
}

#[test]
fn foreign_images_run_on_x86_and_workers_run_alone() {
    let mut spec = empty();
    spec.services.insert("job".to_owned(), service(Source::Image(bare("example/job:2".to_owned()))));
    let (blueprint, _) = designed(&spec);
    let Compute::Containers(job) = &blueprint.environments["production"].services["job"].compute else {
        panic!("job is no task")
    };
    assert!(!job.size.arm);
    assert_eq!((job.min, job.max), (1, 1));
}

#[test]
fn public_services_share_the_balancer_by_host_and_path() {
    let mut spec = empty();
    for (name, requests) in [("quiet", 1.0), ("busy", 50.0), ("hosted", 500.0)] {
        spec.services.insert(name.to_owned(), server("./x", requests, 0.01));
    }
    spec.services["hosted"].host = Some(bare("www.app.example".to_owned()));
    let (blueprint, _) = designed(&spec);
    let services = &blueprint.environments["production"].services;
    let paths = |name: &str| services[name].public.clone().expect("public").paths;
    assert_eq!(paths("quiet"), ["/quiet/*"]);
    assert_eq!(paths("busy"), ["/*"]);
    assert_eq!(paths("hosted"), ["/*"]);
    let priority = |name: &str| services[name].public.clone().expect("public").priority;
    assert!(priority("busy") > priority("quiet"), "a rule for every path comes last");
    assert!(decision(&blueprint, "all.public.routes").chosen.contains("www.app.example to hosted"));
}

#[test]
fn what_cannot_be_designed_is_said_with_a_way_out() {
    type Break = fn(&mut Spec);
    let cases: [(&str, Break); 17] = [
        ("not-on-this-cloud", |s| {
            s.cloud.provider = bare(Provider::Azure);
            s.resources.insert("mail".to_owned(), resource(ResourceType::Rabbitmq));
        }),
        ("not-on-this-cloud", |s| {
            s.cloud.provider = bare(Provider::Gcp);
            s.resources.insert("search".to_owned(), resource(ResourceType::Opensearch));
        }),
        ("runtime-not-designed", |s| {
            s.cloud.provider = bare(Provider::Azure);
            s.deliver.runtime = "lambda".to_owned();
        }),
        ("no-cloud-meets-it", |s| {
            s.cloud.provider = bare(Provider::Any);
            s.environments["production"].availability = Some(bare(Availability(0.999_999)));
        }),
        ("unknown-region", |s| s.cloud.regions = vec![bare("eu-wst-1".to_owned())]),
        ("no-region", |s| s.cloud.regions.clear()),
        ("region-twice", |s| s.cloud.regions.push(bare("eu-west-1".to_owned()))),
        ("runtime-not-designed", |s| s.deliver.runtime = "swarm".to_owned()),
        ("unknown-version", |s| s.resources["db"].version = Some(bare("7".to_owned()))),
        ("public-without-port", |s| s.services["api"].port = None),
        ("public-tcp", |s| s.services["api"].protocol = Protocol::Tcp),
        ("public-grpc-without-host", |s| s.services["api"].protocol = Protocol::Grpc),
        ("memory-too-large", |s| s.services["api"].load.memory_mib = Some(bare(200_000.0))),
        ("no-feasible-size", |s| s.services["api"].load.cpu = Some(bare(0.2))),
        ("no-feasible-resource", |s| s.resources["cache"].memory_gib = Some(bare(1e6))),
        ("no-feasible-resource", |s| s.resources["db"].queries = Some(bare(1e9))),
        ("subscriber-without-queue", |s| {
            let mut topic = resource(ResourceType::Topic);
            topic.subscribers = vec![bare("web".to_owned())];
            s.resources.insert("news".to_owned(), topic);
        }),
    ];
    for (id, change) in cases {
        let mut spec = shop();
        change(&mut spec);
        let found = diagnostic(&spec, id);
        assert_eq!(found.severity, ir::Severity::Error, "{id}");
        assert!(found.help.is_some() && !found.summary.ends_with('.'), "{id}: {found:?}");
    }
    let mut moved = shop();
    moved.cloud.provider = bare(Provider::Gcp);
    assert_eq!(diagnostic(&moved, "region-of-another-cloud").severity, ir::Severity::Warning);
    let mut far = shop();
    far.cloud.regions.extend(["eu-north-1", "eu-west-3"].map(|id| bare(id.to_owned())));
    assert_eq!(diagnostic(&far, "region-not-used").severity, ir::Severity::Warning);
    let mut internal = shop();
    internal.services["mailer"].release = bare(Release::BlueGreen);
    assert_eq!(diagnostic(&internal, "release-needs-a-public-service").severity, ir::Severity::Warning);
    let (blueprint, _) = designed(&internal);
    assert_eq!(blueprint.environments["production"].services["mailer"].release, Release::Rolling);
}

#[test]
fn a_region_without_prices_is_designed_and_every_hole_is_named() {
    let unpriced = catalog::regions::of("aws").iter().find(|r| r.factor.is_none());
    let Some(region) = unpriced else {
        eprintln!("skipped: every region of the catalogue has prices");
        return;
    };
    let mut spec = shop();
    spec.budget = None;
    spec.cloud.regions = vec![bare(region.id.clone())];
    let (blueprint, diagnostics) = designed(&spec);
    assert!(diagnostics.iter().any(|d| d.id == "cannot-be-priced"), "{diagnostics:#?}");
    assert_eq!(decision(&blueprint, "production.api.compute").monthly, None);
}

#[test]
fn odd_numbers_and_names_do_not_stop_the_program() {
    for odd in [f64::NAN, f64::INFINITY, -1.0, 0.0, 1e300, f64::MIN_POSITIVE] {
        let mut spec = shop();
        let service = &mut spec.services["api"];
        service.load.requests = Some(bare(odd));
        service.load.peak = Some(bare(odd));
        service.load.cpu = Some(bare(odd));
        service.load.memory_mib = Some(bare(odd));
        service.load.response_kib = Some(bare(odd));
        service.limits.cpus = Some(odd);
        spec.services["report"].load.duration = Some(bare(odd));
        for resource in spec.resources.values_mut() {
            resource.storage_gib = Some(bare(odd));
            resource.memory_gib = Some(bare(odd));
            resource.queries = Some(bare(odd));
            resource.retention = Some(bare(u64::MAX));
        }
        spec.environments["staging"].scale = bare(odd);
        spec.environments["production"].availability = Some(bare(Availability(odd)));
        spec.budget = Some(bare(Usd(odd)));
        let (_, diagnostics) = design::design(&spec);
        assert!(!diagnostics.is_empty(), "{odd}");
    }
    let mut bare_spec = empty();
    let (blueprint, _) = designed(&bare_spec);
    assert_eq!(blueprint.environments["production"].availability.parts, []);
    bare_spec.environments.clear();
    designed(&bare_spec);
    let mut wide = empty();
    let mut name = service(Source::Static(bare("./\u{1f980}".to_owned())));
    name.uses = uses(UseTarget::Service, &["nobody", "\u{1f980}"]);
    wide.services.insert("\u{1f980}".to_owned(), name);
    wide.resources.insert("\u{e9}t\u{e9} 1".to_owned(), resource(ResourceType::Postgres));
    designed(&wide);
}

#[test]
fn many_services_in_a_chain_are_designed() {
    let mut spec = empty();
    for at in 0..200 {
        let mut one = server("./x", 5.0, 0.01);
        one.public = bare(at % 10 == 0);
        let next = format!("s{}", (at + 1) % 200);
        one.uses = uses(UseTarget::Service, &[next.as_str()]);
        spec.services.insert(format!("s{at}"), one);
    }
    let (blueprint, _) = designed(&spec);
    assert_eq!(blueprint.environments["production"].services.len(), 200);
    // Everything calls everything in a circle: each service and the load balancer once.
    assert_eq!(blueprint.environments["production"].availability.parts.len(), 201);
}

#[test]
fn alternatives_are_real_designs() {
    let rows = design::compare(&shop());
    let (asked, _) = designed(&shop());
    assert!(same(rows[0].monthly.expect("designed"), asked.monthly()), "{:?}", rows[0]);
    let row = |name: &str| rows.iter().find(|r| r.name == name).unwrap_or_else(|| panic!("no {name}"));
    assert!(row("x86 for every service").difference.expect("both known").0 > 0.0);
    let rds = row("RDS for every relational database");
    assert!(rds.monthly.is_none() && !rds.problems.is_empty(), "RDS does not reach the target");
    assert!(row("99.9% in production").difference.expect("both known").0 < 0.0);
}

#[test]
fn decisions_survive_a_lockfile_and_their_changes_are_found() {
    let (before, _) = designed(&shop());
    let text = serde_json::to_string(&before.decisions).expect("decisions are plain data");
    let recorded: Vec<Decision> = serde_json::from_str(&text).expect("reads what it wrote");
    assert_eq!(design::diff(&recorded, &before.decisions), []);
    let mut spec = shop();
    spec.resources.shift_remove("uploads");
    spec.services["api"].uses.retain(|u| u.name != "uploads");
    spec.services["api"].load.requests = Some(bare(400.0));
    let (after, _) = design::design(&spec);
    let changes = design::diff(&recorded, &after.expect("designed").decisions);
    let of =
        |id: &str| changes.iter().find(|c| c.id == id).unwrap_or_else(|| panic!("no {id} in {changes:#?}"));
    assert_eq!(of("production.uploads.engine").after, None);
    let compute = of("production.api.compute");
    assert!(compute.difference.expect("priced").0 < 0.0);
    assert!(compute.inputs.iter().any(|(name, ..)| name == "requests"), "{compute:?}");
}
