//! Checks the statements of the README about types and examples.

#![allow(clippy::expect_used)] // A failed expectation fails the test.

use chime_messaging_resources::registry::types;
use std::fs;
use std::path::Path;

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn the_readme_lists_every_type_and_the_current_example() {
    let readme = read("README.md");
    for name in types() {
        let anchor = format!("custom{}", name.to_lowercase());
        assert!(readme.contains(&format!("[Custom::{name}](docs/resources.md#{anchor})")), "{name}");
    }
    assert!(readme.contains(&format!("its {} resource types", types().len())), "the number of types");
    let example = read("examples/app-instance.yaml");
    let (_, resources) = example.split_once("\nResources:\n").expect("resources");
    let (resources, _) = resources.split_once("\nOutputs:\n").expect("outputs");
    assert!(readme.contains(&format!("```yaml\nResources:\n{resources}```\n")), "examples/app-instance.yaml");
}
