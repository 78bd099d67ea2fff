//! The policy folder as text: `policies.cedar`, `templates.cedar`, `template-links.json`,
//! `schema.cedarschema` and `entities/*.json`.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::PolicyError;

/// A file's path, for messages, and its text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct SourceFile {
    pub(crate) path: PathBuf,
    pub(crate) text: String,
}

/// The text of a policy folder.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PolicyFolder {
    pub(crate) dir: PathBuf,
    pub(crate) policies: SourceFile,
    pub(crate) templates: Option<SourceFile>,
    pub(crate) links: Option<SourceFile>,
    pub(crate) schema: Option<SourceFile>,
    pub(crate) entities: Vec<SourceFile>,
}

/// What a policy folder held when it was read. Two equal ones need no reload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// The fingerprint of a folder as it is now.
    ///
    /// # Errors
    /// As [`PolicyFolder::read`].
    pub fn of(dir: &Path) -> Result<Self, PolicyError> {
        Ok(PolicyFolder::read(dir)?.fingerprint())
    }
}

impl PolicyFolder {
    /// Reads a folder.
    ///
    /// # Errors
    /// When a file is missing that must be there, or cannot be read.
    pub fn read(dir: &Path) -> Result<Self, PolicyError> {
        let policies = read(dir.join("policies.cedar"))?;
        let mut entities = Vec::new();
        for path in entity_files(&dir.join("entities"))? {
            entities.push(read(path)?);
        }
        Ok(Self {
            policies,
            templates: read_optional(dir.join("templates.cedar"))?,
            links: read_optional(dir.join("template-links.json"))?,
            schema: read_optional(dir.join("schema.cedarschema"))?,
            entities,
            dir: dir.to_owned(),
        })
    }

    /// A folder that exists only as text: these policies and, as `(name, JSON)`, these entities.
    pub fn from_text(policies: &str, entities: &[(&str, &str)]) -> Self {
        let file = |path: &str, text: &str| SourceFile {
            path: PathBuf::from(path),
            text: text.to_owned(),
        };
        Self {
            dir: PathBuf::from("policies"),
            policies: file("policies.cedar", policies),
            entities: entities
                .iter()
                .map(|(name, text)| file(name, text))
                .collect(),
            ..Self::default()
        }
    }

    /// The same folder with these templates and links (`template-links.json`).
    #[must_use]
    pub fn with_templates(mut self, templates: &str, links: &str) -> Self {
        self.templates = Some(SourceFile {
            path: PathBuf::from("templates.cedar"),
            text: templates.to_owned(),
        });
        self.links = Some(SourceFile {
            path: PathBuf::from("template-links.json"),
            text: links.to_owned(),
        });
        self
    }

    /// What this folder holds, for a poller that reloads when it changes.
    pub fn fingerprint(&self) -> Fingerprint {
        let mut hash = Sha256::new();
        let optional = [&self.templates, &self.links, &self.schema];
        let files = std::iter::once(&self.policies)
            .chain(optional.into_iter().flatten())
            .chain(&self.entities);
        for file in files {
            for part in [file.path.to_string_lossy().as_bytes(), file.text.as_bytes()] {
                hash.update((part.len() as u64).to_be_bytes());
                hash.update(part);
            }
        }
        Fingerprint(hash.finalize().into())
    }
}

fn entity_files(dir: &Path) -> Result<Vec<PathBuf>, PolicyError> {
    let failed = |source| PolicyError::Read {
        path: dir.to_owned(),
        source,
    };
    let entries = match fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed(error)),
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(failed)?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "json")
        {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn read(path: PathBuf) -> Result<SourceFile, PolicyError> {
    match fs::read_to_string(&path) {
        Ok(text) => Ok(SourceFile { path, text }),
        Err(source) => Err(PolicyError::Read { path, source }),
    }
}

fn read_optional(path: PathBuf) -> Result<Option<SourceFile>, PolicyError> {
    match read(path) {
        Ok(file) => Ok(Some(file)),
        Err(PolicyError::Read { source, .. }) if source.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
