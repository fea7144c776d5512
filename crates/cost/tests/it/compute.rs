//! Containers and functions.

use catalog::aws::{
    cloudwatch_event_target as event_target, ecs_cluster, ecs_cluster_capacity_providers as providers,
    ecs_service as service, ecs_task_definition as task, lambda_function as function,
    scheduler_schedule as schedule,
};
use ir::key::Handle;
use ir::{Block, Graph, NodeBuilder, Value};

use crate::{MONTH, assert_bill, in_region, of, one};

fn definition(graph: &mut Graph, cpu: &str, memory: &str, arch: &str) -> Handle<task::M> {
    let platform = Block::new().set(task::runtime_platform::CPU_ARCHITECTURE, arch);
    graph.add(
        NodeBuilder::new("web", task::KIND, "this")
            .set(task::CPU, cpu)
            .set(task::MEMORY, memory)
            .block(task::RUNTIME_PLATFORM, platform),
    )
}

fn provider(name: &str, base: i64, weight: i64) -> Block<service::capacity_provider_strategy::M> {
    use service::capacity_provider_strategy as s;
    Block::new().set(s::CAPACITY_PROVIDER, name).set(s::BASE, base).set(s::WEIGHT, weight)
}

fn of_task(definition: &Handle<task::M>) -> NodeBuilder<service::M> {
    NodeBuilder::new("web", service::KIND, "this").set(service::TASK_DEFINITION, definition.get(task::ARN))
}

#[test]
fn a_service_costs_its_desired_tasks() {
    let mut graph = Graph::new();
    let task = definition(&mut graph, "512", "1024", "ARM64");
    graph.add(of_task(&task).set(service::LAUNCH_TYPE, "FARGATE").set(service::DESIRED_COUNT, 2));
    let bill = of(graph);
    let hours = 2.0 * MONTH;
    assert_bill(&bill, &[("vCPU", 0.5 * 0.03238 * hours), ("memory", 0.00356 * hours)], &[]);
    assert!(bill.lines.iter().all(|l| !l.usage));
    assert_eq!(bill.free, 1, "the task definition");
}

#[test]
fn the_tasks_expected_win_over_those_desired_and_are_use() {
    let mut graph = Graph::new();
    let task = definition(&mut graph, "1 vCPU", "2 GB", "X86_64");
    let node = of_task(&task).set(service::LAUNCH_TYPE, "FARGATE").set(service::DESIRED_COUNT, 2);
    graph.add(node.usage("mean_tasks", 3.5));
    let bill = of(graph);
    let hours = 3.5 * MONTH;
    assert_bill(&bill, &[("vCPU", 0.04048 * hours), ("memory", 2.0 * 0.004445 * hours)], &[]);
    assert!(bill.lines.iter().all(|l| l.usage));
}

#[test]
fn a_strategy_fills_its_base_and_spreads_the_rest_by_weight() {
    let mut graph = Graph::new();
    let task = definition(&mut graph, "1024", "1024", "ARM64");
    graph.add(
        of_task(&task)
            .set(service::DESIRED_COUNT, 6)
            .block(service::CAPACITY_PROVIDER_STRATEGY, provider("FARGATE", 2, 1))
            .block(service::CAPACITY_PROVIDER_STRATEGY, provider("FARGATE_SPOT", 0, 3)),
    );
    // Two by base, then one and three of the remaining four.
    assert_bill(
        &of(graph),
        &[
            ("vCPU", 3.0 * 0.03238 * MONTH),
            ("memory", 3.0 * 0.00356 * MONTH),
            ("vCPU (Spot)", 3.0 * 0.009714 * MONTH),
            ("memory (Spot)", 3.0 * 0.001068 * MONTH),
        ],
        &[],
    );
}

