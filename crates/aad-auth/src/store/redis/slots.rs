//! Which node of a cluster owns a key (Redis Cluster specification, "Key distribution model").

use std::sync::{Arc, OnceLock};

use redis::Value;

use super::{address::named_or, node::RedisNode};
use crate::config::RedisHost;

/// How many slots a cluster has.
pub(super) const SLOTS: u16 = 16384;
/// More ranges than slots exist in no cluster.
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

/// Slots that follow each other and have one owner.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Range {
    pub(super) first: u16,
    pub(super) last: u16,
    pub(super) owner: RedisHost,
}

/// Reads an answer to `CLUSTER SLOTS`. A node that does not know its own address names none: then it is
/// at the address that was asked. `None` where the answer has another form, or owns no slot.
pub(super) fn read_ranges(answer: &Value, asked: &RedisHost) -> Option<Vec<Range>> {
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

fn read_range(row: &Value, asked: &RedisHost) -> Option<Range> {
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
    (first <= last && last < SLOTS).then_some(Range {
        first,
        last,
        owner: named_or(host, u16::try_from(*port).ok()?, asked)?,
    })
}

/// Who owns which slot.
pub(super) struct SlotMap {
    /// Sorted by the first slot.
    ranges: Vec<(u16, u16, Arc<RedisNode>)>,
    primaries: OnceLock<Vec<Primary>>,
}

/// A primary, and a name that it owns.
#[derive(Clone)]
pub(super) struct Primary {
    pub(super) node: Arc<RedisNode>,
    /// [`PROBE`] with a number. No record and no set has such a name.
    pub(super) name: String,
}

/// What the names begin with that only show whether a server reads and writes.
pub(super) const PROBE: &str = "aad:probe";
/// How many names are tried. Each belongs to a given slot with a chance of 1 in 16,384.
const TRIES: u32 = 100_000;

impl SlotMap {
    /// `ranges` are sorted by their first slot.
    pub(super) fn new(ranges: Vec<(u16, u16, Arc<RedisNode>)>) -> Self {
        Self {
            ranges,
            primaries: OnceLock::new(),
        }
    }

    /// The owner of a key. `None`: no node serves its slot.
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

    /// All primaries, each once. One with so few slots that no name was found for it may be missing.
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
mod tests {
    use super::*;
    use crate::store_room::redis::address::hostile_hosts;

    fn host(host: &str, port: u16) -> RedisHost {
        let host = host.to_owned();
        RedisHost { host, port }
    }

    #[test]
    fn slots_are_those_of_the_specification() {
        // As `CLUSTER KEYSLOT` answers; the first is the specification's own example.
        for (key, slot) in [
            ("123456789", 12739),
            ("foo", 12182),
            ("foo{bar}", slot_of("bar")),
            ("{user1000}.following", slot_of("user1000")),
            ("foo{{bar}}zap", slot_of("{bar")),
            ("foo{bar}{zap}", slot_of("bar")),
        ] {
            assert_eq!(slot_of(key), slot, "{key}");
        }
        for whole in ["foo{}{bar}", "foo{bar", "foo}bar{"] {
            assert_eq!(slot_of(whole), crc16(whole.as_bytes()) % SLOTS, "{whole}");
        }
    }

    #[test]
    fn reads_the_nodes_and_gives_those_without_a_name_the_address_that_was_asked() {
        let node = |host: Value, port| Value::Array(vec![host, Value::Int(port)]);
        let row = |first, last, node: Value| {
            Value::Array(vec![Value::Int(first), Value::Int(last), node])
        };
        let named = node(Value::BulkString(b"b".to_vec()), 7002);
        let answer = Value::Array(vec![
            row(8192, 16383, named),
            row(0, 8191, node(Value::Nil, 7001)),
        ]);
        let ranges = read_ranges(&answer, &host("a", 1)).unwrap();
        let owners: Vec<_> = ranges.iter().map(|range| &range.owner).collect();
        assert_eq!(owners, [&host("a", 7001), &host("b", 7002)]);
        assert_eq!((ranges[0].first, ranges[1].last), (0, 16383));
    }

    #[test]
    fn r61_an_answer_that_is_no_map_of_slots_is_none() {
        let int = Value::Int;
        let node = Value::Array(vec![Value::Nil, int(7001)]);
        for answer in [
            Value::Nil,
            Value::Array(vec![]),
            Value::Array(vec![int(1)]),
            Value::Array(vec![Value::Array(vec![int(0), int(5)])]),
            Value::Array(vec![Value::Array(vec![int(5), int(4), node.clone()])]),
            Value::Array(vec![Value::Array(vec![int(0), int(16384), node.clone()])]),
            Value::Array(vec![Value::Array(vec![int(-1), int(4), node])]),
            Value::Array(vec![Value::Array(vec![
                int(0),
                int(4),
                Value::Array(vec![Value::Nil, int(70_000)]),
            ])]),
        ] {
            assert_eq!(read_ranges(&answer, &host("a", 1)), None, "{answer:?}");
        }
    }

    #[test]
    fn r68_a_node_whose_name_is_no_host_leaves_no_map_of_slots() {
        let row = |first, last, host: Value| {
            let node = Value::Array(vec![host, Value::Int(7001)]);
            Value::Array(vec![Value::Int(first), Value::Int(last), node])
        };
        let ranges = |name: Value| {
            let named = row(0, 8191, Value::BulkString(b"node".to_vec()));
            read_ranges(
                &Value::Array(vec![named, row(8192, 16383, name)]),
                &host("asked", 7000),
            )
        };
        assert!(ranges(Value::BulkString(b"10.0.0.1".to_vec())).is_some());
        for text in hostile_hosts() {
            assert_eq!(ranges(Value::SimpleString(text.clone())), None, "{text}");
            let bytes = text.into_bytes();
            assert_eq!(ranges(Value::BulkString(bytes)), None);
        }
        assert_eq!(ranges(Value::BulkString(vec![0xff, 0xfe])), None);
    }
}
