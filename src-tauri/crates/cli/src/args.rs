//! The command line as clap reads it. Names, options and exit codes are a contract: scripts call them exactly so.

use clap::{ArgGroup, Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Plumbline without a window: tells whether a Linux server is ready for a role, and brings it there.
#[derive(Debug, Parser)]
#[command(name = "plumb", version, about, propagate_version = true, after_help = EXAMPLES)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,

    /// Say more on standard error (twice: everything but secrets)
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
}

const EXAMPLES: &str = "\
Examples:
  plumb roles
  plumb check --role 'dusk/prover?workers=6' --host deploy@203.0.113.24 --pdf report.pdf
  plumb check --role reforms/minimum --here --json -
  plumb plan  --role dusk/provisioner --host root@203.0.113.24 --diff
  plumb apply --role dusk/provisioner --host root@203.0.113.24 --all-safe --keep

Exit codes: 0 ready, 1 not ready, 2 could not tell or skipped a required need, 3 could not reach or run,
4 bad profile or arguments.";

const EXPORTS: &str = "\
Examples:
  plumb check  --role reforms/minimum --host root@203.0.113.24 --json check.json
  plumb export ansible --from check.json --out chat-01/           playbook.yml, inventory.yml, README.md
  plumb export ansible --from check.json --out chat-01.yml        the playbook alone
  plumb export shell   --from check.json --out chat-01.sh         sudo sh chat-01.sh apply; sudo sh chat-01.sh undo
  plumb export note    --from check.json --out chat-01.md
  plumb export monitoring --from check.json --out alerts/         plumbline.rules.yml and its tests for promtool

A server out of reach: plumb probe --role ROLE >probe.sh, run it there as root, bring its output back for --facts.";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Every product, role and scale with its id
    Roles {
        #[arg(long)]
        json: bool,
    },
    /// What a role needs, each with its source and why
    Needs {
        /// A role id, such as dusk/prover?workers=6
        role: String,
        /// A requirement file to use beside the built-in ones
        #[arg(long, value_name = "FILE")]
        profile: Vec<PathBuf>,
        #[arg(long)]
        json: bool,
    },
    /// Every row of the requirement catalogue and how it is covered
    Catalog {
        #[arg(long)]
        json: bool,
    },
    /// Read a server and judge it; changes nothing
    Check(Box<CheckArgs>),
    /// Which roles a server could carry
    Fit {
        #[command(flatten)]
        place: Where,
        #[arg(long)]
        json: bool,
    },
    /// The changes that would help, each with diff, risk, effect and undo; changes nothing
    Plan {
        #[command(flatten)]
        role: RoleArg,
        #[command(flatten)]
        place: Where,
        #[arg(long)]
        json: bool,
        /// Show every line that would change
        #[arg(long)]
        diff: bool,
    },
    /// Make changes under the safety timer, prove that a new sign-in works, then keep them or put them back
    Apply(ApplyArgs),
    /// Runs recorded on the server: open, kept, put back
    Runs {
        #[command(flatten)]
        place: Where,
        #[arg(long)]
        json: bool,
    },
    /// Follow a run that is still going, to its end
    Resume(RunArgs),
    /// Keep the changes of a run that waits for an answer
    Keep(RunArgs),
    /// Put everything back as it was before a run
    Undo(RunArgs),
    /// Forget a run that is over; it cannot be undone then
    Purge(RunArgs),
    /// What changed on the server since the last check
    Drift {
        #[command(flatten)]
        place: Where,
        /// What the probe printed then (check --facts-out writes it); without it, the last check this computer made of
        /// that server
        #[arg(long, value_name = "FILE")]
        since: Option<PathBuf>,
        #[arg(long)]
        json: bool,
    },
    /// Turn a saved check into another form
    #[command(after_help = EXPORTS)]
    Export {
        form: Form,
        /// The JSON of a check
        #[arg(long, value_name = "CHECK.json")]
        from: PathBuf,
        /// Where to write it: a file, or a folder for forms of several files
        #[arg(long, value_name = "PATH")]
        out: PathBuf,
        /// Of ansible and shell: only these changes (without it, all that are not off by advice)
        #[arg(long, value_name = "ID")]
        change: Vec<String>,
        /// Of shell: the requirement file that the check was made with, so that the script can read the server for it again
        #[arg(long, value_name = "FILE")]
        profile: Vec<PathBuf>,
    },
    /// Print the probe script, to be run by hand; its output goes into --facts
    Probe {
        /// Look at the places as well that changes for this role would touch, so that they can be planned
        #[arg(long, value_name = "ROLE")]
        role: Option<String>,
        /// A requirement file to use beside the built-in ones
        #[arg(long, value_name = "FILE")]
        profile: Vec<PathBuf>,
    },
    /// Requirement files
    Profile {
        #[command(subcommand)]
        command: ProfileCommand,
    },
    /// What whoever helps you may want to know: this computer, the servers, the end of the log. Holds no secret
    Diagnostics {
        /// Leave out the names of servers and people
        #[arg(long)]
        hide_names: bool,
        /// Write it there instead of printing it
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Servers whose keys are trusted
    Servers {
        #[command(subcommand)]
        command: ServersCommand,
    },
    /// Passwords in this computer's keychain
    Secrets {
        #[command(subcommand)]
        command: SecretsCommand,
    },
}

