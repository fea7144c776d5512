//! Buckets, image repositories, file systems and backups.

use catalog::aws::{backup_vault as vault, ecr_repository as ecr, efs_file_system as efs, s3_bucket as s3};
use ir::NodeBuilder;

use crate::{assert_bill, one};

#[test]
fn a_bucket_costs_what_it_holds_and_answers() {
    let node = NodeBuilder::new("s", s3::KIND, "this").usage("storage_gib", 100.0);
    let node = node.usage("put_requests", 1e5).usage("get_requests", 1e6);
    assert_bill(&one(node), &[("storage", 2.3), ("writes", 0.5), ("reads", 0.4)], &[]);
    let silent = one(NodeBuilder::new("s", s3::KIND, "this"));
    assert_bill(&silent, &[], &["GiB stored", "number of writes", "number of reads"]);
}

#[test]
fn images_and_files_cost_what_they_take() {
    let images = NodeBuilder::new("i", ecr::KIND, "this").usage("storage_gib", 5.0);
    assert_bill(&one(images), &[("storage", 0.5)], &[]);
    let files = || NodeBuilder::new("f", efs::KIND, "this").usage("storage_gib", 10.0);
    assert_bill(&one(files()), &[("storage", 3.0)], &[]);
    let fast = files().set(efs::THROUGHPUT_MODE, "provisioned").set(efs::PROVISIONED_THROUGHPUT_IN_MIBPS, 4);
    assert_bill(&one(fast), &[("storage", 3.0), ("throughput", 24.0)], &[]);
    let one_zone = files().set(efs::AVAILABILITY_ZONE_NAME, "us-east-1a");
    assert_bill(&one(one_zone), &[], &["file systems in one zone"]);
}

#[test]
fn a_vault_costs_what_it_is_expected_to_hold() {
    let node = NodeBuilder::new("b", vault::KIND, "this").usage("s3_gib", 100.0).usage("rds_gib", 20.0);
    assert_bill(&one(node), &[("backups of databases", 1.9), ("backups of buckets", 5.0)], &[]);
    assert_bill(&one(NodeBuilder::new("b", vault::KIND, "this")), &[], &["GiB backed up"]);
}
