//! Where each service runs and how many copies of it.
//!
//! Containers carry anything that is an image, and a function is a candidate where one could be. What runs
//! always, runs on a schedule, runs once or is only files differs in its sizes, not in how it is chosen. Must
//! not know what the resources became.

use ir::units::{HOURS_A_MONTH, SECONDS_A_MONTH};
use ir::{Diagnostic, Diagnostics, Usd};
use spec::{Protocol, Release, Service, Source};

use crate::bill::Bill;
use crate::blueprint::{
    Compute, ContainersDesign, Decision, LoadDesign, Paid, PublicDesign, ServiceDesign, SloDesign, TaskSize,
    UseDesign,
};
use crate::capacity::{self, Answer, Beside, Demand};
use crate::cloud::{Tariff, charge, charge_any};
use crate::context::Context;
use crate::cron;
use crate::decide::{Candidate, Question, cheapest};
use crate::load::{Role, amount, memory_mib, queues, role};
use crate::{functions, operations, refusals, rules, usage};

/// What a service became, and the decision that says why.
pub(crate) fn design(
    ctx: &Context<'_>,
    name: &str,
    service: &Service,
    public: Option<PublicDesign>,
    diagnostics: &mut Diagnostics,
) -> Option<(ServiceDesign, Decision)> {
    let load = ctx.loads.get(name).copied().unwrap_or_default();
    let (candidates, question) = candidates(ctx, name, service, load);
    let verdict = match cheapest(candidates) {
        Ok(verdict) => verdict,
        Err(rejected) => {
            diagnostics.push(refusals::service(ctx, name, service, &rejected));
            return None;
        }
    };
    let decision = question.decided(&verdict);
    let compute = verdict.chosen.value;
    let design = ServiceDesign {
        release: release(&compute, service, public.is_some()),
        compute,
        port: service.port.as_ref().map(|p| p.value),
        protocol: service.protocol,
        public,
        health: service.health.as_ref().map(|h| h.value.clone()),
        uses: service
            .uses
            .iter()
            .map(|u| UseDesign { target: u.target, name: u.name.clone(), access: u.access })
            .collect(),
        env: service.env.clone(),
        entrypoint: service.entrypoint.clone(),
        command: service.command.clone(),
        image: match &service.source {
            Source::Image(image) => Some(image.value.clone()),
            Source::Build(_) | Source::Static(_) => None,
        },
        slo: service.slo.as_ref().map(|slo| SloDesign {
            availability: slo.availability.as_ref().map(|a| a.value),
            latency_seconds: slo.latency.as_ref().map(|l| l.value.seconds),
            latency_quantile: slo.latency.as_ref().map(|l| l.value.quantile),
        }),
        load,
    };
    Some((design, decision))
}

