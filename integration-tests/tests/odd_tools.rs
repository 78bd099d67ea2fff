//! A domain no product has: tools that sleep, share and panic, to see what the stack does with them.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use storex_sources::{LogKind, Needs, Probe, Statement};
use storex_tool::{
    Answer, Call, Detail, Domain, Effect, LogBounds, Spec, Target, Tool, ToolError, row,
};

/// The domain.
pub(crate) static DOMAIN: Domain = Domain {
    name: "odd",
    about: "tools that misbehave",
    tools: &[
        row::<Sleep>(),
        row::<Late>(),
        row::<Shared>(),
        row::<Alone>(),
        row::<Write>(),
        row::<Panic>(),
        row::<Pair>(),
        row::<Log>(),
        row::<SecretLog>(),
    ],
    runbooks: &[],
};

/// What a sleeping probe's statement says, for those who look for it on the server.
pub(crate) const SLEEPING: &str = "SELECT SLEEP(30)";
/// The same of the probe whose answer is shared.
pub(crate) const SHARED: &str = "SELECT SLEEP(1)";

const fn probe(name: &'static str, statements: &'static [Statement]) -> Probe {
    Probe {
        name,
        statements,
        row_limit: 1,
        timeout: Duration::from_secs(40),
        needs: Needs::NOTHING,
    }
}

static SLEEP: Probe = probe(
    "odd_sleep",
    &[
        Statement::mysql(8, 0, 0, "SELECT SLEEP(30) AS slept LIMIT 2"),
        Statement::mariadb(10, 6, 0, "SELECT SLEEP(30) AS slept LIMIT 2"),
    ],
);
static NAP: Probe = probe(
    "odd_nap",
    &[
        Statement::mysql(8, 0, 0, "SELECT SLEEP(1) AS slept LIMIT 2"),
        Statement::mariadb(10, 6, 0, "SELECT SLEEP(1) AS slept LIMIT 2"),
    ],
);

static WRITE: Probe = probe(
    "odd_write",
    &[
        Statement::mysql(8, 0, 0, "DELETE FROM shop.archive LIMIT 2"),
        Statement::mariadb(10, 6, 0, "DELETE FROM shop.archive LIMIT 2"),
    ],
);
static WRITES: &[&Probe] = &[&WRITE];
static SLEEPS: &[&Probe] = &[&SLEEP];
static NAPS: &[&Probe] = &[&NAP];

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "the stack reads them from the JSON")]
struct Input {
    /// Instance name
    instance: String,
    #[serde(default)]
    detail: Detail,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Slept {
    slept: i64,
}

#[derive(Debug, Deserialize)]
struct SleepRow {
    slept: i64,
}

const fn spec(name: &'static str, probes: &'static [&'static Probe]) -> Spec {
    Spec {
        name,
        title: "A tool that misbehaves",
        description: "Does what no tool of the product does, so that tests can see what becomes of it.",
        effect: Effect::Read,
        target: Target::Instance,
        deadline: Duration::from_secs(25),
        row_limit: 1,
        freshness: Duration::ZERO,
        probes,
        log_bytes: 0,
        metric_points: 0,
        sensitive_arguments: &[],
        runbook: "# A tool that misbehaves\n\nThere is nothing to do about it.\n",
        aliases: &[],
    }
}

async fn sleep(call: &Call, probe: &'static Probe) -> Result<Answer<Slept>, ToolError> {
    let rows = call.need::<SleepRow>(probe).await?.rows;
    let slept = rows.first().map_or(0, |row| row.slept);
    Ok(Answer::new("slept", Vec::new(), Slept { slept }))
}

struct Sleep;

impl Tool for Sleep {
    type Input = Input;
    type Data = Slept;
    const SPEC: Spec = spec("odd_sleep", SLEEPS);

    async fn run(_: Input, call: &Call) -> Result<Answer<Slept>, ToolError> {
        sleep(call, &SLEEP).await
    }
}

/// Sleeps longer than it may.
struct Late;

impl Tool for Late {
    type Input = Input;
    type Data = Slept;
    const SPEC: Spec = Spec {
        deadline: Duration::from_secs(2),
        ..spec("odd_late", SLEEPS)
    };

    async fn run(_: Input, call: &Call) -> Result<Answer<Slept>, ToolError> {
        sleep(call, &SLEEP).await
    }
}

/// Sleeps a second and lets others share its answer.
struct Shared;

impl Tool for Shared {
    type Input = Input;
    type Data = Slept;
    const SPEC: Spec = Spec {
        freshness: Duration::from_secs(5),
        ..spec("odd_shared", NAPS)
    };

    async fn run(_: Input, call: &Call) -> Result<Answer<Slept>, ToolError> {
        sleep(call, &NAP).await
    }
}

/// Sleeps a second, every caller for itself.
struct Alone;

impl Tool for Alone {
    type Input = Input;
    type Data = Slept;
    const SPEC: Spec = spec("odd_alone", NAPS);

    async fn run(_: Input, call: &Call) -> Result<Answer<Slept>, ToolError> {
        sleep(call, &NAP).await
    }
}

/// Tries what no statement of the product may.
struct Write;

impl Tool for Write {
    type Input = Input;
    type Data = Slept;
    const SPEC: Spec = spec("odd_write", WRITES);

    async fn run(_: Input, call: &Call) -> Result<Answer<Slept>, ToolError> {
        sleep(call, &WRITE).await
    }
}

struct Panic;

impl Tool for Panic {
    type Input = Input;
    type Data = Slept;
    const SPEC: Spec = spec("odd_panic", &[]);

    async fn run(_: Input, _: &Call) -> Result<Answer<Slept>, ToolError> {
        panic!("hunter2 was here")
    }
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "the stack reads them from the JSON")]
struct TwoInput {
    /// Instance name
    instance: String,
    /// Another
    compare_to: Option<String>,
    #[serde(default)]
    detail: Detail,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Two {
    other: Option<String>,
}

/// Reads two instances.
struct Pair;

impl Tool for Pair {
    type Input = TwoInput;
    type Data = Two;
    const SPEC: Spec = Spec {
        target: Target::InstanceAnd("compare_to"),
        ..spec("odd_pair", NAPS)
    };

