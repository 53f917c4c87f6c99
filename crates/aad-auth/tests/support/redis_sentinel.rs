//! A primary and a replica that real sentinels watch.

use super::{
    RedisServer,
    cluster::{info, role},
    wait_until,
};

/// Its servers and sentinels end with this value.
pub struct RedisWithSentinels {
    pub primary: RedisServer,
    pub replica: RedisServer,
    pub sentinels: Vec<RedisServer>,
}

/// The service that the sentinels watch.
pub const SERVICE: &str = "main";

impl RedisWithSentinels {
    /// A primary, a replica and three sentinels, two of which are enough for a failover. `None` where there
    /// is no server, as for [`RedisServer::start`].
    pub fn start() -> Option<Self> {
        let plain = [
            "--save",
            "",
            "--appendonly",
            "no",
            "--repl-diskless-sync-delay",
            "0",
        ];
        let primary = RedisServer::start_with(&plain)?;
        let replica = RedisServer::start_with(&plain)?;
        replica.tell(&format!("REPLICAOF 127.0.0.1 {}", primary.port()));
        wait_until("the replica follows", || {
            info(&replica, "master_link_status") == "up"
        });
        let configuration = format!(
            "sentinel monitor {SERVICE} 127.0.0.1 {} 2\n\
             sentinel down-after-milliseconds {SERVICE} 1500\n\
             sentinel failover-timeout {SERVICE} 6000\n",
            primary.port()
        );
        let sentinel = || RedisServer::start_configured(&configuration, &["--sentinel"]);
        let sentinels = vec![sentinel()?, sentinel()?, sentinel()?];
        for sentinel in &sentinels {
            wait_until("the sentinels see the replica and each other", || {
                let lines = sentinel.lines("INFO sentinel");
                let seen = lines.iter().find(|line| line.starts_with("master0:"));
                seen.is_some_and(|line| line.contains("slaves=1,sentinels=3"))
            });
        }
        Some(Self {
            primary,
            replica,
            sentinels,
        })
    }

    /// What stands in AAD_SESSION_STORE.
    pub fn url(&self) -> String {
        let hosts = self.sentinels.iter();
        let hosts: Vec<_> = hosts
            .map(|node| format!("127.0.0.1:{}", node.port()))
            .collect();
        format!("redis+sentinel://{}/{SERVICE}", hosts.join(","))
    }

    /// Kills the primary, once the replica has all of it, and waits until the replica has taken over.
    pub fn kill_primary(&mut self) {
        wait_until("the replica catches up", || {
            info(&self.primary, "master_repl_offset") == info(&self.replica, "master_repl_offset")
        });
        self.primary.kill();
        let replica = &self.replica;
        wait_until("the replica takes over", || role(replica) == "master");
    }
}
