//! Functions of address ranges.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ir::Value;

use super::functions::Made;

/// A range: its first address as a number, the bits of an address, the bits that all have in common.
struct Range {
    first: u128,
    bits: u32,
    prefix: u32,
}

fn range(value: &Value) -> Result<Range, String> {
    let Value::Str(text) = value else { return Err("it takes a range of addresses".to_owned()) };
    let (address, prefix) = text.split_once('/').ok_or("the range has no length")?;
    let address: IpAddr = address.parse().map_err(|_| "the range begins with no address")?;
    let (first, bits) = match address {
        IpAddr::V4(a) => (u128::from(u32::from(a)), 32),
        IpAddr::V6(a) => (u128::from(a), 128),
    };
    let prefix: u32 = prefix.parse().map_err(|_| "the length of the range is no number")?;
    if prefix > bits {
        return Err("the range is longer than an address".to_owned());
    }
    Ok(Range { first: first & mask(bits, prefix), bits, prefix })
}

fn all(bits: u32) -> u128 {
    if bits == 128 { u128::MAX } else { (1 << bits) - 1 }
}

fn mask(bits: u32, prefix: u32) -> u128 {
    let host = bits - prefix;
    if host == 128 { 0 } else { all(bits) & !((1_u128 << host) - 1) }
}

fn spelt(address: u128, bits: u32) -> String {
    if bits == 32 {
        return Ipv4Addr::from(u32::try_from(address & all(32)).expect("32 bits")).to_string();
    }
    Ipv6Addr::from(address).to_string()
}

fn whole(value: &Value) -> Result<u128, String> {
    match value {
        Value::Int(n) => u128::try_from(*n).map_err(|_| "it takes a number from 0".to_owned()),
        _ => Err("it takes a whole number".to_owned()),
    }
}

pub(super) fn parse_cidr(args: &[Value]) -> Made {
    let range = range(&args[0])?;
    let last = range.first | (all(range.bits) & !mask(range.bits, range.prefix));
    let mut out = vec![
        ("network", Value::from(spelt(range.first, range.bits))),
        ("netmask", Value::from(spelt(mask(range.bits, range.prefix), range.bits))),
    ];
    if range.bits == 32 {
        out.push(("broadcast", Value::from(spelt(last, range.bits))));
    }
    let inside = if range.bits == 32 && range.prefix < 31 { 1 } else { 0 };
    out.push(("firstUsable", Value::from(spelt(range.first + inside, range.bits))));
    out.push(("lastUsable", Value::from(spelt(last - inside, range.bits))));
    out.push(("cidr", Value::from(range.prefix)));
    Ok(Value::map(out))
}

pub(super) fn cidr_subnet(args: &[Value]) -> Made {
    let range = range(&args[0])?;
    let prefix = u32::try_from(whole(&args[1])?).ok().filter(|p| (range.prefix..=range.bits).contains(p));
    let prefix = prefix.ok_or("the part is larger than the range")?;
    let number = whole(&args[2])?;
    let parts = prefix - range.prefix;
    if parts < 128 && number >= 1 << parts {
        return Err("the range has no such part".to_owned());
    }
    let host = range.bits - prefix;
    let offset = if host == 128 { 0 } else { number << host };
    Ok(Value::Str(format!("{}/{prefix}", spelt(range.first | offset, range.bits))))
}

/// The first address that can be used is number 0.
pub(super) fn cidr_host(args: &[Value]) -> Made {
    let range = range(&args[0])?;
    let first = if range.bits == 32 && range.prefix < 31 { 1 } else { 0 };
    let number = whole(&args[1])?.checked_add(first).ok_or("the range has no such address")?;
    let host = range.bits - range.prefix;
    if host < 128 && number >= 1 << host {
        return Err("the range has no such address".to_owned());
    }
    Ok(Value::Str(spelt(range.first | number, range.bits)))
}
