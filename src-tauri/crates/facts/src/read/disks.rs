//! Room on the file systems that matter, and what they stand on.

use super::Context;
use super::answers::{Answers, Silence};
use super::notes::{Cited, Notes, word};
use super::system::{container, no_source};
use crate::{Confidence, Key, Kind, Value, Why};
use std::collections::BTreeMap;

const KINDS: [Kind; 8] = [
    Kind::DiskSize,
    Kind::DiskFree,
    Kind::DiskUsed,
    Kind::DiskInodesFree,
    Kind::DiskKind,
    Kind::DiskFileSystem,
    Kind::DiskOptions,
    Kind::DiskEncrypted,
];

pub(super) fn read(answers: &Answers, _: &Context, notes: &mut Notes) {
    for kind in KINDS {
        for key in answers.asked(kind) {
            match kind {
                Kind::DiskSize | Kind::DiskFree | Kind::DiskUsed => read_room(key, answers, notes),
                Kind::DiskInodesFree => read_inodes(key, answers, notes),
                _ => read_mount(key, answers, notes),
            }
        }
    }
    read_others(answers, notes);
    read_raid(answers, notes);
}

/// One asked path: the parent that exists, and its row of `df`.
struct Place<'a> {
    parent: &'a str,
    row: Option<Vec<&'a str>>,
}

/// `Err` with the reason when the path lies on a network mount, which is not touched.
fn place<'a>(
    path: &str,
    section: &str,
    answers: &'a Answers,
) -> Result<(Place<'a>, &'a super::answers::Said), Silence> {
    let paths = answers.said("disk.paths")?;
    let places: Vec<_> = paths.text.lines().filter_map(|line| line.split_once(' ')).collect();
    let near: Vec<_> = places.iter().filter_map(|(path, rest)| Some((*path, rest.strip_prefix("near ")?))).collect();
    let Some(at) = near.iter().position(|(asked, _)| *asked == path) else {
        let far = places.iter().find(|(asked, _)| *asked == path).and_then(|(_, rest)| rest.strip_prefix("far "));
        let by = far.map(|mount| format!("a network mount at {mount}, which we do not touch"));
        return Err(Silence::Because(by.map_or(Why::NotRead, |by| Why::Hidden { by })));
    };
    let said = answers.said(section)?;
    // df prints one row for each argument, in their order; when one is missing, its mount point tells the rows apart.
    let rows: Vec<_> = said.text.lines().filter_map(row).collect();
    let parent = near[at].1;
    let row = if rows.len() == near.len() {
        rows.get(at).cloned()
    } else {
        let under = |mount: &str| {
            mount == "/" || parent == mount || parent.strip_prefix(mount).is_some_and(|r| r.starts_with('/'))
        };
        rows.into_iter().filter(|row| under(row[5])).max_by_key(|row| row[5].len())
    };
    Ok((Place { parent, row }, said))
}

/// "Filesystem 1024-blocks Used Available Capacity Mounted on"
fn row(line: &str) -> Option<Vec<&str>> {
    let words: Vec<_> = line.split_whitespace().collect();
    let numbers = words.get(1..4)?.iter().all(|word| *word == "-" || word.parse::<u64>().is_ok());
    (words.len() >= 6 && numbers && words[5].starts_with('/')).then_some(words)
}

fn read_room(key: &Key, answers: &Answers, notes: &mut Notes) {
    let (place, said) = match place(key.argument(), "disk.size", answers) {
        Ok(found) => found,
        Err(silence) => return notes.silent([key.clone()], &silence),
    };
    let command = format!("df -Pk {}", place.parent);
    let numbers = place.row.as_ref().map(|row| [1, 2, 3].map(|i| row[i].parse::<u64>().ok()));
    // No file system has a million terabytes: whoever says so is not measuring.
    let numbers = numbers.map(|all| all.map(|kib| kib.filter(|&kib| kib < 1 << 50)));
    let Some([Some(size), Some(used), Some(free)]) = numbers else {
        let cited = notes.cite(command, &said.text, said.exit);
        return notes.unknown(key.clone(), Why::Unreadable { answer: word(&said.text) }, &cited);
    };
    let cited = notes.cite(command, &place.row.unwrap_or_default().join(" "), 0);
    let value = match key.kind() {
        Kind::DiskSize => Value::Bytes(size.saturating_mul(1024)),
        Kind::DiskFree => Value::Bytes(free.saturating_mul(1024)),
        // As df does: what root keeps back is not there for anyone else.
        _ => Value::Percent(percent(used, used.saturating_add(free))),
    };
    notes.reported(key.clone(), value, &cited);
}

