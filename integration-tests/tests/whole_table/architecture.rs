//! What the source text must not say: the invariants that are absences.

use std::fs;
use std::path::{Path, PathBuf};

/// The repository.
fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent()
        .expect("the crate is in the repository")
        .to_owned()
}

/// Every Rust file below `folder`, as its path in the repository and its text without tests and
/// comments.
fn sources(folder: &str) -> Vec<(String, String)> {
    let root = root();
    let mut found = Vec::new();
    let mut folders = vec![root.join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in
            fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        {
            let path = entry.unwrap().path();
            if path.file_stem().is_some_and(|stem| stem == "tests") {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path
                    .strip_prefix(&root)
                    .unwrap()
                    .to_string_lossy()
                    .into_owned();
                found.push((name, code(&fs::read_to_string(&path).unwrap())));
            }
        }
    }
    assert!(
        !found.is_empty(),
        "{folder} holds no source: the test looks in the wrong place"
    );
    found
}

/// A text up to its tests, without the lines that are comments.
fn code(text: &str) -> String {
    let text = text
        .split("#[cfg(test)]\nmod tests {")
        .next()
        .unwrap_or_default();
    let lines = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

/// The source folders of the product; tests, the kit for them and the build's own tool are not.
fn product() -> Vec<(String, String)> {
    let shared = [
        "tool",
        "access",
        "chart",
        "digest",
        "fleet",
        "ledger",
        "series",
        "statement",
        "sources",
        "mysql",
        "clouds",
        "snapshot",
        "serve",
    ];
    let shared = shared.iter().map(|name| format!("shared/{name}/src"));
    let servers = ["innodb", "metrics", "slowlog", "gateway"]
        .iter()
        .map(|name| format!("servers/{name}/src"));
    shared
        .chain(servers)
        .flat_map(|folder| sources(&folder))
        .collect()
}

/// The files that say `phrase`.
fn who_says(files: &[(String, String)], phrase: &str) -> Vec<String> {
    let says = |(_, text): &&(String, String)| text.contains(phrase);
    files
        .iter()
        .filter(says)
        .map(|(name, _)| name.clone())
        .collect()
}

/// The crates whose manifest names a dependency.
fn depends_on(name: &str) -> Vec<String> {
    let mut found = Vec::new();
    for group in ["shared", "servers"] {
        for entry in fs::read_dir(root().join(group)).unwrap() {
            let folder = entry.unwrap().path();
            let Ok(manifest) = fs::read_to_string(folder.join("Cargo.toml")) else {
                continue;
            };
            let table = manifest.split("[dependencies]").nth(1).unwrap_or_default();
            let table = table.split("\n[").next().unwrap_or_default();
            if table.lines().any(|line| {
                line.starts_with(&format!("{name}.")) || line.starts_with(&format!("{name} "))
            }) {
                found.push(format!(
                    "{group}/{}",
                    folder.file_name().unwrap().to_string_lossy()
                ));
            }
        }
    }
    found.sort();
    found
}

#[test]
fn every_crate_of_the_product_is_looked_at() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let members = manifest
        .split("members = [")
        .nth(1)
        .and_then(|rest| rest.split(']').next())
        .unwrap();
    let looked_at = product();
    for member in members.split('"').filter(|text| text.contains('/')) {
        if ["shared/testkit", "shared/xtask"].contains(&member) {
            continue;
        }
        let folder = format!("{member}/src/");
        assert!(
            looked_at.iter().any(|(name, _)| name.starts_with(&folder)),
            "{member} is not looked at"
        );
    }
}

#[test]
fn the_protocol_is_known_to_the_adapter_and_the_transports_only() {
    let users = who_says(&product(), "rmcp");
    for file in &users {
        let known = file == "shared/tool/src/adapter.rs" || file.starts_with("shared/serve/src/");
        assert!(known, "{file} knows rmcp");
    }
    assert!(users.len() >= 2, "{users:?}");
    assert_eq!(depends_on("rmcp"), ["shared/serve", "shared/tool"]);
}

#[test]
fn only_the_end_of_the_stack_makes_a_call_and_runs_a_tool() {
    let files = product();
    let run = ["shared/serve/src/stack/run.rs"];
    assert_eq!(who_says(&files, "Call::new("), run);
    assert_eq!(
        who_says(&files, "CallParts {"),
        ["shared/tool/src/call.rs", run[0]]
    );
    assert_eq!(who_says(&files, "row.run("), run);
    assert_eq!(who_says(&files, "Row::run"), [""; 0]);
    // Sources are opened for a call there, and by the commands that read an instance without a tool.
    let openers: Vec<String> = who_says(&files, ".mysql.open(")
        .into_iter()
        .filter(|file| !file.starts_with("servers/gateway/src/commands/"))
        .collect();
    assert_eq!(openers, run);
    let openers: Vec<String> = who_says(&files, ".logs.open(")
        .into_iter()
        .filter(|file| !file.starts_with("servers/gateway/src/commands/"))
        .collect();
    assert_eq!(openers, run);
    let openers: Vec<String> = who_says(&files, ".metrics.open(")
        .into_iter()
        .filter(|file| !file.starts_with("servers/gateway/src/commands/"))
        .collect();
    assert_eq!(openers, run);
}

