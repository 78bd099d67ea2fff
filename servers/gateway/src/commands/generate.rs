//! `storex generate`: the files of the repository that are made from the tables of tools and the
//! settings. `cargo xtask generate` calls it.

mod flavours;

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
    pub(super) async fn run(self) -> anyhow::Result<ExitCode> {
        let configuration = format!(
            "# Configuration\n\nGenerated from the types that read it.\n\n```toml\n{}```\n",
            storex_serve::reference()
        );
        write(&self.root.join("docs/configuration.md"), &configuration)?;
        let schema = storex_access::schema(&storex_serve::actions(DOMAINS));
        write(&self.root.join("policies/schema.cedarschema"), &schema)?;
        fill(
            &self.root.join("docs/flavours.md"),
            PROBES,
            &flavours::table(DOMAINS),
        )?;
        let readme = self.root.join("README.md");
        fill(&readme, TABLE, &table())?;
        fill(&readme, ANSWER, &answer().await?)?;
        Ok(ExitCode::SUCCESS)
    }
}

fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    std::fs::write(path, text).with_context(|| format!("failed to write {}", path.display()))
}

/// Where the README's table of tools begins and ends.
const TABLE: (&str, &str) = ("<!-- tools: generated -->\n", "<!-- /tools -->");
/// Where the picture of a real answer begins and ends.
const ANSWER: (&str, &str) = ("<!-- answer: generated -->\n", "<!-- /answer -->");

/// Where the table of statements begins and ends.
const PROBES: (&str, &str) = ("<!-- probes: generated -->\n", "<!-- /probes -->");

/// Makes anew what stands between two marks of a page, where there is one.
fn fill(page: &Path, (begin, end): (&str, &str), text: &str) -> anyhow::Result<()> {
    if !page.exists() {
        return Ok(());
    }
    let name = page.display();
    let old = std::fs::read_to_string(page).with_context(|| format!("failed to read {name}"))?;
    let marked = |mark: &str| format!("{name} lacks the mark {}", mark.trim());
    let (before, rest) = old.split_once(begin).with_context(|| marked(begin))?;
    let (_, after) = rest.split_once(end).with_context(|| marked(end))?;
    write(page, &format!("{before}{begin}{text}{end}{after}"))
}

/// The demo's answer, cut after its findings: a replayed incident always answers the same.
async fn answer() -> anyhow::Result<String> {
    let text = crate::demo::answer().await?;
    let findings: Vec<&str> = text
        .lines()
        .take_while(|line| !line.starts_with("waiting:"))
        .collect();
    Ok(format!(
        "```text\n> What is blocking checkout?\n\n{}\n```\n",
        findings.join("\n").trim_end()
    ))
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
