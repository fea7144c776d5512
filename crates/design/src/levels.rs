//! Which level of availability each part must have, at the lowest cost.
//!
//! A part has several forms, each dearer one promising more; a demand names parts and how much they may lose together.
//! Exact for one demand; several that share parts settle by turns, each counting what the others pay as free, which a
//! test holds against all combinations. Knows levels and cents, and neither paths nor services.

use std::collections::BTreeMap;

use ir::Availability;

use crate::decide::Candidate;

/// Rounding of levels must not decide: one part in a thousand million.
pub(crate) const EPSILON: f64 = 1e-9;

/// That what some resources lose together fits into a room.
#[derive(Debug)]
pub(crate) struct Demand {
    /// Places among all resources, in order.
    pub resources: Vec<usize>,
    /// What they may lose together, as [`loss`] counts it.
    pub room: f64,
}

/// One level for each resource that somebody asks something of. Each demand in turn takes what is cheapest for it when
/// what the others have taken is free, until nobody changes anything; each change makes the whole cheaper.
pub(crate) fn shared_levels(options: &[Vec<Form>], demands: &[Demand]) -> Vec<Option<Availability>> {
    let mut taken: Vec<BTreeMap<usize, usize>> = vec![BTreeMap::new(); demands.len()];
    loop {
        let mut changed = false;
        for (at, demand) in demands.iter().enumerate() {
            let others = |resource: usize| {
                let held = taken.iter().enumerate().filter(|(other, _)| *other != at);
                held.filter_map(|(_, forms)| forms.get(&resource)).max().copied()
            };
            let least: Vec<Option<usize>> = demand.resources.iter().map(|r| others(*r)).collect();
            let open: Vec<Vec<Form>> = demand
                .resources
                .iter()
                .zip(&least)
                .map(|(resource, least)| beyond(&options[*resource], *least))
                .collect();
            let found = cheapest_combination(open.iter().map(Vec::as_slice), demand.room)
                .expect("a demand that nothing meets is never made, and others only raise levels");
            let found = demand.resources.iter().zip(&least).zip(found);
            let next: BTreeMap<usize, usize> = found
                .filter_map(|((resource, least), form)| Some((*resource, form? + least.unwrap_or(0))))
                .collect();
            let cost = |own: &BTreeMap<usize, usize>| -> i64 {
                let more = demand.resources.iter().zip(&least).map(|(resource, least)| {
                    let cents = |form: &usize| options[*resource][*form].cents;
                    let own = own.get(resource).map_or(0, cents);
                    (own - least.as_ref().map_or(0, cents)).max(0)
                });
                more.fold(0, i64::saturating_add)
            };
            if taken[at].len() != next.len() || cost(&next) < cost(&taken[at]) {
                taken[at] = next;
                changed = true;
            }
        }
        if !changed {
            break;
        }
    }
    let most = |resource: usize| taken.iter().filter_map(|forms| forms.get(&resource)).max();
    let level = |(resource, forms): (usize, &Vec<Form>)| most(resource).map(|form| forms[*form].level);
    options.iter().enumerate().map(level).collect()
}

/// The forms from the one that others have taken on, each with what it costs more than that.
fn beyond(forms: &[Form], taken: Option<usize>) -> Vec<Form> {
    let free = taken.map_or(0, |at| forms[at].cents);
    forms[taken.unwrap_or(0)..].iter().map(|f| Form { cents: f.cents - free, ..*f }).collect()
}

/// A level that a resource can have, and the least it costs, in cents.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Form {
    /// Share of a month.
    pub level: Availability,
    /// Cents a month.
    pub cents: i64,
}

/// The forms worth considering: each dearer one promises more.
pub(crate) fn forms<T>(candidates: &[Candidate<T>]) -> Vec<Form> {
    let mut found: Vec<Form> = candidates
        .iter()
        .filter(|c| c.feasible())
        .filter_map(|c| c.uptime.as_ref().map(|u| Form { level: u.share(), cents: c.bill.rank() }))
        .collect();
    found.sort_by(|a, b| a.cents.cmp(&b.cents).then(b.level.0.total_cmp(&a.level.0)));
    let mut best = f64::NEG_INFINITY;
    found.retain(|form| {
        let better = form.level.0 > best;
        best = best.max(form.level.0);
        better
    });
    found
}

