//! A function in a thread of its own, as a process of Lambda's runs it: on one thread, whoever calls it.

use futures_util::future::LocalBoxFuture;
use lambda_runtime::LambdaEvent;
use serde_json::value::RawValue;
use std::io;
use std::thread;
use tokio::runtime::Builder;
use tokio::select;
use tokio::sync::{mpsc, oneshot};
use tokio::task::{LocalSet, spawn_local};

/// What handles an event, as a function's `main` gives it to `lambda_runtime`. It need not be able to move between threads.
pub type Handler = Box<dyn Fn(LambdaEvent<Box<RawValue>>) -> LocalBoxFuture<'static, Outcome> + Send>;

/// What came of an event, for Lambda.
pub type Outcome = Result<(), lambda_runtime::Error>;

/// A function in a thread of its own. The thread ends when this is dropped.
#[derive(Debug)]
pub struct FunctionThread {
    jobs: mpsc::UnboundedSender<Job>,
}

/// An event, and whoever waits for what comes of it.
struct Job {
    event: LambdaEvent<Box<RawValue>>,
    done: oneshot::Sender<Result<(), String>>,
}

impl FunctionThread {
    /// Starts the thread.
    ///
    /// # Errors
    /// The system starts none, or no runtime in it.
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
                                // Whoever waits no more does not want to know.
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

    /// Hands an event to the function. Events that come before its end are handled beside it, as in several environments of Lambda's; an
    /// event whose caller is dropped ends where it is, as if its environment had been killed.
    ///
    /// # Errors
    /// What the function says, or that it panicked.
    pub async fn handle(&self, event: LambdaEvent<Box<RawValue>>) -> Result<(), String> {
        let (done, outcome) = oneshot::channel();
        let gone = || "the function panicked".to_owned();
        self.jobs.send(Job { event, done }).map_err(|_| gone())?;
        outcome.await.unwrap_or_else(|_| Err(gone()))
    }
}
