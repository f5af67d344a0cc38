//! Acts as tasks: one act, the tasks that look first and then do it, so that a second run has nothing to do.

use super::sentence;
use crate::yaml::{Yaml, bare, list, map, template, text, words};
use tuning::{Act, Again, Kind, PreparedChange};

type Pairs = Vec<(String, Yaml)>;

/// The tasks of a play as they come together, with what stands beside them.
#[derive(Debug)]
pub(super) struct Tasks {
    pub(super) variables: Pairs,
    pub(super) handlers: Vec<Yaml>,
    /// What the unit of sshd is called here.
    ssh: &'static str,
    told: Vec<String>,
    registered: u32,
    /// Users and groups that this playbook makes, each with the result of the task that does.
    accounts: Vec<(String, String)>,
}

/// What the acts of one change share.
#[derive(Default)]
struct Scene {
    tasks: Vec<Yaml>,
    /// Handlers that a file of this change calls.
    notifies: Vec<String>,
    /// Results of tasks that make what later ones need: in check mode it is not there yet.
    makers: Vec<String>,
    /// Beginning of this change's variables.
    prefix: String,
    kernel_values: Vec<(String, String)>,
    flushed: bool,
}

/// Folders that every system has.
const FOLDERS: &[&str] = &[
    "/etc",
    "/etc/apt/apt.conf.d",
    "/etc/dnf",
    "/etc/logrotate.d",
    "/etc/modules-load.d",
    "/etc/security/limits.d",
    "/etc/ssh/sshd_config.d",
    "/etc/sysctl.d",
    "/etc/systemd/system",
];

impl Tasks {
    pub(super) fn new(ssh: &'static str) -> Tasks {
        Tasks {
            variables: Vec::new(),
            handlers: Vec::new(),
            ssh,
            told: Vec::new(),
            registered: 0,
            accounts: Vec::new(),
        }
    }

    /// The tasks of one change.
    pub(super) fn of(&mut self, change: &PreparedChange) -> Vec<Yaml> {
        let acts: Vec<&Act> = change.acts.iter().map(|act| &act.act).collect();
        let mut scene = Scene { prefix: format!("plumbline_{}", identifier(&change.view.id)), ..Scene::default() };
        for act in &acts {
            if matches!(act, Act::Again { how: Again::Reload | Again::Restart, .. }) {
                // handlers run in the order in which they are written, so this one before those that go by it
                let see = task("service_facts", Yaml::Map(Vec::new()));
                scene.notifies.push(self.handler("See which services run", vec![see]));
            }
            if let Some(handler) = self.handler_of(act) {
                scene.notifies.push(handler);
            }
        }
        // systemd reads its own configuration again as it does its units
        let of_systemd = |act: &&Act| matches!(act, Act::File { path, .. } | Act::Block { path, .. } if path.starts_with("/etc/systemd/system"));
        if acts.iter().any(of_systemd) {
            let handler = self.handler("Read the files of systemd again", vec![daemon_reload()]);
            scene.notifies.insert(0, handler);
        }
        scene.notifies.dedup();
        if change.kind == Kind::Sysctl {
            scene.kernel_values = kernel_values(&acts);
            if !scene.kernel_values.is_empty() {
                let values = scene.kernel_values.iter().map(|(key, value)| (key.clone(), text(value)));
                self.variables.push((format!("{}_values", scene.prefix), map(values)));
            }
        }
        for act in &acts {
            self.act(act, &mut scene);
        }
        if !scene.kernel_values.is_empty() {
            self.set_kernel_values(&mut scene);
        }
        if !scene.flushed {
            scene.flush();
        }
        scene.tasks
    }

