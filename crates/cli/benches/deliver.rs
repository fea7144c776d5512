//! How long the seven steps take in process, on the example and on applications of 50, 100 and 200 services.
//!
//! Nothing is written, so that the figures are the engine's and not the disk's; `benches/figures.sh` measures the
//! binary from outside. A run that the gate would refuse is a defect of the benchmark and stops it.

use std::hint::black_box;
use std::path::Path;

use criterion::{BenchmarkId, Criterion, Throughput};
use ir::{Diagnostics, MemoryWorld, OsWorld, SourceMap, World};
use mainstay::engine::{self, Delivery};
use mainstay::input;

#[path = "../../../xtask/src/spec.rs"]
mod spec;

fn main() {
    let mut criterion = Criterion::default().sample_size(10).configure_from_args();
    example(&mut criterion);
    growth(&mut criterion);
    criterion.final_summary();
}

fn example(criterion: &mut Criterion) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/shop");
    let world = OsWorld::default();
    criterion.bench_function("deliver/shop", |bencher| {
        bencher.iter(|| deliver(black_box(&world), black_box(&folder)));
    });
}

fn growth(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("deliver/services");
    for count in [50, 100, 200] {
        let folder = Path::new("big");
        let world = MemoryWorld::with([(folder.join("mainstay.yaml"), spec::spec(count))]);
        group.throughput(Throughput::Elements(count as u64));
        group.bench_with_input(BenchmarkId::from_parameter(count), &world, |bencher, world| {
            bencher.iter(|| deliver(black_box(world), folder));
        });
    }
    group.finish();
}

/// Everything up to the point where files would be written.
fn deliver(world: &dyn World, folder: &Path) -> Delivery {
    let mut sources = SourceMap::default();
    let (understood, said) = input::understand(world, folder, None, &[], &mut sources, &mut Vec::new());
    let understood = understood.unwrap_or_else(|| panic!("the input cannot be read: {said:?}"));
    let mut diagnostics = Diagnostics::new();
    let delivery = engine::deliver(understood, &mut diagnostics, &mut |_, _| {});
    let delivery = delivery.unwrap_or_else(|| panic!("the design was refused: {diagnostics:?}"));
    assert_eq!(engine::gate(&delivery), None);
    delivery
}
