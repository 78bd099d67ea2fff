//! Every fault in a policy folder stops the load and says where it is.

use std::fs;

use storex_access::{Action, Authorizer, Effect, Fingerprint, PolicyFolder, Resource, Target};

use crate::support::{actions, instance, inventory, policies_dir, whole};

const PERMIT: &str = "@id(\"all\")\npermit (principal, action, resource);\n";

fn refused(folder: PolicyFolder) -> String {
    let error = Authorizer::new(folder, &actions(), &inventory()).unwrap_err();
    whole(&error)
}

fn refused_policies(policies: &str) -> String {
    refused(PolicyFolder::from_text(policies, &[]))
}

#[test]
fn folder_without_policies_is_refused() {
    assert!(refused_policies("// nothing\n").contains("holds no policy"));
    let missing = tempfile::tempdir().unwrap();
    let error = Authorizer::load(missing.path(), &actions(), &inventory()).unwrap_err();
    assert!(
        whole(&error).contains("policies.cedar"),
        "{}",
        whole(&error)
    );
}

#[test]
fn policy_without_an_id_is_refused_with_its_line() {
    let message = refused_policies(&format!(
        "{PERMIT}\n\npermit (principal, action, resource);"
    ));
    assert!(message.starts_with("policies.cedar:5: "), "{message}");
    assert!(message.contains("@id"), "{message}");
}

#[test]
fn id_used_twice_is_refused_with_its_line() {
    let message = refused_policies(&format!(
        "{PERMIT}@id(\"all\")\nforbid (principal, action, resource);"
    ));
    assert!(message.starts_with("policies.cedar:"), "{message}");
    assert!(message.contains("`all` is taken"), "{message}");
}

#[test]
fn syntax_error_is_refused_with_its_line() {
    let message = refused_policies(&format!(
        "{PERMIT}\n@id(\"x\")\npermit (principal, action);"
    ));
    assert!(message.starts_with("policies.cedar:5: "), "{message}");
}

#[test]
fn policy_that_does_not_fit_the_schema_is_refused_with_its_line() {
    for (policy, word) in [
        (
            "permit (principal, action, resource) when {\n resource.owners == principal };",
            "owners",
        ),
        (
            "permit (principal, action == Action::\"no_such_tool\",\n resource);",
            "no_such_tool",
        ),
        (
            "permit (principal, action, resource) when {\n context.args.limit > 3 };",
            "limit",
        ),
        (
            "permit (principal in Tream::\"x\", action,\n resource);",
            "Tream",
        ),
    ] {
        let message = refused_policies(&format!("{PERMIT}\n@id(\"x\")\n{policy}"));
        let line: usize = message
            .strip_prefix("policies.cedar:")
            .and_then(|rest| rest.split_once(':'))
            .and_then(|(line, _)| line.parse().ok())
            .unwrap_or_else(|| panic!("{message}"));
        assert!((5..=6).contains(&line), "{message}");
        assert!(message.contains(word), "{message}");
    }
}

#[test]
fn policy_that_can_never_apply_is_refused() {
    let message = refused_policies(&format!(
        "{PERMIT}@id(\"never\")\npermit (principal, action, resource)\nwhen {{ principal is Fleet }};"
    ));
    assert!(message.starts_with("policies.cedar:"), "{message}");
}

#[test]
fn policy_that_looks_further_than_a_decision_gathers_is_refused() {
    // Through the domain of an instance to a team is two steps; through a user's team three.
    let message = refused_policies(&format!(
        "{PERMIT}@id(\"literal\")\npermit (principal, action, resource)\nwhen {{ User::\"a\" in Team::\"b\" }};"
    ));
    assert!(message.starts_with("policies.cedar:"), "{message}");
    assert!(message.contains("cannot be dereferenced"), "{message}");
}

#[test]
fn link_to_a_template_there_is_not_is_refused() {
    let links = "[\n{\"template_id\": \"none\", \"link_id\": \"l\", \"args\": {}}]";
    let folder = PolicyFolder::from_text(PERMIT, &[]).with_templates("", links);
    let message = refused(folder);
    assert!(message.starts_with("template-links.json:2: "), "{message}");
}

