//! One run of the probe: its clients, its sandbox, and how it makes calls.

use crate::probe::answer::{self, Abort, Answer, Sent};
use crate::probe::ledger::Ledger;
use aws_sdk_chimesdkidentity::error::ProvideErrorMetadata;
use chime_messaging_resources::{Chime, Settings, http_client};
use std::cell::{Cell, OnceCell};
use std::future::Future;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// The beginning of the names of all app instances of the probe, so that they can be recognised.
pub const PREFIX: &str = "chimectl-probe-";

/// The first pause between two attempts; each is a quarter longer than the one before.
const FIRST_PAUSE: Duration = Duration::from_millis(50);

/// The longest pause between two attempts.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// The longest that one attempt at a call may take.
const ATTEMPT: Duration = Duration::from_secs(20);

/// The most pages of a List that are read.
pub const MOST_PAGES: usize = 200;

/// The user's options.
#[derive(Clone, Debug, Default)]
pub struct ProbeOptions {
    /// A Kinesis data stream.
    pub stream_arn: Option<String>,
    /// A Lambda function for channel flows.
    pub processor_arn: Option<String>,
    /// How long to wait for anything.
    pub patience: Duration,
}

/// A throw-away app instance, with a user and a channel.
#[derive(Debug)]
pub struct Sandbox {
    /// The app instance's ARN.
    pub app_instance: String,
    /// The ARN of a user who is an admin.
    pub bearer: String,
    /// A channel's ARN.
    pub channel: String,
}

/// A run.
#[derive(Debug)]
pub struct Session {
    /// The user's options.
    pub options: ProbeOptions,
    /// What it has created.
    pub ledger: Ledger,
    /// The name of its app instances.
    pub name: String,
    chime: Chime,
    sandbox: OnceCell<Sandbox>,
    stop: watch::Receiver<bool>,
    count: Cell<u32>,
}

impl Session {
    /// A run with clients for these settings. It stops when `stop` becomes true.
    ///
    /// # Errors
    /// The certificate bundle in the settings cannot be read.
    pub fn new(settings: Settings, options: ProbeOptions, stop: watch::Receiver<bool>) -> Result<Rc<Self>, String> {
        let http = http_client(settings.ca_bundle.as_deref()).map_err(|error| error.to_string())?;
        let chime = Chime::new(Arc::new(settings), http, ATTEMPT.min(options.patience));
        Ok(Rc::new(Self {
            options,
            ledger: Ledger::default(),
            name: format!("{PREFIX}{:08x}", fastrand::u32(..)),
            chime,
            sandbox: OnceCell::new(),
            stop,
            count: Cell::new(0),
        }))
    }

    /// The client of Chime SDK identity.
    pub fn identity(&self) -> &aws_sdk_chimesdkidentity::Client {
        self.chime.identity()
    }

    /// The client of Chime SDK messaging.
    pub fn messaging(&self) -> &aws_sdk_chimesdkmessaging::Client {
        self.chime.messaging()
    }

    /// The region of the calls.
    pub fn region(&self) -> &str {
        self.chime.settings().region.as_deref().unwrap_or_default()
    }

    /// The address of the calls, unless they go to AWS.
    pub fn endpoint(&self) -> Option<String> {
        self.chime.settings().identity_endpoint.clone()
    }

    /// The ARN of the app instance and the account's number, once they are known.
    pub fn masks(&self) -> Option<(&str, &str)> {
        let app_instance = &*self.sandbox.get()?.app_instance;
        let account = app_instance.split(':').nth(4).filter(|account| !account.is_empty())?;
        Some((app_instance, account))
    }

    /// Whether somebody has interrupted the run.
    pub fn is_stopped(&self) -> bool {
        *self.stop.borrow()
    }

    /// How many requests were sent, with retries.
    pub fn sent(&self) -> u32 {
        self.chime.calls().sent()
    }

    /// A name that this run has not used before.
    pub fn fresh(&self, what: &str) -> String {
        self.count.set(self.count.get() + 1);
        format!("{what}-{}", self.count.get())
    }

    /// A ClientRequestToken that nobody has used before.
    pub fn token(&self) -> String {
        self.fresh(&self.name)
    }

