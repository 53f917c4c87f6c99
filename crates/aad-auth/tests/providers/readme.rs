//! The README's table of products says what the data files say.

use std::{fs, path::Path};

use crate::product::{Expected, Product};

const BEGIN: &str = "<!-- products: checked against crates/aad-auth/tests/providers/products -->\n";
const END: &str = "<!-- end of products -->";

/// The table as it must stand in the README.
fn table() -> String {
    let mut rows: Vec<String> = Product::all().into_values().map(|p| row(&p)).collect();
    rows.sort_by_key(|row| row.to_lowercase());
    format!(
        "| product | | remark |\n|---|---|---|\n{}\n",
        rows.join("\n")
    )
}

fn row(product: &Product) -> String {
    let outcome = match product.expected {
        Expected::Works => "works".to_owned(),
        Expected::Cannot => "cannot".to_owned(),
        Expected::Needs => {
            let names: Vec<_> = product
                .needs
                .keys()
                .map(|name| format!("`{name}`"))
                .collect();
            format!("needs {}", names.join(", "))
        }
    };
    format!("| {} | {outcome} | {} |", product.product, product.remark)
}

const ROLES_BEGIN: &str =
    "<!-- roles: checked against crates/aad-auth/tests/providers/products -->\n";
const ROLES_END: &str = "<!-- end of roles -->";

/// The table of roles as it must stand in the README.
fn roles_table() -> String {
    let rows = Product::all().into_values().filter_map(|product| {
        let roles = product.roles?;
        Some(format!(
            "| {} | `{}` | {} |",
            product.product, roles.setting, roles.remark
        ))
    });
    let mut rows: Vec<_> = rows.collect();
    rows.sort_by_key(|row| row.to_lowercase());
    format!(
        "| product | `AAD_ROLES_CLAIM` | there |\n|---|---|---|\n{}\n",
        rows.join("\n")
    )
}

#[test]
fn the_table_of_roles_in_the_readme_is_what_the_data_files_say() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../README.md");
    let readme = fs::read_to_string(path).unwrap();
    let (_, rest) = readme
        .split_once(ROLES_BEGIN)
        .expect("the table's beginning");
    let (found, _) = rest.split_once(ROLES_END).expect("the table's end");
    let table = roles_table();
    assert!(found == table, "the README must have\n{table}");
}

#[test]
fn the_table_of_products_in_the_readme_is_what_the_data_files_say() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../README.md");
    let readme = fs::read_to_string(path).unwrap();
    let (_, rest) = readme.split_once(BEGIN).expect("the table's beginning");
    let (found, _) = rest.split_once(END).expect("the table's end");
    let table = table();
    assert!(found == table, "the README must have\n{table}");
}
