//! A crate's source as modules: which file defines what, and what it uses of others.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use syn::{Ident, Item, UseTree, Visibility, visit::Visit};

use crate::syntax::{attributes, docs_of, file_of, is_left_out, item_of_macro, name_of};

/// Modules by their path, such as `["web", "routes"]`; the crate's root is empty.
pub(crate) struct Source {
    modules: BTreeMap<Vec<String>, Module>,
}

#[derive(Default)]
struct Module {
    file: PathBuf,
    items: BTreeSet<String>,
    /// The doc comments of types, traits and functions, by name.
    docs: BTreeMap<String, String>,
    /// Names that `pub use` brings in.
    exports: BTreeSet<String>,
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
                Item::Use(item) => {
                    module.import(&item.tree, Vec::new());
                    if matches!(item.vis, Visibility::Public(_)) {
                        let mut public = Module::default();
                        public.import(&item.tree, Vec::new());
                        module.exports.extend(public.imports.into_keys());
                    }
                }
                other => {
                    module.items.extend(name_of(other).map(Ident::to_string));
                    if let Some((name, docs)) = docs_of(other).or_else(|| item_of_macro(other)) {
                        module.items.insert(name.clone());
                        module.docs.insert(name, docs);
                    }
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
            for (used, _) in named.filter_map(|used| self.definition(path, used, 0)) {
                if used.file != module.file {
                    own.insert(used.file.clone());
                }
            }
        }
        uses
    }

    /// The names that a module exports, each with the doc comment at its definition.
    ///
    /// Constants and modules are left out. The comment is `None` where no definition was found.
    pub(crate) fn exported_docs(&self, module: &[String]) -> Vec<(String, Option<&str>)> {
        let mut found = Vec::new();
        for name in &self.modules[module].exports {
            let import = &self.modules[module].imports[name];
            match self.definition(module, import, 0) {
                Some((place, original)) => {
                    let docs = place.docs.get(&original);
                    found.extend(docs.map(|docs| (name.clone(), Some(docs.as_str()))));
                }
                None if self.is_module(import) => {}
                None => found.push((name.clone(), None)),
            }
        }
        found
    }

    fn is_module(&self, import: &[String]) -> bool {
        let path = import.strip_prefix(&["crate".to_owned()]);
        path.is_some_and(|path| self.modules.contains_key(path))
    }

    /// The module that defines what `used` names inside of the module `at`, and its name there.
    fn definition(
        &self,
        at: &[String],
        used: &[String],
        depth: usize,
    ) -> Option<(&Module, String)> {
        if depth > 16 {
            return None;
        }
        let (first, rest) = used.split_first()?;
        let module = self.modules.get(at)?;
        match first.as_str() {
            "crate" => self.definition(&[], rest, depth + 1),
            "self" => self.definition(at, rest, depth + 1),
            "super" => self.definition(&at[..at.len().checked_sub(1)?], rest, depth + 1),
            name if module.children.contains(name) && !rest.is_empty() => {
                let below = [at, std::slice::from_ref(first)].concat();
                self.definition(&below, rest, depth + 1)
            }
            name if module.items.contains(name) => Some((module, name.to_owned())),
            name => {
                if let Some(import) = module.imports.get(name).filter(|path| *path != used) {
                    let whole = [&import[..], rest].concat();
                    return self.definition(at, &whole, depth + 1);
                }
                let through = |glob: &Vec<String>| {
                    self.definition(at, &[&glob[..], used].concat(), depth + 1)
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
