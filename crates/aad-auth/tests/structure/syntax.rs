//! What the structure tests read of one item.

use std::path::{Path, PathBuf};

use syn::{Attribute, Expr, ExprLit, Ident, Item, Lit, Meta, parse::ParseStream};

/// The file of a child module, and the folder of the files of its own children.
pub(crate) fn file_of(
    attributes: &[Attribute],
    file: &Path,
    folder: &Path,
    name: &str,
) -> (PathBuf, PathBuf) {
    let named = attributes
        .iter()
        .find_map(|attribute| match &attribute.meta {
            Meta::NameValue(pair) if pair.path.is_ident("path") => match &pair.value {
                Expr::Lit(ExprLit {
                    lit: Lit::Str(text),
                    ..
                }) => Some(text.value()),
                _ => None,
            },
            _ => None,
        });
    if let Some(named) = named {
        let file = file.parent().unwrap().join(named);
        let folder = match file.ends_with("mod.rs") {
            true => file.parent().unwrap().to_owned(),
            false => file.with_extension(""),
        };
        return (file, folder);
    }
    let below = folder.join(name);
    let flat = below.with_extension("rs");
    match flat.exists() {
        true => (flat, below),
        false => (below.join("mod.rs"), below),
    }
}

/// `#[cfg(test)]` and `#[cfg(fuzzing)]`, also first in `all`; and `#[cfg(not(…))]`, the stand-in for
/// what a feature adds.
pub(crate) fn is_left_out(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        Meta::List(list) if list.path.is_ident("cfg") => {
            let text = list.tokens.to_string();
            let all = text.strip_prefix("all (").unwrap_or(&text);
            ["test", "fuzzing", "not"]
                .iter()
                .any(|word| all.starts_with(word))
        }
        _ => false,
    })
}

pub(crate) fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

pub(crate) fn name_of(item: &Item) -> Option<&Ident> {
    match item {
        Item::Const(item) => Some(&item.ident),
        Item::Enum(item) => Some(&item.ident),
        Item::Fn(item) => Some(&item.sig.ident),
        Item::Static(item) => Some(&item.ident),
        Item::Struct(item) => Some(&item.ident),
        Item::Trait(item) => Some(&item.ident),
        Item::Type(item) => Some(&item.ident),
        Item::Macro(item) => item.ident.as_ref(),
        _ => None,
    }
}

/// The name of a type, trait or function, with its doc comment.
pub(crate) fn docs_of(item: &Item) -> Option<(String, String)> {
    let documented = matches!(
        item,
        Item::Enum(_) | Item::Fn(_) | Item::Struct(_) | Item::Trait(_) | Item::Type(_)
    );
    let name = name_of(item).filter(|_| documented)?;
    Some((name.to_string(), doc_comment(attributes(item))))
}

/// As [`docs_of`], of the type that a macro of this repository defines: `identifier!(/// … Oid, 128)`.
pub(crate) fn item_of_macro(item: &Item) -> Option<(String, String)> {
    let Item::Macro(item) = item else {
        return None;
    };
    let parsed = item.mac.parse_body_with(docs_and_name).ok();
    parsed.filter(|_| item.ident.is_none())
}

fn docs_and_name(input: ParseStream<'_>) -> syn::Result<(String, String)> {
    let attributes = Attribute::parse_outer(input)?;
    let name: Ident = input.parse()?;
    while !input.is_empty() {
        input.step(|rest| match rest.token_tree() {
            Some((_, rest)) => Ok(((), rest)),
            None => Err(rest.error("no token")),
        })?;
    }
    Ok((name.to_string(), doc_comment(&attributes)))
}

fn doc_comment(attributes: &[Attribute]) -> String {
    let lines = attributes
        .iter()
        .filter_map(|attribute| match &attribute.meta {
            Meta::NameValue(pair) if pair.path.is_ident("doc") => match &pair.value {
                Expr::Lit(ExprLit {
                    lit: Lit::Str(line),
                    ..
                }) => Some(line.value()),
                _ => None,
            },
            _ => None,
        });
    lines.collect::<Vec<_>>().join("\n")
}
