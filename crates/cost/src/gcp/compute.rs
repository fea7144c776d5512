//! What runs programs: Cloud Run, functions, clusters and machines.
//!
//! A service on Cloud Run is paid either while its instances run, or while they answer and less while they wait; which
//! of the two says whether it keeps its CPU between requests.

use ir::units::HOURS_A_MONTH;

use super::{cpus, gib, times};
use crate::billing::{Billing, Kinds, priced};
use crate::read::{Known, Settings};
use crate::sheet::{Sheet, Use};

pub(crate) const KINDS: Kinds = &[
    ("google_cloud_run_v2_service", priced(service)),
    ("google_cloud_run_v2_job", priced(job)),
    ("google_cloud_run_v2_service_iam_member", Billing::Free("permissions are not charged")),
    ("google_cloud_run_v2_job_iam_member", Billing::Free("permissions are not charged")),
    ("google_cloudfunctions2_function", priced(function)),
    ("google_workflows_workflow", priced(workflow)),
    ("google_compute_instance", priced(instance)),
    ("google_compute_instance_template", Billing::Through("the groups that start machines from it")),
    ("google_compute_region_instance_group_manager", priced(group)),
    ("google_compute_region_autoscaler", Billing::Free("scaling itself is not charged")),
    ("google_container_cluster", priced(cluster)),
    ("google_container_node_pool", priced(node_pool)),
    ("google_vertex_ai_endpoint", Billing::Through("the machines of the models deployed to it")),
];

const SECONDS_AN_HOUR: f64 = 3600.0;
const INSTANCES: Use = Use::each("mean_tasks", "running instances");
const BUSY: Use = Use::each("busy_tasks", "instances that answer");
const REQUESTS: Use = Use::per("requests", "requests", 1e6);

fn service(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    if sheet.expects("gb_out") {
        // What goes through a load balancer is paid there.
        sheet.used(
            "sent to the internet",
            "google-network/internet-gb",
            &Use::each("gb_out", "GB sent to callers"),
        );
    }
    let template = settings.needed_block("template")?;
    let size = size(template)?;
    let kept = fewest(settings, template);
    if !size.only_while_answering {
        let expected = sheet.expects(INSTANCES.key);
        let running = if expected { sheet.expected(&INSTANCES) } else { kept };
        size.seconds("", running.map(seconds), expected, sheet);
        return Ok(());
    }
    let answering = sheet.expected(&BUSY);
    let waiting = kept.map(|kept| (kept - answering.clone().unwrap_or(0.0)).max(0.0));
    size.seconds("-answering", answering.map(seconds), true, sheet);
    if waiting != Ok(0.0) {
        size.seconds("-idle", waiting.map(seconds), false, sheet);
    }
    sheet.used("requests", "cloud-run/request-million", &REQUESTS);
    Ok(())
}

/// Seconds a month of so many instances that always run.
fn seconds(instances: f64) -> f64 {
    instances * HOURS_A_MONTH * SECONDS_AN_HOUR
}

/// Instances that are kept whatever the load: those of the service and of the revision are not added up.
fn fewest(settings: Settings, template: Settings) -> Known<f64> {
    let said = |place: Settings| -> Known<f64> {
        let Some(scaling) = place.block("scaling")? else { return Ok(0.0) };
        Ok(scaling.number("min_instance_count")?.unwrap_or(0.0))
    };
    Ok(said(settings)?.max(said(template)?))
}

fn job(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    let size = size(settings.needed_block("template")?.needed_block("template")?)?;
    let hours = sheet.expected(&Use::each("task_hours", "task hours"));
    size.seconds("", hours.map(|h| h * SECONDS_AN_HOUR), true, sheet);
    Ok(())
}

/// What one instance is given, all its containers together.
struct Size {
    vcpus: Known<f64>,
    gib: Known<f64>,
    /// Whether it has its CPU, and is paid in full, only while it answers requests.
    only_while_answering: bool,
}

/// Without limits a container has one vCPU and half a GiB.
fn size(template: Settings) -> Known<Size> {
    let mut size = Size { vcpus: Ok(0.0), gib: Ok(0.0), only_while_answering: false };
    for container in template.blocks("containers")? {
        let resources = container.block("resources")?;
        // Where nothing is said of resources, the platform takes the CPU away between requests.
        size.only_while_answering |= match resources {
            None => true,
            Some(resources) => resources.flag("cpu_idle")?,
        };
        let limit = |name: &str, default: f64, read: fn(&str) -> Known<f64>| -> Known<f64> {
            let Some(limits) = resources.and_then(|r| r.get("limits")) else { return Ok(default) };
            let Some(value) = limits.get(name) else { return Ok(default) };
            value
                .known()
                .text()
                .ok_or_else(|| format!("`{name}` is not known before it is applied"))
                .and_then(|t| read(&t))
        };
        let add = |sum: Known<f64>, more: Known<f64>| Ok(sum? + more?);
        size.vcpus = add(size.vcpus, limit("cpu", 1.0, cpus));
        size.gib = add(size.gib, limit("memory", 0.5, gib));
    }
    Ok(size)
}