    fn act(&mut self, act: &Act, scene: &mut Scene) {
        match act {
            Act::File { path, mode, text } => self.file(scene, path, mode, text),
            Act::Block { path, mode, name, text } => self.block(scene, path, mode, name, text),
            // no kernel has a parameter of another name
            Act::KernelValue { key, .. } if !is_parameter(key) => {}
            Act::KernelValue { key, value, .. } => {
                if !scene.kernel_values.iter().any(|(known, _)| known == key) {
                    scene.kernel_values.push((key.clone(), value.clone()));
                    let values = map([(key.clone(), text(value))]);
                    self.variables.push((format!("{}_values", scene.prefix), values));
                }
            }
            // what follows from files of this change, once they are read again
            Act::ManagerValue { .. } | Act::LoginLimit { .. } => scene.flush(),
            Act::UnitFiles { unit, files } => self.unit_files(scene, unit, *files),
            Act::Packages { tool, names } => self.packages(scene, tool, names),
            Act::PackageSource { .. } => {
                let only = vec![("changed_when".to_owned(), bare(false))];
                scene.task("Read the package source of its makers", "apt", map([("update_cache", bare(true))]), only);
            }
            Act::SecurityUpdates { tool } => self.security_updates(scene, tool),
            Act::Unit { unit, enabled, running } => self.unit(scene, unit, *enabled, *running),
            Act::Ufw { ports, close } => self.ufw(scene, ports, *close),
            Act::FirewalldPort { zone, port } => self.firewalld(scene, zone, port),
            Act::NftTable { name, path, ports } => self.nft_table(scene, name, path, ports),
            Act::PortScript { path } => self.port_script(scene, path),
            Act::AptSetting { value, .. } if value.contains(['{', '\'', '"']) => {}
            Act::AptSetting { name, value } => {
                let seen = self.look(scene, "See which setting of apt counts", &["apt-config", "dump", name]);
                scene.holds("Stop where another file wins", &format!("'\"{value}\"' in {seen}.stdout"));
            }
            Act::KernelModule { name } => {
                let folder = format!("/sys/module/{}", name.replace('-', "_"));
                let task = [("argv", words(["modprobe", name])), ("creates", text(folder))];
                scene.task(&format!("Load the module {name}"), "command", map(task), vec![]);
            }
            Act::Mode { path, mode, owner } => {
                let mut task = vec![("path", text(path)), ("mode", text(four(mode)))];
                if let Some((user, group)) = owner {
                    task.extend([("owner", text(user)), ("group", text(group))]);
                }
                let names = owner.iter().flat_map(|(user, group)| [user, group]);
                let only = scene.once_made(&self.made_for(names));
                scene.task(&format!("Set mode and owner of {path}"), "file", map(task), only);
            }
            Act::JournalStore => self.journal(scene),
            Act::LogrotateReads { path } => {
                self.accepts(scene, "Stop where logrotate does not read it", &["logrotate", "-d", path]);
            }
            Act::RulesRead { path } => {
                // its makers' packages bring it along; where it is not there, nothing can be said
                let seen = self.look(scene, "See whether promtool is here", &["promtool", "--version"]);
                let only = when(&format!("not ansible_check_mode and {seen}.rc | default(1) == 0"));
                let task = map([("argv", words(["promtool", "check", "rules", path]))]);
                let unchanged = ("changed_when".to_owned(), bare(false));
                scene.task("Stop where Prometheus does not read it", "command", task, vec![only, unchanged]);
            }
            Act::ListensOnly { address, port } => {
                scene.flush();
                let task = [("host", text(address)), ("port", bare(port)), ("timeout", bare(10))];
                scene.task("Wait until it listens", "wait_for", map(task), not_in_check_mode());
            }
            Act::SystemUser { user, group } => self.system_user(scene, user, group),
            Act::SwapFile { path, mib } => self.swap_file(scene, path, *mib),
            Act::SwapOff => {
                let seen = self.look(scene, "See what is swapped to", &["swapon", "--show=NAME", "--noheadings"]);
                let only = vec![when(&format!("{seen}.stdout | length > 0")), changes()];
                scene.task("Switch swap off", "command", map([("argv", words(["swapoff", "-a"]))]), only);
            }
            Act::FstabWithoutSwap => {
                let task = [
                    ("path", text("/etc/fstab")),
                    ("regexp", text(r"^([ \t]*[^#\s]\S*[ \t]+\S+[ \t]+swap(?:[ \t].*)?)$")),
                    ("replace", text(r"#plumbline# \1")),
                ];
                scene.task("Take swap out of fstab", "replace", map(task), vec![]);
            }
            Act::Sshd { settings, .. } => {
                scene.flush();
                let seen = self.look(scene, "See which settings of sshd count", &["/usr/sbin/sshd", "-T"]);
                for (name, value) in settings.iter().filter(|(name, value)| !format!("{name}{value}").contains('{')) {
                    // older versions say without-password
                    let other = format!("{name} {value}").replace("prohibit-password", "without-password");
                    let lines = format!("{seen}.stdout_lines");
                    scene.holds(
                        &format!("Stop where another file wins over {name}"),
                        &format!(
                            "{} in {lines} or {} in {lines}",
                            literal(&format!("{name} {value}")),
                            literal(&other)
                        ),
                    );
                }
            }
            Act::SshAnswersOn { on, .. } => {
                scene.flush();
                for port in on {
                    let task = [("port", bare(*port)), ("timeout", bare(10))];
                    scene.task(
                        &format!("Wait until ssh answers on port {port}"),
                        "wait_for",
                        map(task),
                        not_in_check_mode(),
                    );
                }
            }
            Act::SshPortLabel { port } => {
                let seen = self.result();
                let argv = ["semanage", "port", "-a", "-t", "ssh_port_t", "-p", "tcp", &port.to_string()];
                let more = vec![
                    ("register".to_owned(), text(&seen)),
                    ("changed_when".to_owned(), text(format!("{seen}.rc == 0"))),
                    (
                        "failed_when".to_owned(),
                        text(format!("{seen}.rc != 0 and 'already defined' not in {seen}.stderr")),
                    ),
                ];
                scene.task(&format!("Let sshd use port {port}"), "command", map([("argv", words(argv))]), more);
            }
            Act::Jail { name, address } => self.jail(scene, name, address),
            Act::Postgres { .. } | Act::Again { .. } => scene.flush(),
        }
    }

