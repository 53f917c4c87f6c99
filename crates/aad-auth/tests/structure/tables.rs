//! The tables of `docs` name tests: a test that was renamed or deleted must not stay in them.

use std::{
    fs,
    path::{Path, PathBuf},
};

#[test]
fn every_test_that_a_table_names_exists() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let code = code_below(here.parent().unwrap());
    for table in ["docs/abuse.md", "docs/certification.md"] {
        let text = fs::read_to_string(here.join(table)).unwrap();
        let named: Vec<_> = named_tests(&text).collect();
        assert!(named.len() > 20, "{table} names {} tests", named.len());
        let missing: Vec<_> = named.iter().filter(|name| !code.contains(**name)).collect();
        assert!(missing.is_empty(), "{table}: {missing:#?}");
    }
}

/// "Reported against others" is a claim: where it was said must stand beside it.
#[test]
fn every_row_of_reports_says_where_it_was_reported() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(here.join("docs/abuse.md")).unwrap();
    let (_, part) = text.split_once("## R. Reported against others").unwrap();
    let (rows, reports) = part.split_once("### Where they were reported").unwrap();
    let ids = |table: &str| -> Vec<String> {
        let first = |line: &str| {
            line.strip_prefix("| R")?
                .split('|')
                .next()
                .map(str::to_owned)
        };
        let cells = table.lines().filter_map(first);
        let cells: Vec<_> = cells.collect();
        let ids = cells.iter().flat_map(|cell| cell.split(", "));
        ids.map(|id| id.trim().trim_start_matches('R').to_owned())
            .collect()
    };
    let (rows, reported) = (ids(rows), ids(reports));
    assert!(rows.len() > 60, "{rows:?}");
    assert_eq!(rows, reported, "in this order");
}

#[test]
fn a_name_that_stands_nowhere_is_found_out() {
    let line =
        "| X1 | a case | refused | `sign_in`: `here::no_such_test_is_there`, `here::f1_all_*` |";
    let named: Vec<_> = named_tests(line).collect();
    assert_eq!(named, ["no_such_test_is_there", "f1_all_"]);
}

/// The last part of each `path::name` in the rows of a table; `name_*` stands for all that begin so.
fn named_tests(text: &str) -> impl Iterator<Item = &str> {
    let rows = text.lines().filter(|line| line.starts_with('|'));
    let quoted = rows.flat_map(|row| row.split('`').skip(1).step_by(2));
    quoted
        .filter(|quoted| !quoted.contains(['/', ' ', '.']))
        .filter_map(|quoted| quoted.rsplit_once("::"))
        .map(|(_, name)| name.trim_end_matches('*'))
        .filter(|name| name.contains('_'))
}

/// All Rust code below a folder, as one text.
fn code_below(folder: &Path) -> String {
    let mut folders: Vec<PathBuf> = vec![folder.to_owned()];
    let mut code = String::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.ends_with("target") {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs")
                && !path.ends_with("structure/tables.rs")
            {
                code.push_str(&fs::read_to_string(path).unwrap());
            }
        }
    }
    code
}
