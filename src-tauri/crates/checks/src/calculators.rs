//! Figures that are worked out and shown, never judged: F-1 to F-8 of the requirement catalogue.

/// How many workers a Dusk prover can run here (F-1): the least of what each resource carries, once the minimum of 4 cores,
/// 8 GB, 20 GB of disk and 20 Mbps is there.
pub fn prover_workers(cores: u64, memory_gb: f64, disk_gb: f64, mbps: Option<f64>) -> u64 {
    if cores < 4 || memory_gb < 8.0 * 0.9 || disk_gb < 20.0 || mbps.is_some_and(|mbps| mbps < 20.0) {
        return 0;
    }
    let line = mbps.map_or(u64::MAX, |mbps| (mbps / 5.0) as u64);
    // A "16 GB" server shows a little less; the nominal size counts, as it does for the need itself.
    let memory = (memory_gb / 0.9).floor().min(memory_gb.ceil()) as u64;
    cores.min(memory).min((disk_gb / 2.0) as u64).min(line)
}

/// Memory that Reforms uses for so many active users, in GB (F-2): 2, and 1 for every hundred, begun ones in full.
pub fn reforms_memory_used_gb(users: u32) -> f64 {
    2.0 + f64::from(users.div_ceil(100))
}

/// Memory that a server for so many active users needs, in GB (F-2): at most 70 % of it may be in use.
pub fn reforms_memory_needed_gb(users: u32) -> f64 {
    reforms_memory_used_gb(users) / 0.70
}

/// Active users that so much memory carries (F-2), in whole hundreds.
pub fn reforms_users(memory_gb: f64) -> u32 {
    // The little extra keeps 0.7 x 10 from becoming 6.999….
    let hundreds = (0.70 * memory_gb - 2.0 + 1e-9).floor().max(0.0);
    hundreds as u32 * 100
}

/// What Reforms tells to expect of a size (F-3). Shown beside measurements; its lines contradict each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expectation {
    pub size: &'static str,
    pub connections: &'static str,
    pub files: &'static str,
    pub video: &'static str,
    pub latency_ms: u32,
    /// Where the source contradicts this.
    pub but: &'static str,
}

pub const EXPECTATIONS: [Expectation; 3] = [
    Expectation {
        size: "small",
        connections: "50 to 100",
        files: "100 MB/s",
        video: "720p",
        latency_ms: 50,
        but: "100 MB/s is 800 Mbps, and the size asks for a line of 500 Mbps.",
    },
    Expectation {
        size: "medium",
        connections: "500 to 1,000",
        files: "500 MB/s",
        video: "1080p",
        latency_ms: 30,
        but: "500 MB/s is 4 Gbps, and the size asks for 1 Gbps; 1,000 users were measured at 45 ms.",
    },
    Expectation {
        size: "large",
        connections: "5,000 or more",
        files: "2 GB/s",
        video: "4K",
        latency_ms: 20,
        but: "2 GB/s is 16 Gbps, and the size asks for 10 Gbps; 5,000 users were measured at 78 ms.",
    },
];

/// What people do, for the bandwidth they need (F-4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activity {
    Text,
    Voice,
    Video720,
    Video1080,
    Screen,
}

impl Activity {
    /// Least and most kbps for each person.
    fn kbps(self) -> (f64, f64) {
        match self {
            Activity::Text => (1.0, 5.0),
            Activity::Voice => (64.0, 128.0),
            Activity::Video720 => (1000.0, 2000.0),
            Activity::Video1080 => (2000.0, 4000.0),
            Activity::Screen => (1000.0, 3000.0),
        }
    }

    /// Most and least people at once on 100 Mbps, by the source's table.
    fn people_on_100_mbps(self) -> (f64, f64) {
        match self {
            Activity::Text => (1000.0, 1000.0),
            Activity::Voice => (200.0, 100.0),
            Activity::Video720 => (100.0, 50.0),
            Activity::Video1080 => (50.0, 25.0),
            Activity::Screen => (100.0, 30.0),
        }
    }
}

/// Bandwidth for so many people, in Mbps (F-4).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bandwidth {
    /// By kbps for each.
    pub low: f64,
    pub high: f64,
    /// By the table of people on 100 Mbps.
    pub table_low: f64,
    pub table_high: f64,
}

impl Bandwidth {
    /// The worst of the four: what to plan with.
    pub fn worst(self) -> f64 {
        self.low.max(self.high).max(self.table_low).max(self.table_high)
    }

    /// What crosses the server when this share of calls (0 to 1) is relayed: each of them twice, in and out.
    pub fn relayed(self, share: f64) -> f64 {
        self.worst() * share.clamp(0.0, 1.0) * 2.0
    }
}

/// The two ways in which the source lets bandwidth be worked out do not agree; both are given (F-4).
pub fn bandwidth(people: &[(Activity, u32)]) -> Bandwidth {
    let mut sum = Bandwidth { low: 0.0, high: 0.0, table_low: 0.0, table_high: 0.0 };
    for (activity, number) in people {
        let number = f64::from(*number);
        let (low, high) = activity.kbps();
        let (most, least) = activity.people_on_100_mbps();
        sum.low += number * low / 1000.0;
        sum.high += number * high / 1000.0;
        sum.table_low += number / most * 100.0;
        sum.table_high += number / least * 100.0;
    }
    sum
}

