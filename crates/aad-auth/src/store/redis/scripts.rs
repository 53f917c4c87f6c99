//! Scripts for what no single command can do. Each runs on the server, on one key.
//!
//! Layout. A record is a string: 8 bytes of version, then the value. An index set is a hash: each
//! field's value begins with the member's end, milliseconds since the epoch by the server's clock
//! as 16 decimal digits. The life of the hash is only lengthened.

use std::sync::LazyLock;

use redis::Script;

/// KEYS: record. ARGV: expected version, new version and value, life. Answers 0 missing, 1
/// written, 2 conflict. A record that has the new version already was written by this request before its
/// connection broke.
pub(super) static UPDATE: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "local present = redis.call('GETRANGE', KEYS[1], 0, 7)
         if present == '' then return 0 end
         if present == string.sub(ARGV[2], 1, 8) then return 1 end
         if present ~= ARGV[1] then return 2 end
         redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
         return 1",
    )
});

/// KEYS: set. ARGV: member, value, life, most members. Answers 0 full, 1 written. Expired members
/// are removed only when the set is full.
pub(super) static PUT: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "local time = redis.call('TIME')
         local now = time[1] * 1000 + math.floor(time[2] / 1000)
         local most = tonumber(ARGV[4])
         if redis.call('HLEN', KEYS[1]) >= most
             and redis.call('HEXISTS', KEYS[1], ARGV[1]) == 0 then
           local all = redis.call('HGETALL', KEYS[1])
           for i = 1, #all, 2 do
             if tonumber(string.sub(all[i + 1], 1, 16)) <= now then
               redis.call('HDEL', KEYS[1], all[i])
             end
           end
           if redis.call('HLEN', KEYS[1]) >= most then return 0 end
         end
         local life = tonumber(ARGV[3])
         redis.call('HSET', KEYS[1], ARGV[1], string.format('%016d', now + life) .. ARGV[2])
         if redis.call('PTTL', KEYS[1]) < life then
           redis.call('PEXPIRE', KEYS[1], ARGV[3])
         end
         return 1",
    )
});

/// KEYS: set. ARGV: member. Answers 1 when a live member was removed, else 0.
pub(super) static REMOVE: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "local value = redis.call('HGET', KEYS[1], ARGV[1])
         if not value then return 0 end
         redis.call('HDEL', KEYS[1], ARGV[1])
         local time = redis.call('TIME')
         local now = time[1] * 1000 + math.floor(time[2] / 1000)
         if tonumber(string.sub(value, 1, 16)) > now then return 1 end
         return 0",
    )
});

/// KEYS: set. Answers name and value of each live member, alternating, and removes expired members.
pub(super) static LIST: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "local time = redis.call('TIME')
         local now = time[1] * 1000 + math.floor(time[2] / 1000)
         local all = redis.call('HGETALL', KEYS[1])
         local live = {}
         for i = 1, #all, 2 do
           if tonumber(string.sub(all[i + 1], 1, 16)) > now then
             live[#live + 1] = all[i]
             live[#live + 1] = string.sub(all[i + 1], 17)
           else
             redis.call('HDEL', KEYS[1], all[i])
           end
         end
         return live",
    )
});
