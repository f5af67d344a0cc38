//! What is written for people leads where it says.

use crate::{Broken, File};
use regex::Regex;

/// Every relative link in Markdown names a file or folder of the project.
#[must_use]
pub fn links_lead_somewhere(files: &[File]) -> Broken {
    let Ok(link) = Regex::new(r"\]\(([^)#\s]+)(#[^)]*)?\)") else { return vec!["wrong pattern".into()] };
    let mut broken = Broken::new();
    for file in files.iter().filter(|file| file.path.ends_with(".md")) {
        let folder = file.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        for (number, line) in file.lines() {
            for found in link.captures_iter(line) {
                let to = found.get(1).map_or("", |to| to.as_str());
                let outside = to.contains("://") || to.starts_with("mailto:");
                // Pictures are no text files and are not among `files`; their test is the eye.
                let picture = [".png", ".svg", ".gif"].iter().any(|end| to.ends_with(end));
                let place = path(folder, to);
                let there = files.iter().any(|file| file.path == place || file.path.starts_with(&format!("{place}/")));
                if !outside && !picture && !there {
                    broken.push(format!("{}:{number}: leads nowhere: {to}", file.path));
                }
            }
        }
    }
    broken
}

/// `to` as seen from `folder`, from the top of the project.
fn path(folder: &str, to: &str) -> String {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in to.split('/') {
        match part {
            ".." => drop(parts.pop()),
            "." | "" => {}
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// The index of docs/ names each file in it.
#[must_use]
pub fn the_index_is_complete(files: &[File]) -> Broken {
    let Some(index) = files.iter().find(|file| file.path == "docs/README.md") else {
        return vec!["docs/README.md: there is none".into()];
    };
    files
        .iter()
        .filter_map(|file| file.path.strip_prefix("docs/"))
        .filter(|name| *name != "README.md" && !name.contains('/') && !index.text.contains(&format!("({name})")))
        .map(|name| format!("docs/README.md: does not name {name}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_to_nowhere_is_seen() {
        let files = [
            File::new("docs/README.md", "[a](a.md) [b](../b.md#x) [c](https://example.net/c) [d](d.md)"),
            File::new("docs/a.md", "[up](../b.md)"),
            File::new("b.md", "[docs](docs) [gone](docs/e.md)"),
        ];
        let broken = links_lead_somewhere(&files);
        assert!(broken.iter().any(|line| line.ends_with("d.md")), "{broken:?}");
        assert!(broken.iter().any(|line| line.ends_with("docs/e.md")), "{broken:?}");
        assert!(broken.len() == 2, "{broken:?}");
    }

    #[test]
    fn a_document_that_the_index_lacks_is_seen() {
        let files = [File::new("docs/README.md", "[a](a.md)"), File::new("docs/a.md", ""), File::new("docs/b.md", "")];
        assert_eq!(the_index_is_complete(&files), ["docs/README.md: does not name b.md"]);
    }
}