#[test]
fn each_proof_of_the_stack_is_made_by_its_own_layer() {
    let files = sources("shared/serve/src");
    for (layer, proof) in [
        ("identify", "Identified {"),
        ("parse", "Typed {"),
        ("resolve", "Resolved {"),
        ("authorize", "Decided {"),
        ("audit", "Audited {"),
        ("deadline", "Timed {"),
    ] {
        let own = format!("shared/serve/src/stack/{layer}.rs");
        for file in who_says(&files, proof) {
            // The last layer takes the proof apart.
            let takes_apart = file.ends_with("/run.rs") && proof == "Timed {";
            assert!(file == own || takes_apart, "{file} makes or opens {proof}");
        }
    }
}

#[test]
fn a_domain_server_opens_no_connection_file_or_socket_and_knows_no_other() {
    // What digests is as pure as what reads its digests.
    for folder in [
        "servers/innodb",
        "servers/metrics",
        "servers/slowlog",
        "shared/chart",
        "shared/digest",
        "shared/ledger",
        "shared/series",
    ] {
        for (file, text) in sources(&format!("{folder}/src")) {
            let banned = [
                "mysql_async",
                "TcpStream",
                "UdpSocket",
                "TcpListener",
                "ToSocketAddrs",
                "std::fs",
                "std::process::Command",
                "std::env",
                "tokio::net",
                "tokio::fs",
                "reqwest",
                "storex_mysql",
                "storex_clouds",
                "storex_fleet",
                "storex_access",
                "storex_snapshot",
                "storex::",
                "SystemTime",
                "Timestamp::now",
                "wall_clock",
                "Instant::now",
                "unsafe",
            ];
            for word in banned {
                assert!(!text.contains(word), "{file} says {word}");
            }
            // Its program is the one place that serves it.
            assert!(
                !text.contains("storex_serve") || file.ends_with("/main.rs"),
                "{file} knows the stack"
            );
        }
    }
    assert_eq!(
        depends_on("mysql_async"),
        ["shared/mysql", "shared/testkit"]
    );
    // The command that digests files people name reads them as the seam does.
    assert_eq!(
        depends_on("storex-clouds"),
        ["servers/gateway", "shared/serve"]
    );
    let by_hand = who_says(&sources("servers/gateway/src"), "storex_clouds");
    assert_eq!(by_hand, ["servers/gateway/src/commands/digest.rs"]);
    // What a cloud's store keeps as records is turned into the text of a log, and no more.
    assert_eq!(
        depends_on("storex-digest"),
        ["servers/gateway", "servers/slowlog", "shared/clouds"]
    );
    for (file, text) in sources("shared/clouds/src") {
        let said = text.matches("storex_digest").count();
        let of_records = text.matches("storex_digest::records").count();
        assert_eq!(said, of_records, "{file} digests");
    }
    assert_eq!(depends_on("storex-innodb"), ["servers/gateway"]);
    assert_eq!(depends_on("storex-metrics"), ["servers/gateway"]);
    assert_eq!(depends_on("storex-slowlog"), ["servers/gateway"]);
}

#[test]
fn a_clouds_library_stays_in_its_module() {
    let files = product();
    for (cloud, library) in [
        ("aws", "aws-config"),
        ("aws", "aws-sdk-cloudwatchlogs"),
        ("aws", "aws-sdk-rds"),
        ("azure", "azure_core"),
        ("azure", "azure_identity"),
        ("google", "google-cloud-auth"),
        ("google", "google-cloud-storage"),
        ("prometheus", "promql-parser"),
    ] {
        assert_eq!(depends_on(library), ["shared/clouds"]);
        let users = who_says(&files, &library.replace('-', "_"));
        assert!(!users.is_empty(), "{library} is not used");
        let module = format!("shared/clouds/src/{cloud}");
        for file in users {
            assert!(file.starts_with(&module), "{file} knows {library}");
        }
    }
}

#[test]
fn only_the_allow_list_makes_what_may_be_explained_and_one_tool_asks_for_it() {
    let files = product();
    let made = "shared/statement/src/explainable.rs";
    assert_eq!(who_says(&files, "Ok(Self {\n            part,"), [made]);
    assert_eq!(
        who_says(&files, "Explainable::allow("),
        ["servers/slowlog/src/tools/explain/plan.rs"]
    );
    assert_eq!(
        who_says(&files, "\"EXPLAIN FORMAT"),
        ["shared/mysql/src/query.rs"]
    );
    assert_eq!(
        depends_on("sqlparser"),
        ["shared/statement"],
        "a text is parsed in one place"
    );
}

#[test]
fn statements_are_compiled_in() {
    for (file, text) in sources("servers") {
        for word in ["Statement::mysql(", "Statement::mariadb("] {
            for call in text.split(word).skip(1) {
                let call: String = call.split(')').take(2).collect();
                assert!(
                    call.contains("include_str!"),
                    "{file}: a statement that is no file: {call}"
                );
            }
        }
    }
}
