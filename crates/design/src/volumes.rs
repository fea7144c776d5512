//! How the data of a database is stored: sizes that are sold, what they read and write a second, what is paid.
//!
//! One function a product, named by the tables of the clouds. Each makes a store as large as its data or its I/O asks
//! for, whichever is more, and says when nothing is large enough. Must not know machines.

use crate::cloud::{Rate, each};
use crate::databases::Need;

/// Storage of a database.
pub(crate) struct Volume {
    /// GiB at first.
    pub gib: u32,
    /// GiB that it may grow to.
    pub most: u32,
    /// I/O operations a second that are bought.
    pub iops: u32,
    /// What is paid a month beside backups, with quantities.
    pub paid: Vec<(Rate, f64)>,
    /// GiB-months of backups.
    pub backup: Rate,
    /// Why it does not hold or carry the data.
    pub broken: Option<String>,
}

/// GiB from which gp3 volumes of RDS come with the higher baseline (RDS user guide, gp3 storage, 2025).
const STRIPED_GIB: f64 = 400.0;

/// I/O operations a second that gp3 brings below and from [`STRIPED_GIB`], and at most.
const GP3_IOPS: (f64, f64, f64) = (3000.0, 12_000.0, 64_000.0);

/// GiB that one RDS volume or Aurora cluster may hold (RDS and Aurora quotas, 2025).
const MOST_GIB: (f64, f64) = (65_536.0, 131_072.0);

/// gp3: below 400 GiB the baseline is fixed, so a store that needs more is made larger; above, more can be bought.
pub(crate) fn rds(need: &Need, machines: f64) -> Volume {
    let (low, high, top) = GP3_IOPS;
    let io = need.peak_io();
    let gib = if io > low { need.storage_gib.max(STRIPED_GIB) } else { need.storage_gib };
    let iops = if io > high { io.ceil() as u32 } else { 0 };
    let broken = if gib > MOST_GIB.0 {
        Some(format!("{gib:.0} GiB are more than an RDS volume holds ({:.0})", MOST_GIB.0))
    } else if io > top {
        Some(format!("the peak takes {io:.0} I/O operations a second and a volume does {top:.0}"))
    } else {
        None
    };
    let gib = gib.ceil() as u32;
    let bought = (f64::from(iops) - high).max(0.0);
    Volume {
        gib,
        most: MOST_GIB.0 as u32,
        iops,
        paid: vec![
            (each("rds/gp3-gb-month"), f64::from(gib) * machines),
            (each("rds/gp3-iops-month"), bought * machines),
        ],
        backup: each("rds/backup-gb-month"),
        broken,
    }
}

/// Grows by itself and is paid by what it reads and writes.
pub(crate) fn aurora(need: &Need, _: f64) -> Volume {
    let gib = need.storage_gib;
    let broken = (gib > MOST_GIB.1)
        .then(|| format!("{gib:.0} GiB are more than an Aurora cluster holds ({:.0})", MOST_GIB.1));
    let gib = gib.ceil() as u32;
    Volume {
        gib,
        most: MOST_GIB.1 as u32,
        iops: 0,
        paid: vec![
            (each("aurora/storage-gb-month"), f64::from(gib)),
            (each("aurora/io-million"), need.io_millions()),
        ],
        backup: each("aurora/backup-gb-month"),
        broken,
    }
}

/// The same for DocumentDB.
pub(crate) fn documentdb(need: &Need, _: f64) -> Volume {
    let gib = need.storage_gib.ceil() as u32;
    Volume {
        gib,
        most: MOST_GIB.1 as u32,
        iops: 0,
        paid: vec![
            (each("docdb/storage-gb-month"), f64::from(gib)),
            (each("docdb/io-million"), need.io_millions()),
        ],
        backup: each("docdb/backup-gb-month"),
        broken: None,
    }
}

/// GiB of the disks of Azure Database for PostgreSQL, and their I/O operations a second (Azure Database for PostgreSQL
/// documentation, "Storage", Premium SSD, 2025; not verified).
const POSTGRES_DISKS: [(u32, f64); 11] = [
    (32, 120.0),
    (64, 240.0),
    (128, 500.0),
    (256, 1100.0),
    (512, 2300.0),
    (1024, 5000.0),
    (2048, 7500.0),
    (4096, 7500.0),
    (8192, 16_000.0),
    (16_384, 18_000.0),
    (32_767, 20_000.0),
];

