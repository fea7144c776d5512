//! What runs code: containers and functions.
//!
//! Fargate bills a task for the processor and memory its definition asks for, so a service is priced from the
//! definition it refers to, times the tasks expected. Where a service does not say how it runs, its cluster's
//! default decides, as it does in the cloud.

use crate::billing::{Billing, Kinds, priced};
use crate::read::{Known, Settings};
use crate::sheet::{Sheet, Use};
use ir::units::HOURS_A_MONTH;

pub(crate) const KINDS: Kinds = &[
    ("aws_ecs_service", priced(service)),
    ("aws_scheduler_schedule", priced(schedule)),
    ("aws_cloudwatch_event_target", priced(event_target)),
    ("aws_lambda_function", priced(function)),
    ("aws_ecs_cluster", priced(cluster)),
    ("aws_appautoscaling_policy", Billing::Free("scaling itself is not charged")),
    ("aws_appautoscaling_target", Billing::Free("scaling itself is not charged")),
    ("aws_codedeploy_app", Billing::Free("deployments to ECS are not charged")),
    ("aws_codedeploy_deployment_config", Billing::Free("deployments to ECS are not charged")),
    ("aws_codedeploy_deployment_group", Billing::Free("deployments to ECS are not charged")),
    ("aws_ecs_cluster_capacity_providers", Billing::Through("the services of the cluster")),
    ("aws_ecs_task_definition", Billing::Through("the services and schedules that run it")),
    ("aws_lambda_alias", Billing::Through("its function")),
    ("aws_lambda_event_source_mapping", Billing::Through("its function and its source")),
    ("aws_lambda_function_url", Billing::Through("its function")),
    ("aws_lambda_permission", Billing::Free("permissions are not charged")),
    ("aws_scheduler_schedule_group", Billing::Free("a group of schedules is not charged")),
];

/// GiB of ephemeral storage that every task has without charge.
const FREE_EPHEMERAL_GIB: f64 = 20.0;

fn service(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    let expected = sheet.expects("mean_tasks");
    let tasks = if expected {
        sheet.expected(&Use::each("mean_tasks", "tasks"))
    } else {
        settings.needed_number("desired_count")
    };
    let task = task(settings, "task_definition")?;
    for (market, count) in split(tasks?, &service_shares(settings)?) {
        run(sheet, &task, &market, count * HOURS_A_MONTH, expected);
    }
    // What its tasks record belongs to no resource of X-Ray's own.
    if sheet.expects("traces") {
        sheet.used("traces recorded", "xray/trace-million", &Use::per("traces", "traces", 1e6));
    }
    Ok(())
}

fn schedule(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    // A schedule fires at most once a minute, which is four cents a month: nothing is said when the number of
    // runs is not known.
    if sheet.expects("runs") {
        sheet.used("runs", "scheduler/invocation-million", &Use::per("runs", "runs", 1e6));
    }
    if let Some(parameters) = settings.needed_block("target")?.block("ecs_parameters")? {
        scheduled_task(parameters, sheet)?;
    }
    Ok(())
}

fn event_target(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    if let Some(parameters) = settings.block("ecs_target")? {
        scheduled_task(parameters, sheet)?;
    }
    Ok(())
}

fn scheduled_task(parameters: Settings, sheet: &mut Sheet) -> Known<()> {
    let task = task(parameters, "task_definition_arn")?;
    let shares = shares(parameters)?.ok_or("whether it runs on Fargate is not said")?;
    let hours = sheet.expected(&Use::each("task_hours", "task hours"))?;
    for (market, share) in split(hours, &shares) {
        run(sheet, &task, &market, share, true);
    }
    Ok(())
}

