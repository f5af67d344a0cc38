//! The person's own SSH config: names that stand for servers, and how to reach them.
//!
//! Host, HostName, User, Port, IdentityFile, IdentityAgent, IdentitiesOnly, ProxyJump, HostKeyAlias, UserKnownHostsFile,
//! Include, and Match with host, originalhost, user or all. What is not understood is listed with its place, never ignored:
//! see [`Resolved::not_understood`].

use crate::error::{Error, Fault, visible};
use crate::known_hosts::wildcard;
use crate::ssh::home;
use crate::target::{Target, ascii_host, local_user, parts};
use std::collections::HashSet;
use std::path::{Path, PathBuf};

/// A config, read with what it includes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SshConfig {
    lines: Vec<Line>,
    home: PathBuf,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Line {
    /// `FILE:LINE`.
    place: String,
    keyword: String,
    words: Vec<String>,
    /// Where the line stands: the conditions of its block, and of the blocks around its file's Include.
    when: Vec<Condition>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Condition {
    Host(Vec<String>),
    Match(Vec<Criterion>),
    /// A Match that we cannot judge: what stands under it is listed and not used.
    Unknown,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Criterion {
    what: What,
    patterns: Vec<String>,
    negated: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    All,
    Host,
    OriginalHost,
    User,
    LocalUser,
}

/// A server as the config describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolved {
    pub target: Target,
    /// Files to read instead of the usual ones, where the config names some.
    pub known_hosts: Option<Vec<PathBuf>>,
    /// `FILE:LINE: what we do not follow`: to be shown before connecting.
    pub not_understood: Vec<String>,
}

/// OpenSSH stops here too.
const DEEPEST: usize = 16;

impl SshConfig {
    /// Reads `file`, or the person's and the system's own. A file that is not there says nothing.
    pub fn read(file: Option<&Path>) -> Result<Self, Error> {
        let home = home().unwrap_or_default();
        let mut config = SshConfig { lines: Vec::new(), home: home.clone() };
        match file {
            Some(file) => {
                let text = std::fs::read(file).map_err(|e| unreadable(&file.display().to_string(), &e.to_string()))?;
                config.add(file, &text, &[], 0)?;
            }
            None => {
                let system = if cfg!(windows) { r"C:\ProgramData\ssh\ssh_config" } else { "/etc/ssh/ssh_config" };
                for file in [home.join(".ssh").join("config"), PathBuf::from(system)] {
                    match std::fs::read(&file) {
                        Ok(text) => config.add(&file, &text, &[], 0)?,
                        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                        Err(error) => return Err(unreadable(&file.display().to_string(), &error.to_string())),
                    }
                }
            }
        }
        Ok(config)
    }

    /// For tests: the text of one file. Its Includes are looked for as always.
    pub fn parse(file: &Path, text: &[u8], home: &Path) -> Result<Self, Error> {
        let mut config = SshConfig { lines: Vec::new(), home: home.to_owned() };
        config.add(file, text, &[], 0)?;
        Ok(config)
    }

    /// The names that stand for one server each: for a list to choose from.
    pub fn names(&self) -> Vec<String> {
        let mut seen = HashSet::new();
        let hosts = self.lines.iter().filter(|line| line.keyword == "host").flat_map(|line| &line.words);
        hosts.filter(|name| !name.contains(['*', '?', '!']) && seen.insert(name.as_str())).cloned().collect()
    }

    /// What `[USER@]NAME[:PORT]` stands for. What was typed wins over the config.
    pub fn target(&self, text: &str) -> Result<Resolved, Error> {
        let mut notes = Vec::new();
        let (target, known_hosts) = self.resolve(text, &mut notes, 0)?;
        notes.dedup();
        Ok(Resolved { target, known_hosts, not_understood: notes })
    }

    fn resolve(
        &self,
        text: &str,
        notes: &mut Vec<String>,
        depth: usize,
    ) -> Result<(Target, Option<Vec<PathBuf>>), Error> {
        if depth > DEEPEST {
            return Err(unreadable(text, "its ProxyJump leads back to itself"));
        }
        let asked = parts(text)?;
        let mut found = Found { user: asked.user.map(str::to_owned), port: asked.port, ..Found::default() };
        for line in &self.lines {
            if self.applies(line, asked.host, &found, notes) {
                found.take(line, notes)?;
            }
        }
        let user = found.user.clone();
        let remote_user = user.clone().unwrap_or_else(local_user);
        let tokens = |text: &str, host: &str, port: u16| expand(text, asked.host, host, port, &remote_user, &self.home);
        let port = found.port.unwrap_or(22);
        let host_text = match &found.host_name {
            Some((place, name)) => tokens(name, asked.host, port).map_err(|why| unreadable(place, &why))?,
            None => asked.host.to_owned(),
        };
        let host = ascii_host(&host_text).map_err(|why| Error::new(Fault::BadAddress { why }).server(text))?;
        let mut target = Target::new(host, port);
        target.user = user;
        target.label = (target.host != asked.host).then(|| asked.host.to_owned());
        target.known_as = found.host_key_alias;
        for (place, file) in &found.identity_files {
            let file = tokens(file, &host_text, port).map_err(|why| unreadable(place, &why))?;
            target.identity.files.push(PathBuf::from(file));
        }
        if found.identity_files.is_empty() {
            let usual = ["id_ed25519", "id_ecdsa", "id_rsa"].map(|name| self.home.join(".ssh").join(name));
            target.identity.files = usual.into_iter().filter(|file| file.exists()).collect();
        }
        target.identity.only_files = found.identities_only.unwrap_or(false);
        if let Some((place, agent)) = &found.identity_agent {
            match agent.as_str() {
                "SSH_AUTH_SOCK" => {}
                "none" => {
                    notes.push(format!("{place}: IdentityAgent none. Choose another way to sign in than the agent."))
                }
                path => {
                    let path =
                        path.strip_prefix('$').map_or_else(|| Ok(path.to_owned()), |name| environment(name, place))?;
                    target.identity.agent =
                        Some(PathBuf::from(tokens(&path, &host_text, port).map_err(|why| unreadable(place, &why))?));
                }
            }
        }
        if let Some((_, jumps)) = &found.proxy_jump
            && jumps != "none"
        {
            for (index, jump) in jumps.split(',').map(str::trim).filter(|j| !j.is_empty()).enumerate() {
                let (mut hop, _) = self.resolve(jump, notes, depth + 1)?;
                // Only the first hop is reached from here; what the others would pass through does not count.
                let before = std::mem::take(&mut hop.jump);
                if index == 0 {
                    target.jump.extend(before);
                }
                target.jump.push(hop);
            }
        }
        let known_hosts = found.known_hosts.map(|(place, files)| {
            let each = files
                .iter()
                .filter(|file| *file != "none")
                .map(|file| tokens(file, &host_text, port).map(PathBuf::from));
            each.collect::<Result<Vec<_>, _>>().map_err(|why| unreadable(&place, &why))
        });
        Ok((target, known_hosts.transpose()?))
    }

    fn applies(&self, line: &Line, asked: &str, found: &Found, notes: &mut Vec<String>) -> bool {
        for condition in &line.when {
            let holds = match condition {
                Condition::Host(patterns) => matches_list(patterns, asked),
                Condition::Unknown => {
                    // The line itself is not named: its Match was, when it was read.
                    return false;
                }
                Condition::Match(criteria) => criteria.iter().all(|criterion| {
                    let host_name = found.host_name.as_ref().map_or(asked, |(_, name)| name.as_str());
                    let user = found.user.clone().unwrap_or_else(local_user);
                    let holds = match criterion.what {
                        What::All => true,
                        What::Host => matches_list(&criterion.patterns, host_name),
                        What::OriginalHost => matches_list(&criterion.patterns, asked),
                        What::User => matches_list(&criterion.patterns, &user),
                        What::LocalUser => matches_list(&criterion.patterns, &local_user()),
                    };
                    holds != criterion.negated
                }),
            };
            if !holds {
                return false;
            }
        }
        if line.keyword == "match-unknown" {
            notes.push(format!("{}: Match {}", line.place, visible(&line.words.join(" "), 120)));
            return false;
        }
        true
    }

    fn add(&mut self, file: &Path, text: &[u8], around: &[Condition], depth: usize) -> Result<(), Error> {
        let mut when = around.to_vec();
        for (index, line) in text.split(|&b| b == b'\n').enumerate() {
            let place = format!("{}:{}", file.display(), index + 1);
            let line = std::str::from_utf8(line).map_err(|_| unreadable(&place, "it is not text"))?;
            let words = split(line).map_err(|why| unreadable(&place, why))?;
            let Some((keyword, words)) = words.split_first() else { continue };
            let (keyword, words) = (keyword.to_ascii_lowercase(), words.to_vec());
            if words.is_empty() {
                return Err(unreadable(&place, &format!("{} has no value", visible(&keyword, 40))));
            }
            match keyword.as_str() {
                "host" => {
                    self.lines.push(Line { place, keyword, words: words.clone(), when: vec![Condition::Unknown] });
                    when = around.to_vec();
                    when.push(Condition::Host(words));
                }
                "match" => {
                    when = around.to_vec();
                    match criteria(&words) {
                        Some(criteria) => when.push(Condition::Match(criteria)),
                        None => {
                            self.lines.push(Line {
                                place,
                                keyword: "match-unknown".to_owned(),
                                words,
                                when: around.to_vec(),
                            });
                            when.push(Condition::Unknown);
                        }
                    }
                }
                "include" => {
                    if depth >= DEEPEST {
                        return Err(unreadable(&place, "Include is nested too deeply"));
                    }
                    for pattern in &words {
                        for included in self.included(pattern, file).map_err(|why| unreadable(&place, &why))? {
                            match std::fs::read(&included) {
                                Ok(text) => self.add(&included, &text, &when, depth + 1)?,
                                // OpenSSH passes over what it cannot open here, and so does everybody's setup.
                                Err(_) => continue,
                            }
                        }
                    }
                }
                _ => self.lines.push(Line { place, keyword, words, when: when.clone() }),
            }
        }
        Ok(())
    }

    /// The files that an Include means: relative ones live in ~/.ssh, or beside the system's file.
    fn included(&self, pattern: &str, from: &Path) -> Result<Vec<PathBuf>, String> {
        let pattern = tilde(pattern, &self.home);
        let path = PathBuf::from(&pattern);
        let base = if from.starts_with("/etc/ssh") { PathBuf::from("/etc/ssh") } else { self.home.join(".ssh") };
        let path = if path.is_absolute() { path } else { base.join(path) };
        let mut found = vec![PathBuf::new()];
        for part in path.components() {
            let text = part.as_os_str().to_string_lossy().into_owned();
            if !text.contains(['*', '?', '[']) {
                found.iter_mut().for_each(|p| p.push(part));
                continue;
            }
            if text.contains('[') {
                return Err(format!("we do not read patterns with brackets, as in {pattern}"));
            }
            let mut next = Vec::new();
            for folder in &found {
                let Ok(entries) = std::fs::read_dir(folder) else { continue };
                let mut names: Vec<_> = entries.flatten().map(|e| e.file_name()).collect();
                names.sort();
                let visible = |name: &str| !name.starts_with('.') || text.starts_with('.');
                next.extend(
                    names
                        .iter()
                        .filter(|n| visible(&n.to_string_lossy()) && wildcard(&text, &n.to_string_lossy()))
                        .map(|n| folder.join(n)),
                );
            }
            found = next;
        }
        Ok(found)
    }
}

/// What the config has said so far about one server: the first word on a subject counts.
#[derive(Default)]
struct Found {
    user: Option<String>,
    port: Option<u16>,
    host_name: Option<(String, String)>,
    identity_files: Vec<(String, String)>,
    identity_agent: Option<(String, String)>,
    identities_only: Option<bool>,
    proxy_jump: Option<(String, String)>,
    host_key_alias: Option<String>,
    known_hosts: Option<(String, Vec<String>)>,
}

impl Found {
    fn take(&mut self, line: &Line, notes: &mut Vec<String>) -> Result<(), Error> {
        let Some(first) = line.words.first().cloned() else { return Ok(()) };
        let here = || line.place.clone();
        match line.keyword.as_str() {
            "hostname" => _ = self.host_name.get_or_insert((here(), first)),
            "user" => _ = self.user.get_or_insert(first),
            "port" => {
                let port = first
                    .parse()
                    .ok()
                    .filter(|p| *p > 0)
                    .ok_or_else(|| unreadable(&line.place, "Port is a number from 1 to 65535"))?;
                self.port.get_or_insert(port);
            }
            "identityfile" if first != "none" => self.identity_files.push((here(), first)),
            "identityagent" => _ = self.identity_agent.get_or_insert((here(), first)),
            "identitiesonly" => {
                let yes = yes_or_no(&first).ok_or_else(|| unreadable(&line.place, "IdentitiesOnly is yes or no"))?;
                self.identities_only.get_or_insert(yes);
            }
            "proxyjump" => _ = self.proxy_jump.get_or_insert((here(), first)),
            "hostkeyalias" => _ = self.host_key_alias.get_or_insert(first.to_ascii_lowercase()),
            "userknownhostsfile" => _ = self.known_hosts.get_or_insert((here(), line.words.clone())),
            // A jump that was named first makes a proxy command moot, as in ssh.
            "proxycommand" if first == "none" || self.proxy_jump.is_some() => {}
            other if WITHOUT_EFFECT.contains(&other) => {}
            _ => notes.push(format!(
                "{}: {} {}",
                line.place,
                visible(&line.keyword, 40),
                visible(&line.words.join(" "), 120)
            )),
        }
        Ok(())
    }
}

/// Keywords that change nothing about whom we reach and who we are: how a terminal, a forwarding or a shared connection behaves,
/// or what we do anyway (judge the key, keep the line alive, no compression).
const WITHOUT_EFFECT: &[&str] = &[
    "host",
    "identityfile",
    "addkeystoagent",
    "batchmode",
    "checkhostip",
    "clearallforwardings",
    "compression",
    "connectionattempts",
    "connecttimeout",
    "controlmaster",
    "controlpath",
    "controlpersist",
    "dynamicforward",
    "enableescapecommandline",
    "escapechar",
    "exitonforwardfailure",
    "fingerprinthash",
    "forwardagent",
    "forwardx11",
    "forwardx11timeout",
    "forwardx11trusted",
    "gatewayports",
    "globalknownhostsfile",
    "gssapiauthentication",
    "gssapidelegatecredentials",
    "hashknownhosts",
    "ignoreunknown",
    "ipqos",
    "localcommand",
    "localforward",
    "loglevel",
    "logverbose",
    "nohostauthenticationforlocalhost",
    "numberofpasswordprompts",
    "obscurekeystroketiming",
    "permitlocalcommand",
    "rekeylimit",
    "remotecommand",
    "remoteforward",
    "requesttty",
    "sendenv",
    "serveralivecountmax",
    "serveraliveinterval",
    "sessiontype",
    "setenv",
    "stdinnull",
    "forkafterauthentication",
    "streamlocalbindmask",
    "streamlocalbindunlink",
    "stricthostkeychecking",
    "syslogfacility",
    "tag",
    "tcpkeepalive",
    "tunnel",
    "tunneldevice",
    "updatehostkeys",
    "usekeychain",
    "verifyhostkeydns",
    "visualhostkey",
    "xauthlocation",
];

fn criteria(words: &[String]) -> Option<Vec<Criterion>> {
    let mut criteria = Vec::new();
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        let (negated, name) = word.strip_prefix('!').map_or((false, word.as_str()), |name| (true, name));
        let what = match name.to_ascii_lowercase().as_str() {
            "all" => What::All,
            "host" => What::Host,
            "originalhost" => What::OriginalHost,
            "user" => What::User,
            "localuser" => What::LocalUser,
            _ => return None,
        };
        let patterns =
            if what == What::All { Vec::new() } else { rest.next()?.split(',').map(str::to_owned).collect() };
        criteria.push(Criterion { what, patterns, negated });
    }
    (!criteria.is_empty()).then_some(criteria)
}