/// What a level gives away, so that products become sums.
pub(crate) fn loss(level: Availability) -> f64 {
    -level.0.max(f64::MIN_POSITIVE).ln()
}

/// A way to have come so far: cost, loss, and the step before.
#[derive(Clone, Copy)]
struct State {
    cents: i64,
    loss: f64,
    before: usize,
    form: usize,
}

/// The place of one form for each resource so that the losses fit into `room`, at the least cost; `None` when nothing
/// fits. A resource without a published level has no say and gets none. Dynamic programming over the resources; states
/// that cost more and lose more than another are dropped, so the number of distinct levels bounds the work.
pub(crate) fn cheapest_combination<'f>(
    options: impl DoubleEndedIterator<Item = &'f [Form]> + Clone,
    room: f64,
) -> Option<Vec<Option<usize>>> {
    if room < 0.0 {
        return None;
    }
    let mut layers = vec![vec![State { cents: 0, loss: 0.0, before: 0, form: 0 }]];
    for forms in options.clone().filter(|f| !f.is_empty()) {
        let last = layers.last().expect("starts with one layer");
        let mut next: Vec<State> = Vec::with_capacity(last.len() * forms.len());
        for (before, state) in last.iter().enumerate() {
            next.extend(forms.iter().enumerate().map(|(form, f)| State {
                cents: state.cents.saturating_add(f.cents),
                loss: state.loss + loss(f.level),
                before,
                form,
            }));
        }
        next.retain(|s| s.loss <= room);
        next.sort_by(|a, b| a.cents.cmp(&b.cents).then(a.loss.total_cmp(&b.loss)));
        let mut least = f64::INFINITY;
        next.retain(|s| {
            let better = s.loss < least - EPSILON;
            least = least.min(s.loss);
            better
        });
        layers.push(next);
    }
    let mut at = 0;
    layers.last().expect("starts with one layer").first()?;
    let mut layer = layers.len();
    let mut chosen = Vec::new();
    for forms in options.rev() {
        if forms.is_empty() {
            chosen.push(None);
            continue;
        }
        layer -= 1;
        let state = layers[layer][at];
        chosen.push(Some(state.form));
        at = state.before;
    }
    chosen.reverse();
    Some(chosen)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::uptime::Level;

    fn form(level: f64, cents: i64) -> Form {
        Form { level: Availability(level), cents }
    }

    #[test]
    fn the_combination_is_the_cheapest_that_fits_by_brute_force() {
        let options = [
            vec![form(0.995, 100), form(0.9995, 220), form(0.9999, 300)],
            vec![form(0.995, 50), form(0.9999, 90)],
            vec![],
            vec![form(0.99, 10), form(0.999, 500), form(0.9999, 900)],
        ];
        for target in [0.9, 0.98, 0.985, 0.99, 0.994, 0.998, 0.999, 0.9994, 0.9997, 0.99999] {
            let room = loss(Availability(target)) + EPSILON;
            let mut best: Option<i64> = None;
            for a in &options[0] {
                for b in &options[1] {
                    for c in &options[3] {
                        if loss(a.level) + loss(b.level) + loss(c.level) <= room {
                            let cents = a.cents + b.cents + c.cents;
                            best = Some(best.map_or(cents, |held| held.min(cents)));
                        }
                    }
                }
            }
            let found = cheapest_combination(options.iter().map(Vec::as_slice), room);
            let cost = found.map(|taken| {
                assert_eq!(taken[2], None);
                let cents = |at: usize| options[at][taken[at].expect("has forms")].cents;
                cents(0) + cents(1) + cents(3)
            });
            assert_eq!(cost, best, "{target}");
        }
    }

    #[test]
    fn nothing_fits_into_less_than_no_room() {
        assert!(cheapest_combination(std::iter::empty(), -1.0).is_none());
        assert_eq!(cheapest_combination(std::iter::empty(), 0.0), Some(Vec::new()));
    }

    /// Numbers below `most` that differ from run to run of the generator and never from run to run of the test.
    fn numbers(mut state: u64) -> impl FnMut(usize) -> usize {
        move |most| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize % most
        }
    }

    /// The least that any combination costs that meets every demand, by trying all.
    fn exhaustive(options: &[Vec<Form>], demands: &[Demand]) -> Option<i64> {
        let wanted = |at: &usize| demands.iter().any(|d| d.resources.contains(at));
        let sizes: Vec<usize> = options.iter().map(Vec::len).collect();
        let all = sizes.iter().product::<usize>();
        let combination = |mut number: usize| -> Vec<usize> {
            let digit = |size: &usize| {
                let digit = number % size;
                number /= size;
                digit
            };
            sizes.iter().map(digit).collect()
        };
        let meets = |forms: &Vec<usize>| {
            demands.iter().all(|d| {
                d.resources.iter().map(|r| loss(options[*r][forms[*r]].level)).sum::<f64>() <= d.room
            })
        };
        let cost = |forms: Vec<usize>| -> i64 {
            (0..forms.len()).filter(wanted).map(|at| options[at][forms[at]].cents).sum()
        };
        (0..all).map(combination).filter(meets).map(cost).min()
    }

    #[test]
    fn demands_that_share_parts_are_met_nearly_as_cheaply_as_can_be() {
        let mut next = numbers(7);
        let (mut met, mut exact, mut paid, mut least) = (0, 0, 0, 0);
        for _ in 0..2000 {
            let options: Vec<Vec<Form>> = (0..4)
                .map(|_| {
                    let dear = 100 + next(900) as i64;
                    vec![form(0.995, dear), form(0.9995, dear * 2), form(0.9999, dear * 5)]
                })
                .collect();
            let demands: Vec<Demand> = (0..3)
                .map(|_| {
                    let resources: Vec<usize> = (0..4).filter(|_| next(2) == 0).collect();
                    let target = [0.98, 0.99, 0.995, 0.998, 0.999][next(5)];
                    Demand { resources, room: loss(Availability(target)) + EPSILON }
                })
                .collect();
            let Some(best) = exhaustive(&options, &demands) else { continue };
            let levels = shared_levels(&options, &demands);
            for demand in &demands {
                let lost: f64 =
                    demand.resources.iter().map(|r| loss(levels[*r].expect("asked something of"))).sum();
                assert!(lost <= demand.room, "{demands:?} {levels:?}");
            }
            let cents = |(at, level): (usize, &Option<Availability>)| {
                level.map_or(0, |l| options[at].iter().find(|f| f.level == l).expect("a form").cents)
            };
            let cost: i64 = levels.iter().enumerate().map(cents).sum();
            assert!(cost >= best);
            (met, paid, least) = (met + 1, paid + cost, least + best);
            exact += usize::from(cost == best);
        }
        assert!(met > 1000 && exact * 100 >= met * 97, "{exact} of {met} are the cheapest");
        assert!(paid * 1000 <= least * 1005, "{paid} cents where {least} were enough");
    }

    #[test]
    fn dearer_forms_that_promise_no_more_are_dropped() {
        let level = |share: f64| Some(catalog_level(share));
        let mut all: Vec<Candidate<()>> = Vec::new();
        for (share, cost) in [(0.995, 10.0), (0.995, 5.0), (0.9999, 20.0), (0.999, 30.0)] {
            let mut c = Candidate::new("g", "c", (), crate::bill::Bill::of(cost));
            c.uptime = level(share);
            all.push(c);
        }
        let kept: Vec<i64> = forms(&all).iter().map(|f| f.cents).collect();
        assert_eq!(kept, [500, 2000]);
    }

    fn catalog_level(share: f64) -> Level {
        Level::of(catalog::Sla {
            uptime: Availability(share),
            evidence: catalog::Evidence::Official,
            source: "a test",
            date: "2025",
        })
    }
}