    /// Makes a call, unless the run is interrupted. Throttling and failures are retried.
    ///
    /// # Errors
    /// IAM denies it, Chime does not answer in time, or the run is interrupted.
    pub async fn call<T, E>(&self, call: impl Future<Output = Sent<T, E>>) -> Result<Answer<T>, Abort>
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        if self.is_stopped() { Err(Abort::Interrupted) } else { self.call_uninterrupted(call).await }
    }

    /// The same, even if the run is interrupted: for the cleanup.
    ///
    /// # Errors
    /// IAM denies it, or Chime does not answer.
    pub async fn call_uninterrupted<T, E>(&self, call: impl Future<Output = Sent<T, E>>) -> Result<Answer<T>, Abort>
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        match tokio::time::timeout(self.options.patience, call).await {
            Ok(sent) => answer::read(sent),
            Err(_) => {
                let last = self.chime.calls().last_failure().map(|last| last.text).unwrap_or_default();
                Err(Abort::Unanswered(
                    format!("{} s were up. {last}", self.options.patience.as_secs()).trim().to_owned(),
                ))
            }
        }
    }

    /// Repeats a check until it holds, and returns how long that took: zero if it holds at once, none if it does not hold in time.
    ///
    /// # Errors
    /// Those of the check.
    pub async fn retry_until(
        &self,
        mut look: impl AsyncFnMut() -> Result<bool, Abort>,
    ) -> Result<Option<Duration>, Abort> {
        let started = Instant::now();
        if look().await? {
            return Ok(Some(Duration::ZERO));
        }
        let mut pause = FIRST_PAUSE;
        while started.elapsed() < self.options.patience {
            self.pause(pause).await?;
            pause = (pause + pause / 4).min(LONGEST_PAUSE);
            if look().await? {
                return Ok(Some(started.elapsed()));
            }
        }
        Ok(None)
    }

    /// Repeats a call until Chime accepts it: something new may not be visible to it yet.
    ///
    /// # Errors
    /// Chime still refuses when the time is up.
    pub async fn retry_until_accepted<T>(
        &self,
        operation: &str,
        mut call: impl AsyncFnMut() -> Result<Answer<T>, Abort>,
    ) -> Result<T, Abort> {
        let mut last = None;
        self.retry_until(async || {
            let answer = call().await?;
            // A quota and a taken name are final.
            let is_settled = answer.refusal().is_none_or(|no| no.status == 409 || no.code.starts_with("ResourceLimit"));
            last = Some(answer);
            Ok(is_settled)
        })
        .await?;
        last.ok_or(Abort::Interrupted)?.require(operation)
    }

    /// Repeats a call while Chime says that something new is missing or forbidden, and returns the last answer.
    ///
    /// # Errors
    /// IAM denies it, Chime does not answer, or the run is interrupted.
    pub async fn retry_until_visible<T>(
        &self,
        mut call: impl AsyncFnMut() -> Result<Answer<T>, Abort>,
    ) -> Result<Answer<T>, Abort> {
        let mut last = None;
        self.retry_until(async || {
            let answer = call().await?;
            let is_settled = answer.refusal().is_none_or(|no| !matches!(no.status, 401 | 403 | 404));
            last = Some(answer);
            Ok(is_settled)
        })
        .await?;
        last.ok_or(Abort::Interrupted)
    }

    async fn pause(&self, time: Duration) -> Result<(), Abort> {
        let mut stop = self.stop.clone();
        tokio::select! {
            () = tokio::time::sleep(time) => Ok(()),
            // An error means that nobody can stop it any more.
            Ok(_) = stop.wait_for(|stop| *stop) => Err(Abort::Interrupted),
        }
    }

    /// Creates an app instance with the run's name.
    ///
    /// # Errors
    /// IAM denies it, or its outcome is unknown.
    pub async fn app_instance(&self, token: &str) -> Result<Answer<String>, Abort> {
        use aws_sdk_chimesdkidentity::types::Tag;
        let tag = Tag::builder().key("chimectl-probe").value(&self.name).build();
        let tag = tag.map_err(|error| Abort::NotPrepared(error.to_string()))?;
        let create = self.identity().create_app_instance().name(&self.name).client_request_token(token).tags(tag);
        self.ledger.create_sent();
        let answer = self.call(create.send()).await;
        if !matches!(answer, Err(Abort::Unanswered(_))) {
            self.ledger.create_settled();
        }
        let answer = answer?.map(|made| made.app_instance_arn.unwrap_or_default());
        if let Answer::Accepted(arn) = &answer {
            self.ledger.created(arn);
        }
        Ok(answer)
    }

    /// Deletes an app instance of the run.
    ///
    /// # Errors
    /// IAM denies it, or Chime does not answer.
    pub async fn delete_app_instance(&self, arn: &str) -> Result<Answer<()>, Abort> {
        let answer = self.call(self.identity().delete_app_instance().app_instance_arn(arn).send()).await?;
        if answer.refusal().is_none() {
            self.ledger.deleted(arn);
        }
        Ok(answer.map(drop))
    }

    /// Creates a user in an app instance and returns its ARN.
    ///
    /// # Errors
    /// It cannot be created.
    pub async fn user_in(&self, app_instance: &str) -> Result<String, Abort> {
        let id = self.fresh("user");
        let create = async || {
            let create = self.identity().create_app_instance_user().app_instance_arn(app_instance);
            self.call(create.app_instance_user_id(&id).name(&id).client_request_token(self.token()).send()).await
        };
        let made = self.retry_until_accepted("CreateAppInstanceUser", create).await?;
        Ok(made.app_instance_user_arn.unwrap_or_default())
    }

    /// Creates a user in the sandbox and returns its ARN.
    ///
    /// # Errors
    /// It cannot be created.
    pub async fn user(&self) -> Result<String, Abort> {
        self.user_in(&self.sandbox()?.app_instance).await
    }

    /// Creates a channel in the sandbox and returns its ARN.
    ///
    /// # Errors
    /// It cannot be created.
    pub async fn channel(&self) -> Result<String, Abort> {
        let sandbox = self.sandbox()?;
        self.channel_in(&sandbox.app_instance, &sandbox.bearer).await
    }

    async fn channel_in(&self, app_instance: &str, bearer: &str) -> Result<String, Abort> {
        let name = self.fresh("channel");
        let create = async || {
            let create = self.messaging().create_channel().app_instance_arn(app_instance).chime_bearer(bearer);
            self.call(create.name(&name).client_request_token(self.token()).send()).await
        };
        Ok(self.retry_until_accepted("CreateChannel", create).await?.channel_arn.unwrap_or_default())
    }

    /// Creates the sandbox.
    ///
    /// # Errors
    /// A part of it cannot be created.
    pub async fn prepare(&self) -> Result<(), Abort> {
        let app_instance = self.app_instance(&self.token()).await?.require("CreateAppInstance")?;
        let bearer = self.user_in(&app_instance).await?;
        let admin = async || {
            let create = self.identity().create_app_instance_admin().app_instance_arn(&app_instance);
            self.call(create.app_instance_admin_arn(&bearer).send()).await
        };
        self.retry_until_accepted("CreateAppInstanceAdmin", admin).await?;
        let channel = self.channel_in(&app_instance, &bearer).await?;
        // The questions begin when everything is visible, so that they do not measure this lag.
        let describe = async || {
            let describe = self.messaging().describe_channel().channel_arn(&channel).chime_bearer(&bearer);
            self.call(describe.send()).await
        };
        self.retry_until_accepted("DescribeChannel", describe).await?;
        let list = async || {
            let list = self.identity().list_app_instance_users().app_instance_arn(&app_instance);
            self.call(list.send()).await
        };
        self.retry_until_accepted("ListAppInstanceUsers", list).await?;
        let _ = self.sandbox.set(Sandbox { app_instance, bearer, channel });
        Ok(())
    }

    /// The sandbox.
    ///
    /// # Errors
    /// It does not exist yet.
    pub fn sandbox(&self) -> Result<&Sandbox, Abort> {
        self.sandbox.get().ok_or_else(|| Abort::NotPrepared("there is no app instance".to_owned()))
    }

    /// The ARNs and names of the app instances in the account, even if the run is interrupted.
    ///
    /// # Errors
    /// ListAppInstances does not answer.
    pub async fn listed(&self) -> Result<Vec<(String, String)>, Abort> {
        let mut all = Vec::new();
        let mut token: Option<String> = None;
        for _ in 0..MOST_PAGES {
            let list = self.identity().list_app_instances().set_next_token(token.clone());
            let page = self.call_uninterrupted(list.send()).await?.require("ListAppInstances")?;
            let found = page.app_instances.unwrap_or_default().into_iter();
            all.extend(found.map(|one| (one.app_instance_arn.unwrap_or_default(), one.name.unwrap_or_default())));
            if page.next_token.is_none() || page.next_token == token {
                break;
            }
            token = page.next_token;
        }
        Ok(all)
    }

    /// The ARNs and listed names of the users in the sandbox.
    ///
    /// # Errors
    /// ListAppInstanceUsers does not answer.
    pub async fn users(&self) -> Result<Vec<(String, Option<String>)>, Abort> {
        let sandbox = self.sandbox()?;
        let mut all = Vec::new();
        let mut token: Option<String> = None;
        for _ in 0..MOST_PAGES {
            let list = self.identity().list_app_instance_users().app_instance_arn(&sandbox.app_instance);
            let page = self.call(list.set_next_token(token.clone()).send()).await?.require("ListAppInstanceUsers")?;
            let found = page.app_instance_users.unwrap_or_default().into_iter();
            all.extend(found.map(|user| (user.app_instance_user_arn.unwrap_or_default(), user.name)));
            if page.next_token.is_none() || page.next_token == token {
                break;
            }
            token = page.next_token;
        }
        Ok(all)
    }
}