#[test]
fn faults_in_entities_are_refused_with_file_and_line() {
    let team = r#"{"uid": {"type": "Team", "id": "t"}, "attrs": {}, "parents": []}"#;
    let user = r#"{"uid": {"type": "User", "id": "u"}, "attrs": {"age": 3}, "parents": []}"#;
    let placed = r#"{"uid": {"type": "Region", "id": "r"}, "attrs": {}, "parents": []}"#;
    for (text, line, word) in [
        (format!("[\n{team},\n{user}]"), ":3: ", "age"),
        (format!("[\n{team},\n{placed}]"), ":3: ", "inventory"),
        (format!("[\n{team},\n"), ":3: ", "EOF"),
    ] {
        let message = refused(PolicyFolder::from_text(PERMIT, &[("e.json", &text)]));
        assert!(message.starts_with(&format!("e.json{line}")), "{message}");
        assert!(message.contains(word), "{message}");
    }
}

#[test]
fn entity_in_two_files_is_refused() {
    let one = r#"[{"uid": {"type": "Team", "id": "t"}, "attrs": {}, "parents": []}]"#;
    let two = r#"[{"uid": {"type": "Team", "id": "t"}, "attrs": {}, "parents": [{"type": "Team", "id": "s"}]}]"#;
    let message = refused(PolicyFolder::from_text(
        PERMIT,
        &[("a.json", one), ("b.json", two)],
    ));
    assert!(message.starts_with("b.json:1: "), "{message}");
    assert!(message.contains("a.json"), "{message}");
}

#[test]
fn teams_in_a_circle_are_refused() {
    let text = r#"[
        {"uid": {"type": "Team", "id": "a"}, "attrs": {}, "parents": [{"type": "Team", "id": "b"}]},
        {"uid": {"type": "Team", "id": "b"}, "attrs": {}, "parents": [{"type": "Team", "id": "a"}]}
    ]"#;
    let message = refused(PolicyFolder::from_text(PERMIT, &[("e.json", text)]));
    assert!(message.contains("cycle"), "{message}");
}

#[test]
fn faults_in_the_inventory_are_refused() {
    let twice = [instance("a", "x", "eu", "p"), instance("a", "y", "eu", "p")];
    let nameless = [Resource::default()];
    for (inventory, word) in [(&twice[..], "`a`"), (&nameless[..], "no name")] {
        let folder = PolicyFolder::from_text(PERMIT, &[]);
        let error = Authorizer::new(folder, &actions(), inventory).unwrap_err();
        assert!(error.to_string().contains(word), "{error}");
    }
}

#[test]
fn faults_in_the_table_of_tools_are_refused() {
    let tool = |name: &str, domain: &str| Action {
        name: name.to_owned(),
        effect: Effect::Read,
        domain: domain.to_owned(),
        target: Target::Instance,
        args: Vec::new(),
    };
    for tools in [
        vec![tool("a_b", "a"), tool("a_b", "a")],
        vec![tool("read", "a")],
        vec![tool("a", "a")],
        vec![tool("a_b", "mutate")],
        vec![tool("a\"; permit", "a")],
        vec![tool("", "a")],
    ] {
        let folder = PolicyFolder::from_text(PERMIT, &[]);
        Authorizer::new(folder, &tools, &inventory()).unwrap_err();
    }
}

#[test]
fn fingerprint_changes_with_every_file_and_only_then() {
    let dir = tempfile::tempdir().unwrap();
    let copy = |name: &str| {
        fs::copy(policies_dir().join(name), dir.path().join(name)).unwrap();
    };
    fs::create_dir(dir.path().join("entities")).unwrap();
    copy("policies.cedar");
    copy("schema.cedarschema");
    copy("entities/example.json");
    let mut last = Fingerprint::of(dir.path()).unwrap();
    assert_eq!(last, Fingerprint::of(dir.path()).unwrap());
    for name in [
        "policies.cedar",
        "entities/example.json",
        "entities/more.json",
        "templates.cedar",
    ] {
        let path = dir.path().join(name);
        let text = fs::read_to_string(&path).unwrap_or_default();
        fs::write(&path, format!("{text}\n")).unwrap();
        let now = Fingerprint::of(dir.path()).unwrap();
        assert_ne!(now, last, "{name}");
        last = now;
    }
}