/// Processor load to expect for so many users, least and most percent (F-5). The source names no machine, so this is a hint.
pub fn processor_load(users: u32) -> (f64, f64) {
    const POINTS: [(f64, f64, f64); 3] = [(0.0, 5.0, 10.0), (100.0, 25.0, 35.0), (500.0, 60.0, 75.0)];
    const CEILING: f64 = 85.0;
    let [none, hundred, five_hundred] = POINTS;
    let users = f64::from(users);
    let (from, to) = if users <= hundred.0 { (none, hundred) } else { (hundred, five_hundred) };
    let along = (users - from.0) / (to.0 - from.0);
    let between = |a: f64, b: f64| (a + (b - a) * along).min(CEILING);
    (between(from.1, to.1), between(from.2, to.2))
}

/// Disk that backups take, in GB: here for 30 days and elsewhere for 90 (F-6).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BackupSpace {
    pub here: f64,
    pub elsewhere: f64,
    /// The part of `here` that is change log of a database that does nearly nothing.
    pub log: f64,
}

/// `full_gb` is a full backup after compression, `incremental_gb` what one day of incremental backups takes.
pub fn backup_space(full_gb: f64, incremental_gb: f64) -> BackupSpace {
    // One segment of 16 MB every 15 minutes, 96 a day, even when hardly anything is written.
    const LOG_GB_A_DAY: f64 = 16.0 * 96.0 / 1000.0;
    let days = |days: f64| days * (full_gb + incremental_gb + LOG_GB_A_DAY);
    BackupSpace { here: days(30.0), elsewhere: days(90.0), log: 30.0 * LOG_GB_A_DAY }
}

/// Bytes that PostgreSQL could ask for at worst (F-7): its buffers, one sort (or hash, which takes two) for each connection,
/// and three workers that tidy up.
pub fn postgres_worst(
    shared_buffers: u64,
    connections: u64,
    work_mem: u64,
    maintenance_work_mem: u64,
    hash: bool,
) -> u64 {
    let sorts = connections.saturating_mul(work_mem).saturating_mul(if hash { 2 } else { 1 });
    shared_buffers.saturating_add(sorts).saturating_add(maintenance_work_mem.saturating_mul(3))
}