/// Every way to run a service under a load, and what is asked.
pub(crate) fn candidates(
    ctx: &Context<'_>,
    name: &str,
    service: &Service,
    load: LoadDesign,
) -> (Vec<Candidate<Compute>>, Question) {
    let role = role(ctx.spec, service);
    let mut question = ctx.question(name, "compute", format!("Where does {name} run, and how large?"));
    let working = matches!(role, Role::Server | Role::Reader);
    let mut input = |told: bool, name: &'static str, value: String| {
        if told {
            question.inputs.push((name, value));
        }
    };
    input(load.requests > 0.0, "requests", format!("{:.1}/s", load.requests));
    input(load.messages > 0.0, "messages", format!("{:.1}/s", load.messages));
    input(working, "peak", format!("{}x", load.peak));
    input(working, "cpu", format!("{} ms each", (load.cpu_seconds * 1e6).round() / 1e3));
    input(role != Role::Site, "memory", format!("{:.0} MiB a copy", memory_mib(service)));
    let candidates = match role {
        Role::Site => {
            question.because =
                "Files need no server: a private bucket behind a content delivery network is the \
                                cheapest thing that serves them, and has no part to patch."
                    .to_owned();
            vec![site(ctx, service, load)]
        }
        Role::Scheduled => {
            question.because =
                "It runs, ends and is paid by the second; nothing stays up between runs.".to_owned();
            let cron = service.schedule.as_ref().map(|s| s.value.clone()).unwrap_or_default();
            let runs = cron::runs_a_month(&cron).unwrap_or(rules::DEPLOYMENTS_A_MONTH);
            let duration_seconds = run_seconds(service);
            question.inputs.push(("runs", format!("{runs:.0} a month")));
            let wrap = |size| Compute::ScheduledTask { size, cron: cron.clone(), duration_seconds };
            batch(ctx, service, runs, duration_seconds, ctx.beside(), wrap)
        }
        Role::Once => {
            question.because =
                "It runs at each deployment before the services that wait for it, and is paid by the second."
                    .to_owned();
            let runs = rules::DEPLOYMENTS_A_MONTH;
            // The deployment that runs it watches it.
            let beside = Beside::default();
            batch(ctx, service, runs, run_seconds(service), beside, |size| Compute::OneShot { size })
        }
        Role::Server | Role::Reader | Role::Worker => {
            let demand =
                demand(ctx, service, role, load.requests + load.messages, load.peak, load.cpu_seconds);
            question
                .inputs
                .push(("utilisation aimed at", format!("{:.0} % of CPU", rules::TARGET_CPU * 100.0)));
            if let Some(Answer::Within(seconds, quantile)) = demand.answer {
                let objective = format!("{:.0} ms for {} % of requests", seconds * 1000.0, quantile * 100.0);
                question.inputs.push(("latency objective", objective));
            }
            question.because = why(ctx, service, role);
            let mut all = in_containers(ctx, service, role, &demand);
            all.extend(functions::candidate(ctx, name, service, role, &demand));
            question.weighty = all.iter().any(|c| matches!(c.value, Compute::Function(_)));
            all
        }
    };
    (candidates, question)
}

fn why(ctx: &Context<'_>, service: &Service, role: Role) -> String {
    let mut text = String::from(
        "The cheapest size whose copies carry the peak at the utilisation aimed at, with waiting as Erlang's \
         formula gives it inside half of the latency objective.",
    );
    if ctx.critical && role == Role::Server {
        text.push_str(" The fewest copies still carry the mean load when a zone is away.");
    }
    if ctx.critical && role == Role::Reader {
        text.push_str(
            " Two copies in two zones always run; the queue holds the rest until more have started.",
        );
    }
    if role == Role::Worker && service.limits.replicas.is_none() {
        text.push_str(
            " It has no port and reads no queue, and nothing says that two copies may run at once, so one runs.",
        );
    }
    if matches!(service.source, Source::Image(_)) {
        text.push_str(" The image is built elsewhere and its architecture is not known, so it runs on x86.");
    }
    text
}

fn demand(
    ctx: &Context<'_>,
    service: &Service,
    role: Role,
    rate: f64,
    peak: f64,
    cpu_seconds: f64,
) -> Demand {
    let latency = service.slo.as_ref().and_then(|s| s.latency.as_ref());
    let answer = match (role, latency) {
        (Role::Server, Some(l)) => Some(Answer::Within(l.value.seconds, l.value.quantile)),
        (Role::Server, None) => Some(Answer::WaitingAtMost(1.0)),
        _ => None,
    };
    let cap = service.limits.cpus.filter(|c| service.load.cpu.is_none() && c.is_finite());
    let replicas = service.limits.replicas;
    let alone = role == Role::Worker && replicas.is_none();
    Demand {
        rate,
        peak,
        cpu_seconds,
        memory_mib: memory_mib(service),
        beside: ctx.beside(),
        least_vcpus: cap.unwrap_or(0.0).min(16.0),
        answer,
        backlog: queues(ctx.spec, service).next().is_some(),
        zones: if role == Role::Worker { 1 } else { ctx.spread() },
        least: if ctx.critical { replicas.unwrap_or(1).max(1) } else { 1 },
        most: if role == Role::Worker {
            Some(if alone { 1 } else { replicas.unwrap_or(1).max(1) })
        } else {
            None
        },
    }
}

