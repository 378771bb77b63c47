//! What the tutorial is made of: its page in a browser's place, its processor, and the parts that docs/tutorial.md quotes.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test that cannot go on says why.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use cloudformation_local::workspace::{root, target};
use ecosystem_tests::node::{copy, install};
use ecosystem_tests::{python_tools, run};
use serde_json::{Value, json};

fn tutorial() -> PathBuf {
    root().join("examples/tutorial")
}

/// The page with its packages, installed under `target/`.
fn page() -> PathBuf {
    let folder = target().join("ecosystem-tests/tutorial");
    fs::create_dir_all(&folder).unwrap();
    for name in ["chat.js", "main.js", "package.json", "package-lock.json", "www"] {
        copy(&tutorial().join("web").join(name), &folder.join(name));
    }
    install(&folder);
    folder
}

#[test]
fn the_page_builds_connects_receives_and_sends() {
    let page = page();
    run(Command::new("npm").args(["run", "build"]).current_dir(&page));
    assert!(fs::read_to_string(page.join("www/main.js")).unwrap().contains("DefaultMessagingSession"));

    let mut bundle = Command::new(page.join("node_modules/.bin/esbuild"));
    bundle.args(["chat.js", "--bundle", "--format=esm", "--main-fields=browser,module,main", "--log-level=error"]);
    bundle.arg("--outfile=chat.bundle.mjs");
    run(bundle.current_dir(&page));
    let mut node = Command::new("node");
    node.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("node/chat.mjs")).arg(page.join("chat.bundle.mjs"));
    let said: Value = serde_json::from_str(&run(&mut node)).unwrap();

    let instance = "arn:aws:chime:eu-central-1:123456789012:app-instance/one";
    let customer = format!("{instance}/user/customer");
    let messages = format!("/channels/{instance}/channel/help/messages");
    let expected = json!({
        "userArn": customer,
        "signed": true,
        "received": [["CREATE_CHANNEL_MESSAGE", "hello"]],
        "sent": {"id": "3", "status": "PENDING"},
        "history": ["first", "second"],
        "refused": "The websocket was refused: 4401 Unauthorized",
        "calls": [
            "GET /endpoints/messaging-session null",
            format!("POST {messages} {customer}"),
            format!("GET {messages} {customer}"),
            "GET /endpoints/messaging-session null",
        ],
        "leaks": [],
    });
    assert_eq!(said, expected);
}

#[test]
fn the_processor_hides_card_numbers_and_stops_requests_for_passwords() {
    let mut python = Command::new(python_tools().join("python"));
    python.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/processor.py"));
    python.arg(tutorial().join("3-filter.yaml")).args([
        "hello 42",
        "it is 4111 1111 1111 1111.",
        "Send me your password",
    ]);
    let said: Value = serde_json::from_str(&run(&mut python)).unwrap();
    let callback = |content: Value, denied: bool| {
        let mut message = json!({"MessageId": "1"});
        if !content.is_null() {
            message["Content"] = content;
        }
        json!({"CallbackId": "2", "ChannelArn": "arn", "ChannelMessage": message, "DeleteResource": denied})
    };
    let expected = json!([
        callback(json!("hello 42"), false),
        callback(json!("it is [card number]."), false),
        callback(Value::Null, true),
    ]);
    assert_eq!(said, expected);
}

/// The lines of a text without the indentation of the first one.
fn lines<'a>(text: &[&'a str]) -> Vec<&'a str> {
    let indent = text.first().map_or(0, |line| line.len() - line.trim_start().len());
    text.iter().map(|line| line.get(indent..).unwrap_or_default()).collect()
}

/// Whether the lines of `part` follow each other in `text`, apart from their indentation.
fn quotes(text: &str, part: &str) -> bool {
    let wanted = lines(&part.trim_end().lines().collect::<Vec<_>>());
    text.lines().collect::<Vec<_>>().windows(wanted.len()).any(|window| lines(window) == wanted)
}

#[test]
fn the_tutorial_quotes_its_files() {
    let page = fs::read_to_string(root().join("docs/tutorial.md")).unwrap();
    let names = ["1-chat.yaml", "2-role.yaml", "3-filter.yaml", "4-push.yaml", "web/chat.js"];
    let files = names.map(|name| fs::read_to_string(tutorial().join(name)).unwrap());
    let mut count = 0;
    for language in ["yaml", "python", "js"] {
        for block in page.split(&format!("```{language}\n")).skip(1) {
            let block = block.split_once("```").unwrap().0;
            assert!(files.iter().any(|file| quotes(file, block)), "in no file of the tutorial:\n{block}");
            count += 1;
        }
    }
    assert_eq!(count, 10);
}