    async fn run(_: TwoInput, call: &Call) -> Result<Answer<Two>, ToolError> {
        call.need::<SleepRow>(&NAP).await?;
        let mut other = None;
        if let Some(second) = call.other() {
            second.need::<SleepRow>(&NAP).await?;
            other = Some(second.instance()?.name.clone());
        }
        Ok(Answer::new("read", Vec::new(), Two { other }))
    }
}

/// Bytes of logs a call of [`Log`] may read.
pub(crate) const LOG_BYTES: u64 = 64 << 10;

#[derive(Debug, Serialize, JsonSchema)]
struct Read {
    bytes: u64,
    files: usize,
    entries: usize,
}

/// As much as it may.
const WHOLE: LogBounds = LogBounds {
    bytes: u64::MAX,
    time: Duration::from_secs(60),
};

/// Reads the slow log.
async fn read_log(call: &Call) -> Result<Answer<Read>, ToolError> {
    let mut read = Read {
        bytes: 0,
        files: 0,
        entries: 0,
    };
    let Some(mut reading) = call.logs()?.read(LogKind::Slow, None, WHOLE).await? else {
        return Ok(Answer::new("nothing was read", Vec::new(), read));
    };
    let mut text = Vec::new();
    while let Some(chunk) = reading.next().await? {
        text.extend_from_slice(&chunk.bytes);
    }
    let report = reading.finish();
    read.bytes = report.bytes;
    read.files = report.files.len();
    let text = String::from_utf8_lossy(&text);
    read.entries = text.matches("# Query_time").count();
    Ok(Answer::new("read", Vec::new(), read))
}

struct Log;

impl Tool for Log {
    type Input = Input;
    type Data = Read;
    const SPEC: Spec = Spec {
        log_bytes: LOG_BYTES,
        ..spec("odd_log", &[])
    };

    async fn run(_: Input, call: &Call) -> Result<Answer<Read>, ToolError> {
        read_log(call).await
    }
}

/// Reads a log it did not declare.
struct SecretLog;

impl Tool for SecretLog {
    type Input = Input;
    type Data = Read;
    const SPEC: Spec = spec("odd_secret_log", &[]);

    async fn run(_: Input, call: &Call) -> Result<Answer<Read>, ToolError> {
        read_log(call).await
    }
}
