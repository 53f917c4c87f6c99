//! A real Redis Cluster: three primaries, and replicas where a test wants a failover.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use super::{RedisServer, free_port, wait_until};

/// Its nodes end with this value.
pub struct RedisCluster {
    /// The three that are primaries at the start, in the order of their slots.
    pub primaries: Vec<RedisServer>,
    /// The replica of each primary, where there are replicas.
    pub replicas: Vec<RedisServer>,
}

/// What the last of the slots of each primary is.
const LAST: [u16; 3] = [5460, 10922, 16383];

impl RedisCluster {
    /// Three primaries. `None` where there is no server, as for [`RedisServer::start`].
    pub fn start() -> Option<Self> {
        // Longer than a busy machine holds up a process, so that no node is thought to have failed.
        Self::start_with(0, &["--cluster-node-timeout", "15000"])
    }

    /// Three primaries with a replica each, which take over some seconds after a primary has died.
    pub fn start_with_replicas() -> Option<Self> {
        Self::start_with(3, &["--cluster-node-timeout", "4000"])
    }

    /// Three primaries and this many replicas, with these arguments.
    pub fn start_with(replicas: usize, arguments: &[&str]) -> Option<Self> {
        let primaries = (0..3)
            .map(|_| node(arguments))
            .collect::<Option<Vec<_>>>()?;
        let replicas = (0..replicas).map(|_| node(arguments));
        let replicas = replicas.collect::<Option<Vec<_>>>()?;
        let cluster = Self {
            primaries,
            replicas,
        };
        cluster.form();
        Some(cluster)
    }

    /// What stands in AAD_SESSION_STORE.
    pub fn url(&self) -> String {
        let hosts = self.primaries.iter().take(2);
        let hosts: Vec<_> = hosts
            .map(|node| format!("127.0.0.1:{}", node.port()))
            .collect();
        format!("redis+cluster://{}/", hosts.join(","))
    }

    /// The primary at the start that owns the slot of a key.
    pub fn owner_of(&self, key: &str) -> usize {
        let slot = self.slot_of(key);
        LAST.iter().position(|last| slot <= *last).unwrap()
    }

    pub fn slot_of(&self, key: &str) -> u16 {
        let answer = self.alive().tell(&format!("CLUSTER KEYSLOT {key}"));
        answer.trim_start_matches(':').trim().parse().unwrap()
    }

    /// Begins to move a slot from one primary to another.
    pub fn begin_move(&self, slot: u16, from: usize, to: usize) {
        let (from_id, to_id) = (id(&self.primaries[from]), id(&self.primaries[to]));
        self.primaries[to].tell(&format!("CLUSTER SETSLOT {slot} IMPORTING {from_id}"));
        self.primaries[from].tell(&format!("CLUSTER SETSLOT {slot} MIGRATING {to_id}"));
    }

    /// Moves at most `count` keys of the slot; how many it has moved.
    pub fn move_keys(&self, slot: u16, from: usize, to: usize, count: usize) -> usize {
        let keys = self.primaries[from].lines(&format!("CLUSTER GETKEYSINSLOT {slot} {count}"));
        let keys: Vec<_> = keys
            .into_iter()
            .filter(|line| !line.starts_with('*'))
            .collect();
        if !keys.is_empty() {
            let port = self.primaries[to].port();
            let keys = keys.join(" ");
            self.primaries[from].tell(&format!("MIGRATE 127.0.0.1 {port} \"\" 0 5000 KEYS {keys}"));
        }
        keys.len()
    }

    /// Ends the move: the slot is the other's from now on.
    pub fn end_move(&self, slot: u16, from: usize, to: usize) {
        while self.move_keys(slot, from, to, 100) > 0 {}
        let to_id = id(&self.primaries[to]);
        for node in [to, from] {
            self.primaries[node].tell(&format!("CLUSTER SETSLOT {slot} NODE {to_id}"));
        }
    }

    /// Makes the replica of a primary take over as planned, without losing anything.
    pub fn hand_over(&self, primary: usize) {
        let replica = &self.replicas[primary];
        // A node gives up after 5 s, which a busy machine may need: then it is asked again.
        for _ in 0..6 {
            let _refused_when_it_has = replica.lines("CLUSTER FAILOVER");
            let asked = Instant::now();
            while role(replica) != "master" && asked.elapsed() < Duration::from_secs(6) {
                std::thread::sleep(Duration::from_millis(50));
            }
            if role(replica) == "master" {
                break;
            }
        }
        wait_until("the primary follows", || {
            role(&self.primaries[primary]) == "slave"
        });
    }

