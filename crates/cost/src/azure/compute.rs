//! What runs programs: container apps, plans, clusters and machines.
//!
//! A container app is billed by the second for what its replicas are given; one on a dedicated profile is paid for
//! through the environment that keeps the machines.

use super::times;
use crate::billing::{Billing, Kinds, priced};
use crate::read::{Known, Settings};
use crate::sheet::{Sheet, Use};

pub(crate) const KINDS: Kinds = &[
    ("azurerm_container_app", priced(app)),
    ("azurerm_container_app_environment", priced(environment)),
    ("azurerm_container_app_job", priced(job)),
    ("azurerm_container_app_custom_domain", Billing::Free("names and their certificates are not charged")),
    ("azurerm_container_app_environment_storage", Billing::Through("the share it mounts")),
    ("azurerm_container_group", priced(container_group)),
    ("azurerm_service_plan", priced(plan)),
    ("azurerm_linux_web_app", Billing::Through("its plan")),
    ("azurerm_linux_web_app_slot", Billing::Through("its plan")),
    ("azurerm_windows_web_app", Billing::Through("its plan")),
    ("azurerm_linux_function_app", priced(function)),
    ("azurerm_linux_function_app_slot", Billing::Through("its function app")),
    ("azurerm_static_web_app", priced(static_web_app)),
    ("azurerm_logic_app_workflow", priced(workflow)),
    ("azurerm_kubernetes_cluster", priced(cluster)),
    ("azurerm_kubernetes_cluster_node_pool", priced(node_pool)),
    ("azurerm_linux_virtual_machine", priced(machine)),
    ("azurerm_linux_virtual_machine_scale_set", priced(scale_set)),
    ("azurerm_windows_virtual_machine", priced(windows)),
    ("azurerm_availability_set", Billing::Free("placement is not charged")),
    ("azurerm_cognitive_account", priced(cognitive)),
];

const SECONDS_AN_HOUR: f64 = 3600.0;
const REPLICAS: Use = Use::each("mean_tasks", "replicas");
const BUSY: Use = Use::each("busy_tasks", "replicas that answer");
const SENT: Use = Use::each("gb_out", "GB sent to the internet");
const REQUESTS: Use = Use::per("requests", "requests", 1e6);

fn app(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    if dedicated(settings)? {
        return Ok(());
    }
    let template = settings.needed_block("template")?;
    let least = template.number("min_replicas").map(|n| n.unwrap_or(0.0));
    if !sheet.expects(REPLICAS.key) {
        // Nothing is known of the load, so what always runs is all there is to count.
        replica_seconds(template, ACTIVE, least.map(month), false, sheet);
    } else if sheet.expects(BUSY.key) {
        let busy = sheet.expected(&BUSY);
        let waiting = busy.clone().and_then(|busy| Ok((least? - busy).max(0.0)));
        replica_seconds(template, ACTIVE, busy.map(month), true, sheet);
        replica_seconds(template, WAITING, waiting.map(month), true, sheet);
    } else {
        let replicas = sheet.expected(&REPLICAS);
        replica_seconds(template, ACTIVE, replicas.map(month), true, sheet);
    }
    if settings.block("ingress")?.is_some() {
        sheet.used("requests", "container-apps/request-million", &REQUESTS);
    }
    if sheet.expects(SENT.key) {
        sheet.used("traffic", "bandwidth/out-gb", &SENT);
    }
    Ok(())
}

/// Seconds of a month of so many replicas.
fn month(replicas: f64) -> f64 {
    replicas * ir::units::HOURS_A_MONTH * SECONDS_AN_HOUR
}

/// What is charged for vCPUs and memory: the items and their prices.
type Charged = [(&'static str, &'static str); 2];

const ACTIVE: Charged = [("vCPU", "container-apps/vcpu-second"), ("memory", "container-apps/gib-second")];
/// Replicas that wait for requests and are kept because they are the fewest.
const WAITING: Charged = [
    ("waiting vCPU", "container-apps/vcpu-second-idle"),
    ("waiting memory", "container-apps/gib-second-idle"),
];

/// Whether machines of a dedicated profile run it. The profile without a name of its own is by use.
fn dedicated(settings: Settings) -> Known<bool> {
    let profile = settings.text("workload_profile_name")?;
    Ok(profile.is_some_and(|name| !name.eq_ignore_ascii_case("consumption")))
}

/// The lines of so many seconds of all containers of a template.
fn replica_seconds(
    template: Settings,
    [(vcpu, vcpu_price), (memory, memory_price)]: Charged,
    seconds: Known<f64>,
    expected: bool,
    sheet: &mut Sheet,
) {
    for (item, id, amount) in
        [(vcpu, vcpu_price, vcpus(template)), (memory, memory_price, memory_gib(template))]
    {
        let quantity = times(amount, seconds.clone());
        if expected {
            sheet.estimated(item, Ok(id.to_owned()), quantity);
        } else {
            sheet.fixed(item, Ok(id.to_owned()), quantity);
        }
    }
}

fn vcpus(template: Settings) -> Known<f64> {
    let mut sum = 0.0;
    for container in template.blocks("container")? {
        sum += container.needed_number("cpu")?;
    }
    Ok(sum)
}

/// Memory is written as `0.5Gi`.
fn memory_gib(template: Settings) -> Known<f64> {
    let mut sum = 0.0;
    for container in template.blocks("container")? {
        let text = container.needed_text("memory")?;
        let gib = text.strip_suffix("Gi").and_then(|n| n.parse::<f64>().ok());
        sum += gib.ok_or_else(|| format!("`memory` is `{text}`, which is no number of GiB"))?;
    }
    Ok(sum)
}