/// Writes the lines of tasks of one market for some hours.
fn run(sheet: &mut Sheet, task: &Task, market: &Market, hours: f64, usage: bool) {
    let (suffix, label) = match market {
        Market::OnDemand => ("", ""),
        Market::Spot => ("-spot", " (Spot)"),
        Market::Other(provider) => {
            return sheet.unpriced(format!("tasks on `{provider}` are paid for through its instances"));
        }
    };
    let arch = &task.arch;
    let id = |unit: &str| arch.clone().map(|arch| format!("fargate/{unit}-{arch}{suffix}"));
    let ephemeral = task.ephemeral_gib.clone().map(|gib| (gib - FREE_EPHEMERAL_GIB).max(0.0));
    let parts = [
        ("vCPU", id("vcpu"), task.vcpus.clone()),
        ("memory", id("gb"), task.memory_gib.clone()),
        ("ephemeral storage", Ok("fargate/ephemeral-gb".to_owned()), ephemeral),
    ];
    for (item, id, each) in parts {
        if item == "ephemeral storage" && each == Ok(0.0) {
            continue;
        }
        let quantity = each.map(|each| each * hours);
        let item = format!("{item}{label}");
        if usage {
            sheet.estimated(&item, id, quantity);
        } else {
            sheet.fixed(&item, id, quantity);
        }
    }
}

/// What a task asks for.
struct Task {
    vcpus: Known<f64>,
    memory_gib: Known<f64>,
    ephemeral_gib: Known<f64>,
    /// As price ids name it.
    arch: Known<&'static str>,
}

/// The task that a setting refers to.
fn task(settings: Settings, name: &str) -> Known<Task> {
    let missing = || format!("`{name}` does not refer to a task definition of this stack");
    let definition = settings.referred(name).ok_or_else(missing)?;
    let ephemeral = definition.block("ephemeral_storage")?.map(|b| b.needed_number("size_in_gib"));
    Ok(Task {
        vcpus: amount(definition, "cpu", "vcpu"),
        memory_gib: amount(definition, "memory", "gb"),
        ephemeral_gib: ephemeral.unwrap_or(Ok(FREE_EPHEMERAL_GIB)),
        arch: definition.block("runtime_platform")?.map_or(Ok("x86"), architecture),
    })
}

/// `cpu` and `memory` are written in 1024ths (`512`) or in whole units (`0.5 vCPU`, `1 GB`).
fn amount(definition: Settings, name: &str, unit: &str) -> Known<f64> {
    let text = definition.needed_text(name)?.to_ascii_lowercase();
    let wrong = || format!("`{name}` is `{text}`, which is no amount");
    match text.strip_suffix(unit) {
        Some(whole) => whole.trim().parse().map_err(|_| wrong()),
        None => text.trim().parse::<f64>().map(|n| n / 1024.0).map_err(|_| wrong()),
    }
}

fn architecture(platform: Settings) -> Known<&'static str> {
    let family = platform.text("operating_system_family")?.unwrap_or_else(|| "LINUX".to_owned());
    if family != "LINUX" {
        return Err(format!("no prices of tasks on {family} are known"));
    }
    match platform.text("cpu_architecture")?.as_deref() {
        None | Some("X86_64") => Ok("x86"),
        Some("ARM64") => Ok("arm"),
        Some(other) => Err(format!("no prices of {other} tasks are known")),
    }
}

/// Where tasks run.
#[derive(Clone, Debug, PartialEq)]
enum Market {
    OnDemand,
    Spot,
    /// Somebody's own instances.
    Other(String),
}

impl Market {
    fn named(provider: &str) -> Market {
        match provider {
            "FARGATE" => Market::OnDemand,
            "FARGATE_SPOT" => Market::Spot,
            other => Market::Other(other.to_owned()),
        }
    }
}

/// One line of a capacity provider strategy.
#[derive(Clone, Debug, PartialEq)]
struct Share {
    market: Market,
    /// Tasks that go here first.
    base: f64,
    /// Share of the rest, relative to the other weights.
    weight: f64,
}