fn in_containers(
    ctx: &Context<'_>,
    service: &Service,
    role: Role,
    demand: &Demand,
) -> Vec<Candidate<Compute>> {
    let platform = &ctx.cloud.containers;
    let spot = !ctx.critical && platform.interruptible.is_some();
    let answers = role == Role::Server && service.protocol != Protocol::Tcp;
    let fits = |t: &&Tariff| t.spot == spot && (t.paid == Paid::Running || answers);
    let spoken = role != Role::Server || platform.protocols.contains(&service.protocol);
    let of = |tariff: &Tariff| {
        let refused = refused(ctx, service, tariff.arm);
        let tasks = capacity::tasks(demand, ctx.cloud, ctx.region, tariff);
        let with = move |mut candidate: Candidate<ContainersDesign>| {
            candidate.breaks.extend(refused.map(str::to_owned));
            let silent = || format!("{} does not carry what the service speaks", platform.name);
            candidate.breaking(!spoken, silent).map(Compute::Containers)
        };
        tasks.into_iter().map(with).collect::<Vec<_>>()
    };
    platform.tariffs.iter().filter(fits).flat_map(of).collect()
}

/// Why a service does not run on an architecture.
fn refused(ctx: &Context<'_>, service: &Service, arm: bool) -> Option<&'static str> {
    if matches!(service.source, Source::Image(_)) {
        return arm.then_some("the architecture of an image built elsewhere is not known");
    }
    ctx.preferences.arm.filter(|wanted| *wanted != arm).map(|_| "the other architecture was asked for")
}

/// The sizes of something that runs and ends.
fn batch(
    ctx: &Context<'_>,
    service: &Service,
    runs: f64,
    seconds: f64,
    beside: Beside,
    wrap: impl Fn(TaskSize) -> Compute,
) -> Vec<Candidate<Compute>> {
    let busy = service.load.cpu.as_ref().map_or(0.0, |c| amount(c.value, 0.0) / seconds.max(1.0));
    let demand = Demand {
        rate: 0.0,
        peak: 1.0,
        cpu_seconds: 0.0,
        memory_mib: memory_mib(service),
        beside,
        least_vcpus: busy.clamp(rules::BATCH_VCPUS, 16.0),
        answer: None,
        backlog: false,
        zones: 1,
        least: 1,
        most: Some(1),
    };
    let steady = |t: &&Tariff| !t.spot && t.paid == Paid::Running;
    let sized = |tariff: &'static Tariff| {
        capacity::tasks(&demand, ctx.cloud, ctx.region, tariff).into_iter().map(move |c| (tariff, c))
    };
    let all = ctx.cloud.containers.tariffs.iter().filter(steady).flat_map(sized);
    all.map(|(tariff, c)| {
        let ContainersDesign { size, .. } = c.value;
        let group = c.group.clone();
        let vcpus = f64::from(size.cpu) / 1024.0;
        let name = format!("{group}, one task of {vcpus} vCPU and {} GiB", capacity::gib(size.memory_mib));
        let bill = capacity::task_hours(ctx.region, tariff, size, runs * seconds / 3600.0);
        let mut found = Candidate::new(group, name, wrap(size), bill);
        found.breaks.extend(refused(ctx, service, size.arm).map(str::to_owned));
        found.breaks.extend(c.breaks);
        found
    })
    .collect()
}

fn run_seconds(service: &Service) -> f64 {
    let said = service.load.duration.as_ref().map_or(rules::ASSUMED_RUN_SECONDS, |d| d.value);
    amount(said, rules::ASSUMED_RUN_SECONDS)
}

