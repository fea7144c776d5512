//! `Fn::Cidr`: the smaller blocks in a block of addresses.

use std::net::IpAddr;

/// The most blocks that the function returns.
const MOST_BLOCKS: u32 = 256;

/// The first `count` blocks with `bits` bits for hosts in `block`; nothing when it does not hold so many.
#[must_use]
pub fn blocks(block: &str, count: u32, bits: u32) -> Option<Vec<String>> {
    let (address, prefix) = block.trim().split_once('/')?;
    let prefix: u32 = prefix.parse().ok()?;
    let address: IpAddr = address.parse().ok()?;
    let (start, width) = match address {
        IpAddr::V4(v4) => (u128::from(u32::from(v4)), 32_u32),
        IpAddr::V6(v6) => (u128::from(v6), 128),
    };
    let host = width.checked_sub(prefix)?;
    let inner = width.checked_sub(bits)?;
    let room = host.checked_sub(bits)?;
    if count == 0 || count > MOST_BLOCKS || (room < 32 && count > 1 << room) {
        return None;
    }
    let start = if host == 128 { 0 } else { start >> host << host };
    let step = 1_u128.checked_shl(bits)?;
    let name = |n: u128| match address {
        IpAddr::V4(_) => {
            let low = u32::try_from(n).expect("within the block, which is one of 32 bits");
            std::net::Ipv4Addr::from(low).to_string()
        }
        IpAddr::V6(_) => std::net::Ipv6Addr::from(n).to_string(),
    };
    Some((0..count).map(|i| format!("{}/{inner}", name(start + step * u128::from(i)))).collect())
}

#[cfg(test)]
mod tests {
    use super::blocks;

    #[test]
    fn blocks_follow_each_other_from_the_start_of_theirs() {
        let four = blocks("10.0.0.0/16", 3, 8).expect("fits");
        assert_eq!(four, ["10.0.0.0/24", "10.0.1.0/24", "10.0.2.0/24"]);
        assert_eq!(blocks("10.0.5.9/16", 1, 12).expect("fits"), ["10.0.0.0/20"]);
        assert_eq!(blocks("2001:db8::/56", 2, 64).expect("fits"), ["2001:db8::/64", "2001:db8:0:1::/64"]);
        assert_eq!(blocks("255.255.255.254/31", 2, 0).expect("fits")[1], "255.255.255.255/32");
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        for (block, count, bits) in [
            ("10.0.0.0/24", 3, 7),
            ("10.0.0.0/24", 1, 9),
            ("10.0.0.0/24", 0, 4),
            ("10.0.0.0/8", 257, 8),
            ("10.0.0.0/33", 1, 0),
            ("10.0.0.0", 1, 8),
            ("::/0", 1, 128),
            ("x/8", 1, 1),
        ] {
            assert_eq!(blocks(block, count, bits), None, "{block} {count} {bits}");
        }
        assert!(blocks("::/0", 2, 127).is_some());
    }
}