    /// The handler that an act stands for, where it only makes somebody read files again.
    fn handler_of(&mut self, act: &Act) -> Option<String> {
        let service =
            |unit: &str, state: &str| task("systemd_service", map([("name", text(unit)), ("state", text(state))]));
        Some(match act {
            Act::ManagerValue { .. } | Act::Again { how: Again::Daemon, .. } | Act::UnitFiles { .. } => {
                self.handler("Read the files of systemd again", vec![daemon_reload()])
            }
            Act::Again { unit, how } => {
                let (word, state) =
                    if *how == Again::Reload { ("Reload", "reloaded") } else { ("Restart", "restarted") };
                // the module would start what does not run
                let runs = format!("ansible_facts.services[{}].state | default('') == 'running'", literal(unit));
                self.handler_where(&format!("{word} {unit}"), &[&runs], vec![service(unit, state)])
            }
            Act::Postgres { unit, restart, .. } => {
                let state = if *restart { "restarted" } else { "reloaded" };
                self.handler(&format!("Make {unit} read its settings"), vec![service(unit, state)])
            }
            Act::SshAnswersOn { socket: Some(socket), .. } => {
                // what makes its ports from the files of sshd does so as they are read
                let again = ("daemon_reload", bare(true));
                let restarted = [("name", text(socket)), ("state", text("restarted")), again];
                let body = vec![task("systemd_service", map(restarted))];
                self.handler(&format!("Make {socket} open its ports"), body)
            }
            Act::Sshd { .. } | Act::SshAnswersOn { .. } => {
                let (unit, name) = (self.ssh, "Make sshd read its settings");
                self.handler(name, vec![service(unit, "reloaded")])
            }
            Act::NftTable { path, .. } => {
                let load = task("command", map([("argv", words(["nft", "-f", path]))]));
                self.handler("Load our table of nftables", vec![load, changes()])
            }
            _ => return None,
        })
    }

    /// Adds a handler once and returns its name. In check mode there may be nothing to tell yet.
    fn handler(&mut self, name: &str, body: Pairs) -> String {
        self.handler_where(name, &[], body)
    }

    fn handler_where(&mut self, name: &str, conditions: &[&str], body: Pairs) -> String {
        let name = sentence(name);
        if !self.told.contains(&name) {
            self.told.push(name.clone());
            let mut handler = vec![("name".to_owned(), text(&name))];
            let conditions: Vec<&str> = [&["not ansible_check_mode"], conditions].concat();
            handler.push(when(&conditions.join(" and ")));
            handler.extend(body);
            self.handlers.push(Yaml::Map(handler));
        }
        name
    }

    fn result(&mut self) -> String {
        self.registered += 1;
        format!("plumbline_result_{}", self.registered)
    }