/// The largest work_mem that is safe for everyone at once (F-7): max(4 MB, (memory - buffers - 1 GB) / (connections x 3));
/// the 1 GB stays with the system where there are 8 GB or more.
pub fn safe_work_mem(memory: u64, shared_buffers: u64, connections: u64) -> u64 {
    const GB: u64 = 1 << 30;
    const LEAST: u64 = 4 << 20;
    // "8 GB" as sold; firmware keeps a little.
    let for_system = if memory >= 8 * GB * 9 / 10 { GB } else { 0 };
    let free = memory.saturating_sub(shared_buffers).saturating_sub(for_system);
    (free / connections.max(1).saturating_mul(3).max(1)).max(LEAST)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GB: u64 = 1 << 30;

    #[test]
    fn f_1_workers() {
        assert_eq!(prover_workers(8, 16.0, 100.0, Some(100.0)), 8);
        assert_eq!(prover_workers(64, 16.0, 100.0, Some(100.0)), 16);
        assert_eq!(prover_workers(64, 15.6, 100.0, Some(100.0)), 16);
        assert_eq!(prover_workers(64, 64.0, 24.0, None), 12);
        assert_eq!(prover_workers(64, 64.0, 100.0, Some(24.0)), 4);
        assert_eq!(prover_workers(2, 16.0, 100.0, Some(100.0)), 0);
        // The minimum itself carries four, as far as its own line does; a little less of anything carries none.
        assert_eq!(prover_workers(4, 8.0, 20.0, Some(20.0)), 4);
        assert_eq!(prover_workers(4, 7.2, 20.0, None), 4);
        assert_eq!(prover_workers(64, 7.19, 100.0, None), 0);
        assert_eq!(prover_workers(64, 64.0, 19.9, None), 0);
        assert_eq!(prover_workers(64, 64.0, 100.0, Some(19.9)), 0);
        assert_eq!(prover_workers(64, 64.0, 21.9, None), 10);
        assert_eq!(prover_workers(64, 64.0, 1000.0, Some(1000.0)), 64);
        assert_eq!(prover_workers(64, 33.0, 1000.0, None), 33);
        assert_eq!(prover_workers(64, 31.0, 1000.0, None), 31);
    }

    #[test]
    fn f_2_memory_and_users() {
        let tenth = |gb: f64| (gb * 10.0).round() / 10.0;
        let table = [(50, 4.3), (100, 4.3), (500, 10.0), (1000, 17.1), (5000, 74.3)];
        for (users, gb) in table {
            assert_eq!(tenth(reforms_memory_needed_gb(users)), gb, "{users}");
        }
        for (gb, users) in [(4.0, 0), (8.0, 300), (16.0, 900), (32.0, 2000), (64.0, 4200)] {
            assert_eq!(reforms_users(gb), users, "{gb}");
        }
    }

    #[test]
    fn f_2_begun_hundreds_count_in_full_and_nothing_carries_nobody() {
        let used: Vec<f64> = [0, 1, 100, 101, 1000].map(reforms_memory_used_gb).to_vec();
        assert_eq!(used, [2.0, 3.0, 3.0, 4.0, 12.0]);
        assert_eq!([reforms_users(0.0), reforms_users(2.8), reforms_users(4.3), reforms_users(10.0)], [0, 0, 100, 500]);
        // What a number of users needs carries at least that number.
        for users in (1..20_000).step_by(37) {
            assert!(reforms_users(reforms_memory_needed_gb(users)) >= users, "{users}");
        }
    }

    #[test]
    fn f_4_every_activity_by_rate_and_by_table() {
        let of = |activity| {
            let needed = bandwidth(&[(activity, 1000)]);
            [needed.low, needed.high, needed.table_low, needed.table_high].map(f64::round)
        };
        assert_eq!(of(Activity::Text), [1.0, 5.0, 100.0, 100.0]);
        assert_eq!(of(Activity::Voice), [64.0, 128.0, 500.0, 1000.0]);
        assert_eq!(of(Activity::Video720), [1000.0, 2000.0, 1000.0, 2000.0]);
        assert_eq!(of(Activity::Video1080), [2000.0, 4000.0, 2000.0, 4000.0]);
        assert_eq!(of(Activity::Screen), [1000.0, 3000.0, 1000.0, 3333.0]);
        let mix = bandwidth(&[(Activity::Text, 1000), (Activity::Voice, 100)]);
        assert_eq!((mix.low, mix.high, mix.table_low, mix.table_high), (7.4, 17.8, 150.0, 200.0));
        assert_eq!(bandwidth(&[]).worst(), 0.0);
        assert_eq!(mix.relayed(2.0), 400.0);
        assert_eq!(mix.relayed(-1.0), 0.0);
    }

    #[test]
    fn f_4_t_12_both_ways_are_shown_and_the_worse_is_used() {
        let voice = bandwidth(&[(Activity::Voice, 100)]);
        assert_eq!((voice.low, voice.high), (6.4, 12.8));
        assert_eq!((voice.table_low, voice.table_high), (50.0, 100.0));
        assert_eq!(voice.worst(), 100.0);
        assert_eq!(voice.relayed(0.25), 50.0);
        assert_eq!(bandwidth(&[(Activity::Video1080, 25)]).worst(), 100.0);
        assert_eq!(bandwidth(&[(Activity::Video720, 50)]).worst(), 100.0);
    }

    #[test]
    fn f_5_load_between_the_points() {
        assert_eq!(processor_load(0), (5.0, 10.0));
        assert_eq!(processor_load(100), (25.0, 35.0));
        assert_eq!(processor_load(300), (42.5, 55.0));
        assert_eq!(processor_load(500), (60.0, 75.0));
        assert_eq!(processor_load(5000), (85.0, 85.0));
        assert_eq!(processor_load(50), (15.0, 22.5));
        assert_eq!(processor_load(600), (68.75, 85.0));
    }

    #[test]
    fn f_6_the_log_alone_fills_the_small_disks() {
        let space = backup_space(0.0, 0.0);
        assert_eq!(space.log.round(), 46.0);
        assert!(space.here > 20.0 && space.elsewhere > 3.0 * space.here - 0.001);
        let space = backup_space(2.0, 0.5);
        let rounded = |gb: f64| (gb * 100.0).round() / 100.0;
        assert_eq!([rounded(space.here), rounded(space.elsewhere), rounded(space.log)], [121.08, 363.24, 46.08]);
    }

    #[test]
    fn f_7_the_published_figures_would_eat_the_server() {
        let gb = |bytes: u64| bytes as f64 / GB as f64;
        assert_eq!(gb(postgres_worst(8 * GB, 200, 256 << 20, GB, false)), 61.0);
        assert_eq!(gb(postgres_worst(8 * GB, 200, 256 << 20, GB, true)), 111.0);
        assert_eq!(postgres_worst(u64::MAX, 2, 1, 1, false), u64::MAX);
        // From "8 GB" as sold on, one stays with the system.
        let sold = 8 * GB * 9 / 10;
        assert_eq!(safe_work_mem(sold, 0, 1), (sold - GB) / 3);
        assert_eq!(safe_work_mem(sold - 3, 0, 1), (sold - 3) / 3);
        assert_eq!(safe_work_mem(GB, 0, 0), GB / 3);
        let mb = |memory: u64| safe_work_mem(memory, memory / 4, 200) >> 20;
        assert_eq!([mb(32 * GB), mb(8 * GB), mb(4 * GB)], [39, 8, 5]);
        assert_eq!(safe_work_mem(GB, GB / 4, 200), 4 << 20);
    }
}