fn site(ctx: &Context<'_>, service: &Service, load: LoadDesign) -> Candidate<Compute> {
    let folder = match &service.source {
        Source::Static(folder) => folder.value.clone(),
        Source::Build(_) | Source::Image(_) => String::new(),
    };
    let requests = load.requests * SECONDS_A_MONTH;
    let sites = &ctx.cloud.sites;
    let mut bill = Bill::default();
    if let Some((each, gb)) = sites.charged {
        charge(&mut bill, ctx.region, each, requests);
        charge(&mut bill, ctx.region, gb, requests * load.response_kib / (1024.0 * 1024.0));
    }
    operations::add_objects(&mut bill, ctx.region, ctx.cloud.objects, usage::site_files(&load));
    let routes = crate::routing::site_routes(ctx.spec, service);
    if !routes.is_empty() {
        charge_any(&mut bill, ctx.region, sites.routed, requests);
    }
    Candidate::new(sites.group, sites.name, Compute::StaticSite { folder, routes }, bill)
}

/// How a new version arrives: what was asked for where it can be had.
fn release(compute: &Compute, service: &Service, public: bool) -> Release {
    match compute {
        Compute::Containers(_) | Compute::Function(_) if public && service.port.is_some() => {
            service.release.value
        }
        _ => Release::Rolling,
    }
}

/// Warnings about releases that cannot be had, once for the spec.
pub(crate) fn release_warnings(spec: &spec::Spec) -> Diagnostics {
    let canary = |s: &Service| s.release.value != Release::Rolling;
    let can = |s: &Service| role(spec, s) == Role::Server && s.public.value && s.protocol != Protocol::Tcp;
    let of = |(name, service): (&String, &Service)| {
        Diagnostic::warning("release-needs-a-public-service", format!("`{name}` is released by rolling instead"))
            .at(service.release.span.or(service.span), "asked for here")
            .because(
                "Shifting traffic between two sets of copies takes a load balancer, and only public HTTP services \
                 stand behind one.",
            )
            .help("make the service public, or set `release: rolling`")
    };
    let services = spec.services.iter();
    services.filter(|(_, s)| canary(s) && !can(s)).map(of).collect()
}

/// Whether interruptible capacity is used: the difference over all tasks of the environment. The cost itself is in
/// each service's own decision.
pub(crate) fn interruptible<'a>(
    ctx: &Context<'_>,
    services: impl Iterator<Item = &'a ServiceDesign>,
) -> Option<Decision> {
    let running: Vec<&ContainersDesign> = services
        .filter_map(|s| match &s.compute {
            Compute::Containers(tasks) => Some(tasks),
            _ => None,
        })
        .collect();
    if running.is_empty() {
        return None;
    }
    let platform = &ctx.cloud.containers;
    let interruptible = platform.interruptible?;
    let of = |spot: bool, name: &str| {
        let mut bill = Bill::default();
        for tasks in &running {
            let paid = platform.tariffs.iter().find(|t| t.spot == spot && t.arm == tasks.size.arm)?;
            bill.merge(capacity::task_hours(ctx.region, paid, tasks.size, tasks.mean_tasks * HOURS_A_MONTH));
        }
        Some(Candidate::new(name, name, (), bill))
    };
    let candidates = vec![
        of(true, interruptible)?.breaking(ctx.critical, || {
            "people depend on this environment, and spot tasks end with two minutes of notice".to_owned()
        }),
        of(false, "capacity on demand")?.breaking(!ctx.critical, || {
            "nobody depends on this environment, and an interruption costs nothing here".to_owned()
        }),
    ];
    let verdict = cheapest(candidates).ok()?;
    let mut question = ctx.question("compute", "capacity", "May tasks be interrupted?");
    question.inputs = vec![("services that always run", running.len().to_string())];
    question.because = if ctx.critical {
        "Availability was asked for, and an interrupted task is a request that failed."
    } else {
        "Tasks come back by themselves after an interruption, at a fraction of the price."
    }
    .to_owned();
    Some(Decision { monthly: None::<Usd>, ..question.decided(&verdict) })
}
