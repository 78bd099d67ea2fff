//! `storex policy`: why is a call allowed, or not?

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::bail;
use clap::{Args, Subcommand};
use storex_access::{Principal, ResourceRef};

#[derive(Debug, Subcommand)]
pub(super) enum Policy {
    /// Name the policies that decide on a call
    Explain(Explain),
}

#[derive(Debug, Args)]
pub(super) struct Explain {
    /// The tool
    #[arg(long)]
    tool: String,
    /// The instance, for tools that name one
    #[arg(long)]
    instance: Option<String>,
    /// Ask for another person than the configured one
    #[arg(long)]
    user: Option<String>,
    /// That person's teams
    #[arg(long)]
    team: Vec<String>,
    /// The agent acting for them
    #[arg(long)]
    agent: Option<String>,
    /// Arguments of the call, as key=value
    #[arg(long)]
    argument: Vec<String>,
}

impl Policy {
    pub(super) fn run(self, config: Option<PathBuf>) -> anyhow::Result<ExitCode> {
        let Self::Explain(explain) = self;
        let (_, _telemetry, boot) = super::start(config)?;
        let runtime = boot.server.runtime();
        let principal = explain.principal(&runtime.local);
        if runtime.tools().row(&explain.tool).is_none() {
            bail!(
                "there is no tool `{}`; `storex call` lists them",
                explain.tool
            );
        }
        let resource = match &explain.instance {
            None => ResourceRef::Fleet,
            Some(name) if runtime.mounts().get(name).is_some() => ResourceRef::Instance(name),
            Some(name) => bail!("the inventory has no instance `{name}`"),
        };
        let arguments = super::call::parse(&explain.argument)?;
        let explanation = runtime
            .access
            .explain(&principal, &explain.tool, resource, &arguments);
        println!("{explanation}");
        Ok(if explanation.decision.allow {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    }
}

impl Explain {
    fn principal(&self, local: &Principal) -> Principal {
        if self.user.is_none() && self.agent.is_none() && self.team.is_empty() {
            return local.clone();
        }
        let user = self.user.as_deref().unwrap_or(local.user_id());
        let teams = if self.team.is_empty() && self.user.is_none() {
            &local.teams
        } else {
            &self.team
        };
        match &self.agent {
            Some(agent) => Principal::agent(agent, user, teams.clone()),
            None => Principal::user(user, teams.clone()),
        }
    }
}
