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
    let row =
        |first, last, node: Value| Value::Array(vec![Value::Int(first), Value::Int(last), node]);
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