fn percent(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { (1000.0 * part as f64 / whole as f64).round() / 10.0 }
}

fn read_inodes(key: &Key, answers: &Answers, notes: &mut Notes) {
    let (place, said) = match place(key.argument(), "disk.inodes", answers) {
        Ok(found) => found,
        Err(silence) => return notes.silent([key.clone()], &silence),
    };
    let cited = notes.cite(format!("df -Pi {}", place.parent), &said.text, said.exit);
    let row = place.row.unwrap_or_default();
    let number = |i: usize| row.get(i).and_then(|word| word.parse::<u64>().ok());
    match (number(1), number(3)) {
        (Some(all), Some(free)) if all > 0 => notes.reported(key.clone(), Value::Percent(percent(free, all)), &cited),
        // btrfs and others make inodes as they need them.
        (Some(0), _) => notes.reported(key.clone(), Value::Percent(100.0), &cited),
        _ => notes.unknown(key.clone(), no_source("inodes in df -Pi"), &cited),
    }
}

/// One line of `/proc/self/mountinfo`.
#[derive(Clone, Debug)]
struct Mount<'a> {
    device: &'a str,
    at: String,
    options: Vec<&'a str>,
    kind: &'a str,
    source: &'a str,
}

fn mounts(text: &str) -> Vec<Mount<'_>> {
    text.lines()
        .filter_map(|line| {
            let (left, right) = line.split_once(" - ")?;
            let left: Vec<_> = left.split(' ').collect();
            let right: Vec<_> = right.split(' ').collect();
            let options = left.get(5)?.split(',').chain(right.get(2).copied().unwrap_or_default().split(','));
            Some(Mount {
                device: left.get(2)?,
                at: left.get(4)?.replace("\\040", " "),
                options: options.filter(|option| !option.is_empty()).collect(),
                kind: right.first()?,
                source: right.get(1)?,
            })
        })
        .collect()
}

/// The mount that holds the path; of several at one place the last covers the others.
fn mount_of<'a, 'b>(path: &str, mounts: &'b [Mount<'a>]) -> Option<&'b Mount<'a>> {
    let under = |at: &str| at == "/" || path == at || path.strip_prefix(at).is_some_and(|rest| rest.starts_with('/'));
    mounts.iter().filter(|mount| under(&mount.at)).max_by_key(|mount| mount.at.len())
}

fn read_mount(key: &Key, answers: &Answers, notes: &mut Notes) {
    let said = match answers.said("mounts") {
        Ok(said) => said,
        Err(silence) => return notes.silent([key.clone()], &silence),
    };
    let mounts = mounts(&said.text);
    // A link may lead elsewhere: then df knows the mount, by the path it was given.
    let real = match key.kind() {
        Kind::DiskFileSystem | Kind::DiskOptions | Kind::DiskKind | Kind::DiskEncrypted => {
            match place(key.argument(), "disk.size", answers) {
                Ok((place, _)) => place.row.map(|row| row[5].to_owned()),
                Err(Silence::NotYet) => return,
                Err(Silence::Because(_)) => None,
            }
        }
        _ => None,
    };
    let path = real.unwrap_or_else(|| key.argument().to_owned());
    let Some(mount) = mount_of(&path, &mounts) else {
        return notes.unknown(key.clone(), no_source("its line in /proc/self/mountinfo"), &Cited::new());
    };
    let shown = format!("{} {} {} {}", mount.at, mount.source, mount.kind, mount.options.join(","));
    let cited = notes.cite(format!("findmnt -T {}", key.argument()), &shown, 0);
    match key.kind() {
        Kind::DiskFileSystem => notes.reported(key.clone(), Value::Text(word(mount.kind)), &cited),
        Kind::DiskOptions => {
            let mut options: Vec<_> = mount.options.iter().map(|option| word(option)).collect();
            options.sort();
            options.dedup();
            notes.reported(key.clone(), Value::List(options), &cited);
        }
        Kind::DiskKind => read_kind(key, mount, answers, notes, cited),
        _ => read_encrypted(key, mount, answers, notes, cited),
    }
}

/// A block device and what it stands on.
#[derive(Clone, Debug, Default)]
struct Block<'a> {
    name: &'a str,
    fields: BTreeMap<&'a str, &'a str>,
}

