//! One process of a function, with a Runtime API of its own, so that a late call of a killed process reaches nobody.

use crate::runtime_api::runtime_endpoint::RuntimeEndpoint;
use loopback_server::{Server, lock};
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

/// The function's name if the binary has none.
const NAME: &str = "function";

#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    endpoint: Arc<RuntimeEndpoint>,
    readers: Vec<JoinHandle<()>>,
    /// Ends with the process.
    _server: Server,
}

/// Figures of a process, for those who do not have it.
#[derive(Debug, Clone)]
pub(crate) struct Vitals {
    pid: u32,
    endpoint: Arc<RuntimeEndpoint>,
}

impl Vitals {
    pub fn peak_rss_kib(&self) -> Option<u64> {
        self.status("VmHWM:")
    }

    pub fn rss_kib(&self) -> Option<u64> {
        self.status("VmRSS:")
    }

    fn status(&self, name: &str) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid)).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        line.trim().strip_suffix("kB")?.trim().parse().ok()
    }

    /// The sum of the first number in each thread's `schedstat`, the nanoseconds that it has run.
    /// <https://docs.kernel.org/scheduler/sched-stats.html>
    pub fn cpu_time(&self) -> Option<Duration> {
        let threads = std::fs::read_dir(format!("/proc/{}/task", self.pid)).ok()?;
        let nanos = threads.filter_map(|thread| {
            let stat = std::fs::read_to_string(thread.ok()?.path().join("schedstat")).ok()?;
            stat.split(' ').next()?.parse::<u64>().ok()
        });
        Some(Duration::from_nanos(nanos.sum()))
    }

    pub fn init_time(&self) -> Option<Duration> {
        self.endpoint.init_time()
    }
}

impl Process {
    pub fn start(
        under: &[String],
        binary: &Path,
        env: &[(String, String)],
        logs: Arc<Mutex<Vec<String>>>,
    ) -> io::Result<Self> {
        let name = binary.file_name().and_then(|name| name.to_str()).unwrap_or(NAME);
        let endpoint = Arc::new(RuntimeEndpoint::new(name));
        let server = Server::start(0, Arc::clone(&endpoint))?;
        let mut command = match under {
            [] => Command::new(binary),
            [tool, arguments @ ..] => {
                let mut command = Command::new(tool);
                command.args(arguments).arg(binary);
                command
            }
        };
        let mut child = command
            .env_clear()
            .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
            .envs([
                ("AWS_LAMBDA_FUNCTION_NAME", name),
                ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
                ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
                ("AWS_LAMBDA_LOG_GROUP_NAME", &format!("/aws/lambda/{name}")),
                ("AWS_LAMBDA_LOG_STREAM_NAME", "2026/01/01/[$LATEST]local"),
                ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
                ("AWS_EXECUTION_ENV", "AWS_Lambda_provided.al2023"),
                ("AWS_REGION", "us-east-1"),
                ("AWS_DEFAULT_REGION", "us-east-1"),
                ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
                ("AWS_SECRET_ACCESS_KEY", "local"),
                ("AWS_SESSION_TOKEN", "local"),
                ("_HANDLER", "bootstrap"),
                ("TZ", ":UTC"),
            ])
            .envs(env.iter().map(|(name, value)| (name, value)))
            .env("AWS_LAMBDA_RUNTIME_API", server.address().to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let mut readers = Vec::new();
        if let Some(stdout) = child.stdout.take() {
            readers.push(read_lines(stdout, Arc::clone(&logs)));
        }
        if let Some(stderr) = child.stderr.take() {
            readers.push(read_lines(stderr, logs));
        }
        Ok(Self { child, endpoint, readers, _server: server })
    }

    pub fn endpoint(&self) -> &Arc<RuntimeEndpoint> {
        &self.endpoint
    }

    pub fn vitals(&self) -> Vitals {
        Vitals { pid: self.child.id(), endpoint: Arc::clone(&self.endpoint) }
    }

    /// How the process ended, if it has: its exit status, or none after a signal.
    pub fn exit_status(&mut self) -> Option<Option<i32>> {
        self.child.try_wait().ok().flatten().map(|status| status.code())
    }

    /// Ends the process and reads the rest of its output.
    pub async fn end(mut self) {
        self.kill();
        // A child of it could keep the pipes open.
        for _ in 0..50 {
            if self.readers.iter().all(JoinHandle::is_finished) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// Asks the process to end, and waits until it has.
    pub async fn terminate(mut self) -> io::Result<()> {
        Command::new("kill").arg(self.child.id().to_string()).status()?;
        for _ in 0..1000 {
            if self.exit_status().is_some() {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Err(io::Error::new(io::ErrorKind::TimedOut, "the process does not end"))
    }

    fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

fn read_lines(from: impl Read + Send + 'static, into: Arc<Mutex<Vec<String>>>) -> JoinHandle<()> {
    std::thread::spawn(move || {
        let mut from = BufReader::new(from);
        let mut line = Vec::new();
        while from.read_until(b'\n', &mut line).is_ok_and(|length| length > 0) {
            let text = String::from_utf8_lossy(&line).trim_end().to_owned();
            lock(&into).push(text);
            line.clear();
        }
    })
}