#[derive(Debug, Args)]
pub(crate) struct RoleArg {
    /// A role id, such as dusk/prover?workers=6 (plumb roles lists them)
    #[arg(long, value_name = "ROLE", required = true)]
    pub(crate) role: String,
    /// A requirement file to use beside the built-in ones
    #[arg(long, value_name = "FILE")]
    pub(crate) profile: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    #[command(flatten)]
    pub(crate) role: RoleArg,
    #[command(flatten)]
    pub(crate) place: Where,
    /// Also measure: disk, cpu, path, ports, services, outbound (each says its cost first)
    #[arg(long, value_delimiter = ',', value_name = "WHAT")]
    pub(crate) measure: Vec<Measure>,
    /// Also try a place for files that speaks S3: https://HOST/BUCKET, with ?region=REGION where it wants one
    #[arg(long, value_name = "URL")]
    pub(crate) s3: Option<session::Storage>,
    /// Read a key for it (ID:SECRET) from this file descriptor; it is kept nowhere
    #[arg(long, value_name = "N", requires = "s3")]
    pub(crate) s3_key_fd: Option<u32>,
    /// Ask for a key for it
    #[arg(long, requires = "s3", conflicts_with = "s3_key_fd")]
    pub(crate) ask_s3_key: bool,
    /// Points that a person confirms, with name and date
    #[arg(long, value_name = "FILE")]
    pub(crate) confirm: Option<PathBuf>,
    /// Needs set aside, with reason, name and last day
    #[arg(long, value_name = "FILE")]
    pub(crate) waive: Option<PathBuf>,
    /// Write the result as JSON; in a file with the plan, for plumb export (- for standard output, without)
    #[arg(long, value_name = "FILE")]
    pub(crate) json: Option<PathBuf>,
    /// Write the report as PDF
    #[arg(long, value_name = "FILE")]
    pub(crate) pdf: Option<PathBuf>,
    /// Write the result as JUnit XML
    #[arg(long, value_name = "FILE")]
    pub(crate) junit: Option<PathBuf>,
    /// Write what the probe printed, for --facts later
    #[arg(long, value_name = "FILE")]
    pub(crate) facts_out: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("which").required(true).args(["all_safe", "change"]))]
#[command(group = ArgGroup::new("then").args(["keep", "put_back"]))]
pub(crate) struct ApplyArgs {
    #[command(flatten)]
    pub(crate) role: RoleArg,
    #[command(flatten)]
    pub(crate) place: Where,
    /// Every change that is not off by advice
    #[arg(long)]
    pub(crate) all_safe: bool,
    /// Only these changes
    #[arg(long, value_name = "ID")]
    pub(crate) change: Vec<String>,
    /// Keep the changes once a new sign-in has been proved
    #[arg(long)]
    pub(crate) keep: bool,
    /// Put everything back at the end
    #[arg(long)]
    pub(crate) put_back: bool,
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    /// The id of the run (plumb runs lists them)
    pub(crate) run: String,
    #[command(flatten)]
    pub(crate) place: Where,
    /// The requirement file that the run was made for, so that the server can be judged by it in the end
    #[arg(long, value_name = "FILE")]
    pub(crate) profile: Vec<PathBuf>,
    #[arg(long)]
    pub(crate) json: bool,
}