/// vCPUs and GiB of a machine of a dedicated profile.
/// Source: learn.microsoft.com/azure/container-apps/workload-profiles-overview, 2025.
static PROFILES: &[(&str, f64, f64)] = &[
    ("D4", 4.0, 16.0),
    ("D8", 8.0, 32.0),
    ("D16", 16.0, 64.0),
    ("D32", 32.0, 128.0),
    ("E4", 4.0, 32.0),
    ("E8", 8.0, 64.0),
    ("E16", 16.0, 128.0),
    ("E32", 32.0, 256.0),
];

fn environment(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    let mut managed = false;
    for profile in settings.blocks("workload_profile")? {
        let ty = profile.needed_text("workload_profile_type")?;
        if ty == "Consumption" {
            continue;
        }
        managed = true;
        let Some((_, vcpus, gib)) = PROFILES.iter().find(|(name, ..)| *name == ty) else {
            sheet.unpriced(format!("no prices of machines of the profile {ty} are known"));
            continue;
        };
        let machines = profile.number("minimum_count").map(|n| n.unwrap_or(0.0));
        let of = |each: f64| machines.clone().map(|n| n * each);
        sheet.hourly(
            "vCPU of dedicated machines",
            Ok("container-apps/dedicated-vcpu-hour".to_owned()),
            of(*vcpus),
        );
        sheet.hourly(
            "memory of dedicated machines",
            Ok("container-apps/dedicated-gib-hour".to_owned()),
            of(*gib),
        );
    }
    if managed {
        sheet.hourly("dedicated plan", Ok("container-apps/dedicated-plan-hour".to_owned()), Ok(1.0));
    }
    Ok(())
}

fn job(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    if dedicated(settings)? {
        return Ok(());
    }
    let template = settings.needed_block("template")?;
    let hours = sheet.expected(&Use::each("task_hours", "task hours"));
    replica_seconds(template, ACTIVE, hours.map(|h| h * SECONDS_AN_HOUR), true, sheet);
    Ok(())
}

fn container_group(_: Settings, _: &mut Sheet) -> Known<()> {
    Err("no prices of container instances are known".to_owned())
}

fn plan(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    let size = settings.needed_text("sku_name")?;
    // By use: what runs on it is billed itself.
    if ["Y1", "FC1", "F1"].contains(&size.as_str()) {
        return Ok(());
    }
    if settings.needed_text("os_type")? != "Linux" {
        return Err("no prices of plans on Windows are known".to_owned());
    }
    let machines = settings.number("worker_count").map(|n| n.unwrap_or(1.0));
    sheet.hourly("instances", Ok(format!("app-service/linux-{size}")), machines);
    Ok(())
}

fn function(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    let plan = settings.referred("service_plan_id");
    let size = plan.ok_or("`service_plan_id` does not refer to a plan of this stack")?.text("sku_name")?;
    if size.as_deref() == Some("Y1") {
        sheet.used("requests", "functions/request-million", &REQUESTS);
        sheet.used("duration", "functions/gb-second", &Use::each("gb_seconds", "GB-seconds"));
    }
    Ok(())
}

fn static_web_app(settings: Settings, _: &mut Sheet) -> Known<()> {
    match settings.text("sku_tier")?.as_deref() {
        None | Some("Free") => Ok(()),
        Some(tier) => Err(format!("no price of static web apps of the tier {tier} is known")),
    }
}

fn workflow(_: Settings, _: &mut Sheet) -> Known<()> {
    Err("no prices of logic apps are known".to_owned())
}

fn cluster(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    match settings.text("sku_tier")?.as_deref() {
        None | Some("Free") => {}
        Some("Standard") => sheet.hourly("control plane", Ok("aks/standard-hour".to_owned()), Ok(1.0)),
        Some(tier) => sheet.unpriced(format!("no price of clusters of the tier {tier} is known")),
    }
    let Some(pool) = settings.block("default_node_pool")? else { return Ok(()) };
    nodes(pool, sheet)
}

fn node_pool(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    if settings.text("os_type")?.is_some_and(|os| os != "Linux") {
        return Err("no prices of machines with Windows are known".to_owned());
    }
    if settings.text("priority")?.as_deref() == Some("Spot") {
        return Err("the price of interruptible machines changes from day to day".to_owned());
    }
    nodes(settings, sheet)
}

/// The machines of a pool; of one that scales by itself those expected, or the fewest.
fn nodes(pool: Settings, sheet: &mut Sheet) -> Known<()> {
    let size = pool.needed_text("vm_size").map(|size| format!("azure-vm/{size}"));
    let counted = match pool.number("node_count")? {
        Some(count) => Ok(count),
        None => pool.needed_number("min_count"),
    };
    sheet.hourly("machines", size, counted);
    Ok(())
}

fn machine(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    if settings.text("priority")?.as_deref() == Some("Spot") {
        return Err("the price of interruptible machines changes from day to day".to_owned());
    }
    let size = settings.needed_text("size").map(|size| format!("azure-vm/{size}"));
    sheet.hourly("machine", size, Ok(1.0));
    Ok(())
}

fn scale_set(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    if settings.text("priority")?.as_deref() == Some("Spot") {
        return Err("the price of interruptible machines changes from day to day".to_owned());
    }
    let size = settings.needed_text("sku").map(|size| format!("azure-vm/{size}"));
    sheet.hourly("machines", size, settings.needed_number("instances"));
    Ok(())
}

fn windows(_: Settings, _: &mut Sheet) -> Known<()> {
    Err("no prices of machines with Windows are known".to_owned())
}

fn cognitive(_: Settings, _: &mut Sheet) -> Known<()> {
    Err("no prices of AI services are known".to_owned())
}