    /// Waits until the replica of a primary has everything that the primary has acknowledged.
    pub fn replicate(&self, primary: usize) {
        let offset = |node: &RedisServer| info(node, "master_repl_offset");
        wait_until("the replica catches up", || {
            offset(&self.primaries[primary]) == offset(&self.replicas[primary])
        });
    }

    /// Kills a primary and waits until its replica has taken over.
    pub fn kill_primary(&mut self, primary: usize) {
        self.primaries[primary].kill();
        let replica = &self.replicas[primary];
        wait_until("the replica takes over", || role(replica) == "master");
    }

    fn alive(&self) -> &RedisServer {
        let mut nodes = self.primaries.iter().chain(&self.replicas);
        nodes.find(|node| !node.is_killed()).unwrap()
    }

    fn form(&self) {
        let mut first = 0;
        for (node, last) in self.primaries.iter().zip(LAST) {
            node.tell(&format!("CLUSTER ADDSLOTSRANGE {first} {last}"));
            first = last + 1;
        }
        let all: Vec<_> = self.primaries.iter().chain(&self.replicas).collect();
        for (epoch, node) in all.iter().enumerate() {
            node.tell(&format!("CLUSTER SET-CONFIG-EPOCH {}", epoch + 1));
            let (port, bus) = (announced_port(node), bus_port(node));
            all[0].tell(&format!("CLUSTER MEET 127.0.0.1 {port} {bus}"));
        }
        let known = all.len().to_string();
        for node in &all {
            wait_until("the nodes meet", || {
                cluster_info(node, "cluster_known_nodes") == known
            });
        }
        for (primary, replica) in self.primaries.iter().zip(&self.replicas) {
            let command = format!("CLUSTER REPLICATE {}", id(primary));
            replica.tell(&command);
        }
        for node in &self.replicas {
            wait_until("the replica follows", || {
                info(node, "master_link_status") == "up"
            });
        }
        for node in &all {
            // Only those vote for a replica that know whose it is.
            wait_until("the replicas are known", || {
                let lines = node.lines("CLUSTER NODES");
                let is_replica = |line: &&String| line.contains("slave ");
                lines.iter().filter(is_replica).count() == self.replicas.len()
            });
            wait_until("the cluster is whole", || {
                cluster_info(node, "cluster_state") == "ok"
                    && cluster_info(node, "cluster_slots_ok") == "16384"
            });
        }
    }
}

fn node(arguments: &[&str]) -> Option<RedisServer> {
    let (bus, tls) = (free_port().to_string(), free_port().to_string());
    let mut all = vec!["--cluster-enabled", "yes", "--cluster-port", &bus];
    all.extend(["--save", "", "--appendonly", "no"]);
    all.extend(["--repl-diskless-sync-delay", "0"]);
    if arguments.contains(&"--tls-cluster") {
        all.extend(["--tls-port", &tls]);
    }
    all.extend(arguments);
    RedisServer::start_with(&all)
}

fn bus_port(node: &RedisServer) -> u16 {
    setting(node, "cluster-port")
}

/// Its port for TLS where it has one.
pub fn announced_port(node: &RedisServer) -> u16 {
    match setting(node, "tls-port") {
        0 => node.port(),
        port => port,
    }
}

fn setting(node: &RedisServer, name: &str) -> u16 {
    let lines = node.lines(&format!("CONFIG GET {name}"));
    lines.last().unwrap().parse().unwrap()
}

fn id(node: &RedisServer) -> String {
    node.lines("CLUSTER MYID").remove(0)
}

/// `master` or `slave`.
pub fn role(node: &RedisServer) -> String {
    info(node, "role")
}

/// A field of `INFO replication`.
pub fn info(node: &RedisServer, field: &str) -> String {
    fields(&node.lines("INFO replication"))
        .remove(field)
        .unwrap_or_default()
}

fn cluster_info(node: &RedisServer, field: &str) -> String {
    fields(&node.lines("CLUSTER INFO"))
        .remove(field)
        .unwrap_or_default()
}

fn fields(lines: &[String]) -> HashMap<String, String> {
    let fields = lines.iter().filter_map(|line| line.split_once(':'));
    fields
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}
