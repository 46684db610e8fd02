//! The files of the repository, without what .gitignore leaves out.

use std::{fs, path::Path};

/// A file as text, its path relative to the root with `/` between the parts.
pub(super) struct File {
    pub(super) path: String,
    pub(super) text: String,
}

impl File {
    /// Whether the name ends with one of these extensions.
    pub(super) fn is_any(&self, extensions: &[&str]) -> bool {
        self.path.rsplit_once('.').is_some_and(|(_, extension)| extensions.contains(&extension))
    }

    /// Whether the file is in a folder.
    pub(super) fn is_in(&self, folder: &str) -> bool {
        self.path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
    }
}

/// Every text file.
pub(super) fn all() -> Vec<File> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let ignored = fs::read_to_string(root.join(".gitignore")).expect("the repository has a .gitignore");
    let ignored: Vec<&str> = ignored.lines().collect();
    let mut found = Vec::new();
    walk(root, "", &ignored, &mut found);
    assert!(found.len() > 20, "the walk found the repository");
    found
}

/// The files of a folder with an extension; a folder without any would make its check pass for nothing.
pub(super) fn of(folder: &str, extension: &str) -> Vec<File> {
    let found: Vec<_> = all().into_iter().filter(|file| file.is_in(folder) && file.is_any(&[extension])).collect();
    assert!(!found.is_empty(), "{folder} has files that end in .{extension}");
    found
}

fn walk(root: &Path, folder: &str, ignored: &[&str], found: &mut Vec<File>) {
    for entry in fs::read_dir(root.join(folder)).expect("a folder can be listed") {
        let entry = entry.expect("an entry can be read");
        let name = entry.file_name().into_string().expect("names are UTF-8");
        let path = if folder.is_empty() { name.clone() } else { format!("{folder}/{name}") };
        let kind = entry.file_type().expect("an entry has a type");
        // A folder, or in a second working tree a file.
        if name == ".git" {
            continue;
        }
        if kind.is_dir() && !is_ignored(&path, &name, ignored) {
            walk(root, &path, ignored, found);
        } else if kind.is_file()
            && let Ok(text) = fs::read_to_string(entry.path())
        {
            found.push(File { path, text });
        }
    }
}

/// The two forms that .gitignore uses: `/path/` from the root, `name/` anywhere.
fn is_ignored(path: &str, name: &str, ignored: &[&str]) -> bool {
    ignored.iter().filter_map(|pattern| pattern.strip_suffix('/')).any(|pattern| match pattern.strip_prefix('/') {
        Some(from_root) => from_root == path,
        None => pattern == name,
    })
}