#[test]
fn a_silent_service_runs_as_its_cluster_says() {
    use providers::default_capacity_provider_strategy as default;
    let mut graph = Graph::new();
    let cluster = graph.add(NodeBuilder::new("cluster", ecs_cluster::KIND, "this"));
    let strategy = Block::new().set(default::CAPACITY_PROVIDER, "FARGATE_SPOT").set(default::WEIGHT, 1);
    graph.add(
        NodeBuilder::new("cluster", providers::KIND, "this")
            .set(providers::CLUSTER_NAME, cluster.get(ecs_cluster::NAME))
            .block(providers::DEFAULT_CAPACITY_PROVIDER_STRATEGY, strategy),
    );
    let task = definition(&mut graph, "1024", "1024", "ARM64");
    let node = of_task(&task).set(service::DESIRED_COUNT, 1);
    graph.add(node.set(service::CLUSTER, cluster.get(ecs_cluster::ARN)));
    let lines = [("vCPU (Spot)", 0.009714 * MONTH), ("memory (Spot)", 0.001068 * MONTH)];
    assert_bill(&of(graph), &lines, &[]);
}

#[test]
fn storage_beyond_the_free_part_is_charged() {
    let mut graph = Graph::new();
    let ephemeral = Block::new().set(task::ephemeral_storage::SIZE_IN_GIB, 50);
    let task = graph.add(
        NodeBuilder::new("web", task::KIND, "this")
            .set(task::CPU, 256)
            .set(task::MEMORY, 512)
            .block(task::EPHEMERAL_STORAGE, ephemeral),
    );
    graph.add(of_task(&task).set(service::LAUNCH_TYPE, "FARGATE").set(service::DESIRED_COUNT, 1));
    assert_bill(
        &of(graph),
        &[
            ("vCPU", 0.25 * 0.04048 * MONTH),
            ("memory", 0.5 * 0.004445 * MONTH),
            ("ephemeral storage", 30.0 * 0.000111 * MONTH),
        ],
        &[],
    );
}

#[test]
fn what_a_service_leaves_open_is_said() {
    let mut graph = Graph::new();
    let task = definition(&mut graph, "512", "1024", "ARM64");
    graph.add(of_task(&task).set(service::LAUNCH_TYPE, "FARGATE"));
    assert_bill(&of(graph), &[], &["`desired_count` is not set"]);

    let mut graph = Graph::new();
    let task = definition(&mut graph, "512", "1024", "ARM64");
    graph.add(of_task(&task).set(service::DESIRED_COUNT, 1));
    assert_bill(&of(graph), &[], &["tasks on `EC2` are paid for through its instances"]);

    let mut graph = Graph::new();
    let task = definition(&mut graph, "half", "1024", "RISCV");
    graph.add(of_task(&task).set(service::LAUNCH_TYPE, "FARGATE").set(service::DESIRED_COUNT, 1));
    let reasons = ["RISCV", "`cpu` is `half`", "RISCV"];
    assert_bill(&of(graph), &[], &reasons);

    let node = NodeBuilder::new("web", service::KIND, "this").set(service::TASK_DEFINITION, "web:7");
    assert_bill(&one(node), &[], &["does not refer to a task definition"]);
}

#[test]
fn no_tasks_cost_nothing_and_absurd_counts_are_refused() {
    for (count, lines, reasons) in [
        (0.0, vec![("vCPU", 0.0), ("memory", 0.0)], vec![]),
        (-1.0, vec![], vec!["vCPU: -", "memory: -"]),
        (f64::NAN, vec![], vec!["vCPU: NaN", "memory: NaN"]),
        (f64::INFINITY, vec![], vec!["vCPU: inf", "memory: inf"]),
    ] {
        let mut graph = Graph::new();
        let task = definition(&mut graph, "1024", "1024", "ARM64");
        graph.add(of_task(&task).set(service::LAUNCH_TYPE, "FARGATE").usage("mean_tasks", count));
        assert_bill(&of(graph), &lines, &reasons);
    }
}

