//! Which node of a cluster owns a key (Redis Cluster specification, "Key distribution model").

use std::sync::{Arc, OnceLock};

use redis::Value;

use super::{address::named_or, node::RedisNode};
use crate::config::RedisHost;

/// How many slots a cluster has.
pub(super) const SLOTS: u16 = 16384;
/// No cluster has more ranges than slots.
const MAX_RANGES: usize = SLOTS as usize;

/// The slot of a key: CRC-16 of its hash tag, which is what stands between the first `{` and the next
/// `}` unless that is empty, else of the whole key.
pub(super) fn slot_of(key: &str) -> u16 {
    let tag = key.split_once('{').and_then(|(_, rest)| {
        let (tag, _) = rest.split_once('}')?;
        (!tag.is_empty()).then_some(tag)
    });
    crc16(tag.unwrap_or(key).as_bytes()) % SLOTS
}

/// CRC-16/XMODEM, which the specification names.
fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |crc, byte| {
        (0..8).fold(crc ^ (u16::from(*byte) << 8), |crc, _| {
            let shifted = crc << 1;
            if crc & 0x8000 == 0 {
                shifted
            } else {
                shifted ^ 0x1021
            }
        })
    })
}

/// Consecutive slots of one owner.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct SlotRange {
    pub(super) first: u16,
    pub(super) last: u16,
    pub(super) owner: RedisHost,
}

/// Parses an answer to `CLUSTER SLOTS`. A node that does not know its own address has the address that was
/// asked. `None` if the answer is malformed, or has no slots.
pub(super) fn read_ranges(answer: &Value, asked: &RedisHost) -> Option<Vec<SlotRange>> {
    let Value::Array(rows) = answer else {
        return None;
    };
    if rows.is_empty() || rows.len() > MAX_RANGES {
        return None;
    }
    let mut ranges = rows
        .iter()
        .map(|row| read_range(row, asked))
        .collect::<Option<Vec<_>>>()?;
    ranges.sort_by_key(|range| range.first);
    Some(ranges)
}

fn read_range(row: &Value, asked: &RedisHost) -> Option<SlotRange> {
    let Value::Array(fields) = row else {
        return None;
    };
    let [Value::Int(first), Value::Int(last), Value::Array(owner), ..] = &fields[..] else {
        return None;
    };
    let [host, Value::Int(port), ..] = &owner[..] else {
        return None;
    };
    let host = match host {
        Value::Nil => "",
        Value::BulkString(bytes) => str::from_utf8(bytes).ok()?,
        Value::SimpleString(text) => text,
        _ => return None,
    };
    let (first, last) = (u16::try_from(*first).ok()?, u16::try_from(*last).ok()?);
    (first <= last && last < SLOTS).then_some(SlotRange {
        first,
        last,
        owner: named_or(host, u16::try_from(*port).ok()?, asked)?,
    })
}

/// The owners of all slots.
pub(super) struct SlotMap {
    /// Sorted by the first slot.
    ranges: Vec<(u16, u16, Arc<RedisNode>)>,
    primaries: OnceLock<Vec<Primary>>,
}

/// A primary, and a key name whose slot it owns.
#[derive(Clone)]
pub(super) struct Primary {
    pub(super) node: Arc<RedisNode>,
    /// [`PROBE`] with a number. No record or index set has such a name.
    pub(super) name: String,
}

/// The prefix of names for health probes.
pub(super) const PROBE: &str = "aad:probe";
/// How many names are tried. A name belongs to a given slot with probability 1/16,384.
const TRIES: u32 = 100_000;

impl SlotMap {
    /// `ranges` are sorted by their first slot.
    pub(super) fn new(ranges: Vec<(u16, u16, Arc<RedisNode>)>) -> Self {
        Self {
            ranges,
            primaries: OnceLock::new(),
        }
    }

    /// The owner of a key. `None` if no node serves its slot.
    pub(super) fn owner(&self, key: &str) -> Option<&Arc<RedisNode>> {
        let slot = slot_of(key);
        let after = self.ranges.partition_point(|(first, ..)| *first <= slot);
        let (_, last, owner) = self.ranges.get(after.checked_sub(1)?)?;
        (*last >= slot).then_some(owner)
    }

    /// The owner of each range.
    pub(super) fn owners(&self) -> impl Iterator<Item = &Arc<RedisNode>> {
        self.ranges.iter().map(|(.., owner)| owner)
    }

    /// All primaries, each once. A primary with very few slots may be missing, if no name was found for it.
    pub(super) fn primaries(&self) -> &[Primary] {
        self.primaries.get_or_init(|| {
            let mut found: Vec<Primary> = Vec::new();
            let mut left: Vec<_> = self.owners().collect();
            let mut names = (0..TRIES).map(|number| format!("{PROBE}:{number}"));
            while let (false, Some(name)) = (left.is_empty(), names.next()) {
                let Some(owner) = self.owner(&name) else {
                    continue;
                };
                if left.iter().any(|it| Arc::ptr_eq(it, owner)) {
                    left.retain(|it| !Arc::ptr_eq(it, owner));
                    let node = Arc::clone(owner);
                    found.push(Primary { node, name });
                }
            }
            found
        })
    }

    /// Whether every slot has an owner.
    pub(super) fn is_complete(&self) -> bool {
        let mut next = 0;
        for (first, last, _) in &self.ranges {
            if *first != next {
                return false;
            }
            next = last + 1;
        }
        next == SLOTS
    }
}

#[cfg(test)]
#[path = "slot_map_tests.rs"]
mod tests;