fn matches_list(patterns: &[String], name: &str) -> bool {
    let mut matched = false;
    for pattern in patterns {
        match pattern.strip_prefix('!') {
            Some(not) if wildcard(not, name) => return false,
            Some(_) => {}
            None => matched |= wildcard(pattern, name),
        }
    }
    matched
}

/// Words of a line: an equals sign may follow the keyword, quotes keep spaces, a hash begins a comment.
fn split(line: &str) -> Result<Vec<String>, &'static str> {
    let line = line.trim();
    let keyword_end = line.find(|c: char| c.is_whitespace() || c == '=').unwrap_or(line.len());
    let (keyword, rest) = line.split_at(keyword_end);
    if keyword.is_empty() || keyword.starts_with('#') {
        return Ok(Vec::new());
    }
    let rest = rest.trim_start();
    let rest = rest.strip_prefix('=').unwrap_or(rest);
    let mut words = vec![keyword.to_owned()];
    let (mut word, mut open, mut quote) = (String::new(), false, None);
    let mut characters = rest.chars().peekable();
    while let Some(c) = characters.next() {
        match (c, quote) {
            (c, Some(q)) if c == q => quote = None,
            ('\\', _) if characters.peek().is_some_and(|next| matches!(next, '"' | '\'' | '\\')) => {
                word.extend(characters.next());
                open = true;
            }
            (c, Some(_)) => word.push(c),
            ('"' | '\'', None) => {
                quote = Some(c);
                open = true;
            }
            ('#', None) if !open => break,
            (c, None) if c.is_whitespace() => {
                if open {
                    words.push(std::mem::take(&mut word));
                }
                open = false;
            }
            (c, None) => {
                word.push(c);
                open = true;
            }
        }
    }
    if quote.is_some() {
        return Err("a quote is not closed");
    }
    if open {
        words.push(word);
    }
    Ok(words)
}

