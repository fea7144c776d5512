//! Every key of `mainstay.yaml`, once.
//!
//! The reader checks files against this table, `mainstay schema` prints it as JSON Schema, and the reference
//! page is made from it. A key that is not here does not exist; a key that is here and not read fails a test.

use super::format::Format;

/// A mapping with known keys.
#[derive(Debug)]
pub struct Object {
    /// Name in the JSON Schema.
    pub name: &'static str,
    /// What it describes, one sentence.
    pub doc: &'static str,
    /// Its keys.
    pub keys: &'static [Key],
}

/// One key.
#[derive(Debug)]
pub struct Key {
    /// As written.
    pub name: &'static str,
    /// What it may hold.
    pub ty: Ty,
    /// Whether it must be there.
    pub required: bool,
    /// What it means, one sentence.
    pub doc: &'static str,
}

/// What a key may hold.
#[derive(Clone, Copy, Debug)]
pub enum Ty {
    /// A scalar in a format.
    Text(Format),
    /// `true` or `false`.
    Bool,
    /// One word of a list; the second list holds words of the plan that this version does not do yet.
    Word(&'static [&'static str], &'static [&'static str]),
    /// A list.
    List(&'static Ty),
    /// Any number of different values, in order.
    Set(&'static Ty),
    /// A mapping from names in a format.
    Map(Format, &'static Ty),
    /// A mapping with known keys.
    Object(&'static Object),
    /// The first of these that fits the shape.
    Either(&'static [Ty]),
}

const fn key(name: &'static str, ty: Ty, doc: &'static str) -> Key {
    Key { name, ty, required: false, doc }
}

const fn must(name: &'static str, ty: Ty, doc: &'static str) -> Key {
    Key { name, ty, required: true, doc }
}

const ANY: Ty = Ty::Text(Format::Any);
const PATH: Ty = Ty::Text(Format::Path);
const NAME: Ty = Ty::Text(Format::Name);
const COMMAND: Ty = Ty::Either(&[Ty::List(&ANY), ANY]);
const NOTHING: &[&str] = &[];

/// The whole file.
pub static SPEC: Object = Object {
    name: "spec",
    doc: "What an application needs; Mainstay designs, writes, checks and rehearses the rest.",
    keys: &[
        must("version", Ty::Text(Format::Version), "Version of this format: 1."),
        must("name", NAME, "Name of the application; begins the name of every resource."),
        key("owner", Ty::Text(Format::Email), "Who is told and who is paged."),
        key("cloud", Ty::Object(&CLOUD), "Where it runs."),
        key("budget", Ty::Text(Format::Money), "The most that all environments together may cost."),
        key("environments", Ty::Map(Format::Name, &Ty::Object(&ENVIRONMENT)), "Where it is deployed to."),
        must("services", Ty::Map(Format::Name, &Ty::Object(&SERVICE)), "The programs of the application."),
        key("resources", Ty::Map(Format::Name, &Ty::Object(&RESOURCE)), "The managed services it needs."),
        key(
            "secrets",
            Ty::Either(&[
                Ty::Set(&Ty::Text(Format::EnvName)),
                Ty::Map(Format::EnvName, &Ty::Object(&SECRET)),
            ]),
            "Names of the secrets that people put into the secret store; never a value.",
        ),
        key("deliver", Ty::Object(&DELIVER), "In which form the result is delivered."),
    ],
};

static CLOUD: Object = Object {
    name: "cloud",
    doc: "A cloud and its regions.",
    keys: &[
        key(
            "provider",
            Ty::Word(&["aws", "azure", "gcp", "any"], NOTHING),
            "Which cloud; `any` for the cheapest.",
        ),
        key(
            "regions",
            Ty::Set(&Ty::Text(Format::Region)),
            "The first one is home; others get copies of backups.",
        ),
    ],
};

static ENVIRONMENT: Object = Object {
    name: "environment",
    doc: "One place the application is deployed to.",
    keys: &[
        key("scale", Ty::Text(Format::Share), "Share of the load it carries."),
        key(
            "availability",
            Ty::Text(Format::Availability),
            "Share of time a public request must be answered.",
        ),
        key("rto", Ty::Text(Format::Duration), "Recovery time objective: how long a disaster may last."),
        key("rpo", Ty::Text(Format::Loss), "Recovery point objective: how much work a disaster may cost."),
        key("approvers", Ty::Set(&Ty::Text(Format::Any)), "Who must approve a deployment."),
    ],
};

static SERVICE: Object = Object {
    name: "service",
    doc: "One program: built here, an image, or a folder of files.",
    keys: &[
        key("build", Ty::Either(&[Ty::Object(&BUILD), PATH]), "Folder that the image is built from."),
        key("image", Ty::Text(Format::Image), "Image that somebody else builds."),
        key("static", PATH, "Folder of files that are served as they are."),
        key("port", Ty::Text(Format::Port), "Port it listens on."),
        key("protocol", Ty::Word(&["http", "grpc", "tcp"], NOTHING), "What it speaks on that port."),
        key("public", Ty::Bool, "Whether the internet may reach it."),
        key("host", Ty::Text(Format::Host), "Host name the world calls it by; implies `public`."),
        key("health", Ty::Text(Format::UrlPath), "Path that answers 200 when it is well."),
        key("load", Ty::Object(&LOAD), "How much it has to do."),
        key("slo", Ty::Object(&SLO), "What it promises."),
        key(
            "uses",
            Ty::Set(&Ty::Either(&[
                Ty::Map(Format::Any, &Ty::Word(&["read", "write", "read-write"], NOTHING)),
                ANY,
            ])),
            "Services, resources and secrets it needs; `{orders: write}` narrows the access.",
        ),
        key(
            "release",
            Ty::Word(&["rolling", "canary", "blue-green"], NOTHING),
            "How a new version reaches users.",
        ),
        key("schedule", Ty::Text(Format::Cron), "Runs then and ends, instead of all the time; UTC."),
        key("once", Ty::Bool, "Runs once at each deployment, before what uses it."),
        key(
            "env",
            Ty::Map(Format::SettingName, &Ty::Either(&[Ty::Text(Format::EnvValue), Ty::Bool])),
            "Settings; `${db.host}` names a fact, `${STRIPE_KEY}` a secret.",
        ),
        key("entrypoint", COMMAND, "Replaces the image's entry point."),
        key("command", COMMAND, "Replaces the image's command."),
        key("limits", Ty::Object(&LIMITS), "Sizes that are known to be right."),
    ],
};

static BUILD: Object = Object {
    name: "build",
    doc: "How an image is built.",
    keys: &[
        must("context", PATH, "Folder, relative to this file."),
        key("dockerfile", PATH, "Dockerfile, relative to the folder; without one, Mainstay writes it."),
        key("target", ANY, "Build stage."),
        key("args", Ty::Map(Format::EnvName, &ANY), "Build arguments; never secrets."),
    ],
};

static LOAD: Object = Object {
    name: "load",
    doc: "How much a service has to do, in production.",
    keys: &[
        key("requests", Ty::Text(Format::Rate), "Mean requests."),
        key("messages", Ty::Text(Format::Rate), "Mean messages."),
        key("peak", Ty::Text(Format::Multiple), "Peak as a multiple of the mean."),
        key("cpu", Ty::Text(Format::Duration), "CPU time a request or message."),
        key("memory", Ty::Text(Format::Size), "Memory a running copy needs."),
        key("response", Ty::Text(Format::Size), "Mean size of a response."),
        key("duration", Ty::Text(Format::Duration), "How long a scheduled run takes."),
    ],
};

static SLO: Object = Object {
    name: "slo",
    doc: "What a service promises.",
    keys: &[
        key("availability", Ty::Text(Format::Availability), "Share of requests that must not fail."),
        key("latency", Ty::Text(Format::Latency), "Latency at a quantile."),
    ],
};

static LIMITS: Object = Object {
    name: "limits",
    doc: "Sizes that somebody measured.",
    keys: &[
        key("cpus", Ty::Text(Format::Number), "vCPUs of one copy."),
        key("memory", Ty::Text(Format::Size), "Memory of one copy."),
        key("replicas", Ty::Text(Format::Count), "Copies that always run."),
    ],
};

static RESOURCE: Object = Object {
    name: "resource",
    doc: "One managed service.",
    keys: &[
        must(
            "type",
            Ty::Word(
                &[
                    "postgres",
                    "mysql",
                    "mongodb",
                    "redis",
                    "memcached",
                    "queue",
                    "topic",
                    "rabbitmq",
                    "kafka",
                    "opensearch",
                    "bucket",
                ],
                NOTHING,
            ),
            "What it is.",
        ),
        key("version", ANY, "Engine version."),
        key("storage", Ty::Text(Format::Size), "Data at rest."),
        key("size", Ty::Text(Format::Size), "Data at rest, of a bucket."),
        key("memory", Ty::Text(Format::Size), "Memory, of a cache."),
        key("load", Ty::Object(&RESOURCE_LOAD), "How much it has to do, in production."),
        key("retention", Ty::Text(Format::Duration), "How long messages are kept."),
        key("migrations", PATH, "Folder of migrations, run once at each deployment."),
        key("ordered", Ty::Bool, "Whether messages keep their order."),
        key("subscribers", Ty::Set(&ANY), "Queues that get a copy of each message of a topic."),
        key("database", Ty::Text(Format::Identifier), "Name of the database inside."),
        key("local", Ty::Text(Format::Image), "Image that stands in for it on a laptop."),
    ],
};

static RESOURCE_LOAD: Object = Object {
    name: "resource-load",
    doc: "How much a resource has to do.",
    keys: &[key("queries", Ty::Text(Format::Rate), "Mean queries.")],
};

static SECRET: Object = Object {
    name: "secret",
    doc: "A secret that people put into the secret store.",
    keys: &[key("note", ANY, "What is known about it; never its value.")],
};

static DELIVER: Object = Object {
    name: "deliver",
    doc: "In which form the result is delivered.",
    keys: &[
        key(
            "iac",
            Ty::Word(&["terraform", "terragrunt", "cloudformation", "pulumi", "bicep", "arm"], &["cdk"]),
            "Language of the infrastructure code.",
        ),
        key(
            "runtime",
            Ty::Word(
                &["auto", "ecs", "lambda", "container-apps", "cloud-run"],
                &["ec2", "kubernetes", "app-service", "functions", "swarm", "compose"],
            ),
            "What services run on.",
        ),
        key(
            "ci",
            Ty::Word(&["github-actions"], &["azure-devops", "jenkins", "gitlab", "circleci", "travis"]),
            "The pipeline's system.",
        ),
        key(
            "observability",
            Ty::Set(&Ty::Word(
                &["opentelemetry", "prometheus", "grafana", "cloud"],
                &["loki", "jaeger", "elk"],
            )),
            "What watches it; the cloud's own alarms are always there.",
        ),
        key("secrets", Ty::Word(&["cloud"], &["vault", "doppler", "dotenv-vault"]), "Where secrets live."),
    ],
};