impl<'a> Block<'a> {
    fn field(&self, name: &str) -> &'a str {
        self.fields.get(name).copied().unwrap_or_default()
    }

    fn bytes(&self) -> u64 {
        self.field("sectors").parse::<u64>().unwrap_or(0).saturating_mul(512)
    }

    fn below(&self) -> Vec<&'a str> {
        let slaves = self.field("slaves").split(',').filter(|name| !name.is_empty());
        slaves.chain(Some(self.field("parent")).filter(|name| !name.is_empty())).collect()
    }
}

fn blocks(text: &str) -> BTreeMap<&str, Block<'_>> {
    let block = |line| {
        let mut words = str::split(line, ' ');
        let name = words.next().filter(|name| !name.is_empty())?;
        Some((name, Block { name, fields: words.filter_map(|word| word.split_once('=')).collect() }))
    };
    text.lines().filter_map(block).collect()
}

/// The device of a mount and everything under it.
fn chain<'a>(mount: &Mount<'_>, blocks: &'a BTreeMap<&'a str, Block<'a>>) -> Vec<&'a Block<'a>> {
    let by_number = blocks.values().find(|block| block.field("dev") == mount.device);
    // btrfs and ZFS show a number of their own: there the name of the source helps.
    let by_name = || blocks.get(mount.source.rsplit('/').next().unwrap_or_default());
    let mut found: Vec<&Block> = by_number.or_else(by_name).into_iter().collect();
    let mut next = 0;
    while let Some(block) = found.get(next) {
        for name in block.below() {
            if let Some(below) = blocks.get(name).filter(|below| !found.iter().any(|seen| seen.name == below.name)) {
                found.push(below);
            }
        }
        next += 1;
    }
    found
}

fn block_answer<'a>(key: &Key, answers: &'a Answers, notes: &mut Notes) -> Option<BTreeMap<&'a str, Block<'a>>> {
    match answers.said("blocks") {
        Ok(said) => Some(blocks(&said.text)),
        Err(silence) => {
            notes.silent([key.clone()], &silence);
            None
        }
    }
}

fn read_kind(key: &Key, mount: &Mount<'_>, answers: &Answers, notes: &mut Notes, mut cited: Cited) {
    let Some(blocks) = block_answer(key, answers, notes) else { return };
    let chain = chain(mount, &blocks);
    let leaf = chain.iter().rev().find(|block| block.below().is_empty());
    let Some(leaf) = leaf.filter(|leaf| !leaf.field("rotational").is_empty()) else {
        return notes.unknown(key.clone(), why_no_device(answers, notes), &cited);
    };
    cited.extend(notes.cite(
        format!("cat /sys/block/{}/queue/rotational", word(leaf.name)),
        leaf.field("rotational"),
        0,
    ));
    let kind = match leaf.field("rotational") {
        _ if leaf.name.starts_with("nvme") => "nvme",
        "0" => "ssd",
        _ => "hdd",
    };
    // A virtual disk shows whatever its host made up.
    let virt = notes.known_text(Kind::VirtKind);
    let confidence = if virt == Some("none") { Confidence::Reported } else { Confidence::Inferred };
    notes.learn(key.clone(), Value::Text(kind.to_owned()), confidence, &cited);
}

fn why_no_device(answers: &Answers, notes: &Notes) -> Why {
    match container(answers, notes) {
        Ok(Some(by)) => Why::Hidden { by },
        _ => no_source("the block device under the mount"),
    }
}

fn read_encrypted(key: &Key, mount: &Mount<'_>, answers: &Answers, notes: &mut Notes, mut cited: Cited) {
    let Some(blocks) = block_answer(key, answers, notes) else { return };
    let chain = chain(mount, &blocks);
    if chain.is_empty() {
        return notes.unknown(key.clone(), why_no_device(answers, notes), &cited);
    }
    let shown: Vec<_> = chain.iter().map(|block| format!("{} {}", block.name, block.field("uuid"))).collect();
    cited.extend(notes.cite(format!("lsblk -s -o NAME,TYPE {}", word(mount.source)), &shown.join("\n"), 0));
    let encrypted = chain.iter().any(|block| block.field("uuid").starts_with("CRYPT-"));
    notes.reported(key.clone(), Value::Flag(encrypted), &cited);
}

