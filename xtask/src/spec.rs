//! A `mainstay.yaml` with any number of services, for benchmarks: a mix of what real applications have.
//!
//! The chore prints it and the benchmarks read it in process, so that both measure the same. It knows neither.

use std::fmt::Write;

/// One in ten is public, one in five reads a queue, one in twenty runs at night; every ten share a database, a
/// cache, a queue and a bucket.
pub fn spec(count: usize) -> String {
    let mut services = String::new();
    let mut resources = String::new();
    for n in 0..count {
        let group = n / 10;
        if n % 10 == 0 {
            let _ = write!(
                resources,
                "  db-{group}: {{ type: postgres, storage: 50GiB, load: {{ queries: 400/s }} }}\n  \
                 cache-{group}: {{ type: redis, memory: 1GiB }}\n  \
                 queue-{group}: {{ type: queue }}\n  \
                 files-{group}: {{ type: bucket, size: 100GiB }}\n"
            );
        }
        let load = 20 + (n * 37) % 400;
        let line = match n % 20 {
            19 => format!("image: example/job-{n}:1.0, schedule: \"{} 3 * * *\", uses: [db-{group}]", n % 60),
            3 | 8 | 13 | 17 => format!(
                "image: example/worker-{n}:1.0, uses: [queue-{group}, db-{group}], load: {{ messages: {load}/s, cpu: 10ms }}"
            ),
            0 | 10 => format!(
                "image: example/web-{n}:1.0, port: 8080, public: true, host: s{n}.shop.example, health: /healthz, \
                 slo: {{ availability: 99.9%, latency: 300ms@p95 }}, uses: [cache-{group}, files-{group}], \
                 load: {{ requests: {load}/s, cpu: 8ms, memory: 256MiB }}"
            ),
            _ => format!(
                "image: example/api-{n}:1.0, port: 8080, health: /healthz, uses: [db-{group}, cache-{group}], \
                 load: {{ requests: {load}/s, cpu: 5ms, memory: 200MiB }}"
            ),
        };
        let _ = writeln!(services, "  svc-{n}: {{ {line} }}");
    }
    format!(
        "version: 1\nname: big\nowner: platform@shop.example\ncloud: {{ provider: aws, regions: [eu-west-1] }}\n\
         environments:\n  staging: {{ scale: 10% }}\n  production: {{ availability: 99.5% }}\n\
         services:\n{services}resources:\n{resources}"
    )
}