fn yes_or_no(word: &str) -> Option<bool> {
    match word.to_ascii_lowercase().as_str() {
        "yes" | "true" => Some(true),
        "no" | "false" => Some(false),
        _ => None,
    }
}

fn tilde(text: &str, home: &Path) -> String {
    match text.strip_prefix("~/") {
        Some(rest) => home.join(rest).display().to_string(),
        None => text.to_owned(),
    }
}

fn environment(name: &str, place: &str) -> Result<String, Error> {
    std::env::var(name).map_err(|_| unreadable(place, &format!("the environment has no {}", visible(name, 40))))
}

/// Tokens of ssh_config(5) and `${NAME}`; an unknown token is an error, because a wrong path would be a riddle.
fn expand(text: &str, asked: &str, host: &str, port: u16, user: &str, home: &Path) -> Result<String, String> {
    let text = tilde(text, home);
    let mut out = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        match c {
            '%' => match characters.next() {
                Some('%') => out.push('%'),
                Some('h') => out.push_str(host),
                Some('n') => out.push_str(asked),
                Some('p') => out.push_str(&port.to_string()),
                Some('r') => out.push_str(user),
                Some('u') => out.push_str(&local_user()),
                Some('d') => out.push_str(&home.display().to_string()),
                // The zone of an IPv6 address is written with a percent sign too.
                Some(other) if host.contains(':') || text.contains("::") => out.extend(['%', other]),
                Some(other) => return Err(format!("we do not know the token %{}", visible(&other.to_string(), 1))),
                None => return Err("it ends with a percent sign".to_owned()),
            },
            '$' if characters.peek() == Some(&'{') => {
                characters.next();
                let name: String = characters.by_ref().take_while(|c| *c != '}').collect();
                out.push_str(
                    &std::env::var(&name).map_err(|_| format!("the environment has no {}", visible(&name, 40)))?,
                );
            }
            c => out.push(c),
        }
    }
    Ok(out)
}