fn read_others(answers: &Answers, notes: &mut Notes) {
    let kinds = [Kind::DiskOthers, Kind::DiskSecond];
    let (said, mounted) = match (answers.said("blocks"), answers.said("mounts")) {
        (Ok(said), Ok(mounted)) => (said, mounted),
        (Err(silence), _) | (_, Err(silence)) => return notes.silent_kinds(&kinds, &silence),
    };
    match container(answers, notes) {
        Ok(None) => {}
        // /sys shows a container the disks of its host.
        Ok(Some(by)) => return notes.silent_kinds(&kinds, &Silence::Because(Why::Hidden { by })),
        Err(silence) => return notes.silent_kinds(&kinds, &silence),
    }
    let blocks = blocks(&said.text);
    let mounts = mounts(&mounted.text);
    let system = mount_of("/", &mounts).map(|mount| chain(mount, &blocks)).unwrap_or_default();
    if system.is_empty() {
        let why = why_no_device(answers, notes);
        return notes.silent_kinds(&kinds, &Silence::Because(why));
    }
    let others: Vec<_> = blocks
        .values()
        .filter(|block| block.below().is_empty() && block.bytes() > 0 && block.field("removable") != "1")
        .filter(|block| !system.iter().any(|part| part.name == block.name))
        .collect();
    let cited = notes.cite("lsblk -bdno NAME,SIZE,TYPE", &said.text, said.exit);
    let list =
        others.iter().map(|block| format!("{} {} GB", word(block.name), block.bytes() / 1_000_000_000)).collect();
    notes.tell(Kind::DiskOthers, Value::List(list), &cited);
    let largest = others.iter().map(|block| block.bytes()).max();
    notes.tell(Kind::DiskSecond, largest.map_or(Value::Absent, Value::Bytes), &cited);
}

/// Software RAID. A controller that hides its disks does not show here.
fn read_raid(answers: &Answers, notes: &mut Notes) {
    let files = match answers.files("system") {
        Ok(files) => files,
        Err(silence) => return notes.silent_kinds(&[Kind::DiskRaid], &silence),
    };
    // "md0 : active raid10 sdd1[3] sdc1[2] sdb1[1] sda1[0]"
    let mut arrays = files.of("/proc/mdstat").filter(|line| line.starts_with("md"));
    let level = arrays.find_map(|line| line.split_whitespace().find(|word| word.starts_with("raid")));
    let cited = notes.cite("cat /proc/mdstat", &files.text("/proc/mdstat"), 0);
    match level {
        Some(level) => notes.tell(Kind::DiskRaid, Value::Text(word(level)), &cited),
        None => notes.tell(Kind::DiskRaid, Value::Absent, &cited),
    }
}

#[cfg(test)]
mod tests {
    use super::{blocks, chain, mount_of, mounts};

    const MOUNTS: &str = "21 1 253:1 / / rw,relatime shared:1 - ext4 /dev/mapper/vg-root rw\n\
        30 21 0:40 / /data rw - nfs4 server:/data rw\n\
        31 21 259:1 / /opt rw,noexec - xfs /dev/nvme0n1p1 rw";
    const BLOCKS: &str = "sda dev=8:0 sectors=100 rotational=0 parent= slaves= uuid=-\n\
        sda3 dev=8:3 sectors=90 rotational= parent=sda slaves= uuid=-\n\
        dm-0 dev=253:0 sectors=80 parent= slaves=sda3 uuid=CRYPT-LUKS2\n\
        dm-1 dev=253:1 sectors=70 parent= slaves=dm-0 uuid=LVM-x\n\
        nvme0n1 dev=259:0 sectors=200 rotational=0 parent= slaves= uuid=-\n\
        nvme0n1p1 dev=259:1 sectors=190 parent=nvme0n1 slaves= uuid=-";

    #[test]
    fn a_path_belongs_to_the_nearest_mount_and_its_device_to_all_below() {
        let (mounts, blocks) = (mounts(MOUNTS), blocks(BLOCKS));
        assert_eq!(mount_of("/optical", &mounts).expect("root").at, "/");
        let root = chain(mount_of("/var/lib", &mounts).expect("root"), &blocks);
        assert_eq!(root.iter().map(|block| block.name).collect::<Vec<_>>(), ["dm-1", "dm-0", "sda3", "sda"]);
        let opt = chain(mount_of("/opt/dusk", &mounts).expect("opt"), &blocks);
        assert_eq!(opt.last().expect("disk").name, "nvme0n1");
    }
}