/// Which server, and how to sign in.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("where").required(true).args(["here", "host", "facts"]))]
pub(crate) struct Where {
    /// This computer
    #[arg(long)]
    pub(crate) here: bool,
    /// A server, over SSH: [USER@]HOST[:PORT] or a name from the SSH config
    #[arg(long, value_name = "[USER@]HOST[:PORT]")]
    pub(crate) host: Option<String>,
    /// The output of the probe script, run by hand
    #[arg(long, value_name = "FILE")]
    pub(crate) facts: Option<PathBuf>,
    /// Sign in with this key file
    #[arg(long, value_name = "FILE", requires = "host")]
    pub(crate) key: Option<PathBuf>,
    /// Sign in with the SSH agent only
    #[arg(long, requires = "host")]
    pub(crate) agent: bool,
    /// Go through this server
    #[arg(long, value_name = "HOST", requires = "host")]
    pub(crate) jump: Option<String>,
    /// On first contact, trust the server that shows this fingerprint
    #[arg(long, value_name = "SHA256:…", requires = "host")]
    pub(crate) trust: Option<String>,
    /// Read this file in place of ~/.ssh/config
    #[arg(long, value_name = "FILE", requires = "host")]
    pub(crate) ssh_config: Option<PathBuf>,
    /// Read this file in place of ~/.ssh/known_hosts
    #[arg(long, value_name = "FILE", requires = "host")]
    pub(crate) known_hosts: Option<PathBuf>,
    /// Ask for the password
    #[arg(long, requires = "host")]
    pub(crate) ask_password: bool,
    /// Ask for the sudo password
    #[arg(long)]
    pub(crate) ask_sudo: bool,
    /// Read the password (or the key's passphrase) from this file descriptor
    #[arg(long, value_name = "N", requires = "host")]
    pub(crate) password_fd: Option<u32>,
    /// Read the sudo password from this file descriptor
    #[arg(long, value_name = "N")]
    pub(crate) sudo_password_fd: Option<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Measure {
    Disk,
    Cpu,
    Path,
    Ports,
    Services,
    Outbound,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Form {
    /// The changes as a playbook with its inventory: a folder, or one file that ends in .yml
    Ansible,
    /// The changes as one shell script with its undo
    Shell,
    /// The check again, in the newest form
    Json,
    /// For build servers
    Junit,
    /// A row a need
    Csv,
    /// The report on paper
    Pdf,
    /// The documented alerts as rules for Prometheus, with their unit tests: a folder
    Monitoring,
    /// What was found and done and what is left, as Markdown
    Note,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ProfileCommand {
    /// Validate requirement files: file, line, and a hint
    Check {
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum ServersCommand {
    /// Servers whose keys Plumbline has saved
    List {
        #[arg(long)]
        json: bool,
    },
    /// Forget the saved key of a server
    Forget {
        #[arg(value_name = "HOST[:PORT]")]
        host: String,
    },
    /// Trust the key with this fingerprint, after comparing it with the one you were given
    Trust {
        #[arg(value_name = "HOST[:PORT]")]
        host: String,
        #[arg(value_name = "SHA256:…")]
        fingerprint: String,
        /// The key on record is a different one: replace it
        #[arg(long)]
        replace: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum SecretsCommand {
    /// Which secrets are kept, never what they are
    List {
        #[arg(long)]
        json: bool,
    },
    /// Keep a secret for a server; it is asked for, or read from --fd
    Set {
        #[arg(value_name = "USER@HOST[:PORT]")]
        server: String,
        #[arg(long, value_enum, default_value = "password")]
        kind: SecretKind,
        /// Read it from this file descriptor
        #[arg(long, value_name = "N")]
        fd: Option<u32>,
    },
    /// Forget the secrets of a server
    Forget {
        #[arg(value_name = "USER@HOST[:PORT]")]
        server: String,
        /// Only this kind
        #[arg(long, value_enum)]
        kind: Option<SecretKind>,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SecretKind {
    Password,
    Passphrase,
    Sudo,
}
