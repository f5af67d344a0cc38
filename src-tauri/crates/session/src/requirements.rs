//! Requirement files that a person opened: kept on this computer, and from then on used like the built-in ones.

use crate::store::{Store, StoreError, requirements_name};
use profiles::{Catalog, Problem, Profile};
use std::collections::BTreeSet;
use std::io::Read as _;
use std::path::Path;
use std::{fs, io};

/// No file of more bytes is read. The largest built-in one has a tenth of it.
const LARGEST: u64 = 1 << 20;
const TOO_LARGE: &str = "it is larger than any requirements file";

/// Everything that can be chosen on this computer.
#[derive(Clone, Debug)]
pub struct Shelf {
    pub catalog: Catalog,
    pub files: Vec<Kept>,
}

/// A file that was opened here.
#[derive(Clone, Debug)]
pub struct Kept {
    pub name: String,
    /// What it brings, or why it cannot be used now: an update may have brought its product, or changed what it adds to.
    pub brings: Result<Brought, Vec<Problem>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Brought {
    /// Of the product, also of the one that it adds to.
    pub title: String,
    pub adds: bool,
    pub roles: usize,
    pub needs: usize,
    pub changes: usize,
}

/// Why a file is not taken.
#[derive(Debug, thiserror::Error)]
pub enum NotTaken {
    #[error("{}", .0.iter().map(Problem::to_string).collect::<Vec<_>>().join("\n"))]
    Wrong(Vec<Problem>),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Default for Shelf {
    /// The built-in products alone.
    fn default() -> Shelf {
        Shelf { catalog: profiles::catalog().clone(), files: Vec::new() }
    }
}

/// The built-in products and what the files kept here add to them.
pub fn shelf(store: &Store) -> Result<Shelf, StoreError> {
    Ok(assemble(read_kept(store)?))
}

/// The text of a file, unless it is too large to be one of requirements.
pub fn read(path: &Path) -> Result<String, StoreError> {
    let unread = |source| StoreError::Io { path: path.to_owned(), source };
    let mut bytes = Vec::new();
    fs::File::open(path).and_then(|file| file.take(LARGEST + 1).read_to_end(&mut bytes)).map_err(unread)?;
    if bytes.len() as u64 > LARGEST {
        return Err(unread(io::Error::new(io::ErrorKind::InvalidData, TOO_LARGE)));
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Keeps the file `name`, in place of an older version of it, and tells the name it has here.
pub fn take(store: &Store, name: &str, text: &str) -> Result<String, NotTaken> {
    if text.len() as u64 > LARGEST {
        let (message, hint) = (TOO_LARGE.to_owned(), "one megabyte is the most".to_owned());
        return Err(NotTaken::Wrong(vec![Problem { file: name.to_owned(), line: 1, message, hint }]));
    }
    let profile = profiles::parse(name, text).map_err(NotTaken::Wrong)?;
    let kept_as = requirements_name(name);
    let (replaced, mut files): (Vec<_>, Vec<_>) = read_kept(store)?.into_iter().partition(|(other, read)| {
        *other == kept_as || read.as_ref().is_ok_and(|earlier| profile.takes_the_place_of(earlier))
    });
    files.push((kept_as.clone(), Ok(profile)));
    let of_it = assemble(files).files.into_iter().find(|kept| kept.name == kept_as);
    if let Some(Err(problems)) = of_it.map(|kept| kept.brings) {
        let named = problems.into_iter().map(|problem| Problem { file: name.to_owned(), ..problem });
        return Err(NotTaken::Wrong(named.collect()));
    }
    store.keep_requirements(&kept_as, text)?;
    for (other, _) in replaced.into_iter().filter(|(other, _)| *other != kept_as) {
        store.forget_requirements(&other)?;
    }
    Ok(kept_as)
}

/// The kept files that bring one of these products, or add to it.
pub(crate) fn of_products(store: &Store, products: &BTreeSet<&str>) -> Result<Vec<(String, String)>, StoreError> {
    let mut files = store.requirements()?;
    files
        .retain(|(name, text)| profiles::parse(name, text).is_ok_and(|profile| products.contains(profile.id.as_str())));
    Ok(files)
}

/// Keeps a file that came with something else, where nothing here stands in its place.
pub(crate) fn take_if_new(store: &Store, name: &str, text: &str) -> Result<(), StoreError> {
    let Ok(profile) = profiles::parse(name, text) else { return Ok(()) };
    let here = read_kept(store)?.into_iter().any(|(other, read)| {
        other == requirements_name(name) || read.is_ok_and(|other| profile.takes_the_place_of(&other))
    });
    match if here { Ok(String::new()) } else { take(store, name, text) } {
        Err(NotTaken::Store(error)) => Err(error),
        // Its roles are then unknown here, which is said where one of them is asked for.
        Err(NotTaken::Wrong(problems)) => {
            tracing::warn!(?problems, "requirements that came with a setup are not taken");
            Ok(())
        }
        Ok(_) => Ok(()),
    }
}

type Read = (String, Result<Profile, Vec<Problem>>);

fn read_kept(store: &Store) -> Result<Vec<Read>, StoreError> {
    let files = store.requirements()?.into_iter();
    Ok(files
        .map(|(name, text)| {
            let profile = profiles::parse(&name, &text);
            (name, profile)
        })
        .collect())
}

fn assemble(mut files: Vec<Read>) -> Shelf {
    // what others add to comes first
    files.sort_by_key(|(_, read)| read.as_ref().is_ok_and(Profile::is_an_addition));
    let mut shelf = Shelf::default();
    for (name, read) in files {
        let brings = read.and_then(|profile| {
            let (needs, changes) = profile.lines();
            let (id, roles, adds) = (profile.id.clone(), profile.roles.len(), profile.is_an_addition());
            shelf.catalog.add(&name, profile)?;
            let title = shelf.catalog.product(&id).map(|product| product.title.clone()).unwrap_or(id);
            Ok(Brought { title, adds, roles, needs, changes })
        });
        shelf.files.push(Kept { name, brings });
    }
    shelf.files.sort_by(|one, other| one.name.cmp(&other.name));
    shelf
}

#[cfg(test)]
mod tests {
    use super::{Brought, NotTaken, read, shelf, take};
    use crate::store::Store;
    use std::fs;

    const WIKI: &str = include_str!("../tests/setups/wiki.toml");
    const OURS: &str = r#"schema = 1
adds_to = "wiki"
verified = "2026-11-20"

[[document]]
id = "ours"
title = "Rules of our company"

[[need]]
id = "company.swap"
roles = ["server"]
title = "A swap file"
area = "system"
severity = "required"
why = "We want one on every server."
source = { section = "Servers" }
key = "swap.total"
at_least = "2 GB"
"#;

    fn store() -> (tempfile::TempDir, Store) {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let store = Store::at(folder.path().join("plumbline")).expect("a store");
        (folder, store)
    }

    fn wrong(taken: Result<String, NotTaken>) -> String {
        taken.expect_err("not taken").to_string()
    }

    #[test]
    fn a_file_that_was_opened_is_used_like_a_built_in_one_from_then_on() {
        let (_folder, store) = store();
        assert_eq!(take(&store, "Our wiki.toml", WIKI).expect("taken"), "Our_wiki.toml");
        take(&store, "ours.toml", OURS).expect("taken");
        let shelf = shelf(&store).expect("read");
        let needs = shelf.catalog.needs(&"wiki/server".parse().expect("a role")).expect("needs");
        assert_eq!(needs.iter().map(|need| need.id.as_str()).collect::<Vec<_>>(), ["wiki.memory", "wiki.company.swap"]);
        let brought: Vec<_> = shelf.files.iter().map(|file| file.brings.clone().expect("good")).collect();
        let wiki = Brought { title: "Wiki".to_owned(), adds: false, roles: 1, needs: 1, changes: 0 };
        assert_eq!(brought, [wiki.clone(), Brought { adds: true, roles: 0, ..wiki }]);
    }

    #[test]
    fn a_newer_version_takes_the_place_of_the_older_whatever_it_is_called() {
        let (_folder, store) = store();
        for (name, text) in [("wiki.toml", WIKI), ("ours.toml", OURS)] {
            take(&store, name, text).expect("taken");
            take(&store, &name.replace(".toml", " (1).toml"), &text.replace("GB\"\n", "TB\"\n")).expect("taken");
        }
        let shelf = shelf(&store).expect("read");
        let names: Vec<_> = shelf.files.iter().map(|file| file.name.as_str()).collect();
        assert_eq!(names, ["ours__1_.toml", "wiki__1_.toml"]);
        let needs = shelf.catalog.needs(&"wiki/server".parse().expect("a role")).expect("needs");
        assert_eq!(needs.iter().map(profiles::Need::needed_text).collect::<Vec<_>>(), ["1 TB", "2 TB"]);
    }

    #[test]
    fn a_file_that_is_wrong_changes_nothing_and_is_told_with_its_line() {
        let (folder, store) = store();
        let tittle = WIKI.replace("title = \"Memory\"", "tittle = \"Memory\"");
        let said = wrong(take(&store, "wiki.toml", &tittle));
        assert!(
            said.contains("wiki.toml:19: need memory: unknown field") && said.contains("did you mean \"title\"?"),
            "{said}"
        );
        let said = wrong(take(&store, "Our rules.toml", OURS));
        assert!(said.starts_with("Our rules.toml:1: there is no product \"wiki\" to add to"), "{said}");
        let said = wrong(take(&store, "dusk.toml", &WIKI.replace("\"wiki\"", "\"dusk\"")));
        assert!(said.contains("the product \"dusk\" is there already"), "{said}");
        assert!(store.requirements().expect("read").is_empty());
        let large = folder.path().join("large.toml");
        fs::write(&large, vec![b'#'; (1 << 20) + 1]).expect("written");
        assert!(read(&large).expect_err("too large").to_string().contains("larger than any"));
        let dropped = wrong(take(&store, "large.toml", &"#".repeat((1 << 20) + 1)));
        assert!(dropped.contains("large.toml:1: it is larger than any"), "{dropped}");
    }

    #[test]
    fn a_kept_file_that_cannot_be_used_any_more_is_named_and_hides_no_other() {
        let (_folder, store) = store();
        take(&store, "wiki.toml", WIKI).expect("taken");
        take(&store, "ours.toml", OURS).expect("taken");
        store.forget_requirements("wiki.toml").expect("forgotten");
        fs::write(store.folder().join("requirements/z.toml"), b"\xff\xfe").expect("written");
        let found = shelf(&store).expect("read");
        assert!(found.files.iter().all(|file| file.brings.is_err()), "{:?}", found.files);
        assert_eq!(found.files.len(), 2);
        take(&store, "wiki.toml", WIKI).expect("taken");
        let found = shelf(&store).expect("read");
        assert_eq!(found.files.iter().filter(|file| file.brings.is_ok()).count(), 2);
    }
}
