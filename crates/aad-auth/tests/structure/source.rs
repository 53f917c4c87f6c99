//! A crate's source as modules: which file defines what, and what it uses of others.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use syn::{Attribute, Ident, Item, Meta, UseTree, Visibility, visit::Visit};

/// Modules by their path, such as `["web", "routes"]`; the crate's root is empty.
pub(crate) struct Source {
    modules: BTreeMap<Vec<String>, Module>,
}

#[derive(Default)]
struct Module {
    file: PathBuf,
    items: BTreeSet<String>,
    children: BTreeSet<String>,
    /// Names that `use` brings in, public or not, with the path behind each.
    imports: BTreeMap<String, Vec<String>>,
    globs: Vec<Vec<String>>,
    paths: Vec<Vec<String>>,
}

/// A type that more than its own module sees.
pub(crate) struct TypeName {
    pub(crate) name: String,
    pub(crate) file: PathBuf,
}

impl Source {
    /// Reads the crate whose root is `src/lib.rs`, without what is for its own tests.
    pub(crate) fn read(krate: &Path) -> Self {
        let mut source = Self {
            modules: BTreeMap::new(),
        };
        let folder = krate.join("src");
        source.read_file(Vec::new(), &folder.join("lib.rs"), &folder);
        source
    }

    fn read_file(&mut self, path: Vec<String>, file: &Path, folder: &Path) {
        let text = fs::read_to_string(file).unwrap();
        let parsed = syn::parse_file(&text).unwrap();
        self.read_items(path, file, folder, &parsed.items);
    }

    /// `folder` is where the files of child modules are.
    fn read_items(&mut self, path: Vec<String>, file: &Path, folder: &Path, items: &[Item]) {
        let mut module = Module {
            file: file.to_owned(),
            ..Module::default()
        };
        let kept = items.iter().filter(|item| !is_left_out(attributes(item)));
        for item in kept {
            match item {
                Item::Mod(child) => {
                    let name = child.ident.to_string();
                    module.children.insert(name.clone());
                    let below = [&path[..], std::slice::from_ref(&name)].concat();
                    match &child.content {
                        Some((_, items)) => {
                            self.read_items(below, file, &folder.join(&name), items);
                        }
                        None => {
                            let (file, folder) = file_of(&child.attrs, file, folder, &name);
                            self.read_file(below, &file, &folder);
                        }
                    }
                }
                Item::Use(item) => module.import(&item.tree, Vec::new()),
                other => {
                    module.items.extend(name_of(other).map(Ident::to_string));
                    PathsOf(&mut module).visit_item(other);
                }
            }
        }
        self.modules.insert(path, module);
    }

    /// Which files each file uses: those that define what it names.
    pub(crate) fn uses(&self) -> BTreeMap<PathBuf, BTreeSet<PathBuf>> {
        let mut uses: BTreeMap<PathBuf, BTreeSet<PathBuf>> = BTreeMap::new();
        for (path, module) in &self.modules {
            let own = uses.entry(module.file.clone()).or_default();
            let named = module.imports.values().chain(&module.paths);
            for used in named.filter_map(|used| self.file_of_path(path, used, 0)) {
                if used != module.file {
                    own.insert(used);
                }
            }
        }
        uses
    }

    /// The file that defines what `used` names inside of the module `at`.
    fn file_of_path(&self, at: &[String], used: &[String], depth: usize) -> Option<PathBuf> {
        if depth > 16 {
            return None;
        }
        let (first, rest) = used.split_first()?;
        let module = self.modules.get(at)?;
        match first.as_str() {
            "crate" => self.file_of_path(&[], rest, depth + 1),
            "self" => self.file_of_path(at, rest, depth + 1),
            "super" => self.file_of_path(&at[..at.len().checked_sub(1)?], rest, depth + 1),
            name if module.children.contains(name) && !rest.is_empty() => {
                let below = [at, std::slice::from_ref(first)].concat();
                self.file_of_path(&below, rest, depth + 1)
            }
            name if module.items.contains(name) => Some(module.file.clone()),
            name => {
                if let Some(import) = module.imports.get(name).filter(|path| *path != used) {
                    let whole = [&import[..], rest].concat();
                    return self.file_of_path(at, &whole, depth + 1);
                }
                let through = |glob: &Vec<String>| {
                    self.file_of_path(at, &[&glob[..], used].concat(), depth + 1)
                };
                module.globs.iter().find_map(through)
            }
        }
    }
}

impl Module {
    fn import(&mut self, tree: &UseTree, mut before: Vec<String>) {
        match tree {
            UseTree::Path(path) => {
                before.push(path.ident.to_string());
                self.import(&path.tree, before);
            }
            UseTree::Name(name) if name.ident == "self" => {
                let last = before.last().cloned().unwrap_or_default();
                self.imports.insert(last, before);
            }
            UseTree::Name(name) => {
                before.push(name.ident.to_string());
                self.imports.insert(name.ident.to_string(), before);
            }
            UseTree::Rename(rename) => {
                before.push(rename.ident.to_string());
                self.imports.insert(rename.rename.to_string(), before);
            }
            UseTree::Glob(_) => self.globs.push(before),
            UseTree::Group(group) => {
                for tree in &group.items {
                    self.import(tree, before.clone());
                }
            }
        }
    }
}

/// Collects the paths that an item names, and the `use` lines inside of functions.
struct PathsOf<'a>(&'a mut Module);

impl<'ast> Visit<'ast> for PathsOf<'_> {
    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments = path.segments.iter().map(|part| part.ident.to_string());
        self.0.paths.push(segments.collect());
        syn::visit::visit_path(self, path);
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        let mut inner = Module::default();
        inner.import(&item.tree, Vec::new());
        self.0.paths.extend(inner.imports.into_values());
    }
}

/// The types of a crate that more than their own module sees.
pub(crate) fn visible_types(krate: &Path) -> Vec<TypeName> {
    let source = Source::read(krate);
    let files: BTreeSet<_> = source.modules.values().map(|module| &module.file).collect();
    let mut found = Vec::new();
    for file in files {
        let text = fs::read_to_string(file).unwrap();
        let items = syn::parse_file(&text).unwrap().items;
        for item in items.iter().filter(|item| !is_left_out(attributes(item))) {
            let (name, visibility) = match item {
                Item::Struct(item) => (&item.ident, &item.vis),
                Item::Enum(item) => (&item.ident, &item.vis),
                Item::Trait(item) => (&item.ident, &item.vis),
                Item::Type(item) => (&item.ident, &item.vis),
                _ => continue,
            };
            if !matches!(visibility, Visibility::Inherited) {
                found.push(TypeName {
                    name: name.to_string(),
                    file: file.clone(),
                });
            }
        }
    }
    found
}

fn file_of(attributes: &[Attribute], file: &Path, folder: &Path, name: &str) -> (PathBuf, PathBuf) {
    let named = attributes
        .iter()
        .find_map(|attribute| match &attribute.meta {
            Meta::NameValue(pair) if pair.path.is_ident("path") => match &pair.value {
                syn::Expr::Lit(syn::ExprLit {
                    lit: syn::Lit::Str(text),
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
fn is_left_out(attributes: &[Attribute]) -> bool {
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

fn attributes(item: &Item) -> &[Attribute] {
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

fn name_of(item: &Item) -> Option<&Ident> {
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