    /// A command that only looks; returns the name of its result.
    fn look(&mut self, scene: &mut Scene, name: &str, argv: &[&str]) -> String {
        let seen = self.result();
        let more = vec![
            ("register".to_owned(), text(&seen)),
            ("changed_when".to_owned(), bare(false)),
            ("failed_when".to_owned(), bare(false)),
            ("check_mode".to_owned(), bare(false)),
        ];
        scene.task(name, "command", map([("argv", words(argv))]), more);
        seen
    }

    /// A command that must accept what was written.
    fn accepts(&mut self, scene: &mut Scene, name: &str, argv: &[&str]) {
        let mut more = not_in_check_mode();
        more.push(("changed_when".to_owned(), bare(false)));
        scene.task(name, "command", map([("argv", words(argv))]), more);
    }

    /// The folder of a file, where a system need not have it.
    fn folder(&mut self, scene: &mut Scene, path: &str) {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        if folder.is_empty() || FOLDERS.contains(&folder) {
            return;
        }
        // one that is there keeps its owner and mode: a database's folder is the database's
        let seen = self.result();
        let more = vec![("register".to_owned(), text(&seen))];
        scene.task(&format!("See {folder}"), "stat", map([("path", text(folder))]), more);
        let made = self.result();
        let task = [
            ("path", text(folder)),
            ("state", text("directory")),
            ("owner", text("root")),
            ("group", text("root")),
            ("mode", text("0755")),
        ];
        let more = vec![when(&format!("not {seen}.stat.exists")), ("register".to_owned(), text(&made))];
        scene.task(&format!("Make {folder} where it is not there"), "file", map(task), more);
        scene.makers.push(made);
    }

    fn file(&mut self, scene: &mut Scene, path: &str, mode: &str, content: &str) {
        self.folder(scene, path);
        let mut task = vec![
            ("content", text(content)),
            ("dest", text(path)),
            ("owner", text("root")),
            ("group", text("root")),
            ("mode", text(four(mode))),
        ];
        if path.starts_with("/etc/ssh/") {
            task.push(("validate", text("/usr/sbin/sshd -t -f %s")));
        }
        let more = [scene.once_made(&[]), scene.notify()].concat();
        scene.task(&format!("Write {path}"), "copy", map(task), more);
    }

    fn block(&mut self, scene: &mut Scene, path: &str, mode: &str, name: &str, content: &str) {
        self.folder(scene, path);
        let ours = path.rsplit('/').next().is_some_and(|file| file.starts_with("zz-plumbline"));
        let mode = if ours || path == "/etc/fstab" {
            text(four(mode))
        } else {
            // somebody else's file keeps its mode
            let seen = self.result();
            let more = vec![("register".to_owned(), text(&seen))];
            scene.task(&format!("See {path}"), "stat", map([("path", text(path))]), more);
            template(format!("{{{{ {seen}.stat.mode | default('{}') }}}}", four(mode)))
        };
        let head = [
            ("content", text(format!("{}\n", tuning::SHARED_HEADER))),
            ("dest", text(path)),
            ("force", bare(false)),
            ("mode", mode.clone()),
        ];
        let once_made = scene.once_made(&[]);
        scene.task(&format!("Begin {path} where it is not there"), "copy", map(head), once_made.clone());
        let body = match scene.values_as_template(content) {
            Some(body) => template(body),
            None => text(content),
        };
        let task = [
            ("path", text(path)),
            ("marker", template(format!("# [{{mark}}{}]", name.replace(['{', '}'], "")))),
            ("marker_begin", text("")),
            ("marker_end", text("/")),
            ("create", bare(true)),
            ("mode", mode),
            ("block", body),
        ];
        let more = [once_made, scene.notify()].concat();
        scene.task(&format!("Write our lines into {path}"), "blockinfile", map(task), more);
    }

