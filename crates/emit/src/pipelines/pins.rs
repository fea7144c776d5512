//! The actions that workflows use, each pinned to one commit.
//!
//! A tag can be moved by whoever owns the action, a commit cannot. Every row was found in public workflows beside
//! its version on the date below; a commit that was not seen there is not used.

use super::languages::Language;

/// One action.
#[derive(Debug)]
pub struct Pin {
    /// Owner and name.
    pub action: &'static str,
    /// Version that the commit is tagged with.
    pub version: &'static str,
    /// The whole commit hash.
    pub commit: &'static str,
}

/// When and where the rows were verified.
pub const VERIFIED: &str = "2026-11-23, public workflows that pin the same commit with the same version";

/// Terraform that plans and applies: at least what the roots require.
/// Source: <https://releases.hashicorp.com/terraform/1.11.4/>, run against the roots on 2026-11-23.
pub const TERRAFORM: &str = "1.11.4";

macro_rules! pins {
    ($($name:ident = $action:literal $version:literal $commit:literal;)*) => {
        $(#[doc = concat!("`", $action, "` ", $version)]
        pub static $name: Pin = Pin { action: $action, version: $version, commit: $commit };)*
        /// Every action.
        pub static PINS: &[&Pin] = &[$(&$name),*];
    };
}

pins! {
    CHECKOUT = "actions/checkout" "v4.2.2" "11bd71901bbe5b1630ceea73d27597364c9af683";
    CREDENTIALS = "aws-actions/configure-aws-credentials" "v4.1.0" "ececac1a45f3b08a01d2dd070d28d111c5fe6722";
    ECR_LOGIN = "aws-actions/amazon-ecr-login" "v2.0.1" "062b18b96a7aff071d4dc91bc00c4c1a7945b076";
    SETUP_TERRAFORM = "hashicorp/setup-terraform" "v3.1.2" "b9cd54a3c349d3f38e8881555d616ced269862dd";
    SETUP_QEMU = "docker/setup-qemu-action" "v3.6.0" "29109295f81e9208d7d86ff1c6c12d2833863392";
    SETUP_BUILDX = "docker/setup-buildx-action" "v3.10.0" "b5ca514318bd6ebac0fb2aedd5d36ec1b5c232a2";
    BUILD_PUSH = "docker/build-push-action" "v6.18.0" "263435318d21b8e681c14492fe198d362a7d2c83";
    SETUP_NODE = "actions/setup-node" "v4.4.0" "49933ea5288caeca8642d1e84afbd3f7d6820020";
    SETUP_PYTHON = "actions/setup-python" "v5.6.0" "a26af69be951a213d495a4c3e4e4022e16d87065";
    SETUP_GO = "actions/setup-go" "v5.5.0" "d35c59abb061a4a6fb18e82ac0862c26744d6ab5";
    SETUP_JAVA = "actions/setup-java" "v4.7.1" "c5195efecf7bdfc987ee8bae7a71cb8b11521c00";
    UPLOAD = "actions/upload-artifact" "v4.6.2" "ea165f8d65b6e75b540449e92b4886f43607fa02";
    DOWNLOAD = "actions/download-artifact" "v4.3.0" "d3f86a106a0bac45b974a628896c90dbdf5c8093";
}

/// The action that sets up a language, and its name for the version.
pub fn setup(language: Language) -> (&'static Pin, &'static str) {
    match language {
        Language::Node => (&SETUP_NODE, "node-version"),
        Language::Python => (&SETUP_PYTHON, "python-version"),
        Language::Go => (&SETUP_GO, "go-version"),
        Language::Java => (&SETUP_JAVA, "java-version"),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_pin_is_a_whole_commit_with_a_whole_version() {
        for pin in super::PINS {
            assert_eq!(pin.commit.len(), 40, "{}", pin.action);
            assert!(pin.commit.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')), "{}", pin.action);
            let numbers: Vec<_> = pin.version.trim_start_matches('v').split('.').collect();
            assert!(numbers.len() == 3 && numbers.iter().all(|n| n.parse::<u32>().is_ok()), "{}", pin.action);
        }
    }
}