impl Size {
    /// The lines of so many seconds at one of the rates.
    fn seconds(&self, rate: &str, seconds: Known<f64>, expected: bool, sheet: &mut Sheet) {
        let label = match rate {
            "-idle" => " while waiting",
            _ => "",
        };
        for (item, unit, amount) in [("vCPU", "vcpu", &self.vcpus), ("memory", "gib", &self.gib)] {
            let id = Ok(format!("cloud-run/{unit}-second{rate}"));
            let quantity = times(amount.clone(), seconds.clone());
            if expected {
                sheet.estimated(&format!("{item}{label}"), id, quantity);
            } else {
                sheet.fixed(&format!("{item}{label}"), id, quantity);
            }
        }
    }
}

/// Functions of the second generation run on Cloud Run and are paid as services there.
fn function(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    let config = settings.needed_block("service_config")?;
    let gib_of =
        config.text("available_memory").and_then(|t| t.map_or(Ok(0.25), |t| gib(t.trim_end_matches('B'))));
    let vcpus = config.text("available_cpu").and_then(|t| match t {
        Some(text) => cpus(&text),
        None => Err("the vCPUs that follow from its memory are not known".to_owned()),
    });
    let busy = sheet.expected(&Use::each("seconds", "seconds that it runs"));
    for (item, id, amount) in [
        ("vCPU", "cloud-run/vcpu-second-answering", vcpus),
        ("memory", "cloud-run/gib-second-answering", gib_of),
    ] {
        sheet.estimated(item, Ok(id.to_owned()), times(amount, busy.clone()));
    }
    sheet.used("requests", "cloud-run/request-million", &REQUESTS);
    Ok(())
}

fn workflow(_: Settings, sheet: &mut Sheet) -> Known<()> {
    sheet.used("steps", "workflows/internal-1000", &Use::per("steps", "steps", 1000.0));
    Ok(())
}

fn instance(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    machine(settings, Ok(1.0), sheet);
    if let Some(disk) = settings.block("boot_disk")?
        && let Some(parameters) = disk.block("initialize_params")?
    {
        volume(parameters, "type", "size", Ok(1.0), sheet);
    }
    Ok(())
}

fn group(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    let expected = sheet.expects(INSTANCES.key);
    let count = if expected { sheet.expected(&INSTANCES) } else { settings.needed_number("target_size") };
    let Some(template) = settings.block("version")?.and_then(|v| v.referred("instance_template")) else {
        return Err("the template of its machines is not known".to_owned());
    };
    machine(template, count.clone(), sheet);
    for disk in template.blocks("disk")? {
        volume(disk, "disk_type", "disk_size_gb", count.clone(), sheet);
    }
    Ok(())
}

fn machine(settings: Settings, count: Known<f64>, sheet: &mut Sheet) {
    let spot = settings.block("scheduling").and_then(|s| s.map_or(Ok(false), |s| s.flag("preemptible")));
    match spot {
        Ok(true) => return sheet.unpriced("machine: prices of interruptible machines change every month"),
        Err(because) => return sheet.unpriced(format!("machine: {because}")),
        Ok(false) => {}
    }
    let id = settings.needed_text("machine_type").map(|t| format!("compute-engine/{t}"));
    sheet.hourly("machine", id, count);
}

fn volume(settings: Settings, ty: &str, size: &str, count: Known<f64>, sheet: &mut Sheet) {
    let id = settings.text(ty).map(|t| format!("persistent-disk/{}", t.as_deref().unwrap_or("pd-standard")));
    let gib = settings.number(size).map(|n| n.unwrap_or(10.0));
    sheet.fixed("disk", id, times(gib, count));
}

fn cluster(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    sheet.hourly("control plane", Ok("gke/cluster-hour".to_owned()), Ok(1.0));
    if settings.flag("enable_autopilot")? {
        sheet.used("vCPU", "gke/autopilot-vcpu-hour", &Use::each("vcpu_hours", "vCPU hours of pods"));
        sheet.used("memory", "gke/autopilot-gib-hour", &Use::each("gib_hours", "GiB hours of pods"));
    } else if !settings.flag("remove_default_node_pool")? {
        nodes(settings, settings.number("initial_node_count").map(|n| n.unwrap_or(1.0)), sheet)?;
    }
    Ok(())
}

fn node_pool(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    let count = if sheet.expects("mean_nodes") {
        sheet.expected(&Use::each("mean_nodes", "nodes"))
    } else {
        let set = settings.number("node_count")?.or(settings.number("initial_node_count")?);
        set.ok_or_else(|| "how many nodes run is not known".to_owned())
    };
    nodes(settings, count, sheet)
}

/// Machines of a pool; what a regional pool counts is a zone's.
fn nodes(settings: Settings, count: Known<f64>, sheet: &mut Sheet) -> Known<()> {
    let zones = settings.count("node_locations").map(|n| n.unwrap_or(1.0));
    let count = times(count, zones);
    let config = settings.block("node_config")?;
    let ty = match config {
        Some(config) => config.text("machine_type")?,
        None => None,
    };
    let ty = ty.unwrap_or_else(|| "e2-medium".to_owned());
    sheet.hourly("nodes", Ok(format!("compute-engine/{ty}")), count.clone());
    if let Some(config) = config {
        let gib = config.number("disk_size_gb")?.unwrap_or(100.0);
        let disk = config.text("disk_type")?.unwrap_or_else(|| "pd-balanced".to_owned());
        sheet.fixed("disks", Ok(format!("persistent-disk/{disk}")), times(Ok(gib), count));
    }
    Ok(())
}