fn unreadable(place: &str, why: &str) -> Error {
    Error::new(Fault::ConfigUnreadable { place: place.to_owned(), why: why.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(text: &str) -> SshConfig {
        SshConfig::parse(Path::new("config"), text.as_bytes(), Path::new("/home/me")).unwrap()
    }

    #[test]
    fn the_first_word_counts_and_key_files_add_up() {
        let config = config(
            "# mine\nHost chat chat-*\n  HostName=chat-01.example.net\n\tUser deploy\n  Port 2222\n  IdentityFile ~/.ssh/%r@%h\n\
             Host *\n User other\n Port 9\n IdentityFile \"/keys/a b\"\n IdentitiesOnly yes\n ServerAliveInterval 5\n",
        );
        let resolved = config.target("chat").unwrap();
        let target = &resolved.target;
        assert_eq!(
            (target.host.as_str(), target.port, target.user.as_deref()),
            ("chat-01.example.net", 2222, Some("deploy"))
        );
        assert_eq!(target.name(), "chat");
        assert_eq!(
            target.identity.files,
            [PathBuf::from("/home/me/.ssh/deploy@chat-01.example.net"), PathBuf::from("/keys/a b")]
        );
        assert!(target.identity.only_files && resolved.not_understood.is_empty());
        let typed = config.target("root@chat:22").unwrap().target;
        assert_eq!((typed.port, typed.user.as_deref()), (22, Some("root")), "what was typed wins");
        assert_eq!(config.target("else").unwrap().target.user.as_deref(), Some("other"));
        assert_eq!(config.names(), ["chat"]);
    }

    #[test]
    fn jumps_are_resolved_by_name() {
        let config = config(
            "Host db\n ProxyJump a,bob@b:2200\nHost a\n HostName 192.0.2.1\n User ann\n ProxyJump gate\nHost b\n HostName 2001:db8::b\n ProxyJump never\nHost gate\n User gate\n",
        );
        let target = config.target("db").unwrap().target;
        let hops: Vec<_> = target.jump.iter().map(ToString::to_string).collect();
        assert_eq!(hops, ["gate@gate", "ann@192.0.2.1", "bob@[2001:db8::b]:2200"]);
        assert!(target.jump.iter().all(|hop| hop.jump.is_empty()));
        let none = super::tests::config("Host x\n ProxyJump none\nHost *\n ProxyJump y\n");
        assert!(none.target("x").unwrap().target.jump.is_empty());
        let circle = super::tests::config("Host *\n ProxyJump y\n");
        assert_eq!(circle.target("x").unwrap_err().code(), "ssh-config-not-readable");
    }

    #[test]
    fn what_is_not_followed_is_listed() {
        let config = config(
            "Host x\n ProxyCommand nc %h %p\n Ciphers aes128-cbc\nMatch exec \"true\"\n User evil\nMatch host x user me\n Port 7\nHost y\n CertificateFile z\n",
        );
        let resolved = config.target("me@x").unwrap();
        assert_eq!(
            resolved.not_understood,
            ["config:2: proxycommand nc %h %p", "config:3: ciphers aes128-cbc", "config:4: Match exec true"]
        );
        assert_eq!((resolved.target.port, resolved.target.user.as_deref()), (7, Some("me")));
    }

    #[test]
    fn a_broken_line_is_named() {
        for (text, place) in [
            ("Port x", "c:1"),
            ("\nHost", "c:2"),
            ("User \"a", "c:1"),
            ("IdentitiesOnly maybe", "c:1"),
            ("IdentityFile /a/%q", "c:1"),
        ] {
            let error = SshConfig::parse(Path::new("c"), text.as_bytes(), Path::new("/h"))
                .and_then(|c| c.target("x"))
                .unwrap_err();
            assert_eq!((error.code(), error.exit_code()), ("ssh-config-not-readable", 4), "{text}");
            assert!(error.happened().contains(place), "{text}: {}", error.happened());
        }
    }

    #[test]
    fn includes_keep_the_condition_they_stand_under() {
        let home = tempfile::tempdir().unwrap();
        let ssh = home.path().join(".ssh");
        std::fs::create_dir_all(ssh.join("conf.d")).unwrap();
        std::fs::write(ssh.join("conf.d/1"), "User one\nHost b\n User two\n").unwrap();
        std::fs::write(ssh.join("conf.d/2"), "Port 5\n").unwrap();
        std::fs::write(ssh.join("conf.d/.hidden"), "Port 6\n").unwrap();
        let text = "Host a\n Include conf.d/* nothing/*\nHost *\n User last\n";
        let config = SshConfig::parse(Path::new("c"), text.as_bytes(), home.path()).unwrap();
        let target = |name: &str| config.target(name).unwrap().target;
        assert_eq!((target("a").user.as_deref(), target("a").port), (Some("one"), 5));
        assert_eq!((target("b").user.as_deref(), target("b").port), (Some("last"), 22), "included under Host a only");
        std::fs::write(ssh.join("loop"), "Include loop\n").unwrap();
        assert!(SshConfig::parse(Path::new("c"), b"Include loop", home.path()).is_err());
    }

    #[test]
    fn words() {
        assert_eq!(split("  IdentityFile \"a b\" c#d # e ").unwrap(), ["IdentityFile", "a b", "c#d"]);
        assert_eq!(split("User=x").unwrap(), ["User", "x"]);
        assert_eq!(split("User = \"\"").unwrap(), ["User", ""]);
        assert!(split("# x").unwrap().is_empty() && split("").unwrap().is_empty());
    }
}
