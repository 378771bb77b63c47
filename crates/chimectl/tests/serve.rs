//! The command `chimectl serve`.

#![allow(clippy::unwrap_used, clippy::expect_used)] // A test that cannot go on says why.

use serde_json::{Value as Json, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStdout, Command, Stdio};

struct Served {
    child: Child,
    out: BufReader<ChildStdout>,
    chime: String,
    bucket: String,
    invoke: String,
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Served {
    fn start() -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_chimectl"));
        command.args(["serve", "--chime-port", "0", "--bucket-port", "0", "--invoke-port", "0"]);
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut host = || {
            let mut line = String::new();
            out.read_line(&mut line).unwrap();
            let (_, after) = line.split_once("http://").expect("an address");
            after.split(['/', ' ']).next().unwrap().to_owned()
        };
        let (chime, bucket, invoke) = (host(), host(), host());
        let mut served = Self { child, out, chime, bucket, invoke };
        served.line();
        served
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.out.read_line(&mut line).unwrap();
        line
    }
}

/// Sends a request and returns the status and the JSON of the response.
fn send(host: &str, method: &str, path: &str, body: &Json) -> (u16, Json) {
    let mut stream = TcpStream::connect(host).unwrap();
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let length = body.len();
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
    )
    .unwrap();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).unwrap();
    let status = reply.split(' ').nth(1).unwrap().parse().unwrap();
    let body = reply.split_once("\r\n\r\n").unwrap().1;
    (status, serde_json::from_str(body).unwrap_or_default())
}

#[test]
fn the_response_to_an_event_and_its_calls_are_printed_and_returned() {
    let mut served = Served::start();
    let event = json!({
        "RequestType": "Create", "RequestId": "r-1", "LogicalResourceId": "Chat", "ResourceType": "Custom::ChimeAppInstance",
        "StackId": "arn:aws:cloudformation:us-east-1:123456789012:stack/chat/5f0a8b10-1c2d-11ef-8a3b-0a1b2c3d4e5f",
        "ResponseURL": format!("http://{}/answers/r-1?X-Amz-Signature=secret", served.bucket),
        "ResourceProperties": {"Name": "Chat"},
    });
    let (status, said) = send(&served.invoke, "POST", "/invoke", &event);
    assert_eq!((status, &said["answer"]["Status"]), (200, &json!("SUCCESS")), "{said:#}");
    assert_eq!((&said["calls"][0]["operation"], &said["calls"][1]), (&json!("CreateAppInstance"), &Json::Null));
    let printed: String = (0..4).map(|_| served.line()).collect();
    for part in ["Create Chat  Custom::ChimeAppInstance", "->  CreateAppInstance", "<-  SUCCESS"] {
        assert!(printed.contains(part), "{part} in {printed}");
    }
    assert_eq!(send(&served.invoke, "GET", "/invoke", &Json::Null).0, 405);
}

#[test]
fn the_control_paths_document_themselves_and_reject_faults_that_could_never_occur() {
    let served = Served::start();
    let (status, paths) = send(&served.chime, "GET", "/_local", &Json::Null);
    assert!(status == 200 && paths["POST /_local/faults"].is_string(), "{paths:#}");
    let post = |path: &str, body: Json| send(&served.chime, "POST", path, &body);
    assert_eq!(post("/_local/behaviour", json!({"missing": "Forbidden403"})).0, 200);
    assert_eq!(post("/_local/behaviour", json!({"page_size": 2})).0, 200);
    let (_, behaviour) = send(&served.chime, "GET", "/_local/behaviour", &Json::Null);
    assert_eq!((&behaviour["missing"], &behaviour["page_size"]), (&json!("Forbidden403"), &json!(2)));
    assert_eq!(post("/_local/behaviour", json!({"mising": "Forbidden403"})).0, 400);
    let (status, said) = post("/_local/faults", json!({"operation": "CreateAppInstanc", "kind": "Throttle"}));
    assert_eq!(status, 400);
    assert!(said["Message"].as_str().unwrap().contains("CreateAppInstanc is not an operation"), "{said:#}");
}

#[test]
fn control_requests_are_printed() {
    let mut served = Served::start();
    let fault = json!({"operation": "CreateAppInstance", "kind": "Throttle"});
    send(&served.chime, "GET", "/_local/faults", &Json::Null);
    assert_eq!(send(&served.chime, "POST", "/_local/faults", &fault).0, 200);
    assert_eq!(send(&served.chime, "POST", "/_local/faults", &json!({"operation": "*"})).0, 400);
    let printed: Vec<_> = (0..4).map(|_| served.line()).collect();
    assert_eq!(printed[1], format!("POST /_local/faults  {fault}  200\n"));
    assert_eq!(printed[3], "POST /_local/faults  {\"operation\":\"*\"}  400\n");
    let (_, faults) = send(&served.chime, "GET", "/_local/faults", &Json::Null);
    assert_eq!((&faults[0]["kind"], &faults[1]), (&json!("Throttle"), &Json::Null));
}

#[test]
fn the_error_about_a_taken_port_names_its_option() {
    let served = Served::start();
    for (option, host) in
        [("--chime-port", &served.chime), ("--bucket-port", &served.bucket), ("--invoke-port", &served.invoke)]
    {
        let port = host.rsplit(':').next().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_chimectl"));
        command.arg("serve");
        for other in ["--chime-port", "--bucket-port", "--invoke-port"] {
            command.args([other, if other == option { port } else { "0" }]);
        }
        let output = command.output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(&format!("port {port}: ")) && said.contains(&format!("{option} sets another")), "{said}");
    }
}

#[test]
fn the_error_about_an_unusable_binary_gives_the_reason() {
    for (binary, why) in
        [("src", "it is a folder"), ("Cargo.toml", "it is not executable"), ("nothing", "No such file")]
    {
        let mut command = Command::new(env!("CARGO_BIN_EXE_chimectl"));
        command.args(["invoke", "--binary", binary, "../../events/ChimeAppInstance/1-create.json"]);
        let output = command.current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && said.contains(why), "{binary}: {said}");
    }
}
