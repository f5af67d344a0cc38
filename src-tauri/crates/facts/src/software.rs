//! What one program is called: its packages, its binary and how to ask it for its version, its process, its image.
//!
//! A name that is not in the table is asked as `name --version`, and taken for its package and process as well.

/// How to recognise one program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Software {
    pub(crate) name: String,
    /// Packages that carry it in the distributions and at its makers.
    pub(crate) packages: Vec<String>,
    /// `program,argument,…` as the probe takes it. A path may have a star; after `@` only the file's name is read.
    pub(crate) programs: Vec<String>,
    /// Names of its process.
    pub(crate) processes: Vec<String>,
    /// Names of its container image, without registry and tag.
    pub(crate) images: Vec<String>,
}

struct Row {
    names: &'static [&'static str],
    packages: &'static [&'static str],
    programs: &'static [&'static str],
    processes: &'static [&'static str],
    images: &'static [&'static str],
}

const TABLE: &[Row] = &[
    Row {
        names: &["postgresql", "postgres"],
        packages: &[
            "postgresql",
            "postgresql-server",
            "postgresql-18",
            "postgresql-17",
            "postgresql-16",
            "postgresql-15",
            "postgresql-14",
            "postgresql-13",
            "postgresql16-server",
            "postgresql15-server",
        ],
        // The server, never psql: a client says nothing about what runs.
        programs: &[
            "/usr/lib/postgresql/*/bin/postgres,--version",
            "/usr/pgsql-*/bin/postgres,--version",
            "/usr/lib/postgresql[0-9]*/bin/postgres,--version",
            "postgres,--version",
        ],
        processes: &["postgres", "postmaster"],
        images: &["postgres", "postgresql", "timescaledb"],
    },
    Row {
        names: &["mongodb", "mongod"],
        packages: &["mongodb-org-server", "mongodb-server", "mongodb"],
        programs: &["mongod,--version"],
        processes: &["mongod"],
        images: &["mongo", "mongodb-community-server"],
    },
    Row {
        names: &["redis"],
        packages: &["redis-server", "redis", "redis7"],
        programs: &["redis-server,--version"],
        processes: &["redis-server"],
        images: &["redis"],
    },
    Row {
        names: &["valkey"],
        packages: &["valkey-server", "valkey"],
        programs: &["valkey-server,--version"],
        processes: &["valkey-server"],
        images: &["valkey"],
    },
    Row {
        names: &["nginx"],
        packages: &["nginx", "nginx-core", "nginx-plus"],
        programs: &["nginx,-v"],
        processes: &["nginx"],
        images: &["nginx"],
    },
    Row { names: &["nginx-plus"], packages: &["nginx-plus"], programs: &[], processes: &[], images: &["nginx-plus"] },
    Row {
        names: &["apache", "apache2", "httpd"],
        packages: &["apache2", "httpd"],
        programs: &["apache2,-v", "httpd,-v", "httpd2,-v"],
        processes: &["apache2", "httpd"],
        images: &["httpd"],
    },
    Row {
        names: &["nodejs", "node"],
        packages: &["nodejs", "nodejs18", "nodejs20", "nodejs22"],
        programs: &["node,--version", "nodejs,--version"],
        processes: &["node", "nodejs"],
        images: &["node"],
    },
    Row { names: &["npm"], packages: &["npm"], programs: &["npm,--version"], processes: &[], images: &[] },
    Row {
        names: &["yarn"],
        packages: &["yarn", "yarnpkg"],
        programs: &["yarn,--version", "yarnpkg,--version"],
        processes: &[],
        images: &[],
    },
    Row {
        names: &["typescript", "tsc"],
        packages: &["node-typescript"],
        programs: &["tsc,--version"],
        processes: &[],
        images: &[],
    },
    Row {
        names: &["docker"],
        packages: &["docker-ce", "docker.io", "docker", "moby-engine"],
        programs: &["dockerd,--version", "docker,--version"],
        processes: &["dockerd"],
        images: &[],
    },
    Row {
        names: &["docker-compose", "compose"],
        packages: &["docker-compose-plugin", "docker-compose-v2", "docker-compose"],
        programs: &["docker,compose,version,--short", "docker-compose,version,--short"],
        processes: &[],
        images: &[],
    },
    Row {
        names: &["containerd"],
        packages: &["containerd.io", "containerd"],
        programs: &["containerd,--version"],
        processes: &["containerd"],
        images: &[],
    },
    Row {
        names: &["cri-dockerd"],
        packages: &["cri-dockerd"],
        programs: &["cri-dockerd,--version"],
        processes: &["cri-dockerd"],
        images: &[],
    },
    Row {
        names: &["kubernetes", "kubelet", "k3s"],
        packages: &["kubelet"],
        programs: &["kubelet,--version", "k3s,--version"],
        processes: &["kubelet", "k3s-server", "k3s-agent"],
        images: &[],
    },
    Row {
        names: &["openshift", "oc"],
        packages: &["openshift-clients"],
        programs: &["oc,version,--client"],
        processes: &[],
        images: &[],
    },
    Row { names: &["rancher"], packages: &[], programs: &[], processes: &[], images: &["rancher"] },
    Row {
        names: &["prometheus"],
        packages: &["prometheus"],
        programs: &["prometheus,--version"],
        processes: &["prometheus"],
        images: &["prometheus"],
    },
    Row {
        names: &["grafana"],
        packages: &["grafana", "grafana-enterprise"],
        programs: &["grafana-server,-v", "grafana,-v"],
        processes: &["grafana", "grafana-server"],
        images: &["grafana", "grafana-enterprise", "grafana-oss"],
    },
    Row {
        names: &["elasticsearch"],
        packages: &["elasticsearch"],
        // Starting it takes seconds of Java: the name of its own library says the same.
        programs: &["@/usr/share/elasticsearch/lib/elasticsearch-[0-9]*.jar"],
        processes: &[],
        images: &["elasticsearch"],
    },
    Row {
        names: &["haproxy"],
        packages: &["haproxy"],
        programs: &["haproxy,-v"],
        processes: &["haproxy"],
        images: &["haproxy"],
    },
    Row {
        names: &["openvpn"],
        packages: &["openvpn"],
        programs: &["openvpn,--version"],
        processes: &["openvpn"],
        images: &[],
    },
    Row {
        names: &["wireguard", "wireguard-tools", "wg"],
        packages: &["wireguard-tools"],
        programs: &["wg,--version"],
        processes: &[],
        images: &[],
    },
    Row {
        names: &["coturn"],
        packages: &["coturn"],
        programs: &["turnserver,--version"],
        processes: &["turnserver"],
        images: &["coturn"],
    },
    Row {
        names: &["clamav"],
        packages: &["clamav", "clamav-daemon", "clamd"],
        programs: &["clamscan,--version", "clamd,--version"],
        processes: &["clamd"],
        images: &["clamav"],
    },
    Row {
        names: &["ossec", "wazuh"],
        packages: &["ossec-hids-server", "ossec-hids-agent", "wazuh-agent", "wazuh-manager"],
        programs: &["/var/ossec/bin/ossec-analysisd,-V", "/var/ossec/bin/wazuh-control,info"],
        processes: &["ossec-analysisd", "ossec-agentd", "wazuh-agentd", "wazuh-analysisd"],
        images: &[],
    },
    Row {
        names: &["rusk"],
        packages: &["rusk"],
        programs: &["/opt/dusk/bin/rusk,--version", "rusk,--version"],
        processes: &["rusk"],
        images: &["rusk"],
    },
    Row {
        names: &["openssh", "sshd"],
        packages: &["openssh-server"],
        programs: &["ssh,-V"],
        processes: &["sshd"],
        images: &[],
    },
    Row { names: &["certbot"], packages: &["certbot"], programs: &["certbot,--version"], processes: &[], images: &[] },
    Row {
        names: &["fail2ban"],
        packages: &["fail2ban"],
        programs: &["fail2ban-client,-V"],
        processes: &["fail2ban-server"],
        images: &[],
    },
    Row {
        names: &["python", "python3"],
        packages: &["python3"],
        programs: &["python3,--version"],
        processes: &[],
        images: &[],
    },
];

/// The program of that name.
pub(crate) fn named(name: &str) -> Software {
    let own = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    match TABLE.iter().find(|row| row.names.contains(&name)) {
        Some(row) => Software {
            name: name.to_owned(),
            packages: own(row.packages),
            programs: own(row.programs),
            processes: own(row.processes),
            images: own(row.images),
        },
        None => Software {
            name: name.to_owned(),
            packages: vec![name.to_owned()],
            programs: vec![format!("{name},--version")],
            processes: vec![name.to_owned()],
            images: vec![name.to_owned()],
        },
    }
}
