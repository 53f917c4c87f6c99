use super::*;

#[test]
fn reads_what_a_server_tells() {
    let info = "# Memory\r\nmaxmemory:0\r\nmaxmemory_policy:allkeys-lru\r\n# Cluster\r\n\
                cluster_enabled:1\r\n";
    let policy = field(info, "maxmemory_policy");
    assert_eq!(policy, Some("allkeys-lru"));
    let cell = ServerInfoCell::default();
    assert_eq!(cell.get(), ServerInfo::default());
    for (info, policy, eviction, cluster, sentinel) in [
        (info, policy, Eviction::Evicts, true, false),
        (
            "cluster_enabled:0",
            Some("noeviction"),
            Eviction::Never,
            false,
            false,
        ),
        ("redis_mode:sentinel", None, Eviction::Unknown, false, true),
    ] {
        cell.put(read(info, policy));
        let expected = ServerInfo {
            eviction,
            cluster,
            sentinel,
        };
        assert_eq!(cell.get(), expected, "{info}");
    }
}
