//! Functions of address ranges.
//!
//! Both families are computed as 128 bits, shifted by what the shorter one lacks.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ir::Value;

use super::{Outcome, string, whole, wrong};
use crate::terraform::read::eval::Halt;

/// An address range.
#[derive(Clone, Copy)]
struct Range {
    /// The first address.
    first: u128,
    /// Bits that all addresses share.
    length: u32,
    /// Bits of an address.
    bits: u32,
}

impl Range {
    fn read(value: &Value) -> Result<Range, Halt> {
        let text = string(value)?;
        let bad = || wrong(format!("`{text}` is no address range"));
        let (address, length) = text.split_once('/').ok_or_else(bad)?;
        let length: u32 = length.parse().map_err(|_| bad())?;
        let (first, bits) = match address.parse::<IpAddr>().map_err(|_| bad())? {
            IpAddr::V4(v4) => (u128::from(u32::from(v4)), 32),
            IpAddr::V6(v6) => (u128::from(v6), 128),
        };
        if length > bits {
            return Err(bad());
        }
        Ok(Range { first: first & mask(length, bits), length, bits })
    }

    fn address(self, value: u128) -> String {
        match u32::try_from(value) {
            Ok(v4) if self.bits == 32 => Ipv4Addr::from(v4).to_string(),
            _ => Ipv6Addr::from(value).to_string(),
        }
    }

    /// The part of a number that takes `more` bits.
    fn part(self, more: u32, number: u128) -> Result<Range, Halt> {
        let length = self.length + more;
        let room = more >= 128 || number >> more == 0;
        if length > self.bits || !room {
            return Err(wrong(format!(
                "a range of /{} has no part {number} of {more} more bits",
                self.length
            )));
        }
        let shift = self.bits - length;
        let first = self.first | number.checked_shl(shift).unwrap_or(0);
        Ok(Range { first, length, bits: self.bits })
    }

    fn text(self) -> Value {
        Value::Str(format!("{}/{}", self.address(self.first), self.length))
    }
}

/// The bits that a range's addresses share.
fn mask(length: u32, bits: u32) -> u128 {
    let all = if bits == 128 { u128::MAX } else { (1 << bits) - 1 };
    if length == 0 { 0 } else { all & (u128::MAX.checked_shl(bits - length).unwrap_or(0)) }
}

pub(super) fn host(args: &[Value]) -> Outcome {
    let range = Range::read(&args[0])?;
    let number = whole(&args[1])?;
    let free = range.bits - range.length;
    let size = if free >= 128 { u128::MAX } else { 1 << free };
    let away = u128::from(number.unsigned_abs());
    let offset = if number >= 0 { Some(away).filter(|n| *n < size) } else { size.checked_sub(away) };
    let offset = offset.ok_or_else(|| wrong(format!("the range has no address {number}")))?;
    Ok(Value::Str(range.address(range.first + offset)))
}

pub(super) fn netmask(args: &[Value]) -> Outcome {
    let range = Range::read(&args[0])?;
    if range.bits != 32 {
        return Err(wrong("only ranges of IPv4 have a mask"));
    }
    Ok(Value::Str(range.address(mask(range.length, range.bits))))
}

pub(super) fn subnet(args: &[Value]) -> Outcome {
    let range = Range::read(&args[0])?;
    Ok(range
        .part(
            bits(&args[1])?,
            u128::try_from(whole(&args[2])?).map_err(|_| wrong("a part has no negative number"))?,
        )?
        .text())
}

fn bits(value: &Value) -> Result<u32, Halt> {
    u32::try_from(whole(value)?)
        .ok()
        .filter(|b| *b <= 128)
        .ok_or_else(|| wrong("a number of bits is at most 128"))
}

pub(super) fn subnets(args: &[Value]) -> Outcome {
    let range = Range::read(&args[0])?;
    let mut next = range.first;
    let mut found = Vec::with_capacity(args.len() - 1);
    for more in &args[1..] {
        let more = bits(more)?;
        let length = range.length + more;
        let full = || wrong("the range has no room for all parts");
        if length > range.bits {
            return Err(full());
        }
        let size = 1_u128.checked_shl(range.bits - length).ok_or_else(full)?;
        // A part begins at a multiple of its size.
        let first = next.checked_add(size - 1).ok_or_else(full)? & !(size - 1);
        let part = Range { first, length, bits: range.bits };
        if first & mask(range.length, range.bits) != range.first {
            return Err(full());
        }
        next = first.checked_add(size).ok_or_else(full)?;
        found.push(part.text());
    }
    Ok(Value::List(found))
}