    fn set_kernel_values(&mut self, scene: &mut Scene) {
        let (variable, seen) = (format!("{}_values", scene.prefix), self.result());
        let more = vec![
            ("loop".to_owned(), template(format!("{{{{ {variable} | dict2items }}}}"))),
            ("register".to_owned(), text(&seen)),
            ("changed_when".to_owned(), bare(false)),
            // a module that is loaded by this play has brought nothing yet in check mode
            ("failed_when".to_owned(), bare(false)),
            ("check_mode".to_owned(), bare(false)),
        ];
        let read = [("argv", list([text("sysctl"), text("-n"), template("{{ item.key }}")]))];
        scene.task("Read the values of the kernel", "command", map(read), more);
        let set = [("argv", list([text("sysctl"), text("-w"), template("{{ item.item.key }}={{ item.item.value }}")]))];
        let more = vec![
            ("loop".to_owned(), template(format!("{{{{ {seen}.results }}}}"))),
            ("loop_control".to_owned(), map([("label", template("{{ item.item.key }}"))])),
            when("item.stdout.split() != item.item.value.split()"),
            changes(),
        ];
        scene.task("Set the values of the kernel", "command", map(set), more);
    }

    fn unit_files(&mut self, scene: &mut Scene, unit: &str, files: u64) {
        scene.flush();
        let seen = self.result();
        let more = vec![("register".to_owned(), text(&seen))];
        scene.task(&format!("See {unit}"), "systemd_service", map([("name", text(unit))]), more);
        let pid = format!("{seen}.status.MainPID | default('0')");
        let limit = self.result();
        let argv = ["prlimit", "--noheadings", "--output", "SOFT", "--nofile", "--pid"].map(text);
        let argv = list(argv.into_iter().chain([template(format!("{{{{ {pid} }}}}"))]));
        let more = vec![
            ("register".to_owned(), text(&limit)),
            ("changed_when".to_owned(), bare(false)),
            ("check_mode".to_owned(), bare(false)),
            when(&format!("({pid}) | int > 0")),
        ];
        scene.task(&format!("See how many files {unit} may open"), "command", map([("argv", argv)]), more);
        let argv = list([
            text("prlimit"),
            template(format!("--nofile={files}:")),
            text("--pid"),
            template(format!("{{{{ {pid} }}}}")),
        ]);
        let more = vec![when(&format!("{limit}.stdout is defined and {limit}.stdout | int < {files}")), changes()];
        scene.task(&format!("Let {unit} open more files as it runs"), "command", map([("argv", argv)]), more);
    }

    fn packages(&mut self, scene: &mut Scene, tool: &str, names: &[String]) {
        let (variable, made) = (format!("{}_packages", scene.prefix), self.result());
        self.variables.push((variable.clone(), words(names)));
        let mut task = vec![("name", template(format!("{{{{ {variable} }}}}"))), ("state", text("present"))];
        let module = match tool {
            "apt" => {
                task.extend([
                    ("install_recommends", bare(false)),
                    ("update_cache", bare(true)),
                    ("cache_valid_time", bare(3600)),
                ]);
                "apt"
            }
            "dnf" => {
                task.push(("install_weak_deps", bare(false)));
                "dnf"
            }
            _ => "package",
        };
        scene.task("Install", module, map(task), vec![("register".to_owned(), text(&made))]);
        scene.makers.push(made);
    }

    fn security_updates(&mut self, scene: &mut Scene, tool: &str) {
        match tool {
            "apt" => {
                let seen = self.look(scene, "See which security updates wait", &["apt-get", "-s", "upgrade"]);
                let names = format!(
                    "{{{{ {seen}.stdout_lines | select('match', '^Inst [^ ]+ [[].*-[Ss]ecurity') \
                     | map('regex_replace', '^Inst ([^ ]+).*$', '\\\\1') | list }}}}"
                );
                let task = [("name", template(names)), ("state", text("latest")), ("only_upgrade", bare(true))];
                scene.task("Install the security updates", "apt", map(task), vec![]);
            }
            "dnf" | "yum" => {
                let task = [("name", text("*")), ("state", text("latest")), ("security", bare(true))];
                scene.task("Install the security updates", "dnf", map(task), vec![]);
            }
            _ => {
                let argv = words(["zypper", "--non-interactive", "patch", "--category", "security"]);
                scene.task("Install the security updates", "command", map([("argv", argv)]), vec![changes()]);
            }
        }
    }

    fn unit(&mut self, scene: &mut Scene, unit: &str, enabled: Option<bool>, running: Option<bool>) {
        scene.flush();
        let mut task = vec![("name", text(unit))];
        task.extend(enabled.map(|yes| ("enabled", bare(yes))));
        task.extend(running.map(|yes| ("state", text(if yes { "started" } else { "stopped" }))));
        scene.task(&format!("Set {unit}"), "systemd_service", map(task), scene.once_made(&[]));
    }

