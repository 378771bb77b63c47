//! Runs a function in its own thread. A Lambda environment also runs its function on one thread.

use futures_util::future::LocalBoxFuture;
use lambda_runtime::LambdaEvent;
use serde_json::value::RawValue;
use std::io;
use std::thread;
use tokio::runtime::Builder;
use tokio::select;
use tokio::sync::{mpsc, oneshot};
use tokio::task::{LocalSet, spawn_local};

/// Handles an event, as the handler that a function's `main` passes to `lambda_runtime`. Its future stays on one thread.
pub type Handler = Box<dyn Fn(LambdaEvent<Box<RawValue>>) -> LocalBoxFuture<'static, Outcome> + Send>;

/// The result of an event for Lambda.
pub type Outcome = Result<(), lambda_runtime::Error>;

/// A function in its own thread, which ends on drop.
#[derive(Debug)]
pub struct FunctionThread {
    jobs: mpsc::UnboundedSender<Job>,
}

/// An event, and the channel for its result.
struct Job {
    event: LambdaEvent<Box<RawValue>>,
    done: oneshot::Sender<Result<(), String>>,
}

impl FunctionThread {
    /// Starts the thread.
    ///
    /// # Errors
    /// The thread or its runtime cannot be started.
    pub fn start(handler: Handler) -> io::Result<Self> {
        let (jobs, mut queue) = mpsc::unbounded_channel::<Job>();
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let work = move || {
            LocalSet::new().block_on(&runtime, async move {
                while let Some(Job { event, mut done }) = queue.recv().await {
                    let handled = handler(event);
                    spawn_local(async move {
                        select! {
                            outcome = handled => {
                                // The caller may have been dropped.
                                let _ = done.send(outcome.map_err(|error| error.to_string()));
                            }
                            () = done.closed() => {}
                        }
                    });
                }
            });
        };
        thread::Builder::new().name("function".to_owned()).spawn(work)?;
        Ok(Self { jobs })
    }

    /// Sends an event to the function. Events are handled concurrently, as in several Lambda environments. If the caller is dropped, the handling
    /// of its event stops, as if the environment had been killed.
    ///
    /// # Errors
    /// The error of the function, or a panic.
    pub async fn handle(&self, event: LambdaEvent<Box<RawValue>>) -> Result<(), String> {
        let (done, outcome) = oneshot::channel();
        let gone = || "the function panicked".to_owned();
        self.jobs.send(Job { event, done }).map_err(|_| gone())?;
        outcome.await.unwrap_or_else(|_| Err(gone()))
    }
}
