//! Virtual machines and what runs on them: EC2, Auto Scaling groups, EKS and volumes.
//!
//! Instances are priced on demand, running Linux, which is what most of them do; Spot changes by the hour and dedicated
//! hardware is a contract, so both are said to be unpriced. Volumes are paid for by what is asked for. Must not
//! guess how many instances a group will have beyond what it says or somebody expects.

use ir::units::HOURS_A_MONTH;

use crate::billing::{Billing, Kinds, priced};
use crate::read::{Known, Settings};
use crate::sheet::{Sheet, Use};

pub(crate) const KINDS: Kinds = &[
    ("aws_instance", priced(instance)),
    ("aws_autoscaling_group", priced(group)),
    ("aws_ebs_volume", priced(volume)),
    ("aws_eks_cluster", priced(cluster)),
    ("aws_eks_node_group", priced(node_group)),
    ("aws_sagemaker_endpoint", priced(endpoint)),
    ("aws_autoscaling_attachment", Billing::Through("its group")),
    ("aws_autoscaling_policy", Billing::Free("scaling itself is not charged")),
    ("aws_autoscaling_schedule", Billing::Free("scaling itself is not charged")),
    ("aws_eip_association", Billing::Through("its address")),
    ("aws_eks_access_entry", Billing::Through("its cluster")),
    ("aws_eks_access_policy_association", Billing::Through("its cluster")),
    ("aws_eks_addon", Billing::Through("the nodes it runs on")),
    ("aws_eks_fargate_profile", Billing::Through("the pods that it places")),
    ("aws_eks_pod_identity_association", Billing::Through("its cluster")),
    ("aws_key_pair", Billing::Free("key pairs are not charged")),
    ("aws_launch_template", Billing::Through("the instances made from it")),
    ("aws_sagemaker_endpoint_configuration", Billing::Through("the endpoint that uses it")),
    ("aws_sagemaker_model", Billing::Through("the endpoint that uses it")),
    ("aws_volume_attachment", Billing::Through("its volume")),
];

/// Instance type of a node group that names none (Amazon EKS user guide, 2025).
const DEFAULT_NODE: &str = "t3.medium";
/// GiB of a node's volume where nothing is said (Amazon EKS user guide, 2025).
const DEFAULT_NODE_GIB: f64 = 20.0;
/// What every gp3 volume does without extra charge (Amazon EBS user guide, 2025).
const GP3_IOPS: f64 = 3000.0;
/// MiB a second of the same.
const GP3_THROUGHPUT: f64 = 125.0;

fn instance(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    let template = settings.block("launch_template")?.and_then(template_of);
    let from_template = |name| template.and_then(|t| t.text(name).transpose());
    let size = settings.text("instance_type").transpose().or_else(|| from_template("instance_type"));
    let size = size.unwrap_or_else(|| Err("`instance_type` is not set".to_owned()));
    if let Some(tenancy) = settings.text("tenancy")?.filter(|t| t != "default") {
        sheet.unpriced(format!("instances with `tenancy = {tenancy}` are priced by contract"));
    } else if settings.has("instance_market_options") {
        sheet.unpriced(SPOT);
    } else {
        sheet.hourly("instance (Linux)", size.map(|size| format!("ec2/{size}")), Ok(1.0));
    }
    for block in settings.blocks("root_block_device")?.into_iter().chain(settings.blocks("ebs_block_device")?)
    {
        disk(block, "volume_type", "volume_size", Ok(1.0), sheet);
    }
    Ok(())
}

const SPOT: &str = "Spot prices change by the hour";