/// How a service's tasks are spread: by its own strategy or launch type, or else by its cluster's default.
fn service_shares(settings: Settings) -> Known<Vec<Share>> {
    if let Some(shares) = shares(settings)? {
        return Ok(shares);
    }
    let cluster = settings.target("cluster");
    let default = settings
        .of_kind("aws_ecs_cluster_capacity_providers")
        .find(|s| cluster.is_some() && s.target("cluster_name") == cluster)
        .map(|s| strategy(s, "default_capacity_provider_strategy"));
    match default.transpose()?.flatten() {
        Some(shares) => Ok(shares),
        None => Ok(vec![Share { market: Market::named("EC2"), base: 0.0, weight: 1.0 }]),
    }
}

/// The strategy or launch type that settings name; nothing when they leave it to the cluster.
fn shares(settings: Settings) -> Known<Option<Vec<Share>>> {
    if let Some(shares) = strategy(settings, "capacity_provider_strategy")? {
        return Ok(Some(shares));
    }
    let launch = settings.text("launch_type")?;
    Ok(launch.map(|l| vec![Share { market: Market::named(&l), base: 0.0, weight: 1.0 }]))
}

fn strategy(settings: Settings, name: &str) -> Known<Option<Vec<Share>>> {
    let read = |block: Settings| {
        Ok(Share {
            market: Market::named(&block.needed_text("capacity_provider")?),
            base: block.number("base")?.unwrap_or(0.0),
            weight: block.number("weight")?.unwrap_or(0.0),
        })
    };
    let shares: Vec<Share> = settings.blocks(name)?.into_iter().map(read).collect::<Known<_>>()?;
    Ok((!shares.is_empty()).then_some(shares))
}

/// Spreads an amount as the scheduler does: bases first, the rest by weight. Parts that get nothing are left out,
/// unless all do.
fn split(amount: f64, shares: &[Share]) -> Vec<(Market, f64)> {
    let mut left = amount;
    let mut parts: Vec<(Market, f64)> = Vec::new();
    for share in shares {
        let base = share.base.clamp(0.0, left.max(0.0));
        left -= base;
        parts.push((share.market.clone(), base));
    }
    let weights: f64 = shares.iter().map(|s| s.weight.max(0.0)).sum();
    for (part, share) in parts.iter_mut().zip(shares) {
        // A strategy whose weights are all zero runs nothing beyond its base.
        if weights > 0.0 {
            part.1 += left * share.weight.max(0.0) / weights;
        }
    }
    let some = parts.iter().any(|(_, n)| *n > 0.0);
    parts.retain(|(_, n)| *n > 0.0 || !some);
    parts.truncate(if some { shares.len() } else { 1 });
    parts
}

fn function(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    sheet.used("requests", "lambda/request-million", &Use::per("requests", "requests", 1e6));
    let id = function_arch(settings).map(|arch| format!("lambda/gb-second-{arch}"));
    let seconds = sheet.expected(&Use::each("gb_seconds", "GB-seconds"));
    sheet.estimated("duration", id, seconds);
    Ok(())
}

fn function_arch(settings: Settings) -> Known<&'static str> {
    let Some(list) = settings.get("architectures") else { return Ok("x86") };
    let first = list.as_list().and_then(|l| l.first()).and_then(ir::Value::text);
    match first.as_deref() {
        Some("x86_64") => Ok("x86"),
        Some("arm64") => Ok("arm"),
        Some(other) => Err(format!("no prices of {other} functions are known")),
        None => Err("`architectures` is not known before it is applied".to_owned()),
    }
}

/// A cluster is free; the metrics of Container Insights are not.
fn cluster(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    for setting in settings.blocks("setting")? {
        let insights = setting.text("name")?.as_deref() == Some("containerInsights");
        if insights && setting.text("value")?.is_some_and(|v| v != "disabled") {
            let metrics = Use::each("metrics", "metrics that Container Insights writes");
            sheet.used("Container Insights", "cloudwatch/metric-month", &metrics);
        }
    }
    Ok(())
}
