//! Load to sizes and numbers of containers.
//!
//! A size is feasible when a copy's memory fits, the waiting that Erlang's formula gives stays inside the
//! latency objective, and the number of copies stays manageable. Among those the cheapest at the expected mean
//! wins. Knows load and task sizes; must not know services, environments or what they use.

use ir::units::{HOURS_A_MONTH, SECONDS_A_MONTH};

use crate::bill::Bill;
use crate::blueprint::{ContainersDesign, Paid, TaskSize};
use crate::cloud::{Cloud, Containers, Legal, Tariff, charge_any, size_hours};
use crate::decide::Candidate;
use crate::queueing::wait_quantile;
use crate::rules;

/// What one service has to do.
#[derive(Clone, Debug)]
pub(crate) struct Demand {
    /// Mean requests or messages a second.
    pub rate: f64,
    /// Peak as a multiple of the mean.
    pub peak: f64,
    /// CPU seconds of each.
    pub cpu_seconds: f64,
    /// MiB a copy needs, without headroom.
    pub memory_mib: f64,
    /// What else runs in a copy's task.
    pub beside: Beside,
    /// Smallest size of a copy, vCPUs.
    pub least_vcpus: f64,
    /// How long each may take on the CPU and waiting for it, and the share that must be faster.
    /// `None`: a queue holds what cannot be done at once.
    pub answer: Option<Answer>,
    /// Whether the autoscaler can see how much waits in a queue.
    pub backlog: bool,
    /// Zones to spread over; 1 where nobody depends on it.
    pub zones: u32,
    /// Copies that always run at least.
    pub least: u32,
    /// Copies that may run at most, when nothing says that more may run at once.
    pub most: Option<u32>,
}

/// What else runs in a task and is not the program's work.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Beside {
    /// vCPUs on average.
    pub vcpus: f64,
    /// MiB it may take.
    pub memory_mib: f64,
}

/// How fast an answer must be.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Answer {
    /// Seconds at a quantile.
    Within(f64, f64),
    /// Waiting at the 95th percentile stays below so many times the CPU time itself.
    WaitingAtMost(f64),
}

/// The least legal memory that holds `mib`, for a number of CPU units.
pub(crate) fn legal_memory(legal: &[Legal], cpu: u32, mib: f64) -> Option<u32> {
    legal.iter().filter(|l| l.cpu == cpu && f64::from(l.to) >= mib).find_map(|l| {
        let steps = ((mib - f64::from(l.from)) / f64::from(l.step)).ceil().max(0.0);
        let memory = l.from + steps as u32 * l.step;
        (memory <= l.to).then_some(memory)
    })
}

/// Every CPU size with the least memory that fits, and how many of it the demand takes, paid by one tariff.
pub(crate) fn tasks(
    demand: &Demand,
    cloud: &Cloud,
    region: &str,
    tariff: &Tariff,
) -> Vec<Candidate<ContainersDesign>> {
    let platform = &cloud.containers;
    let manageable = copies(demand, 16.0).max(rules::MANY_COPIES);
    let of = |cpu: &u32| candidate(demand, *cpu, platform, region, tariff, manageable);
    platform.cpus.iter().filter_map(of).collect()
}

fn candidate(
    demand: &Demand,
    cpu: u32,
    platform: &Containers,
    region: &str,
    tariff: &Tariff,
    manageable: u32,
) -> Option<Candidate<ContainersDesign>> {
    let needed = demand.memory_mib * rules::MEMORY_HEADROOM + demand.beside.memory_mib;
    let memory_mib = legal_memory(platform.legal, cpu, needed)?;
    let vcpus = f64::from(cpu) / 1024.0;
    let at_peak = copies(demand, vcpus);
    let (at_peak, slow) = quick_enough(demand, vcpus, at_peak);
    let fixed = demand.answer.is_none() && demand.most.is_none() && !platform.scales_readers;
    let least = survivors(demand, vcpus).max(demand.least).max(if fixed { at_peak } else { 0 });
    let headroom = if fixed { least } else { (f64::from(at_peak) * rules::PEAK_HEADROOM).ceil() as u32 };
    let most = demand.most.map_or(headroom.max(least), |m| m.max(least));
    let load = demand.rate * demand.cpu_seconds;
    let mean_tasks =
        (load / usable(demand, vcpus, rules::TARGET_CPU)).max(f64::from(least)).min(f64::from(most));
    let size = TaskSize { cpu, memory_mib, arm: tariff.arm };
    let a_minute = 60.0 * usable(demand, vcpus, rules::TARGET_CPU) / demand.cpu_seconds.max(1e-6);
    let backlog = a_minute * rules::BACKLOG_SECONDS / 60.0;
    let idle = tariff.paid == Paid::Answering && demand.zones < 2 && platform.scales_to_zero;
    let value = ContainersDesign {
        size,
        min: if idle { 0 } else { least },
        max: most,
        target_cpu: (rules::TARGET_CPU * 100.0) as u32,
        target_requests: demand.answer.filter(|_| demand.rate > 0.0).map(|_| (a_minute as u32).max(1)),
        target_backlog: (demand.backlog && platform.scales_readers).then_some((backlog as u32).max(1)),
        concurrency: demand
            .answer
            .filter(|_| demand.rate > 0.0)
            .map(|answer| open_requests(a_minute, answer)),
        spot: tariff.spot,
        paid: tariff.paid,
        mean_tasks,
        busy_tasks: demand.answer.map_or(mean_tasks, |a| (demand.rate * open_seconds(a)).min(mean_tasks)),
    };
    let bill = running(region, tariff, size, &value, demand);
    let (group, low) = (tariff.group, value.min);
    let name = format!("{group}, {low} to {most} tasks of {} vCPU and {} GiB", vcpus, gib(memory_mib));
    let short = demand.most.is_some_and(|m| at_peak > m.max(least));
    Some(
        Candidate::new(group, name, value, bill)
            .breaking(demand.least_vcpus > vcpus, || {
                format!("a copy needs {} vCPU and this has {vcpus}", demand.least_vcpus)
            })
            .breaking(slow.is_some(), || slow.clone().unwrap_or_default())
            .breaking(f64::from(most) > platform.most, || {
                format!("{most} tasks are more than a service may have")
            })
            .breaking(at_peak > manageable, || {
                format!("takes {at_peak} copies at peak, more than {manageable} to deploy and drain")
            })
            .breaking(short, || format!("the peak takes {at_peak} copies and at most {most} may run")),
    )
}

