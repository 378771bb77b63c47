//! The calls that the function makes for each type. The role in `template.yaml` allows exactly these, and the reference lists them from
//! `operations.json`, which a run with `UPDATE_OPERATIONS=1` writes.

use crate::harness::{NAMES, Stack};
use crate::test_bed::Operations;
use crate::types::A;
use chime_simulator::{Behaviour, DeleteMissing, Fault, FaultKind, Missing};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::fs;
use std::path::Path;

/// The operations that the simulator sees in the whole lifecycle of a type.
async fn operations(name: &str) -> BTreeSet<String> {
    let mut seen = operations_where_all_is_well(name).await;
    // Chime rejects calls for missing resources, so that only a List shows that they are gone.
    let behaviour = Behaviour {
        missing: Missing::Forbidden403,
        delete_missing: DeleteMissing::Forbidden403,
        ..Behaviour::default()
    };
    let stack = Stack::of(name, behaviour);
    let id = stack.create().await;
    for fault in [Some(FaultKind::Conflict), None, None] {
        if let Some(fault) = fault {
            stack.inject(Fault::always(stack.of.delete_operation, fault));
        }
        let deleted = stack.bed.invoke(&stack.resource.delete(&id, &stack.of.properties)).await;
        seen.extend(deleted.operations().into_iter().map(str::to_owned));
        stack.clear_faults();
    }
    // So it is when the whole app instance is gone.
    let gone = |text: &str| text.replace(A, &format!("{A}-gone"));
    let properties = serde_json::from_str(&gone(&stack.of.properties.to_string())).expect("properties");
    let deleted = stack.bed.invoke(&stack.resource.delete(&gone(&id), &properties)).await;
    seen.extend(deleted.operations().into_iter().map(str::to_owned));
    seen
}

async fn operations_where_all_is_well(name: &str) -> BTreeSet<String> {
    let stack = Stack::of(name, Behaviour::default());
    let mut seen = BTreeSet::new();
    let mut send = async |event: Value| {
        let outcome = stack.bed.invoke(&event).await;
        seen.extend(outcome.operations().into_iter().map(str::to_owned));
        outcome.id().to_owned()
    };
    let (first, resource) = (&stack.of.properties, &stack.resource);
    let changed = stack.of.changed.as_ref().unwrap_or(first);
    let replaced = stack.of.replaced.as_ref().unwrap_or(first);
    let id = send(resource.create(first)).await;
    send(resource.update(&id, first, changed)).await;
    send(resource.update(&id, changed, changed)).await;
    send(resource.update(&id, changed, first)).await;
    send(resource.update(&id, first, first)).await;
    let new = send(resource.update(&id, first, replaced)).await;
    send(resource.update(&id, replaced, first)).await;
    send(resource.renamed("New").create(first)).await;
    send(resource.delete(&new, replaced)).await;
    stack.inject(Fault::once(stack.of.delete_operation, FaultKind::Forbidden));
    send(resource.renamed("New").delete(&id, first)).await;
    send(resource.delete(&id, first)).await;
    send(resource.create(first)).await;
    send(resource.delete(&resource.placeholder_id(), first)).await;
    // What exists is adopted, compared, and given back.
    let id = send(resource.create(first)).await;
    let with = |name: &str, value: &str| {
        let mut properties = first.clone();
        properties[name] = json!(value);
        properties
    };
    send(resource.renamed("Adopter").create(&with("AdoptExisting", &id))).await;
    send(resource.update(&id, first, &with("Resync", "now"))).await;
    send(resource.renamed("Adopter").delete(&id, &with("AdoptExisting", &id))).await;
    seen
}

/// The operations of each type, as the simulator sees them.
async fn seen() -> BTreeMap<String, BTreeSet<String>> {
    let mut seen = BTreeMap::new();
    for name in NAMES {
        seen.insert(Stack::of(name, Behaviour::default()).of.name.to_owned(), operations(name).await);
    }
    seen
}

#[tokio::test]
async fn the_role_allows_exactly_the_chime_actions_that_the_simulator_sees() {
    let seen = seen().await;
    let project = Path::new(env!("CARGO_MANIFEST_DIR"));
    let template = fs::read_to_string(project.join("template.yaml")).expect("a template");
    let actions = template.lines().filter_map(|line| line.trim().strip_prefix("- chime:"));
    let actions: BTreeSet<_> = actions.map(str::to_owned).collect();
    assert_eq!(actions, seen.values().flatten().cloned().collect());

    let listed = project.join("tests/contract/operations.json");
    let text = serde_json::to_string_pretty(&seen).expect("JSON") + "\n";
    if env::var_os("UPDATE_OPERATIONS").is_some() {
        fs::write(&listed, &text).expect("a file");
    }
    let found = fs::read_to_string(&listed).unwrap_or_default();
    assert!(
        found == text,
        "run UPDATE_OPERATIONS=1 cargo test --test contract policy, then cargo xtask generate:\n{text}"
    );
}
