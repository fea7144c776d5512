//! How long a large Terraform repository takes to read: 1,000 files of 30 lines, from the disk to graphs.
//!
//! One root calls 199 modules of five files each, passes outputs between them, and repeats resources in every way that
//! there is. `cargo bench --package dialect`.
#![allow(clippy::disallowed_methods, reason = "the input stands on a disk")]

use std::fmt::Write as _;
use std::hint::black_box;
use std::path::Path;

use criterion::{Criterion, Throughput};
use dialect::{Options, Place, Reading};
use ir::OsWorld;

/// Modules that the root calls.
const MODULES: usize = 199;
/// Files of the repository.
const FILES: usize = 5 * MODULES + 5;

fn main() {
    let folder = std::env::temp_dir().join(format!("mainstay-bench-{}", std::process::id()));
    let lines = write(&folder);
    let mut criterion = Criterion::default().sample_size(10).configure_from_args();
    let mut group = criterion.benchmark_group("read_terraform");
    group.throughput(Throughput::Elements(lines));
    group.bench_function("1000_files", |bencher| bencher.iter(|| read(black_box(&folder))));
    group.finish();
    criterion.final_summary();
    std::fs::remove_dir_all(&folder).expect("the folder was made");
}

fn read(folder: &Path) -> Reading {
    let options = Options::default();
    let place = Place { world: &OsWorld::default(), root: folder, options: &options };
    let (reading, diagnostics) = dialect::terraform::read::read(&place);
    assert!(diagnostics.is_empty(), "{:?}", diagnostics.iter().next());
    assert_eq!(reading.counts.files, FILES);
    reading
}

/// Writes the repository and returns how many lines it has.
fn write(folder: &Path) -> u64 {
    let mut lines = 0;
    let mut add = |path: String, text: String| {
        lines += text.lines().count() as u64;
        let path = folder.join(path);
        std::fs::create_dir_all(path.parent().expect("in the folder")).expect("a folder can be made");
        std::fs::write(path, text).expect("a file can be written");
    };
    let calls: Vec<String> = (0..MODULES).map(call).collect();
    for (i, calls) in calls.chunks(MODULES.div_ceil(5)).enumerate() {
        add(format!("services_{i}.tf"), calls.concat());
    }
    for i in 0..MODULES {
        for (name, text) in module(i) {
            add(format!("modules/service_{i}/{name}.tf"), text);
        }
    }
    lines
}

fn call(i: usize) -> String {
    let before = match i {
        0 => "null".to_owned(),
        i => format!("module.service_{}.topic_arn", i - 1),
    };
    let zones = r#"["eu-west-1a", "eu-west-1b", "eu-west-1c"]"#;
    format!(
        "module \"service_{i}\" {{\n  source = \"./modules/service_{i}\"\n  name   = \"service-{i}\"\n  zones  = {zones}\n  \
         topic  = {before}\n  tags = {{\n    Team = \"team-{}\"\n  }}\n}}\n\n",
        i % 7
    )
}

fn module(i: usize) -> [(&'static str, String); 5] {
    let variables = "variable \"name\" {\n  type = string\n}\n\nvariable \"zones\" {\n  type = list(string)\n}\n\n\
        variable \"topic\" {\n  type    = string\n  default = null\n}\n\nvariable \"tags\" {\n  type    = map(string)\n  default = {}\n}\n\n\
        variable \"ports\" {\n  type = list(object({\n    port  = number\n    cidrs = optional(list(string), [\"10.0.0.0/8\"])\n  }))\n  \
        default = [{ port = 80 }, { port = 443 }]\n}\n\nlocals {\n  tags = merge(var.tags, { Name = var.name })\n}\n";
    let network = format!(
        "resource \"aws_vpc\" \"this\" {{\n  cidr_block = cidrsubnet(\"10.0.0.0/8\", 8, {})\n  tags       = local.tags\n}}\n\n\
         resource \"aws_subnet\" \"this\" {{\n  for_each          = toset(var.zones)\n  vpc_id            = aws_vpc.this.id\n  \
         availability_zone = each.key\n  cidr_block        = cidrsubnet(aws_vpc.this.cidr_block, 4, index(var.zones, each.key))\n  \
         tags              = merge(local.tags, {{ Name = \"${{var.name}}-${{each.key}}\" }})\n}}\n\n\
         resource \"aws_security_group\" \"this\" {{\n  name   = \"${{var.name}}-sg\"\n  vpc_id = aws_vpc.this.id\n  \
         dynamic \"ingress\" {{\n    for_each = var.ports\n    content {{\n      from_port   = ingress.value.port\n      \
         to_port     = ingress.value.port\n      protocol    = \"tcp\"\n      cidr_blocks = ingress.value.cidrs\n    }}\n  }}\n  tags = local.tags\n}}\n",
        i % 256
    );
    let rights = "data \"aws_iam_policy_document\" \"this\" {\n  statement {\n    actions   = [\"sns:Publish\"]\n    \
        resources = compact([aws_sns_topic.this.arn, var.topic])\n  }\n}\n\nresource \"aws_iam_role\" \"this\" {\n  name = var.name\n  \
        assume_role_policy = jsonencode({\n    Version = \"2012-10-17\"\n    Statement = [{\n      Effect    = \"Allow\"\n      \
        Action    = \"sts:AssumeRole\"\n      Principal = { Service = \"ecs-tasks.amazonaws.com\" }\n    }]\n  })\n}\n\n\
        resource \"aws_iam_role_policy\" \"this\" {\n  name   = \"this\"\n  role   = aws_iam_role.this.id\n  \
        policy = data.aws_iam_policy_document.this.json\n}\n"
        .to_owned();
    let mut queues = String::new();
    for queue in 0..5 {
        let _ = write!(
            queues,
            "resource \"aws_sqs_queue\" \"q{queue}\" {{\n  count                     = 2\n  name                      = \
             \"${{var.name}}-q{queue}-${{count.index}}\"\n  message_retention_seconds = {queue} == 0 ? 86400 : 1209600\n  \
             kms_master_key_id         = \"alias/aws/sqs\"\n  tags                      = local.tags\n}}\n\n"
        );
    }
    let outputs = "resource \"aws_sns_topic\" \"this\" {\n  name = var.name\n  tags = local.tags\n}\n\n\
        output \"topic_arn\" {\n  value = aws_sns_topic.this.arn\n}\n\noutput \"subnet_ids\" {\n  value = [for s in aws_subnet.this : s.id]\n}\n\n\
        output \"queue_arns\" {\n  value = concat(aws_sqs_queue.q0[*].arn, aws_sqs_queue.q1[*].arn)\n}\n"
        .to_owned();
    [
        ("variables", variables.to_owned()),
        ("network", network),
        ("rights", rights),
        ("queues", queues),
        ("outputs", outputs),
    ]
}