/// The launch template that a block refers to.
fn template_of(block: Settings<'_>) -> Option<Settings<'_>> {
    block.referred("id").or_else(|| block.referred("name"))
}

fn group(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    let count = match sheet.expects("mean_instances") {
        true => sheet.expected(&Use::each("mean_instances", "instances")),
        false => settings
            .number("desired_capacity")
            .and_then(|n| n.map_or_else(|| settings.needed_number("min_size"), Ok)),
    };
    let mixed = settings.block("mixed_instances_policy")?;
    let block = match mixed {
        Some(policy) => {
            let launch = policy.needed_block("launch_template")?;
            let specification = launch.needed_block("launch_template_specification")?;
            specification
                .referred("launch_template_id")
                .or_else(|| specification.referred("launch_template_name"))
        }
        None => settings.needed_block("launch_template").map(template_of)?,
    };
    let template = block.ok_or("its launch template is not part of this stack")?;
    let size = template.needed_text("instance_type");
    let shares = mixed.map_or(Ok(None), |policy| policy.block("instances_distribution"))?;
    let on_demand = match shares {
        None => count.clone(),
        Some(shares) => {
            let base = shares.number("on_demand_base_capacity")?.unwrap_or(0.0);
            let share = shares.number("on_demand_percentage_above_base_capacity")?.unwrap_or(100.0) / 100.0;
            count.clone().map(|n| base.min(n) + (n - base).max(0.0) * share)
        }
    };
    let spot = matches!((&count, &on_demand), (Ok(all), Ok(paid)) if all > paid);
    sheet.hourly("instances (Linux)", size.map(|size| format!("ec2/{size}")), on_demand);
    if spot || template.has("instance_market_options") {
        sheet.unpriced(SPOT);
    }
    for mapping in template.blocks("block_device_mappings")? {
        if let Some(ebs) = mapping.block("ebs")? {
            disk(ebs, "volume_type", "volume_size", count.clone(), sheet);
        }
    }
    Ok(())
}

fn volume(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    disk(settings, "type", "size", Ok(1.0), sheet);
    Ok(())
}

/// The lines of some volumes of one sort. Without a type they are gp2, as the API makes them.
fn disk(settings: Settings, ty: &str, size: &str, count: Known<f64>, sheet: &mut Sheet) {
    let kind = settings.text(ty).map(|kind| kind.unwrap_or_else(|| "gp2".to_owned()));
    let times = |each: Known<f64>| each.and_then(|each| count.clone().map(|count| each * count));
    let gib = settings.needed_number(size).map_err(|_| "the volume is as large as its image".to_owned());
    sheet.fixed("storage", kind.clone().map(|kind| format!("ebs/{kind}-gb-month")), times(gib));
    let (Ok(kind), Ok(iops)) = (kind, settings.number("iops")) else { return };
    let free = if kind == "gp3" { GP3_IOPS } else { 0.0 };
    let paid = iops.map_or(0.0, |iops| (iops - free).max(0.0));
    if paid > 0.0 && kind != "gp2" {
        sheet.fixed("provisioned I/O", Ok(format!("ebs/{kind}-iops-month")), times(Ok(paid)));
    }
    let throughput = settings.number("throughput").ok().flatten().unwrap_or(0.0) - GP3_THROUGHPUT;
    if kind == "gp3" && throughput > 0.0 {
        sheet.fixed(
            "provisioned throughput",
            Ok("ebs/gp3-throughput-month".to_owned()),
            times(Ok(throughput)),
        );
    }
}

fn cluster(_: Settings, sheet: &mut Sheet) -> Known<()> {
    sheet.hourly("control plane", Ok("eks/cluster-hour".to_owned()), Ok(1.0));
    Ok(())
}

fn node_group(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    let count = match sheet.expects("mean_instances") {
        true => sheet.expected(&Use::each("mean_instances", "nodes")),
        false => settings.needed_block("scaling_config").and_then(|s| s.needed_number("desired_size")),
    };
    let template = settings.block("launch_template")?.and_then(template_of);
    let own = match settings.get("instance_types").and_then(|types| types.as_list()?.first()?.text()) {
        Some(first) => Ok(Some(first)),
        None if settings.has("instance_types") => {
            Err("`instance_types` is not known before it is applied".to_owned())
        }
        None => Ok(None),
    };
    let size = match (own?, template) {
        (Some(size), _) => size,
        (None, Some(template)) => template.text("instance_type")?.unwrap_or_else(|| DEFAULT_NODE.to_owned()),
        (None, None) => DEFAULT_NODE.to_owned(),
    };
    if settings.text("capacity_type")?.as_deref() == Some("SPOT") {
        sheet.unpriced(SPOT);
    } else {
        sheet.hourly("nodes (Linux)", Ok(format!("ec2/{size}")), count.clone());
    }
    if template.is_none() {
        let gib = settings.number("disk_size")?.unwrap_or(DEFAULT_NODE_GIB);
        sheet.fixed("storage", Ok("ebs/gp2-gb-month".to_owned()), count.map(|n| n * gib));
    }
    Ok(())
}

/// SageMaker has prices of its own for each instance, which are not known.
fn endpoint(settings: Settings, sheet: &mut Sheet) -> Known<()> {
    let configuration =
        settings.referred("endpoint_config_name").ok_or("its configuration is not part of this stack")?;
    for variant in configuration.blocks("production_variants")? {
        let size = variant.text("instance_type")?.unwrap_or_else(|| "serverless".to_owned());
        let hours = variant.number("initial_instance_count")?.unwrap_or(1.0) * HOURS_A_MONTH;
        sheet.unpriced(format!("no prices of SageMaker endpoints are known ({hours} hours of {size})"));
    }
    Ok(())
}