    /// Every port that people come in by must be among those that stay open.
    fn ssh_stays_open(&mut self, scene: &mut Scene, ports: &[String]) {
        let seen = self.look(scene, "See which port ssh comes in by", &["/usr/sbin/sshd", "-T"]);
        let variable = self.ports(scene, ports);
        let open = format!(
            "{seen}.stdout_lines | select('match', '^port ') | map('regex_replace', '^port (.*)$', '\\\\1/tcp') \
             | difference({variable}) | length == 0"
        );
        scene.holds("Stop where ssh would be closed", &open);
    }

    fn ports(&mut self, scene: &Scene, ports: &[String]) -> String {
        let variable = format!("{}_ports", scene.prefix);
        if !self.variables.iter().any(|(known, _)| *known == variable) {
            self.variables.push((variable.clone(), words(ports)));
        }
        variable
    }

    fn ufw(&mut self, scene: &mut Scene, ports: &[String], close: bool) {
        if close {
            self.ssh_stays_open(scene, ports);
        }
        let variable = self.ports(scene, ports);
        let seen = self.look(scene, "See the rules of ufw", &["ufw", "show", "added"]);
        let rule = "item | replace('-', ':')";
        let argv = list([
            text("ufw"),
            text("allow"),
            template(format!("{{{{ {rule} }}}}")),
            text("comment"),
            text("Plumbline"),
        ]);
        let more = vec![
            ("loop".to_owned(), template(format!("{{{{ {variable} }}}}"))),
            when(&format!(
                "{seen}.stdout_lines | select('match', '^ufw allow ' ~ ({rule}) ~ '( comment.*)?$') | length == 0"
            )),
            changes(),
        ];
        scene.task("Open the ports", "command", map([("argv", argv)]), more);
        if close {
            let state = self.look(scene, "See whether ufw closes the rest", &["ufw", "status", "verbose"]);
            for (name, argv, missing) in [
                ("Close every other port", &["ufw", "default", "deny", "incoming"][..], "deny (incoming)"),
                ("Switch ufw on", &["ufw", "--force", "enable"][..], "Status: active"),
            ] {
                let more = vec![when(&format!("'{missing}' not in {state}.stdout")), changes()];
                scene.task(name, "command", map([("argv", words(argv))]), more);
            }
        }
    }

    fn firewalld(&mut self, scene: &mut Scene, zone: &str, port: &str) {
        for (name, permanent) in [("now", &[][..]), ("at every boot", &["--permanent"][..])] {
            let zone = format!("--zone={zone}");
            let call = |verb: &str| {
                let mut argv = vec!["firewall-cmd".to_owned()];
                argv.extend(permanent.iter().map(|&word: &&str| word.to_owned()));
                argv.extend([zone.clone(), format!("--{verb}-port={port}")]);
                argv
            };
            let query = call("query");
            let query: Vec<&str> = query.iter().map(String::as_str).collect();
            let seen = self.look(scene, &format!("See whether {port} is open {name}"), &query);
            let more = vec![when(&format!("{seen}.rc != 0")), changes()];
            scene.task(&format!("Open {port} {name}"), "command", map([("argv", words(call("add")))]), more);
        }
    }

    fn nft_table(&mut self, scene: &mut Scene, name: &str, path: &str, ports: &[String]) {
        self.ssh_stays_open(scene, ports);
        let seen = self.result();
        let more = vec![
            ("register".to_owned(), text(&seen)),
            ("failed_when".to_owned(), bare(false)),
            ("check_mode".to_owned(), bare(false)),
            // not loaded, it is loaded as after a change of its file
            ("changed_when".to_owned(), template(format!("{seen}.rc != 0"))),
            ("notify".to_owned(), words(["Load our table of nftables"])),
        ];
        let argv = words(["nft", "list", "table", "inet", name]);
        scene.task("See our table of nftables", "command", map([("argv", argv)]), more);
        self.accepts(scene, "Stop where nftables does not read it", &["nft", "-c", "-f", path]);
        scene.flush();
    }

