//! The public face: what `lib.rs` names is what the reviewed listing names, and applications use nothing
//! else. `scripts/public-api --check` compares every signature; this needs no further tool.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// Crates whose types are no part of the public face: another version of them must be no breaking change.
/// `futures_util` is an exception: `User`'s extractor is ready at once or boxed, without an allocation.
const HIDDEN: [&str; 7] = [
    "aws_lc_rs",
    "awc",
    "openidconnect",
    "redb",
    "redis",
    "secrecy",
    "tokio",
];

/// The way through the insides, which examples, README and `webapp` do not take.
const BACK_DOORS: [&str; 6] = [
    "internals",
    "engine()",
    "acquirer()",
    "snapshot()",
    "Pii",
    "aad_auth::web",
];

#[test]
fn lib_rs_names_what_the_listing_names() {
    let named = named_by_lib(&read("src/lib.rs"));
    let listed = listed_names(&read("docs/public-api.txt"));
    let unlisted: Vec<_> = named.difference(&listed).collect();
    assert!(
        unlisted.is_empty(),
        "not in docs/public-api.txt: {unlisted:?}"
    );
    let vanished: Vec<_> = listed.difference(&named).collect();
    assert!(vanished.is_empty(), "not in lib.rs any more: {vanished:?}");
}

#[test]
fn at_most_eight_modules_are_public() {
    let listing = read("docs/public-api.txt");
    let modules = listing
        .lines()
        .filter_map(|line| line.strip_prefix("pub mod aad_auth::"));
    let top = modules.filter(|path| !path.contains("::")).count();
    assert!((1..=8).contains(&top), "{top} public modules");
    assert!(!listing.contains("aad_auth::internals"));
}

#[test]
fn no_type_of_a_hidden_crate_is_in_the_listing() {
    assert_eq!(
        foreign("pub fn aad_auth::x(tokio::time::Instant)"),
        ["tokio"]
    );
    assert!(foreign("pub fn aad_auth::store::redis::x()").is_empty());
    let found: Vec<_> = read("docs/public-api.txt")
        .lines()
        .filter(|line| !foreign(line).is_empty())
        .map(str::to_owned)
        .collect();
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn applications_use_the_front_door() {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut found = Vec::new();
    for place in ["crates/webapp", "crates/aad-auth/examples", "README.md"] {
        for file in texts(&repository.join(place)) {
            let text = fs::read_to_string(&file).unwrap();
            let used = BACK_DOORS.iter().filter(|door| uses(&text, door));
            found.extend(used.map(|door| format!("{}: {door}", file.display())));
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}

/// README names the feature once, to warn of it.
fn uses(text: &str, door: &str) -> bool {
    text.replace("`unstable-internals`", "").contains(door)
}

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

fn foreign(line: &str) -> Vec<&'static str> {
    let begins = |(at, _): &(usize, &str)| {
        !line[..*at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':')
    };
    let stands = |name: &&str| {
        line.match_indices(&format!("{name}::"))
            .any(|hit| begins(&hit))
    };
    HIDDEN.into_iter().filter(|name| stands(name)).collect()
}

/// `name` of each `pub use` of the root, and `module::name` of each in a module that `lib.rs` spells out.
fn named_by_lib(lib: &str) -> BTreeSet<String> {
    let code = lib.lines().map(str::trim);
    let code: Vec<_> = code.filter(|line| !line.starts_with("//")).collect();
    let code = code.join(" ");
    let mut names = BTreeSet::new();
    let mut module = String::new();
    let mut rest = code.as_str();
    while let Some(first) = rest.chars().next() {
        let (statement, after) = rest.split_once(';').unwrap_or((rest, ""));
        if let Some(used) = statement.strip_prefix("pub use crate::") {
            names.extend(last_names(used).map(|name| format!("{module}{name}")));
            rest = after;
        } else if let Some((opened, _)) = rest
            .strip_prefix("pub mod ")
            .and_then(|rest| rest.split_once(['{', ';']))
        {
            let spelt_out = rest["pub mod ".len() + opened.len()..].starts_with('{');
            module = format!("{}::", opened.trim());
            rest = &rest["pub mod ".len() + opened.len() + 1..];
            if !spelt_out {
                module.clear();
            }
        } else if statement.starts_with("pub use ") {
            // Of a module of this file: it stands there as well.
            let used = statement.trim_start_matches("pub use ");
            names.extend(last_names(used).map(str::to_owned));
            rest = after;
        } else {
            if first == '}' {
                module.clear();
            }
            rest = &rest[first.len_utf8()..];
        }
    }
    names
}

/// The names at the end of a path: `a::B`, `a::{B, C}`.
fn last_names(path: &str) -> impl Iterator<Item = &str> {
    let group = path
        .rsplit_once('{')
        .map(|(_, group)| group.trim_end_matches(['}', ' ']));
    let group = group.unwrap_or_else(|| path.rsplit("::").next().unwrap_or(path));
    group
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty())
}

/// As `named_by_lib`, of the listing: its items that are no member of another one.
fn listed_names(listing: &str) -> BTreeSet<String> {
    const KINDS: [&str; 6] = ["const", "enum", "fn", "struct", "trait", "type"];
    let mut names = BTreeSet::new();
    for line in listing.lines() {
        let line = line.trim_start_matches("#[non_exhaustive] ");
        let Some((before, path)) = line.split_once(" aad_auth::") else {
            continue;
        };
        let mut words = before.split(' ');
        let nested = words.next() == Some("pub")
            && words.all(|word| KINDS.contains(&word) || word == "async" || word == "mod");
        let end = path.find(|c: char| !c.is_alphanumeric() && c != '_' && c != ':');
        let path = path[..end.unwrap_or(path.len())].trim_end_matches(':');
        let is_module = before == "pub mod";
        match path.split("::").collect::<Vec<_>>()[..] {
            [_] if nested && !is_module => names.insert(path.to_owned()),
            [module, _]
                if nested && module != "testing" && module.starts_with(char::is_lowercase) =>
            {
                names.insert(path.to_owned())
            }
            _ => false,
        };
    }
    names
}

/// Files of text below a place, without what is built.
fn texts(place: &Path) -> Vec<PathBuf> {
    if place.is_file() {
        return vec![place.to_owned()];
    }
    let mut found = Vec::new();
    for entry in fs::read_dir(place).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() && name != "target" {
            found.extend(texts(&path));
        } else if [".rs", ".md", ".toml"]
            .iter()
            .any(|end| name.ends_with(end))
        {
            found.push(path);
        }
    }
    found
}