#[test]
fn a_schedule_costs_its_task_hours() {
    use schedule::target;
    use target::ecs_parameters as ecs;
    let build = |hours: Option<f64>| {
        let mut graph = Graph::new();
        let task = definition(&mut graph, "1024", "2048", "ARM64");
        let parameters =
            Block::new().set(ecs::TASK_DEFINITION_ARN, task.get(task::ARN)).set(ecs::LAUNCH_TYPE, "FARGATE");
        let mut node = NodeBuilder::new("cron", schedule::KIND, "this")
            .block(schedule::TARGET, Block::new().block(target::ECS_PARAMETERS, parameters));
        if let Some(hours) = hours {
            node = node.usage("task_hours", hours).usage("runs", 2e6);
        }
        graph.add(node);
        of(graph)
    };
    let lines = [("runs", 2.0), ("vCPU", 10.0 * 0.03238), ("memory", 20.0 * 0.00356)];
    assert_bill(&build(Some(10.0)), &lines, &[]);
    assert_bill(&build(None), &[], &["depends on use: the number of task hours a month is not known"]);
}

#[test]
fn an_event_costs_the_task_it_starts_and_nothing_otherwise() {
    use event_target::ecs_target as ecs;
    let mut graph = Graph::new();
    let task = definition(&mut graph, "1024", "1024", "ARM64");
    let target =
        Block::new().set(ecs::TASK_DEFINITION_ARN, task.get(task::ARN)).set(ecs::LAUNCH_TYPE, "FARGATE");
    let node = NodeBuilder::new("cron", event_target::KIND, "task").block(event_target::ECS_TARGET, target);
    graph.add(node.usage("task_hours", 1.0));
    graph.add(NodeBuilder::new("cron", event_target::KIND, "topic"));
    assert_bill(&of(graph), &[("vCPU", 0.03238), ("memory", 0.00356)], &[]);
}

#[test]
fn a_function_costs_its_requests_and_duration() {
    let node = || {
        NodeBuilder::new("f", function::KIND, "this").usage("requests", 3e6).usage("gb_seconds", 100_000.0)
    };
    assert_bill(&one(node()), &[("requests", 0.6), ("duration", 1.66667)], &[]);
    let arm = node().set(function::ARCHITECTURES, Value::list(["arm64"]));
    assert_bill(&one(arm), &[("requests", 0.6), ("duration", 1.33334)], &[]);
    let silent = NodeBuilder::new("f", function::KIND, "this");
    assert_bill(&one(silent), &[], &["number of requests", "number of GB-seconds"]);
}

#[test]
fn a_cluster_is_free_until_it_is_watched() {
    let setting = |value: &str| {
        let block = Block::new().set(ecs_cluster::setting::NAME, "containerInsights");
        let block = block.set(ecs_cluster::setting::VALUE, value);
        NodeBuilder::new("c", ecs_cluster::KIND, "this").block(ecs_cluster::SETTING, block)
    };
    assert_eq!(one(setting("disabled")).free, 1);
    assert_bill(&one(setting("enhanced")), &[], &["Container Insights"]);
    let metrics = one(setting("enabled").usage("metrics", 40.0));
    assert_bill(&metrics, &[("Container Insights", 12.0)], &[]);
}

#[test]
fn a_region_has_its_own_price_or_a_derived_one_or_none() {
    let build = || {
        let mut graph = Graph::new();
        let task = definition(&mut graph, "1024", "1024", "ARM64");
        graph.add(of_task(&task).set(service::LAUNCH_TYPE, "FARGATE").set(service::DESIRED_COUNT, 1));
        graph
    };
    let frankfurt = in_region(build(), "eu-central-1");
    assert_bill(&frankfurt, &[("vCPU", 0.03725 * MONTH), ("memory", 0.00409 * MONTH)], &[]);
    let paris = in_region(build(), "eu-west-3");
    assert!(paris.lines.iter().all(|l| l.evidence == catalog::Evidence::Derived));
    let nowhere = in_region(build(), "moon-1");
    assert_bill(&nowhere, &[], &["no price of `fargate/vcpu-arm`", "no price of `fargate/gb-arm`"]);
}
