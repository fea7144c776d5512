//! Every key of the compose specification, and what becomes of it.
//!
//! The table is the promise that nothing is lost in silence: a key is used, or its row says why it has no place in
//! the cloud. A key without a row is a mistake in the file, reported with the nearest that exists. A test
//! compares the table with the published schema.
//! This module must not read values, except to see that a switch is off.

use indexmap::IndexMap;
use ir::yaml::{Data, Yaml};
use ir::{Diagnostic, Diagnostics};

use super::Note;

/// What becomes of a key.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// Read into the spec.
    Used,
    /// Means the same there, said differently.
    Changed(&'static str),
    /// Has no place there.
    Dropped(&'static str),
    /// Cannot be had there, and the program may rely on it: also a warning.
    Impossible(&'static str),
}
use Fate::{Changed, Dropped, Impossible, Used};

/// What stands under a key.
#[derive(Clone, Copy)]
enum Inside {
    /// A scalar, a list of scalars, or names and values that are the user's own.
    Free,
    /// A mapping with these keys, or a list of such mappings; scalars are a short form.
    Keys(&'static Scope),
    /// A mapping from the user's names to such mappings.
    Named(&'static Scope),
}
use Inside::{Free, Keys, Named};

type Row = (&'static str, Fate, Inside);

/// The keys of one place.
struct Scope {
    rows: &'static [&'static [Row]],
}

static ROOT: Scope = Scope {
    rows: &[&[
        ("version", Dropped("compose itself ignores it: the format has one version"), Free),
        ("name", Used, Free),
        ("include", Used, Keys(&INCLUDE)),
        ("services", Used, Named(&SERVICE)),
        ("jobs", Used, Named(&JOB)),
        (
            "networks",
            Changed("services reach each other by rules made from `uses`, so networks need no names"),
            Named(&NETWORK),
        ),
        ("volumes", Used, Named(&VOLUME)),
        ("secrets", Used, Named(&SECRET)),
        ("configs", Used, Named(&CONFIG)),
        (
            "models",
            Impossible("a model runner of one machine has no counterpart among the managed resources"),
            Named(&MODEL),
        ),
    ]],
};

static INCLUDE: Scope =
    Scope { rows: &[&[("path", Used, Free), ("env_file", Used, Free), ("project_directory", Used, Free)]] };

static SERVICE: Scope = Scope { rows: &[CONTAINER, WORKLOAD, SERVICE_ONLY] };
static JOB: Scope = Scope { rows: &[CONTAINER, WORKLOAD, JOB_ONLY] };
static HOOK_CONTAINER: Scope = Scope { rows: &[CONTAINER, &[("per_replica", Dropped(HOOKS), Free)]] };

const HOOKS: &str =
    "hooks run beside a container of one machine; run such a step as a service that others wait for";
const HOST_TUNING: &str = "belongs to the kernel of one machine, which is the platform's";
const PLATFORM_NETWORK: &str = "addresses and names inside the network are the platform's";
const BUILD_TOOL: &str = "belongs to the build on one machine; the pipeline builds images its own way";
const LAPTOP: &str = "only matters while developing on one machine";
const ISOLATION: &str = "containers do not share parts of a machine there";
const STATELESS: &str = "containers keep nothing there when they stop";

static CONTAINER: &[Row] = &[
    ("annotations", Dropped("speaks to tools of one machine"), Free),
    ("blkio_config", Dropped(HOST_TUNING), Keys(&BLKIO)),
    ("cap_add", Impossible("containers on a managed platform run without extra kernel capabilities"), Free),
    ("cap_drop", Changed("containers run with the least capabilities the platform offers"), Free),
    ("cgroup", Dropped(ISOLATION), Free),
    ("cgroup_parent", Dropped(ISOLATION), Free),
    ("command", Used, Free),
    ("configs", Used, Keys(&MOUNTED)),
    ("cpu_count", Dropped(HOST_TUNING), Free),
    ("cpu_percent", Dropped(HOST_TUNING), Free),
    ("cpu_shares", Dropped(HOST_TUNING), Free),
    ("cpu_quota", Dropped(HOST_TUNING), Free),
    ("cpu_period", Dropped(HOST_TUNING), Free),
    ("cpu_rt_period", Dropped(HOST_TUNING), Free),
    ("cpu_rt_runtime", Dropped(HOST_TUNING), Free),
    ("cpus", Used, Free),
    ("cpuset", Dropped(HOST_TUNING), Free),
    ("credential_spec", Impossible("it is a Windows account of one machine"), Keys(&CREDENTIAL)),
    ("device_cgroup_rules", Impossible("the platform has no devices of a machine to offer"), Free),
    ("devices", Impossible("the platform has no devices of a machine to offer"), Keys(&DEVICE)),
    ("dns", Dropped(PLATFORM_NETWORK), Free),
    ("dns_opt", Dropped(PLATFORM_NETWORK), Free),
    ("dns_search", Dropped(PLATFORM_NETWORK), Free),
    ("domainname", Dropped(PLATFORM_NETWORK), Free),
    ("entrypoint", Used, Free),
    ("env_file", Used, Keys(&ENV_FILE)),
    ("label_file", Dropped("labels speak to tools of one machine"), Free),
    ("environment", Used, Free),
    (
        "extra_hosts",
        Impossible("the platform writes the hosts file; give the program the address as a setting"),
        Free,
    ),
    (
        "gpus",
        Impossible("the spec has no accelerators; such a service needs a machine of its own"),
        Keys(&GPU),
    ),
    ("group_add", Dropped("groups of one machine mean nothing there; the image sets its user"), Free),
    ("hostname", Used, Free),
    ("image", Used, Free),
    ("init", Changed("the platform's own init process reaps the container's children"), Free),
    ("ipc", Dropped(ISOLATION), Free),
    ("isolation", Dropped(ISOLATION), Free),
    ("labels", Used, Free),
    ("logging", Dropped("logs go to the cloud's log store"), Keys(&LOGGING)),
    ("mac_address", Dropped(PLATFORM_NETWORK), Free),
    ("mem_limit", Used, Free),
    ("mem_reservation", Dropped("the designer sizes services from their load"), Free),
    ("mem_swappiness", Dropped(HOST_TUNING), Free),
    ("memswap_limit", Dropped(HOST_TUNING), Free),
    ("network_mode", Used, Free),
    (
        "models",
        Impossible("a model runner of one machine has no counterpart among the managed resources"),
        Named(&MODEL_USE),
    ),
    ("networks", Used, Named(&NETWORK_USE)),
    ("oom_kill_disable", Dropped(HOST_TUNING), Free),
    ("oom_score_adj", Dropped(HOST_TUNING), Free),
    ("pid", Impossible("containers do not share processes with a machine there"), Free),
    ("pids_limit", Dropped(HOST_TUNING), Free),
    ("platform", Dropped("the designer chooses the processor architecture"), Free),
    ("privileged", Impossible("containers on a managed platform cannot control their machine"), Free),
    ("pull_policy", Dropped("each deployment names the exact image"), Free),
    ("pull_refresh_after", Dropped("each deployment names the exact image"), Free),
    ("read_only", Dropped("the designer decides how the file system is mounted"), Free),
    ("runtime", Impossible("the platform chooses the container runtime"), Free),
    ("security_opt", Dropped("security profiles of one machine are the platform's"), Free),
    ("shm_size", Dropped(HOST_TUNING), Free),
    ("secrets", Used, Keys(&MOUNTED)),
    ("sysctls", Impossible("the kernel's parameters are the platform's"), Free),
    ("stop_grace_period", Dropped("the platform's own time to stop applies"), Free),
    (
        "stop_signal",
        Changed("set `STOPSIGNAL` in the image: the platform sends what the image asks for"),
        Free,
    ),
    ("storage_opt", Dropped(HOST_TUNING), Free),
    ("tmpfs", Changed("containers have a scratch disk of their own"), Free),
    ("ulimits", Dropped(HOST_TUNING), Named(&ULIMIT)),
    ("umask", Dropped("the image's own applies"), Free),
    ("use_api_socket", Impossible("there is no container engine to speak to"), Free),
    ("user", Dropped("set `USER` in the image"), Free),
    ("uts", Dropped(ISOLATION), Free),
    ("userns_mode", Dropped(ISOLATION), Free),
    ("volumes", Used, Keys(&MOUNT)),
    ("volumes_from", Impossible("containers share no disks there"), Free),
    ("working_dir", Dropped("set `WORKDIR` in the image"), Free),
];

static WORKLOAD: &[Row] = &[
    ("build", Used, Keys(&BUILD)),
    ("depends_on", Used, Named(&DEPENDS)),
    ("healthcheck", Used, Keys(&HEALTH)),
    ("ports", Used, Keys(&PORT)),
    ("expose", Used, Free),
    ("stdin_open", Dropped(LAPTOP), Free),
    ("tty", Dropped(LAPTOP), Free),
];

static SERVICE_ONLY: &[Row] = &[
    ("deploy", Used, Keys(&DEPLOY)),
    ("develop", Dropped(LAPTOP), Keys(&DEVELOP)),
    ("profiles", Used, Free),
    ("restart", Used, Free),
    ("scale", Used, Free),
    ("attach", Dropped(LAPTOP), Free),
    ("container_name", Used, Free),
    ("provider", Used, Keys(&PROVIDER)),
    ("extends", Used, Keys(&EXTENDS)),
    ("links", Used, Free),
    ("external_links", Impossible("it names a container that this application does not start"), Free),
    ("pre_start", Impossible(HOOKS), Keys(&HOOK_CONTAINER)),
    ("post_start", Impossible(HOOKS), Keys(&HOOK)),
    ("pre_stop", Impossible(HOOKS), Keys(&HOOK)),
];

static JOB_ONLY: &[Row] =
    &[("profiles", Used, Free), ("extends", Used, Keys(&EXTENDS)), ("triggers", Used, Keys(&TRIGGERS))];

static TRIGGERS: Scope = Scope { rows: &[&[("manual", Used, Free), ("schedule", Used, Keys(&SCHEDULE))]] };
static SCHEDULE: Scope = Scope {
    rows: &[&[
        ("cron", Used, Free),
        ("timezone", Used, Free),
        ("concurrency", Dropped("the platform starts each run on its own"), Free),
        ("missed_fires", Dropped("the platform's scheduler does not make up for missed runs"), Free),
    ]],
};
static EXTENDS: Scope = Scope { rows: &[&[("service", Used, Free), ("file", Used, Free)]] };
static PROVIDER: Scope = Scope { rows: &[&[("type", Used, Free), ("options", Used, Free)]] };
static HOOK: Scope = Scope {
    rows: &[&[
        ("command", Dropped(HOOKS), Free),
        ("user", Dropped(HOOKS), Free),
        ("privileged", Dropped(HOOKS), Free),
        ("working_dir", Dropped(HOOKS), Free),
        ("environment", Dropped(HOOKS), Free),
    ]],
};
static DEVELOP: Scope = Scope { rows: &[&[("watch", Dropped(LAPTOP), Keys(&WATCH))]] };
static WATCH: Scope = Scope {
    rows: &[&[
        ("path", Dropped(LAPTOP), Free),
        ("action", Dropped(LAPTOP), Free),
        ("target", Dropped(LAPTOP), Free),
        ("ignore", Dropped(LAPTOP), Free),
        ("include", Dropped(LAPTOP), Free),
        ("initial_sync", Dropped(LAPTOP), Free),
        ("exec", Dropped(LAPTOP), Keys(&HOOK)),
    ]],
};
static DEPLOY: Scope = Scope {
    rows: &[&[
        ("mode", Used, Free),
        ("endpoint_mode", Dropped(PLATFORM_NETWORK), Free),
        ("replicas", Used, Free),
        ("labels", Dropped("speaks to tools of one machine"), Free),
        ("rollback_config", Changed("deployments that fail are rolled back by the platform"), Keys(&UPDATE)),
        ("update_config", Changed("new versions are rolled out a few copies at a time"), Keys(&UPDATE)),
        ("resources", Used, Keys(&RESOURCES)),
        ("restart_policy", Used, Keys(&RESTART)),
        ("placement", Dropped("the designer places services in zones"), Keys(&PLACEMENT)),
    ]],
};
static UPDATE: Scope = Scope {
    rows: &[&[
        ("parallelism", Dropped("the platform paces deployments"), Free),
        ("delay", Dropped("the platform paces deployments"), Free),
        ("failure_action", Dropped("the platform paces deployments"), Free),
        ("monitor", Dropped("the platform paces deployments"), Free),
        ("max_failure_ratio", Dropped("the platform paces deployments"), Free),
        ("order", Dropped("the platform paces deployments"), Free),
    ]],
};
static RESOURCES: Scope = Scope {
    rows: &[&[
        ("limits", Used, Keys(&LIMITS)),
        ("reservations", Dropped("the designer sizes services from their load"), Keys(&RESERVATIONS)),
    ]],
};
static LIMITS: Scope =
    Scope { rows: &[&[("cpus", Used, Free), ("memory", Used, Free), ("pids", Dropped(HOST_TUNING), Free)]] };
static RESERVATIONS: Scope = Scope {
    rows: &[&[
        ("cpus", Dropped("the designer sizes services from their load"), Free),
        ("memory", Dropped("the designer sizes services from their load"), Free),
        ("generic_resources", Dropped("the designer sizes services from their load"), Keys(&GENERIC)),
        ("devices", Dropped("the platform has no devices of a machine to offer"), Keys(&GPU)),
    ]],
};
static GENERIC: Scope =
    Scope { rows: &[&[("discrete_resource_spec", Dropped(HOST_TUNING), Keys(&DISCRETE))]] };
static DISCRETE: Scope =
    Scope { rows: &[&[("kind", Dropped(HOST_TUNING), Free), ("value", Dropped(HOST_TUNING), Free)]] };
static RESTART: Scope = Scope {
    rows: &[&[
        ("condition", Used, Free),
        ("delay", Dropped("the platform restarts containers its own way"), Free),
        ("max_attempts", Dropped("the platform restarts containers its own way"), Free),
        ("window", Dropped("the platform restarts containers its own way"), Free),
    ]],
};
static PLACEMENT: Scope = Scope {
    rows: &[&[
        ("constraints", Dropped(HOST_TUNING), Free),
        ("preferences", Dropped(HOST_TUNING), Keys(&SPREAD)),
        ("max_replicas_per_node", Dropped(HOST_TUNING), Free),
    ]],
};
static SPREAD: Scope = Scope { rows: &[&[("spread", Dropped(HOST_TUNING), Free)]] };
static BUILD: Scope = Scope {
    rows: &[&[
        ("context", Used, Free),
        ("dockerfile", Used, Free),
        (
            "dockerfile_inline",
            Impossible("an image is built from a file: put these lines into a Dockerfile"),
            Free,
        ),
        ("entitlements", Impossible("the pipeline builds without extra rights"), Free),
        ("args", Used, Free),
        (
            "ssh",
            Impossible("the pipeline has no key of yours; fetch private code with a token of the pipeline's"),
            Free,
        ),
        ("labels", Dropped(BUILD_TOOL), Free),
        ("cache_from", Dropped("the pipeline has its own build cache"), Free),
        ("cache_to", Dropped("the pipeline has its own build cache"), Free),
        ("no_cache", Dropped(BUILD_TOOL), Free),
        ("no_cache_filter", Dropped(BUILD_TOOL), Free),
        (
            "additional_contexts",
            Impossible("the pipeline builds from one folder; copy what is needed into it"),
            Free,
        ),
        ("network", Dropped(BUILD_TOOL), Free),
        ("provenance", Dropped(BUILD_TOOL), Free),
        ("sbom", Dropped(BUILD_TOOL), Free),
        ("pull", Dropped(BUILD_TOOL), Free),
        ("target", Used, Free),
        ("shm_size", Dropped(BUILD_TOOL), Free),
        ("extra_hosts", Dropped(BUILD_TOOL), Free),
        ("isolation", Dropped(BUILD_TOOL), Free),
        ("privileged", Impossible("the pipeline builds without extra rights"), Free),
        (
            "secrets",
            Impossible("the pipeline must be given the secrets of the build by hand"),
            Keys(&MOUNTED),
        ),
        ("tags", Dropped("images are tagged by the commit they were built from"), Free),
        ("ulimits", Dropped(BUILD_TOOL), Named(&ULIMIT)),
        ("platforms", Dropped("the designer chooses the processor architecture"), Free),
    ]],
};
static ULIMIT: Scope =
    Scope { rows: &[&[("hard", Dropped(HOST_TUNING), Free), ("soft", Dropped(HOST_TUNING), Free)]] };
static DEPENDS: Scope = Scope {
    rows: &[&[
        ("condition", Used, Free),
        ("required", Used, Free),
        ("restart", Dropped("services there start and restart on their own"), Free),
    ]],
};
static HEALTH: Scope = Scope {
    rows: &[&[
        ("test", Used, Free),
        ("disable", Used, Free),
        ("interval", Dropped("the load balancer's own rhythm applies"), Free),
        ("retries", Dropped("the load balancer's own rhythm applies"), Free),
        ("timeout", Dropped("the load balancer's own rhythm applies"), Free),
        ("start_period", Dropped("the load balancer's own rhythm applies"), Free),
        ("start_interval", Dropped("the load balancer's own rhythm applies"), Free),
    ]],
};
static PORT: Scope = Scope {
    rows: &[&[
        ("name", Dropped(LAPTOP), Free),
        ("mode", Dropped("the load balancer spreads requests over all copies"), Free),
        ("host_ip", Used, Free),
        ("target", Used, Free),
        ("published", Used, Free),
        ("protocol", Used, Free),
        ("app_protocol", Used, Free),
    ]],
};
static MOUNT: Scope = Scope {
    rows: &[&[
        ("type", Used, Free),
        ("source", Used, Free),
        ("target", Used, Free),
        ("read_only", Used, Free),
        ("consistency", Dropped(LAPTOP), Free),
        ("bind", Dropped(LAPTOP), Keys(&BIND)),
        ("volume", Dropped(STATELESS), Keys(&MOUNTED_VOLUME)),
        ("tmpfs", Dropped(HOST_TUNING), Keys(&TMPFS)),
        (
            "image",
            Impossible("an image cannot be mounted into a container there; copy its files while building"),
            Keys(&SUBPATH),
        ),
    ]],
};
static BIND: Scope = Scope {
    rows: &[&[
        ("propagation", Dropped(LAPTOP), Free),
        ("create_host_path", Dropped(LAPTOP), Free),
        ("recursive", Dropped(LAPTOP), Free),
        ("selinux", Dropped(LAPTOP), Free),
    ]],
};
static MOUNTED_VOLUME: Scope = Scope {
    rows: &[&[
        ("labels", Dropped(STATELESS), Free),
        ("nocopy", Dropped(STATELESS), Free),
        ("subpath", Dropped(STATELESS), Free),
    ]],
};
static TMPFS: Scope =
    Scope { rows: &[&[("size", Dropped(HOST_TUNING), Free), ("mode", Dropped(HOST_TUNING), Free)]] };
static SUBPATH: Scope = Scope { rows: &[&[("subpath", Dropped(STATELESS), Free)]] };
static MOUNTED: Scope = Scope {
    rows: &[&[
        ("source", Used, Free),
        ("target", Used, Free),
        ("uid", Dropped("it is no file there"), Free),
        ("gid", Dropped("it is no file there"), Free),
        ("mode", Dropped("it is no file there"), Free),
    ]],
};
static CREDENTIAL: Scope = Scope {
    rows: &[&[
        ("config", Dropped(ISOLATION), Free),
        ("file", Dropped(ISOLATION), Free),
        ("registry", Dropped(ISOLATION), Free),
    ]],
};
static DEVICE: Scope = Scope {
    rows: &[&[
        ("source", Dropped(HOST_TUNING), Free),
        ("target", Dropped(HOST_TUNING), Free),
        ("permissions", Dropped(HOST_TUNING), Free),
    ]],
};
static GPU: Scope = Scope {
    rows: &[&[
        ("capabilities", Dropped(HOST_TUNING), Free),
        ("count", Dropped(HOST_TUNING), Free),
        ("device_ids", Dropped(HOST_TUNING), Free),
        ("driver", Dropped(HOST_TUNING), Free),
        ("options", Dropped(HOST_TUNING), Free),
    ]],
};
static BLKIO: Scope = Scope {
    rows: &[&[
        ("device_read_bps", Dropped(HOST_TUNING), Keys(&BLKIO_DEVICE)),
        ("device_read_iops", Dropped(HOST_TUNING), Keys(&BLKIO_DEVICE)),
        ("device_write_bps", Dropped(HOST_TUNING), Keys(&BLKIO_DEVICE)),
        ("device_write_iops", Dropped(HOST_TUNING), Keys(&BLKIO_DEVICE)),
        ("weight", Dropped(HOST_TUNING), Free),
        ("weight_device", Dropped(HOST_TUNING), Keys(&BLKIO_WEIGHT)),
    ]],
};
static BLKIO_DEVICE: Scope =
    Scope { rows: &[&[("path", Dropped(HOST_TUNING), Free), ("rate", Dropped(HOST_TUNING), Free)]] };
static BLKIO_WEIGHT: Scope =
    Scope { rows: &[&[("path", Dropped(HOST_TUNING), Free), ("weight", Dropped(HOST_TUNING), Free)]] };
static ENV_FILE: Scope =
    Scope { rows: &[&[("path", Used, Free), ("format", Used, Free), ("required", Used, Free)]] };
static LOGGING: Scope = Scope {
    rows: &[&[
        ("driver", Dropped("logs go to the cloud's log store"), Free),
        ("options", Dropped("logs go to the cloud's log store"), Free),
    ]],
};
static MODEL_USE: Scope = Scope {
    rows: &[&[("endpoint_var", Dropped(HOST_TUNING), Free), ("model_var", Dropped(HOST_TUNING), Free)]],
};
static NETWORK_USE: Scope = Scope {
    rows: &[&[
        ("aliases", Used, Free),
        ("interface_name", Dropped(PLATFORM_NETWORK), Free),
        ("ipv4_address", Dropped(PLATFORM_NETWORK), Free),
        ("ipv6_address", Dropped(PLATFORM_NETWORK), Free),
        ("link_local_ips", Dropped(PLATFORM_NETWORK), Free),
        ("mac_address", Dropped(PLATFORM_NETWORK), Free),
        ("driver_opts", Dropped(PLATFORM_NETWORK), Free),
        ("priority", Dropped(PLATFORM_NETWORK), Free),
        ("gw_priority", Dropped(PLATFORM_NETWORK), Free),
        ("use_service_name_alias", Dropped(PLATFORM_NETWORK), Free),
    ]],
};
static NETWORK: Scope = Scope {
    rows: &[&[
        ("name", Dropped(PLATFORM_NETWORK), Free),
        ("driver", Dropped(PLATFORM_NETWORK), Free),
        ("driver_opts", Dropped(PLATFORM_NETWORK), Free),
        ("ipam", Dropped(PLATFORM_NETWORK), Keys(&IPAM)),
        ("external", Dropped(PLATFORM_NETWORK), Keys(&EXTERNAL)),
        ("internal", Dropped(PLATFORM_NETWORK), Free),
        ("enable_ipv4", Dropped(PLATFORM_NETWORK), Free),
        ("enable_ipv6", Dropped(PLATFORM_NETWORK), Free),
        ("attachable", Dropped(PLATFORM_NETWORK), Free),
        ("labels", Dropped(PLATFORM_NETWORK), Free),
    ]],
};
static IPAM: Scope = Scope {
    rows: &[&[
        ("driver", Dropped(PLATFORM_NETWORK), Free),
        ("config", Dropped(PLATFORM_NETWORK), Keys(&SUBNET)),
        ("options", Dropped(PLATFORM_NETWORK), Free),
    ]],
};
static SUBNET: Scope = Scope {
    rows: &[&[
        ("subnet", Dropped(PLATFORM_NETWORK), Free),
        ("ip_range", Dropped(PLATFORM_NETWORK), Free),
        ("gateway", Dropped(PLATFORM_NETWORK), Free),
        ("aux_addresses", Dropped(PLATFORM_NETWORK), Free),
    ]],
};
static EXTERNAL: Scope = Scope { rows: &[&[("name", Dropped("it names a thing of one machine"), Free)]] };
static VOLUME: Scope = Scope {
    rows: &[&[
        ("name", Dropped(STATELESS), Free),
        ("driver", Dropped(STATELESS), Free),
        ("driver_opts", Dropped(STATELESS), Free),
        ("external", Dropped(STATELESS), Keys(&EXTERNAL)),
        ("labels", Dropped(STATELESS), Free),
    ]],
};
const STORED: &str = "the cloud's secret store holds it by its own name";
static SECRET: Scope = Scope {
    rows: &[&[
        ("name", Dropped(STORED), Free),
        ("environment", Used, Free),
        ("file", Used, Free),
        ("external", Used, Keys(&EXTERNAL)),
        ("labels", Dropped(STORED), Free),
        ("driver", Dropped(STORED), Free),
        ("driver_opts", Dropped(STORED), Free),
        ("template_driver", Dropped(STORED), Free),
    ]],
};
const MOUNTED_FILE: &str = "no file is mounted into a container there";
static CONFIG: Scope = Scope {
    rows: &[&[
        ("name", Dropped(MOUNTED_FILE), Free),
        ("content", Dropped(MOUNTED_FILE), Free),
        ("environment", Dropped(MOUNTED_FILE), Free),
        ("file", Dropped(MOUNTED_FILE), Free),
        ("external", Dropped(MOUNTED_FILE), Keys(&EXTERNAL)),
        ("labels", Dropped(MOUNTED_FILE), Free),
        ("template_driver", Dropped(MOUNTED_FILE), Free),
    ]],
};
static MODEL: Scope = Scope {
    rows: &[&[
        ("name", Dropped(ISOLATION), Free),
        ("model", Dropped(ISOLATION), Free),
        ("context_size", Dropped(ISOLATION), Free),
        ("runtime_flags", Dropped(ISOLATION), Free),
    ]],
};

/// What became of the keys that are not read.
pub(super) struct Fates {
    /// By pattern such as `services.*.logging`: the reason and the services.
    changed: IndexMap<String, (&'static str, Vec<String>)>,
    dropped: IndexMap<String, (&'static str, Vec<String>)>,
    /// What the program may rely on, by the service it concerns.
    warnings: Vec<(String, Diagnostic)>,
}

impl Fates {
    /// Warnings about what cannot be had, without those for services that are not deployed.
    pub(super) fn warn(&self, gone: &dyn Fn(&str) -> bool, diagnostics: &mut Diagnostics) {
        let concerned = self.warnings.iter().filter(|(owner, _)| !gone(owner));
        concerned.for_each(|(_, warning)| diagnostics.push(warning.clone()));
    }

    /// One note a pattern, naming the services it concerns and leaving out those that `gone` says are not deployed.
    pub(super) fn notes(&self, gone: &dyn Fn(&str) -> bool) -> (Vec<Note>, Vec<Note>) {
        let render = |fates: &IndexMap<String, (&'static str, Vec<String>)>| {
            let mut notes = Vec::new();
            for (pattern, (why, owners)) in fates {
                let owners: Vec<&str> = owners.iter().map(String::as_str).filter(|o| !gone(o)).collect();
                match owners.as_slice() {
                    [] => {}
                    [one] => notes.push(Note::new(pattern.replacen('*', one, 1), "not carried over", *why)),
                    many => notes.push(Note::new(
                        pattern.clone(),
                        format!("not carried over, for {}", listed(many)),
                        *why,
                    )),
                }
            }
            notes
        };
        (render(&self.changed), render(&self.dropped))
    }
}

fn listed(names: &[&str]) -> String {
    const SHOWN: usize = 6;
    let mut text = names.iter().take(SHOWN).copied().collect::<Vec<_>>().join(", ");
    if names.len() > SHOWN {
        text.push_str(&format!(" and {} more", names.len() - SHOWN));
    }
    text
}

/// Checks every key of a tree against the table and says what becomes of those that nothing reads.
pub(super) fn check(tree: &Yaml, diagnostics: &mut Diagnostics) -> Fates {
    let mut checker = Checker {
        fates: Fates { changed: IndexMap::new(), dropped: IndexMap::new(), warnings: Vec::new() },
        diagnostics,
    };
    checker.scope(tree, &ROOT, "", "", true);
    checker.fates
}

struct Checker<'a> {
    fates: Fates,
    diagnostics: &'a mut Diagnostics,
}

impl Checker<'_> {
    /// `pattern` is the way here with `*` for names; `owner` is the first such name; `tell` is off below a key
    /// whose own row already said what becomes of it.
    fn scope(&mut self, node: &Yaml, scope: &'static Scope, pattern: &str, owner: &str, tell: bool) {
        let Some(entries) = node.entries() else { return };
        for (key, value) in entries {
            if key.text.starts_with("x-") {
                continue;
            }
            let rows = || scope.rows.iter().flat_map(|rows| rows.iter());
            let Some((_, fate, inside)) = rows().find(|(name, ..)| *name == key.text) else {
                let known: Vec<&'static str> = rows().map(|(name, ..)| *name).collect();
                self.unknown(key, &known, pattern);
                continue;
            };
            let here = if pattern.is_empty() { key.text.clone() } else { format!("{pattern}.{}", key.text) };
            let tell_here = tell && !is_off(value);
            if tell_here {
                self.tell(*fate, &here, owner, key, value);
            }
            let below = tell_here && *fate == Used;
            match inside {
                Free => {}
                Keys(scope) => {
                    let items = value.items().unwrap_or(std::slice::from_ref(value));
                    items.iter().for_each(|item| self.scope(item, scope, &here, owner, below));
                }
                Named(scope) => {
                    for (name, named) in
                        value.entries().unwrap_or(&[]).iter().filter(|(n, _)| !n.text.starts_with("x-"))
                    {
                        let owner = if owner.is_empty() { name.text.as_str() } else { owner };
                        self.scope(named, scope, &format!("{here}.*"), owner, below);
                    }
                }
            }
        }
    }

    fn tell(&mut self, fate: Fate, pattern: &str, owner: &str, key: &ir::yaml::Key, value: &Yaml) {
        let (fates, why) = match fate {
            Used => return,
            Changed(why) => (&mut self.fates.changed, why),
            Dropped(why) => (&mut self.fates.dropped, why),
            Impossible(why) => {
                let summary = format!("`{}` cannot be had on a managed platform", key.text);
                let warning = Diagnostic::warning("compose-impossible", summary)
                    .at(key.span, "left out")
                    .because(format!("{}{}.", why[..1].to_uppercase(), &why[1..]))
                    .help("make sure that the program works without it");
                self.fates.warnings.push((owner.to_owned(), warning));
                (&mut self.fates.dropped, why)
            }
        };
        let owners = &mut fates.entry(pattern.to_owned()).or_insert((why, Vec::new())).1;
        let owner = if owner.is_empty() { value.what() } else { owner };
        if owners.last().map(String::as_str) != Some(owner) {
            owners.push(owner.to_owned());
        }
    }

    fn unknown(&mut self, key: &ir::yaml::Key, known: &[&'static str], pattern: &str) {
        let place = if pattern.is_empty() {
            "at the top of a compose file".to_owned()
        } else {
            format!("in `{pattern}`")
        };
        let mut diagnostic =
            Diagnostic::error("unknown-key", format!("compose knows no key `{}` {place}", key.text))
                .at(key.span, "not a key here")
                .help("remove it, or start its name with `x-` to keep it as a note of your own");
        if let Some(near) = ir::diagnostic::nearest(&key.text, known.iter().copied()) {
            diagnostic = diagnostic.help(format!("did you mean `{near}`?")).fix(key.span, near);
        }
        self.diagnostics.push(diagnostic);
    }
}

fn is_off(value: &Yaml) -> bool {
    match &value.data {
        Data::Null | Data::Bool(false) => true,
        Data::Str(text) => text.is_empty() || text == "false",
        Data::Seq(items) => items.is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value as Json;
    use std::collections::BTreeSet;

    /// The published schema, when it is at hand.
    fn schema() -> Option<Json> {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/facts/schemas/ci/compose-spec.json");
        let alternative =
            concat!(env!("CARGO_MANIFEST_DIR"), "/../../../../shared/facts/schemas/ci/compose-spec.json");
        let world = ir::OsWorld::default();
        let text =
            [path, alternative].into_iter().find_map(|p| ir::World::read_text(&world, p.as_ref()).ok());
        if text.is_none() {
            eprintln!("SKIPPED keys::tests: {path} is absent");
        }
        Some(serde_json::from_str(&text?).expect("a JSON document"))
    }

    /// Every path of the schema, `*` standing for a user's name and list items for their list.
    fn schema_paths(root: &Json, node: &Json, path: &str, open: &[String], out: &mut BTreeSet<String>) {
        if let Some(reference) = node["$ref"].as_str() {
            if !open.iter().any(|o| o == reference) {
                let open: Vec<String> = open.iter().cloned().chain([reference.to_owned()]).collect();
                let name = reference.rsplit('/').next().expect("a name");
                schema_paths(root, &root["$defs"][name], path, &open, out);
            }
            return;
        }
        for (key, value) in node["properties"].as_object().into_iter().flatten() {
            let below = format!("{path}.{key}");
            out.insert(below.clone());
            schema_paths(root, value, &below, open, out);
        }
        for (pattern, value) in node["patternProperties"].as_object().into_iter().flatten() {
            if pattern != "^x-" {
                schema_paths(root, value, &format!("{path}.*"), open, out);
            }
        }
        for choice in ["oneOf", "anyOf", "allOf"] {
            node[choice]
                .as_array()
                .into_iter()
                .flatten()
                .for_each(|n| schema_paths(root, n, path, open, out));
        }
        schema_paths_of(root, &node["items"], path, open, out);
    }

    fn schema_paths_of(root: &Json, node: &Json, path: &str, open: &[String], out: &mut BTreeSet<String>) {
        if node.is_object() {
            schema_paths(root, node, path, open, out);
        }
    }

    fn table_paths(scope: &'static Scope, path: &str, out: &mut BTreeSet<String>) {
        for (key, _, inside) in scope.rows.iter().flat_map(|rows| rows.iter()) {
            let below = format!("{path}.{key}");
            assert!(out.insert(below.clone()), "{below} stands twice");
            match inside {
                Free => {}
                Keys(scope) => table_paths(scope, &below, out),
                Named(scope) => table_paths(scope, &format!("{below}.*"), out),
            }
        }
    }

    #[test]
    fn the_table_holds_exactly_the_keys_of_the_schema() {
        let Some(schema) = schema() else { return };
        let (mut published, mut ours) = (BTreeSet::new(), BTreeSet::new());
        schema_paths(&schema, &schema, "", &[], &mut published);
        table_paths(&ROOT, "", &mut ours);
        let missing: Vec<_> = published.difference(&ours).collect();
        let invented: Vec<_> = ours.difference(&published).collect();
        assert!(missing.is_empty() && invented.is_empty(), "missing {missing:?}, invented {invented:?}");
        assert!(ours.len() > 500);
    }
}