    fn port_script(&mut self, scene: &mut Scene, path: &str) {
        let seen = self.look(scene, "See whether the ports are open", &["/bin/sh", path, "state"]);
        let more = vec![when(&format!("{seen}.stdout != 'open'")), changes()];
        scene.task("Open the ports", "command", map([("argv", words(["/bin/sh", path, "add"]))]), more);
    }

    /// A jail watches a moment after its service has started, and must never shut out the one who came with this change.
    fn jail(&mut self, scene: &mut Scene, name: &str, address: &str) {
        scene.flush();
        let seen = self.result();
        let mut more = not_in_check_mode();
        more.extend([
            ("register".to_owned(), text(&seen)),
            ("changed_when".to_owned(), bare(false)),
            ("until".to_owned(), template(format!("{seen}.rc == 0"))),
            ("retries".to_owned(), bare(10)),
            ("delay".to_owned(), bare(1)),
        ]);
        let argv = words(["fail2ban-client", "get", name, "ignoreip"]);
        scene.task(&format!("Wait until fail2ban watches {name}"), "command", map([("argv", argv)]), more);
        if !address.contains('{') {
            scene.holds("Stop where you could be shut out", &format!("{} in {seen}.stdout", literal(address)));
        }
    }

    fn journal(&mut self, scene: &mut Scene) {
        let command = |argv: &[&str]| vec![task("command", map([("argv", words(argv))])), changes()];
        let restart =
            task("systemd_service", map([("name", text("systemd-journald.service")), ("state", text("restarted"))]));
        let names = vec![
            self.handler(
                "Give the journal its folder",
                command(&["systemd-tmpfiles", "--create", "--prefix", "/var/log/journal"]),
            ),
            self.handler("Restart systemd-journald.service", vec![restart]),
            self.handler("Move the journal to disk", command(&["journalctl", "--flush"])),
        ];
        let task = [
            ("path", text("/var/log/journal")),
            ("state", text("directory")),
            ("owner", text("root")),
            ("group", text("systemd-journal")),
            ("mode", text("2755")),
        ];
        scene.task("Keep the journal on disk", "file", map(task), vec![("notify".to_owned(), words(names))]);
        scene.flush();
    }

    fn system_user(&mut self, scene: &mut Scene, user: &str, group: &str) {
        let (made, grouped) = (self.result(), self.result());
        scene.task(
            &format!("Make the group {group}"),
            "group",
            map([("name", text(group)), ("system", bare(true))]),
            vec![("register".to_owned(), text(&grouped))],
        );
        let task = [
            ("name", text(user)),
            ("group", text(group)),
            ("system", bare(true)),
            ("create_home", bare(false)),
            ("home", text("/nonexistent")),
            ("shell", text("/usr/sbin/nologin")),
        ];
        scene.task(&format!("Make the user {user}"), "user", map(task), vec![("register".to_owned(), text(&made))]);
        self.accounts.extend([(user.to_owned(), made), (group.to_owned(), grouped)]);
    }

    /// The tasks that make these users and groups, where this playbook does.
    fn made_for<'a>(&self, names: impl Iterator<Item = &'a String>) -> Vec<&str> {
        names
            .flat_map(|name| self.accounts.iter().filter(move |(made, _)| made == name))
            .map(|(_, by)| by.as_str())
            .collect()
    }

    fn swap_file(&mut self, scene: &mut Scene, path: &str, mib: u64) {
        let seen = self.result();
        let more = vec![("register".to_owned(), text(&seen))];
        scene.task(&format!("See {path}"), "stat", map([("path", text(path))]), more);
        let fresh = || when(&format!("not {seen}.stat.exists"));
        let (of, count) = (format!("of={path}"), format!("count={mib}"));
        let dd = ["dd", "if=/dev/zero", &of, "bs=1048576", &count, "conv=fsync"];
        let write = map([("argv", words(dd)), ("creates", text(path))]);
        scene.task("Write the swap file", "command", write, vec![fresh()]);
        let mode =
            map([("path", text(path)), ("owner", text("root")), ("group", text("root")), ("mode", text("0600"))]);
        let more = vec![when(&format!("not ansible_check_mode or {seen}.stat.exists"))];
        scene.task("Close the swap file to all but root", "file", mode, more);
        for (name, argv) in [("Make it swap", ["mkswap", path]), ("Switch it on", ["swapon", path])] {
            scene.task(name, "command", map([("argv", words(argv))]), vec![fresh(), changes()]);
        }
    }
}

