//! A complete CloudFormation engine on this machine: MiniStack, a third-party project.
//!
//! It behaves as AWS does in these points: order, `Ref` and `GetAtt`, strings at every depth, replacement, rollback and cleanup. It does
//! not show repeated or parallel deliveries by Lambda, the limit of 4096 bytes, https and signatures, or the Delete after a failed
//! Create of the same resource.

pub(crate) mod account;
pub(crate) mod assets;
mod event_reader;
mod http_client;
pub(crate) mod stack;
pub(crate) mod stack_event;

use crate::error::{Error, Result};
use crate::ministack::account::Account;
use crate::ministack::http_client::HttpClient;
use crate::python::Python;
use crate::run_folder::RunFolder;
use crate::workspace::target;
use hyper::Request;
use std::fs::{self, File};
use std::io::Write;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Runs MiniStack until its parent ends.
const PROGRAM: &str = include_str!("ministack/ministack.py");

/// How long MiniStack may take to start. It takes less than a second, or a few on a busy machine.
const START: Duration = Duration::from_secs(60);

/// How often the start is tried.
const ATTEMPTS: usize = 3;

/// A running MiniStack, empty at first. It ends, with all functions that it runs, when dropped or when this process ends.
#[derive(Debug)]
pub struct MiniStack {
    child: Child,
    url: String,
    /// For temporary files and the log.
    folder: RunFolder,
}

impl MiniStack {
    /// Starts one on a free port of 127.0.0.1 and waits until it accepts requests.
    ///
    /// # Errors
    /// It does not start. The error has the end of its log.
    pub async fn start(python: &Python) -> Result<Self> {
        Self::start_extended(python, "").await
    }

    /// The same with an extension: Python code that runs before MiniStack starts. It may use everything that `ministack.py` imports and
    /// defines, such as `provisioners`, where resource types are registered.
    ///
    /// # Errors
    /// See [`start`](Self::start).
    pub async fn start_extended(python: &Python, extension: &str) -> Result<Self> {
        Self::start_from(python, extension, None).await
    }

    /// The same with what [`keep`](Self::keep) has left in the folder `state`, if there is one. The folder need not exist.
    ///
    /// # Errors
    /// See [`start`](Self::start).
    pub async fn start_from(python: &Python, extension: &str, state: Option<&Path>) -> Result<Self> {
        let mut outcome = Self::try_start(python, extension, state).await;
        // Somebody else may take the free port before MiniStack does.
        for _ in 1..ATTEMPTS {
            if outcome.is_ok() {
                break;
            }
            outcome = Self::try_start(python, extension, state).await;
        }
        outcome
    }

    async fn try_start(python: &Python, extension: &str, state: Option<&Path>) -> Result<Self> {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        let folder = RunFolder::create(&target().join("ministack/runs"))?;
        let directory = folder.path();
        let log = File::create(directory.join("log"))?;
        let child = Command::new(python.interpreter())
            .args(["-c", PROGRAM, extension])
            .env_clear()
            .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
            .env("HOME", directory)
            .env("TMPDIR", directory)
            .envs([("BIND_HOST", "127.0.0.1"), ("MINISTACK_HOST", "127.0.0.1"), ("GATEWAY_PORT", &port.to_string())])
            .envs([("LAMBDA_EXECUTOR", "local"), ("MINISTACK_REGION", "us-east-1")])
            .env("PERSIST_STATE", if state.is_some() { "1" } else { "0" })
            .envs(state.map(|state| ("STATE_DIR", state)))
            .current_dir(directory)
            .stdin(Stdio::piped())
            .stdout(log.try_clone()?)
            .stderr(log)
            // An interrupt must not reach it: there may still be a stack to delete.
            .process_group(0)
            .spawn()?;
        let mut this = Self { child, url: format!("http://127.0.0.1:{port}"), folder };
        this.wait_until_ready().await?;
        Ok(this)
    }

    async fn wait_until_ready(&mut self) -> Result<()> {
        let http = HttpClient::new();
        let started = Instant::now();
        loop {
            let health = Request::builder().uri(format!("{}/_ministack/health", self.url)).body(Vec::new());
            let health = http.send(health.map_err(|error| Error::new(error.to_string()))?).await;
            if health.is_ok_and(|health| health.status.is_success()) {
                return Ok(());
            }
            if self.child.try_wait()?.is_some() || started.elapsed() > START {
                let log = fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
                let lines: Vec<_> = log.lines().collect();
                let end = lines[lines.len().saturating_sub(20)..].join("\n");
                return Err(Error::new(format!("MiniStack does not start:\n{end}")));
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Leaves what is there in the folder that it was [started from](Self::start_from), once it ends.
    ///
    /// # Errors
    /// It has ended already.
    pub fn keep(&mut self) -> Result<()> {
        match &mut self.child.stdin {
            Some(stdin) => Ok(stdin.write_all(b"keep\n")?),
            None => Err(Error::new("MiniStack has ended")),
        }
    }

    /// Its endpoint for all services: `http://127.0.0.1:PORT`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// One of its accounts. They share nothing.
    pub fn account(&self, id: &str) -> Account {
        Account::new(&self.url, id)
    }
}

impl Drop for MiniStack {
    fn drop(&mut self) {
        // It ends when its input does.
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}
