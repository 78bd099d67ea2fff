//! A whole storex over real servers, in a folder of its own.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Result;
use serde_json::{Map, Value};
use storex_serve::{Boot, Server, boot_file};
use storex_testkit::MySqlServer;
use storex_tool::{Credential, Definition, Dispatch, Domain, Incoming, Reply};

/// An entry of the inventory.
pub struct Instance {
    name: String,
    /// What it is: fields that stand before its tables.
    facts: String,
    body: String,
}

impl Instance {
    /// The server itself, read as root over its socket.
    pub fn of(name: &str, server: &MySqlServer) -> Self {
        Self::with(
            name,
            &format!(
                "address = \"127.0.0.1:{}\"\nadmin_port = {}\nuser = \"root\"\ntls = \"off\"",
                server.port(),
                server.admin_port()
            ),
        )
    }

    /// An instance with this `[instance.mysql]`.
    pub fn with(name: &str, mysql: &str) -> Self {
        Self {
            name: name.to_owned(),
            facts: String::new(),
            body: format!("[instance.mysql]\n{mysql}\n"),
        }
    }

    /// A recorded instance.
    pub fn snapshot(name: &str, path: &Path) -> Self {
        Self {
            name: name.to_owned(),
            facts: String::new(),
            body: format!("snapshot = \"{}\"\n", path.display()),
        }
    }

    /// An instance nobody answers for: calls that reach it are told it is unreachable.
    pub fn nowhere(name: &str) -> Self {
        Self::with(
            name,
            "address = \"127.0.0.1:1\"\nuser = \"storex\"\ntls = \"off\"",
        )
    }

    /// The same with its server's slow and error logs.
    #[must_use]
    pub fn with_logs_of(mut self, server: &MySqlServer) -> Self {
        let _infallible = write!(
            self.body,
            "[instance.logs]\nslow = \"{}\"\nerror = \"{}\"\n",
            server.slow_log().display(),
            server.error_log_path().display()
        );
        self
    }

    /// The same with these lines of `[instance.logs]` and the tables below it.
    #[must_use]
    pub fn with_logs(mut self, lines: &str) -> Self {
        let _infallible = write!(self.body, "[instance.logs]\n{lines}\n");
        self
    }

    /// The same with another `owner_team`, `regulatory_domain`, ...
    #[must_use]
    pub fn with_fact(mut self, field: &str, value: &str) -> Self {
        let _infallible = writeln!(self.facts, "{field} = {value:?}");
        self
    }
}

/// A running storex and its folder.
pub struct House {
    /// The server, as transports see it.
    pub server: Arc<Server>,
    /// The configuration file.
    pub config: PathBuf,
    folder: tempfile::TempDir,
    /// Keeps the audit log open, and looks at the files when asked.
    boot: Boot,
}

impl House {
    /// A storex over these instances for a caller of team `checkout`, which owns them all, under the
    /// policies of the repository.
    ///
    /// # Errors
    /// When it does not start.
    pub fn over(instances: &[Instance]) -> Result<Self> {
        Self::build(instances, "")
    }

    /// The same with more configuration.
    ///
    /// # Errors
    /// When it does not start.
    pub fn build(instances: &[Instance], more: &str) -> Result<Self> {
        Self::of(instances, more, storex::DOMAINS)
    }

    /// The same with other tools.
    ///
    /// # Errors
    /// When it does not start.
    pub fn of(instances: &[Instance], more: &str, domains: &[&'static Domain]) -> Result<Self> {
        Self::at(&std::env::temp_dir(), instances, more, domains)
    }

    /// The same in a folder below `base`, for a disk with a fault.
    ///
    /// # Errors
    /// When it does not start.
    pub fn at(
        base: &Path,
        instances: &[Instance],
        more: &str,
        domains: &[&'static Domain],
    ) -> Result<Self> {
        let folder = lay_out_at(base, instances, more)?;
        let config = folder.path().join("storex.toml");
        let (_, boot) = boot_file(&config, "storex", domains)?;
        Ok(Self {
            server: Arc::clone(&boot.server),
            config,
            folder,
            boot,
        })
    }

    /// Its folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Writes other policy data (users, teams, domains), and takes it up.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn set_entities(&mut self, entities: &Value) -> Result<()> {
        let path = self.folder.path().join("policies/entities/start.json");
        std::fs::write(path, entities.to_string())?;
        self.look();
        Ok(())
    }

    /// Looks at the files as a running server does every two seconds.
    pub fn glance(&mut self) {
        self.boot.look();
    }

    /// Looks twice, so that a change is seen and found settled.
    pub fn look(&mut self) {
        self.glance();
        self.glance();
    }

    /// Everything the audit log holds.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn audit_text(&self) -> Result<String> {
        let mut text = String::new();
        for file in std::fs::read_dir(self.folder.path().join("audit"))? {
            text.push_str(&std::fs::read_to_string(file?.path())?);
        }
        Ok(text)
    }

    /// Calls a tool as the local person, through the whole stack.
    ///
    /// # Errors
    /// When the tool is unknown to the caller.
    pub async fn call(&self, tool: &str, arguments: Value) -> Result<Arc<Reply>> {
        self.call_as(Credential::Local, tool, arguments).await
    }

    /// Calls a tool as someone.
    ///
    /// # Errors
    /// When the tool is unknown to the caller.
    pub async fn call_as(
        &self,
        who: Credential,
        tool: &str,
        arguments: Value,
    ) -> Result<Arc<Reply>> {
        let arguments = match arguments {
            Value::Object(map) => map,
            _ => Map::new(),
        };
        let incoming = Incoming::new(tool, arguments, who, "stdio");
        Ok(self.server.call(incoming).await?)
    }

    /// The structured answer of a call that must succeed.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ask(&self, tool: &str, arguments: Value) -> Result<Value> {
        let reply = self.call(tool, arguments).await?;
        anyhow::ensure!(!reply.is_error, "{tool} failed: {}", reply.text);
        Ok(reply.structured.clone())
    }

    /// The tools someone is shown.
    pub async fn list_as(&self, who: &Credential) -> Vec<Arc<Definition>> {
        self.server.list(who, "stdio").await
    }
}

/// Writes configuration, inventory and the repository's policies into a folder of its own, for a
/// caller of team `checkout`.
///
/// # Errors
/// When they cannot be written.
pub fn lay_out(instances: &[Instance], more: &str) -> Result<tempfile::TempDir> {
    lay_out_at(&std::env::temp_dir(), instances, more)
}

fn lay_out_at(base: &Path, instances: &[Instance], more: &str) -> Result<tempfile::TempDir> {
    let folder = tempfile::Builder::new()
        .prefix("storex-it-")
        .tempdir_in(base)?;
    let mut inventory = String::from(
        "[defaults]\nregion = \"eu-west-1\"\nregulatory_domain = \"eu\"\n\
         environment = \"production\"\nowner_team = \"checkout\"\n",
    );
    for instance in instances {
        write!(
            inventory,
            "\n[[instance]]\nname = {:?}\n{}{}",
            instance.name, instance.facts, instance.body
        )?;
    }
    std::fs::write(folder.path().join("inventory.toml"), inventory)?;
    storex::write_policies(&folder.path().join("policies"), "eu", "checkout")?;
    let config = format!(
        "inventory = \"inventory.toml\"\npolicies = \"policies\"\n\
         [identity]\nuser = \"ines\"\nteams = [\"checkout\"]\n[audit]\nfolder = \"audit\"\n{more}"
    );
    std::fs::write(folder.path().join("storex.toml"), config)?;
    Ok(folder)
}