impl Scene {
    fn task(&mut self, name: &str, module: &str, arguments: Yaml, more: Pairs) {
        let mut pairs = vec![("name".to_owned(), text(sentence(name))), task(module, arguments)];
        pairs.extend(more);
        self.tasks.push(Yaml::Map(pairs));
        self.flushed = false;
    }

    /// Ends the play where this does not hold.
    fn holds(&mut self, name: &str, condition: &str) {
        let that = list([template(condition)]);
        self.task(name, "assert", map([("that", that), ("quiet", bare(true))]), not_in_check_mode());
    }

    /// Lets those who were told read their files now.
    fn flush(&mut self) {
        if self.flushed || self.tasks.is_empty() {
            return;
        }
        let pairs =
            [("name", text("Let everybody read their files now")), ("ansible.builtin.meta", text("flush_handlers"))];
        self.tasks.push(map(pairs));
        self.flushed = true;
    }

    fn notify(&self) -> Pairs {
        if self.notifies.is_empty() { Vec::new() } else { vec![("notify".to_owned(), words(&self.notifies))] }
    }

    /// In check mode, what this change makes first is not there, nor what `others` make, which may be switched off.
    fn once_made(&self, others: &[&str]) -> Pairs {
        let own = self.makers.iter().map(|made| format!("{made} is not changed"));
        let others = others.iter().map(|made| format!("{made} | default({{}}) is not changed"));
        let there: Vec<String> = own.chain(others).collect();
        if there.is_empty() {
            return Vec::new();
        }
        vec![when(&format!("not ansible_check_mode or ({})", there.join(" and ")))]
    }

    /// Lines of kernel values as a template over the variable that holds them; nothing for any other text.
    fn values_as_template(&self, content: &str) -> Option<String> {
        if self.kernel_values.is_empty() {
            return None;
        }
        let comments: String =
            content.lines().take_while(|line| line.starts_with('#')).map(|line| format!("{line}\n")).collect();
        let lines: String = self.kernel_values.iter().map(|(key, value)| format!("{key} = {value}\n")).collect();
        if content != format!("{comments}{lines}") || comments.contains(['{', '}']) {
            return None;
        }
        let variable = format!("{}_values", self.prefix);
        Some(format!(
            "{comments}{{% for key, value in {variable}.items() %}}\n{{{{ key }}}} = {{{{ value }}}}\n{{% endfor %}}\n"
        ))
    }
}

/// The values that a block of kernel parameters sets, in its order.
fn kernel_values(acts: &[&Act]) -> Vec<(String, String)> {
    let block = acts.iter().find_map(|act| match act {
        Act::Block { path, text, .. } if path.starts_with("/etc/sysctl.d/") => Some(text),
        _ => None,
    });
    let lines = block.map(|text| text.lines()).into_iter().flatten().filter(|line| !line.starts_with('#'));
    let values = lines.map(|line| line.split_once(" = ").map(|(key, value)| (key.to_owned(), value.to_owned())));
    let values = values.collect::<Option<Vec<_>>>().unwrap_or_default();
    if values.iter().all(|(key, _)| is_parameter(key)) { values } else { Vec::new() }
}

/// A name that the kernel could have; keys of variables cannot be marked as what they are, plain text.
fn is_parameter(key: &str) -> bool {
    key.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '/' | '*'))
}

fn task(module: &str, arguments: Yaml) -> (String, Yaml) {
    (format!("ansible.builtin.{module}"), arguments)
}

fn daemon_reload() -> (String, Yaml) {
    task("systemd_service", map([("daemon_reload", bare(true))]))
}

fn when(condition: &str) -> (String, Yaml) {
    ("when".to_owned(), template(condition))
}

fn changes() -> (String, Yaml) {
    ("changed_when".to_owned(), bare(true))
}

fn not_in_check_mode() -> Pairs {
    vec![when("not ansible_check_mode")]
}

/// A text inside a condition.
fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}

/// `644` as Ansible wants it.
fn four(mode: &str) -> String {
    format!("{mode:0>4}")
}

/// A part of a variable's name.
fn identifier(id: &str) -> String {
    id.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' }).collect()
}
