//! `storex generate`: the files of the repository that are made from the tables of tools and the
//! settings. `cargo xtask generate` calls it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::Args;

use crate::DOMAINS;

/// `storex generate ROOT`
#[derive(Debug, Args)]
pub(super) struct Generate {
    /// The repository
    root: PathBuf,
}

impl Generate {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let configuration = format!(
            "# Configuration\n\nGenerated from the types that read it.\n\n```toml\n{}```\n",
            storex_serve::reference()
        );
        write(&self.root.join("docs/configuration.md"), &configuration)?;
        let schema = storex_access::schema(&storex_serve::actions(DOMAINS));
        write(&self.root.join("policies/schema.cedarschema"), &schema)?;
        let readme = self.root.join("README.md");
        if readme.exists() {
            let text = std::fs::read_to_string(&readme).context("failed to read README.md")?;
            write(&readme, &with_table(&text)?)?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    std::fs::write(path, text).with_context(|| format!("failed to write {}", path.display()))
}

const BEGIN: &str = "<!-- tools: generated -->\n";
const END: &str = "<!-- /tools -->";

/// The README with its table of tools made anew.
fn with_table(readme: &str) -> anyhow::Result<String> {
    let (before, rest) = readme
        .split_once(BEGIN)
        .context("README.md lacks the mark of the tool table")?;
    let (_, after) = rest
        .split_once(END)
        .context("README.md lacks the end of the tool table")?;
    Ok(format!("{before}{BEGIN}{}{END}{after}", table()))
}

fn table() -> String {
    let mut out = String::from("| tool | effect | answers |\n|---|---|---|\n");
    for row in DOMAINS.iter().flat_map(|domain| domain.tools) {
        let spec = row.spec;
        let first = spec
            .description
            .split_inclusive(". ")
            .next()
            .unwrap_or_default()
            .trim();
        // Writing to a string does not fail.
        let _infallible = writeln!(
            out,
            "| `{}` | {} | {first} |",
            spec.name,
            spec.effect.as_str()
        );
    }
    out
}