/// What running copies cost a month: those that answer, and those that wait where that costs less.
fn running(region: &str, tariff: &Tariff, size: TaskSize, tasks: &ContainersDesign, demand: &Demand) -> Bill {
    let mut bill = Bill::default();
    let waiting = tariff.waiting.filter(|_| demand.answer.is_some());
    let busy = if waiting.is_some() { tasks.busy_tasks } else { tasks.mean_tasks };
    size_hours(&mut bill, region, (tariff.vcpu, tariff.gib), size, busy * HOURS_A_MONTH);
    if let Some(rates) = waiting {
        size_hours(&mut bill, region, rates, size, (f64::from(tasks.min) - busy).max(0.0) * HOURS_A_MONTH);
    }
    let requests = if demand.answer.is_some() { demand.rate * SECONDS_A_MONTH } else { 0.0 };
    charge_any(&mut bill, region, tariff.requests, requests);
    bill
}

/// Requests that a copy has open at once when so many a minute take as long as they may (Little's law).
fn open_requests(a_minute: f64, answer: Answer) -> u32 {
    (a_minute / 60.0 * open_seconds(answer)).ceil().max(1.0) as u32
}

/// Seconds that a request is open.
fn open_seconds(answer: Answer) -> f64 {
    match answer {
        Answer::Within(seconds, _) => seconds,
        Answer::WaitingAtMost(_) => rules::ASSUMED_ANSWER_SECONDS,
    }
}

/// What task-hours of a size cost a month.
pub(crate) fn task_hours(region: &str, tariff: &Tariff, size: TaskSize, hours: f64) -> Bill {
    let mut bill = Bill::default();
    size_hours(&mut bill, region, (tariff.vcpu, tariff.gib), size, hours);
    bill
}

/// Copies that the peak takes at the target utilisation.
fn copies(demand: &Demand, vcpus: f64) -> u32 {
    let peak = demand.rate * demand.peak * demand.cpu_seconds;
    (peak / usable(demand, vcpus, rules::TARGET_CPU)).ceil().max(1.0) as u32
}

/// vCPUs of a task that are left for the program when so large a share of all may be used. Every legal size has far
/// more than what runs beside a program.
fn usable(demand: &Demand, vcpus: f64, share: f64) -> f64 {
    share * vcpus - demand.beside.vcpus
}

/// Adds copies until answers are quick enough; the reason why they cannot be, when they cannot.
fn quick_enough(demand: &Demand, vcpus: f64, start: u32) -> (u32, Option<String>) {
    let Some(answer) = demand.answer else { return (start, None) };
    // A request runs on one thread: more than one vCPU in a task serves more requests, not one faster.
    let service = demand.cpu_seconds / vcpus.min(1.0);
    let offered = demand.rate * demand.peak * service;
    if service <= 0.0 {
        return (start, None);
    }
    let (limit, quantile) = match answer {
        Answer::Within(seconds, quantile) => (seconds * rules::LATENCY_SHARE - service, quantile),
        Answer::WaitingAtMost(times) => (service * times, 0.95),
    };
    if limit <= 0.0 {
        let why = format!(
            "{:.0} ms of CPU take {:.0} ms on {vcpus} vCPU, too long for the latency objective",
            demand.cpu_seconds * 1000.0,
            service * 1000.0
        );
        return (start, Some(why));
    }
    let servers = |n: u32| (f64::from(n) * vcpus.max(1.0)) as u32;
    let mut n = start;
    while wait_quantile(servers(n), offered, service, quantile) > limit {
        n = n.saturating_add(1);
        if n > start.saturating_mul(4).saturating_add(16) {
            return (
                start,
                Some("no number of copies keeps waiting inside the latency objective".to_owned()),
            );
        }
    }
    (n, None)
}