/// The smallest disk that holds the data and carries its I/O.
pub(crate) fn flexible_postgres(need: &Need, machines: f64) -> Volume {
    let io = need.peak_io();
    let (largest, fastest) = POSTGRES_DISKS[POSTGRES_DISKS.len() - 1];
    let fits = |(gib, iops): &&(u32, f64)| f64::from(*gib) >= need.storage_gib && *iops >= io;
    let found = POSTGRES_DISKS.iter().find(fits).map(|(gib, _)| *gib);
    let broken = if need.storage_gib > f64::from(largest) {
        Some(format!("{:.0} GiB are more than a flexible server holds ({largest})", need.storage_gib))
    } else {
        found.is_none().then(|| {
            format!("the peak takes {io:.0} I/O operations a second and a flexible server does {fastest:.0}")
        })
    };
    let gib = found.unwrap_or(largest);
    Volume {
        gib,
        most: largest,
        iops: 0,
        paid: vec![(each("flexible-postgres/storage-gb-month"), f64::from(gib) * machines)],
        backup: each("flexible-postgres/backup-gb-month"),
        broken,
    }
}

/// GiB of a flexible server of MySQL at least and at most; I/O operations a second that each has, that a GiB adds, and
/// at most (Azure Database for MySQL documentation, "Storage", 2025; not verified).
const MYSQL_DISK: (f64, f64, f64, f64, f64) = (20.0, 16_384.0, 300.0, 3.0, 20_000.0);

/// I/O comes with the size: more of either is a larger disk.
pub(crate) fn flexible_mysql(need: &Need, machines: f64) -> Volume {
    let (least, most, base, each_gib, top) = MYSQL_DISK;
    by_size(
        need,
        "a flexible server",
        (least, most),
        (base, each_gib, top),
        |gib| vec![(each("flexible-mysql/storage-gb-month"), gib * machines)],
        each("flexible-mysql/backup-gb-month"),
    )
}

/// GiB of a Cloud SQL instance at least and at most, and I/O operations a second of a GiB of SSD and of a machine with
/// fewer than sixteen vCPUs (Cloud SQL and Compute Engine documentation, 2025; not verified).
const CLOUD_SQL_DISK: (f64, f64, f64, f64) = (10.0, 65_536.0, 30.0, 15_000.0);

/// The same on SSDs of Google Cloud.
pub(crate) fn cloud_sql(need: &Need, machines: f64) -> Volume {
    let (least, most, each_gib, top) = CLOUD_SQL_DISK;
    by_size(
        need,
        "a Cloud SQL instance",
        (least, most),
        (0.0, each_gib, top),
        |gib| vec![(each("cloud-sql/ssd-gb-month"), gib * machines)],
        each("cloud-sql/backup-gb-month"),
    )
}

/// A store whose I/O comes with its size.
fn by_size(
    need: &Need,
    what: &str,
    (least, most): (f64, f64),
    (base, each_gib, top): (f64, f64, f64),
    paid: impl Fn(f64) -> Vec<(Rate, f64)>,
    backup: Rate,
) -> Volume {
    let io = need.peak_io();
    let for_io = ((io - base) / each_gib).max(0.0);
    let gib = need.storage_gib.max(for_io).max(least).ceil();
    let broken = if need.storage_gib > most {
        Some(format!("{:.0} GiB are more than {what} holds ({most:.0})", need.storage_gib))
    } else {
        let does = top.min(base + most * each_gib);
        (io > does)
            .then(|| format!("the peak takes {io:.0} I/O operations a second and {what} does {does:.0}"))
    };
    let gib = gib.min(most);
    Volume { gib: gib as u32, most: most as u32, iops: 0, paid: paid(gib), backup, broken }
}

/// GiB that one Atlas cluster without shards holds (Atlas documentation, cluster tiers, 2025; not verified).
const ATLAS_GIB: f64 = 4096.0;

/// Members of a replica set: each holds everything.
const ATLAS_MEMBERS: f64 = 3.0;

/// Paid on every member.
pub(crate) fn atlas(need: &Need, _: f64) -> Volume {
    let broken = (need.storage_gib > ATLAS_GIB).then(|| {
        format!("{:.0} GiB are more than a cluster without shards holds ({ATLAS_GIB:.0})", need.storage_gib)
    });
    let gib = need.storage_gib.min(ATLAS_GIB).ceil();
    Volume {
        gib: gib as u32,
        most: ATLAS_GIB as u32,
        iops: 0,
        paid: vec![(each("atlas/storage-gb-month"), gib * ATLAS_MEMBERS)],
        backup: each("atlas/backup-gb-month"),
        broken,
    }
}
