//! Waiting for a CPU: the M/M/c queue.
//!
//! A utilisation target alone says nothing about latency: one CPU at 60 % makes requests wait far longer than
//! twenty do. Erlang's C formula says how long, so that small services get the copies they need and large
//! ones are not padded. Arrivals are taken as Poisson and CPU times as exponential, which is pessimistic for
//! most programs. Knows nothing of clouds.

/// Above so many servers at a stable load nobody waits long enough to matter, and the sum is not computed.
const MANY_SERVERS: u32 = 2000;

/// Probability that an arrival has to wait (Erlang C), for `servers` and the offered load in Erlangs (arrivals
/// a second times seconds of service). 1 when the load is more than the servers can do.
pub(crate) fn erlang_c(servers: u32, offered: f64) -> f64 {
    let c = f64::from(servers);
    if offered <= 0.0 {
        return 0.0;
    }
    if !offered.is_finite() || offered >= c {
        return 1.0;
    }
    let blocking = (1..=servers).fold(1.0, |b, k| {
        let load = offered * b;
        load / (f64::from(k) + load)
    });
    blocking / (1.0 - (offered / c) * (1.0 - blocking))
}

/// Seconds that a share `quantile` of arrivals wait at most, with a mean service time in seconds.
/// Infinite when the load is more than the servers can do.
pub(crate) fn wait_quantile(servers: u32, offered: f64, service_seconds: f64, quantile: f64) -> f64 {
    let c = f64::from(servers);
    if offered <= 0.0 {
        return 0.0;
    }
    if !offered.is_finite() || offered >= c {
        return f64::INFINITY;
    }
    if servers > MANY_SERVERS {
        return 0.0;
    }
    let waiting = erlang_c(servers, offered);
    let tail = (1.0 - quantile).max(f64::MIN_POSITIVE);
    if waiting <= tail { 0.0 } else { service_seconds * (waiting / tail).ln() / (c - offered) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn erlang_c_gives_the_textbook_values() {
        // One server: the probability of waiting is the utilisation. Two servers: 2 rho^2 / (1 + rho).
        for rho in [0.1, 0.5, 0.6, 0.9, 0.99] {
            assert!((erlang_c(1, rho) - rho).abs() < 1e-12, "{rho}");
            assert!((erlang_c(2, 2.0 * rho) - 2.0 * rho * rho / (1.0 + rho)).abs() < 1e-12, "{rho}");
        }
        // A call centre with 10 Erlangs and 14 agents: 0.1741 in the usual tables.
        assert!((erlang_c(14, 10.0) - 0.1741).abs() < 1e-4, "{}", erlang_c(14, 10.0));
        // Direct summation of the definition.
        for (c, a) in [(3_u32, 1.7), (8, 6.5), (20, 12.0)] {
            let mut term = 1.0;
            let mut sum = 1.0;
            for k in 1..c {
                term *= a / f64::from(k);
                sum += term;
            }
            let top = term * a / f64::from(c) * f64::from(c) / (f64::from(c) - a);
            assert!((erlang_c(c, a) - top / (sum + top)).abs() < 1e-12, "{c} {a}");
        }
    }

    #[test]
    fn edges_do_not_panic_and_mean_what_they_should() {
        assert_eq!(erlang_c(0, 1.0), 1.0);
        assert_eq!(erlang_c(3, 0.0), 0.0);
        assert_eq!(erlang_c(3, 3.0), 1.0);
        assert_eq!(erlang_c(3, f64::INFINITY), 1.0);
        assert_eq!(wait_quantile(1, 2.0, 1.0, 0.95), f64::INFINITY);
        assert_eq!(wait_quantile(u32::MAX, 10.0, 1.0, 0.95), 0.0);
    }

    #[test]
    fn one_server_waits_as_the_closed_form_says() {
        // P(W > t) = rho exp(-(1 - rho) t / s) solved for t.
        let expected = 0.01 * (0.6_f64 / 0.05).ln() / 0.4;
        assert!((wait_quantile(1, 0.6, 0.01, 0.95) - expected).abs() < 1e-12);
    }

    #[test]
    fn more_servers_never_wait_longer() {
        for offered in [0.3, 2.0, 9.5, 40.0] {
            let waits: Vec<f64> = (1..80).map(|c| wait_quantile(c, offered, 0.02, 0.95)).collect();
            assert!(waits.windows(2).all(|w| w[1] <= w[0]), "{offered}");
        }
    }
}