/// Fewest copies so that the mean load still fits when one zone is away.
fn survivors(demand: &Demand, vcpus: f64) -> u32 {
    if demand.zones < 2 {
        return 1;
    }
    if demand.answer.is_none() {
        // A queue holds what a lost zone leaves until the autoscaler has caught up.
        return 2;
    }
    let load = demand.rate * demand.cpu_seconds;
    let needed = (load / usable(demand, vcpus, rules::SURVIVOR_CPU)).ceil().max(1.0);
    // With z zones, n copies keep n - ceil(n / z): the smallest n is needed * z / (z - 1), rounded up.
    let zones = f64::from(demand.zones);
    ((needed * zones / (zones - 1.0)).ceil() as u32).max(2)
}

/// MiB as GiB in words.
pub(crate) fn gib(mib: u32) -> String {
    let text = format!("{:.2}", f64::from(mib) / 1024.0);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cloud;
    use crate::decide::cheapest;
    use spec::Provider;

    fn on_fargate(demand: &Demand, region: &str) -> Vec<Candidate<ContainersDesign>> {
        let cloud = cloud::of(Provider::Aws);
        let tariff = cloud.containers.tariffs.iter().find(|t| t.arm && !t.spot).expect("is listed");
        tasks(demand, cloud, region, tariff)
    }

    fn demand(rate: f64, cpu_seconds: f64) -> Demand {
        Demand {
            rate,
            peak: 3.0,
            cpu_seconds,
            memory_mib: 300.0,
            beside: Beside::default(),
            least_vcpus: 0.0,
            answer: Some(Answer::Within(0.3, 0.95)),
            backlog: false,
            zones: 3,
            least: 1,
            most: None,
        }
    }

    #[test]
    fn every_legal_pair_is_reached_and_nothing_else() {
        let legal = cloud::of(Provider::Aws).containers.legal;
        assert_eq!(legal_memory(legal, 256, 0.0), Some(512));
        assert_eq!(legal_memory(legal, 256, 512.5), Some(1024));
        assert_eq!(legal_memory(legal, 256, 2049.0), None);
        assert_eq!(legal_memory(legal, 1024, 375.0), Some(2048));
        assert_eq!(legal_memory(legal, 8192, 16385.0), Some(20480));
        assert_eq!(legal_memory(legal, 16384, 122_880.0), Some(122_880));
        assert_eq!(legal_memory(legal, 16384, 122_881.0), None);
        assert_eq!(legal_memory(legal, 300, 1.0), None);
    }

    #[test]
    fn more_load_never_takes_fewer_cpus() {
        for cpu_seconds in [0.001, 0.006, 0.05, 0.12] {
            let mut last = (0.0, 0.0);
            for rate in [0.0, 0.5, 1.0, 5.0, 20.0, 80.0, 300.0, 800.0, 2000.0, 9000.0] {
                let Ok(verdict) = cheapest(on_fargate(&demand(rate, cpu_seconds), "eu-west-1")) else {
                    panic!("{rate} x {cpu_seconds} has no size")
                };
                let chosen = verdict.chosen.value;
                let vcpus = f64::from(chosen.size.cpu) / 1024.0;
                let now = (f64::from(chosen.max) * vcpus, chosen.mean_tasks * vcpus);
                let peak = rate * 3.0 * cpu_seconds;
                assert!(now.0 * rules::TARGET_CPU >= peak, "{rate} x {cpu_seconds}: {now:?} carry {peak}");
                assert!(now.1 >= last.1 - 1e-9, "{rate} x {cpu_seconds}: {now:?} after {last:?}");
                last = now;
            }
        }
    }

    #[test]
    fn a_lost_zone_leaves_enough_for_the_mean() {
        for rate in [1.0, 10.0, 100.0, 1000.0] {
            for found in on_fargate(&demand(rate, 0.01), "us-east-1") {
                let n = found.value.min;
                let left = f64::from(n - n.div_ceil(3)) * f64::from(found.value.size.cpu) / 1024.0;
                assert!(left * rules::SURVIVOR_CPU >= rate * 0.01, "{}", found.name);
                assert!(n >= 2);
            }
        }
    }

    #[test]
    fn absurd_loads_end_in_broken_constraints() {
        for (rate, cpu_seconds) in [(1e15, 1.0), (1.0, 1e9), (f64::MAX, f64::MAX), (0.0, 0.0)] {
            let found = on_fargate(&demand(rate, cpu_seconds), "us-east-1");
            assert!(rate == 0.0 || found.iter().all(|c| !c.feasible()), "{rate} {cpu_seconds}");
        }
    }

    #[test]
    fn a_tight_objective_refuses_slivers_of_a_cpu() {
        let tight = Demand { answer: Some(Answer::Within(0.1, 0.99)), ..demand(10.0, 0.02) };
        let found = on_fargate(&tight, "us-east-1");
        let sliver = found.iter().find(|c| c.value.size.cpu == 256).expect("listed");
        assert!(!sliver.feasible());
        assert!(found.iter().any(Candidate::feasible));
    }
}
