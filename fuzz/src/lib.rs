//! What the targets share: the function, with Chime and CloudFormation's bucket played by a few lines that say whatever they are told.
//!
//! The function's time passes a thousand times as fast as the clock, so that a minute of retrying is over in 60 milliseconds. A finding
//! that may come of a slow machine is tried again with more time before it counts.

#![forbid(unsafe_code)]
#![allow(clippy::expect_used)] // A target that cannot go on says why.

use chime_messaging_resources::{Function, Settings, TimeScale};
use lambda_runtime::{Config, Context, LambdaEvent};
use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread;
use std::time::{Duration, SystemTime};

/// How long the function has for an event, by its own time.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Whoever is at the other end.
#[derive(Default)]
struct Other {
    /// What Chime says to each call in its turn, as the wire has it after `HTTP/1.1 `; the last one goes on for ever.
    says: Vec<Vec<u8>>,
    calls: usize,
    answers: Vec<Vec<u8>>,
}

static OTHER: Mutex<Other> = Mutex::new(Other { says: Vec::new(), calls: 0, answers: Vec::new() });

fn other<T>(f: impl FnOnce(&mut Other) -> T) -> T {
    f(&mut OTHER.lock().unwrap_or_else(PoisonError::into_inner))
}

/// `127.0.0.1:PORT`, where both Chime and the bucket are.
pub fn host() -> &'static str {
    static HOST: OnceLock<String> = OnceLock::new();
    HOST.get_or_init(|| {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let host = listener.local_addr().expect("an address").to_string();
        thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                thread::spawn(move || serve(connection));
            }
        });
        host
    })
}

/// Answers the one request of a connection.
fn serve(mut connection: TcpStream) -> Option<()> {
    connection.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
    let (mut request, mut chunk) = (Vec::new(), [0; 16384]);
    let body = loop {
        let read = connection.read(&mut chunk).ok().filter(|read| *read > 0)?;
        request.extend_from_slice(&chunk[..read]);
        let Some(head) = request.windows(4).position(|end| end == b"\r\n\r\n") else { continue };
        let text = String::from_utf8_lossy(&request[..head]).to_ascii_lowercase();
        let length =
            text.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok()).unwrap_or(0);
        if request.len() >= head + 4 + length {
            break request[head + 4..].to_vec();
        }
    };
    let says = if request.starts_with(b"PUT /answer") {
        other(|other| other.answers.push(body));
        b"200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".to_vec()
    } else {
        other(|other| {
            other.calls += 1;
            let last = other.says.len().saturating_sub(1);
            other.says.get((other.calls - 1).min(last)).cloned().unwrap_or_default()
        })
    };
    connection.write_all(b"HTTP/1.1 ").ok()?;
    connection.write_all(&says).ok()
}

fn function(time_scale: u32) -> Function {
    let get = |name: &str| match name {
        "AWS_REGION" => Some("us-east-1".to_owned()),
        "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY" => Some("local".to_owned()),
        "AWS_ENDPOINT_URL" => Some(format!("http://{}", host())),
        "RESPONSE_URL_HOSTS" => Some(host().to_owned()),
        _ => None,
    };
    Function::new(Settings { time_scale: TimeScale::times(time_scale), ..Settings::of(get) })
}

/// Hands an event to the function while Chime `says` this; the answers that reach the bucket.
fn run_paced(event: &str, says: &[Vec<u8>], time_scale: u32) -> Vec<Vec<u8>> {
    other(|other| *other = Other { says: says.to_vec(), ..Other::default() });
    let Ok(event) = RawValue::from_string(event.to_owned()) else { return Vec::new() };
    let deadline = SystemTime::now() + TIMEOUT / time_scale;
    let mut context = Context::default();
    context.request_id = "fuzz".to_owned();
    context.deadline = deadline.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |time| time.as_millis() as u64);
    context.env_config =
        Arc::new(Config { function_name: "f".to_owned(), log_group: "g".to_owned(), ..Config::default() });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let began = SystemTime::now();
    let _ = runtime.block_on(function(time_scale).handle(LambdaEvent::new(event, context)));
    let took = began.elapsed().unwrap_or_default();
    // A busy machine may stop for seconds.
    assert!(took < TIMEOUT / time_scale + Duration::from_secs(10), "it took {took:?}");
    other(|other| std::mem::take(&mut other.answers))
}

/// Hands an event to the function while Chime `says` this. Where the event says where an answer may go, one arrives, and is one.
pub fn run(event: &str, says: &[Vec<u8>]) {
    let mut answers = run_paced(event, says, 1000);
    if !is_answerable(event) {
        return;
    }
    for time_scale in [100, 10] {
        if answers.is_empty() {
            answers = run_paced(event, says, time_scale);
        }
    }
    let answer = answers.last().expect("an answer");
    let json: Value = serde_json::from_slice(answer).expect("JSON");
    assert!(answer.len() <= 4096, "{} bytes", answer.len());
    assert!(
        json["Status"] == "SUCCESS"
            || json["Status"] == "FAILED" && json["Reason"].as_str().is_some_and(|why| !why.is_empty())
    );
    assert!(json["PhysicalResourceId"].as_str().is_some_and(|id| id.len() <= 1024));
}

/// Whether an event, or the message that SNS has wrapped in it, holds all that an answer needs, whatever the rest of it is like.
fn is_answerable(event: &str) -> bool {
    // A name that is no text makes this reading fail, and not the function's.
    let Ok(members) = serde_json::from_str::<BTreeMap<String, Box<RawValue>>>(event) else { return false };
    let member = |name: &str| serde_json::from_str::<Value>(members.get(name)?.get()).ok();
    if let Some(records) = member("Records")
        && let Some(message) = records[0]["Sns"]["Message"].as_str()
    {
        return is_answerable(message);
    }
    let text = |name: &str| member(name)?.as_str().map(str::to_owned);
    let has = |name: &str| text(name).is_some();
    text("ResponseURL") == Some(response_url()) && has("StackId") && has("RequestId") && has("LogicalResourceId")
}

/// Where answers go.
pub fn response_url() -> String {
    format!("http://{}/answer?X-Amz-Signature=s", host())
}

/// The sample events of the repository, in both dialects.
pub fn events() -> &'static [Value] {
    static EVENTS: OnceLock<Vec<Value>> = OnceLock::new();
    EVENTS.get_or_init(|| {
        let mut events = Vec::new();
        collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../events"), &mut events);
        events
    })
}

fn collect(folder: &Path, events: &mut Vec<Value>) {
    let mut paths: Vec<_> = std::fs::read_dir(folder).expect("a folder").flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            collect(&path, events);
        } else if path.file_name().is_some_and(|name| name != "env.json") {
            let text = std::fs::read_to_string(&path).expect("a file");
            let mut event: Value = serde_json::from_str(&text).expect("JSON");
            event["ResponseURL"] = response_url().into();
            events.push(event);
        }
    }
}

/// An answer of Chime's as the wire has it, with a length that is right: its head and its body, with a bar between. What has no bar is sent as it is.
pub fn said(answer: &[u8]) -> Vec<u8> {
    match answer.iter().position(|byte| *byte == b'|') {
        Some(at) => {
            let (head, body) = (&answer[..at], &answer[at + 1..]);
            [head, format!("\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len()).as_bytes(), body].concat()
        }
        None => answer.to_vec(),
    }
}
