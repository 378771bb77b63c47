//! The Lambda Runtime API, with this very binary as the function: it plays one where Lambda's environment is set. Therefore it has a
//! `main` of its own (`harness = false`).

#![allow(clippy::unwrap_used)]

use cloudformation_local::{InvocationError, LambdaHost};
use serde_json::{Value as Json, json};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

const SECOND: Duration = Duration::from_secs(1);

/// A test.
type Test = fn(&tokio::runtime::Runtime);

fn main() {
    if let Ok(api) = std::env::var("AWS_LAMBDA_RUNTIME_API") {
        return play(&api);
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let tests: [(&str, Test); 8] = [
        ("a_result_comes_back", |rt| rt.block_on(a_result_comes_back())),
        ("the_environment_is_only_lambdas", |rt| {
            rt.block_on(the_environment_is_only_lambdas());
        }),
        ("an_error_keeps_the_process", |rt| rt.block_on(an_error_keeps_the_process())),
        ("a_timeout_kills_the_process_and_the_next_event_gets_a_new_one", |rt| {
            rt.block_on(a_timeout_kills_the_process_and_the_next_event_gets_a_new_one());
        }),
        ("an_exit_is_reported_and_the_next_event_gets_a_new_process", |rt| {
            rt.block_on(an_exit_is_reported_and_the_next_event_gets_a_new_process());
        }),
        ("a_function_that_cannot_start_says_why", |rt| {
            rt.block_on(a_function_that_cannot_start_says_why());
        }),
        ("a_missing_binary_is_an_error", |_| a_missing_binary_is_an_error()),
        ("the_process_ends_with_its_host", |rt| rt.block_on(the_process_ends_with_its_host())),
    ];
    let wanted = std::env::args().skip(1).find(|argument| !argument.starts_with('-'));
    for (name, test) in tests {
        if wanted.as_ref().is_none_or(|wanted| name.contains(wanted.as_str())) {
            test(&runtime);
            println!("test {name} ... ok");
        }
    }
}

fn host(env: &[(&str, &str)]) -> LambdaHost {
    let env = env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    LambdaHost::start(&std::env::current_exe().unwrap(), env).unwrap()
}

async fn a_result_comes_back() {
    let host = host(&[]);
    let result = host.invoke(&json!({"do": "echo", "x": [1, "\u{e9}"]}), SECOND).await.unwrap();
    assert_eq!(result["event"]["x"], json!([1, "\u{e9}"]));
    let left = result["left"].as_i64().unwrap();
    assert!((500..=1000).contains(&left), "{left}");
    let again = host.invoke(&json!({"do": "echo"}), SECOND).await.unwrap();
    assert_eq!(again["pid"], result["pid"]);
    assert_ne!(again["id"], result["id"]);
    assert!(host.peak_rss_kib().unwrap() > 100);
    assert!(host.init_time().unwrap() < SECOND * 5);
    logged(&host, "out: started", 1).await;
    logged(&host, "err: started", 1).await;
}

/// Waits until the log has this number of such lines.
async fn logged(host: &LambdaHost, line: &str, count: usize) {
    let started = Instant::now();
    while host.logs().iter().filter(|logged| *logged == line).count() != count {
        assert!(started.elapsed() < SECOND, "{:?}", host.logs());
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

async fn the_environment_is_only_lambdas() {
    let host = host(&[("EXTRA", "1"), ("AWS_REGION", "eu-central-1")]);
    let result = host.invoke(&json!({"do": "echo"}), SECOND).await.unwrap();
    let env = result["env"].as_object().unwrap();
    assert_eq!(env["EXTRA"], "1");
    assert_eq!(env["AWS_REGION"], "eu-central-1");
    assert_eq!(env["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"], "256");
    assert!(env.contains_key("AWS_ACCESS_KEY_ID") && env.contains_key("PATH"));
    assert!(!env.contains_key("HOME") && !env.contains_key("CARGO"), "{env:?}");
}

async fn an_error_keeps_the_process() {
    let host = host(&[]);
    let before = host.invoke(&json!({"do": "echo"}), SECOND).await.unwrap();
    let failed = host.invoke(&json!({"do": "fail"}), SECOND).await.unwrap_err();
    let (kind, message) = ("Oops".to_owned(), "it did not work".to_owned());
    assert_eq!(failed, InvocationError::Function { kind, message });
    let after = host.invoke(&json!({"do": "echo"}), SECOND).await.unwrap();
    assert_eq!(after["pid"], before["pid"]);
}

async fn a_timeout_kills_the_process_and_the_next_event_gets_a_new_one() {
    let host = host(&[]);
    let before = host.invoke(&json!({"do": "echo"}), SECOND).await.unwrap();
    let limit = Duration::from_millis(100);
    let started = Instant::now();
    let failed = host.invoke(&json!({"do": "sleep"}), limit).await.unwrap_err();
    assert!(started.elapsed() < SECOND);
    assert_eq!(failed, InvocationError::TimedOut(limit));
    let after = host.invoke(&json!({"do": "echo"}), SECOND).await.unwrap();
    assert_ne!(after["pid"], before["pid"]);
    logged(&host, "out: started", 2).await;
}

async fn an_exit_is_reported_and_the_next_event_gets_a_new_process() {
    let host = host(&[]);
    let failed = host.invoke(&json!({"do": "exit"}), SECOND).await.unwrap_err();
    assert_eq!(failed, InvocationError::Exited { status: Some(7) });
    logged(&host, "err: leaving", 1).await;
    host.invoke(&json!({"do": "echo"}), SECOND).await.unwrap();
}

async fn a_function_that_cannot_start_says_why() {
    let refusing = host(&[("PLAY", "init-error")]);
    let failed = refusing.invoke(&json!({}), SECOND).await.unwrap_err();
    let (kind, message) = ("Setup".to_owned(), "no setup".to_owned());
    assert_eq!(failed, InvocationError::Init { kind, message });
    let leaving = host(&[("PLAY", "exit")]);
    let failed = leaving.invoke(&json!({}), SECOND).await.unwrap_err();
    assert_eq!(failed, InvocationError::Exited { status: Some(3) });
}

fn a_missing_binary_is_an_error() {
    assert!(LambdaHost::start(std::path::Path::new("/nowhere/at/all"), Vec::new()).is_err());
}

async fn the_process_ends_with_its_host() {
    let host = host(&[]);
    let result = host.invoke(&json!({"do": "echo"}), SECOND).await.unwrap();
    let process = format!("/proc/{}", result["pid"]);
    assert!(std::path::Path::new(&process).exists());
    drop(host);
    assert!(!std::path::Path::new(&process).exists());
}

/// Plays a function: does what each event says.
fn play(api: &str) {
    println!("out: started");
    eprintln!("err: started");
    match std::env::var("PLAY").as_deref() {
        Ok("exit") => std::process::exit(3),
        Ok("init-error") => {
            let error = json!({"errorType": "Setup", "errorMessage": "no setup"});
            call(api, "POST", "init/error", &error.to_string());
            std::thread::sleep(SECOND * 5);
        }
        _ => {}
    }
    loop {
        let (head, event) = call(api, "GET", "invocation/next", "");
        let header = |name: &str| {
            let line = head.lines().find_map(|line| line.strip_prefix(name));
            line.unwrap().trim_start_matches(':').trim().to_owned()
        };
        let id = header("lambda-runtime-aws-request-id");
        let deadline: i64 = header("lambda-runtime-deadline-ms").parse().unwrap();
        let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_millis() as i64;
        match event["do"].as_str() {
            Some("fail") => {
                let error = json!({"errorType": "Oops", "errorMessage": "it did not work"});
                call(api, "POST", &format!("invocation/{id}/error"), &error.to_string());
            }
            Some("sleep") => std::thread::sleep(SECOND * 60),
            Some("exit") => {
                eprintln!("err: leaving");
                std::process::exit(7);
            }
            _ => {
                let env: serde_json::Map<String, Json> =
                    std::env::vars().map(|(name, value)| (name, value.into())).collect();
                let result = json!({"event": event, "id": id, "pid": std::process::id(),
                    "left": deadline - now, "env": env});
                call(api, "POST", &format!("invocation/{id}/response"), &result.to_string());
            }
        }
    }
}

fn call(api: &str, method: &str, path: &str, body: &str) -> (String, Json) {
    let mut stream = TcpStream::connect(api).unwrap();
    let length = body.len();
    write!(
        stream,
        "{method} /2018-06-01/runtime/{path} HTTP/1.1\r\nhost: {api}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_default();
    (head.to_owned(), serde_json::from_str(body).unwrap_or_default())
}
