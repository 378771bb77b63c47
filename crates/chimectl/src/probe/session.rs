//! One run of the probe: its clients, its throw-away app instance, and how it asks.

use crate::probe::answer::{self, Answer, Sent, Stop};
use crate::probe::ledger::Ledger;
use aws_sdk_chimesdkidentity::error::ProvideErrorMetadata;
use chime_messaging_resources::{Chime, Settings, http_client};
use std::cell::{Cell, OnceCell};
use std::future::Future;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// The name of each app instance of the probe begins so, for whoever finds one.
pub const PREFIX: &str = "chimectl-probe-";

/// The first pause between two looks; each is a quarter longer than the one before.
const FIRST_PAUSE: Duration = Duration::from_millis(50);

/// The longest pause between two looks.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// The longest that one attempt at a call may take.
const ATTEMPT: Duration = Duration::from_secs(20);

/// The most pages of a list that are read.
const MOST_PAGES: usize = 200;

/// What the user says of a run.
#[derive(Clone, Debug, Default)]
pub struct Given {
    /// A Kinesis data stream.
    pub stream_arn: Option<String>,
    /// A Lambda function for channel flows.
    pub processor_arn: Option<String>,
    /// How long anything is waited for.
    pub patience: Duration,
}

/// The throw-away app instance, with who acts in it and a channel.
#[derive(Debug)]
pub struct Place {
    /// The app instance's ARN.
    pub app_instance: String,
    /// The ARN of a user, who is an admin.
    pub bearer: String,
    /// A channel's ARN.
    pub channel: String,
}

/// A run.
#[derive(Debug)]
pub struct Session {
    /// What the user says.
    pub given: Given,
    /// What it has made.
    pub ledger: Ledger,
    /// The name of its app instances.
    pub name: String,
    chime: Chime,
    place: OnceCell<Place>,
    stop: watch::Receiver<bool>,
    count: Cell<u32>,
}

impl Session {
    /// A run with clients for these settings. It stops asking when `stop` becomes true.
    ///
    /// # Errors
    /// The bundle of certificates that the settings name cannot be read.
    pub fn new(settings: Settings, given: Given, stop: watch::Receiver<bool>) -> Result<Rc<Self>, String> {
        let http = http_client(settings.ca_bundle.as_deref()).map_err(|error| error.to_string())?;
        let chime = Chime::new(Arc::new(settings), http, ATTEMPT.min(given.patience));
        Ok(Rc::new(Self {
            given,
            ledger: Ledger::default(),
            name: format!("{PREFIX}{:08x}", fastrand::u32(..)),
            chime,
            place: OnceCell::new(),
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

    /// Where the calls go, if not to AWS.
    pub fn endpoint(&self) -> Option<String> {
        self.chime.settings().identity_endpoint.clone()
    }

    /// The app instance's ARN and the number of the account, once they are known.
    pub fn masks(&self) -> Option<(&str, &str)> {
        let app_instance = &*self.place.get()?.app_instance;
        let account = app_instance.split(':').nth(4).filter(|account| !account.is_empty())?;
        Some((app_instance, account))
    }

    /// Whether somebody has interrupted the run.
    pub fn is_stopped(&self) -> bool {
        *self.stop.borrow()
    }

    /// How many requests were sent, those tried again among them.
    pub fn sent(&self) -> u32 {
        self.chime.calls().sent()
    }

    /// A name that this run has not used yet.
    pub fn fresh(&self, what: &str) -> String {
        self.count.set(self.count.get() + 1);
        format!("{what}-{}", self.count.get())
    }

    /// A ClientRequestToken that nobody has used yet.
    pub fn token(&self) -> String {
        self.fresh(&self.name)
    }

    /// A call's answer, unless the run has been interrupted. Throttling and failures are waited out.
    ///
    /// # Errors
    /// IAM denies it, Chime does not answer for as long as there is patience, or somebody interrupted.
    pub async fn ask<T, E>(&self, call: impl Future<Output = Sent<T, E>>) -> Result<Answer<T>, Stop>
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        if self.is_stopped() { Err(Stop::Interrupted) } else { self.ask_to_the_end(call).await }
    }

    /// The same, interrupted or not: for what has to be deleted.
    ///
    /// # Errors
    /// IAM denies it, or Chime does not answer.
    pub async fn ask_to_the_end<T, E>(&self, call: impl Future<Output = Sent<T, E>>) -> Result<Answer<T>, Stop>
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        match tokio::time::timeout(self.given.patience, call).await {
            Ok(sent) => answer::read(sent),
            Err(_) => {
                let last = self.chime.calls().last_failure().map(|last| last.text).unwrap_or_default();
                Err(Stop::Unanswered(format!("{} s were up. {last}", self.given.patience.as_secs()).trim().to_owned()))
            }
        }
    }

    /// Looks until something is so. How long that took, counted from now; nothing where there was no patience left. Zero is so at
    /// the first look.
    ///
    /// # Errors
    /// Those of a look.
    pub async fn until(&self, mut look: impl AsyncFnMut() -> Result<bool, Stop>) -> Result<Option<Duration>, Stop> {
        let started = Instant::now();
        if look().await? {
            return Ok(Some(Duration::ZERO));
        }
        let mut pause = FIRST_PAUSE;
        while started.elapsed() < self.given.patience {
            self.pause(pause).await?;
            pause = (pause + pause / 4).min(LONGEST_PAUSE);
            if look().await? {
                return Ok(Some(started.elapsed()));
            }
        }
        Ok(None)
    }

    /// Makes a call until Chime says yes to it: what has just been made may not be there for it yet.
    ///
    /// # Errors
    /// Chime's last refusal, when the patience is gone.
    pub async fn soon<T>(
        &self,
        operation: &str,
        mut call: impl AsyncFnMut() -> Result<Answer<T>, Stop>,
    ) -> Result<T, Stop> {
        let mut last = None;
        self.until(async || {
            let answer = call().await?;
            // A quota and a name that is taken do not pass.
            let is_settled = answer.no().is_none_or(|no| no.status == 409 || no.code.starts_with("ResourceLimit"));
            last = Some(answer);
            Ok(is_settled)
        })
        .await?;
        last.ok_or(Stop::Interrupted)?.needed(operation)
    }

    /// Makes a call until Chime says something else than that what was just made is not there; gives what it says last.
    ///
    /// # Errors
    /// IAM denies it, Chime does not answer, or somebody interrupted.
    pub async fn soon_or_no<T>(
        &self,
        mut call: impl AsyncFnMut() -> Result<Answer<T>, Stop>,
    ) -> Result<Answer<T>, Stop> {
        let mut last = None;
        self.until(async || {
            let answer = call().await?;
            let is_settled = answer.no().is_none_or(|no| !matches!(no.status, 401 | 403 | 404));
            last = Some(answer);
            Ok(is_settled)
        })
        .await?;
        last.ok_or(Stop::Interrupted)
    }

    async fn pause(&self, time: Duration) -> Result<(), Stop> {
        let mut stop = self.stop.clone();
        tokio::select! {
            () = tokio::time::sleep(time) => Ok(()),
            // Whoever could stop it may be gone: then nobody does.
            Ok(_) = stop.wait_for(|stop| *stop) => Err(Stop::Interrupted),
        }
    }

    /// Makes an app instance with the run's name.
    ///
    /// # Errors
    /// IAM denies it, or nobody knows what became of it.
    pub async fn app_instance(&self, token: &str) -> Result<Answer<String>, Stop> {
        use aws_sdk_chimesdkidentity::types::Tag;
        let tag = Tag::builder().key("chimectl-probe").value(&self.name).build();
        let tag = tag.map_err(|error| Stop::Unprepared(error.to_string()))?;
        let create = self.identity().create_app_instance().name(&self.name).client_request_token(token).tags(tag);
        self.ledger.opened();
        let answer = self.ask(create.send()).await;
        if !matches!(answer, Err(Stop::Unanswered(_))) {
            self.ledger.settled();
        }
        let answer = answer?.map(|made| made.app_instance_arn.unwrap_or_default());
        if let Answer::Yes(arn) = &answer {
            self.ledger.made(arn);
        }
        Ok(answer)
    }

    /// Deletes an app instance that the run made.
    ///
    /// # Errors
    /// IAM denies it, or Chime does not answer.
    pub async fn delete_app_instance(&self, arn: &str) -> Result<Answer<()>, Stop> {
        let answer = self.ask(self.identity().delete_app_instance().app_instance_arn(arn).send()).await?;
        if answer.no().is_none() {
            self.ledger.deleted(arn);
        }
        Ok(answer.map(drop))
    }

    /// Makes a user in an app instance, and gives its ARN.
    ///
    /// # Errors
    /// It could not be made.
    pub async fn user_in(&self, app_instance: &str) -> Result<String, Stop> {
        let id = self.fresh("user");
        let create = async || {
            let create = self.identity().create_app_instance_user().app_instance_arn(app_instance);
            self.ask(create.app_instance_user_id(&id).name(&id).client_request_token(self.token()).send()).await
        };
        let made = self.soon("CreateAppInstanceUser", create).await?;
        Ok(made.app_instance_user_arn.unwrap_or_default())
    }

    /// Makes a user, and gives its ARN.
    ///
    /// # Errors
    /// It could not be made.
    pub async fn user(&self) -> Result<String, Stop> {
        self.user_in(&self.place()?.app_instance).await
    }

    /// Makes a channel, and gives its ARN.
    ///
    /// # Errors
    /// It could not be made.
    pub async fn channel(&self) -> Result<String, Stop> {
        let place = self.place()?;
        self.channel_in(&place.app_instance, &place.bearer).await
    }

    async fn channel_in(&self, app_instance: &str, bearer: &str) -> Result<String, Stop> {
        let name = self.fresh("channel");
        let create = async || {
            let create = self.messaging().create_channel().app_instance_arn(app_instance).chime_bearer(bearer);
            self.ask(create.name(&name).client_request_token(self.token()).send()).await
        };
        Ok(self.soon("CreateChannel", create).await?.channel_arn.unwrap_or_default())
    }

    /// Makes the throw-away app instance, who acts in it, and a channel.
    ///
    /// # Errors
    /// One of them could not be made.
    pub async fn prepare(&self) -> Result<(), Stop> {
        let app_instance = self.app_instance(&self.token()).await?.needed("CreateAppInstance")?;
        let bearer = self.user_in(&app_instance).await?;
        let admin = async || {
            let create = self.identity().create_app_instance_admin().app_instance_arn(&app_instance);
            self.ask(create.app_instance_admin_arn(&bearer).send()).await
        };
        self.soon("CreateAppInstanceAdmin", admin).await?;
        let channel = self.channel_in(&app_instance, &bearer).await?;
        // The questions are not about this lag: they begin when all of it can be seen.
        let describe = async || {
            let describe = self.messaging().describe_channel().channel_arn(&channel).chime_bearer(&bearer);
            self.ask(describe.send()).await
        };
        self.soon("DescribeChannel", describe).await?;
        let list = async || {
            let list = self.identity().list_app_instance_users().app_instance_arn(&app_instance);
            self.ask(list.send()).await
        };
        self.soon("ListAppInstanceUsers", list).await?;
        let _ = self.place.set(Place { app_instance, bearer, channel });
        Ok(())
    }

    /// The throw-away app instance.
    ///
    /// # Errors
    /// It has not been made.
    pub fn place(&self) -> Result<&Place, Stop> {
        self.place.get().ok_or_else(|| Stop::Unprepared("there is no app instance".to_owned()))
    }

    /// The app instances of the account, by ARN and name, interrupted or not.
    ///
    /// # Errors
    /// Those of ListAppInstances.
    pub async fn listed(&self) -> Result<Vec<(String, String)>, Stop> {
        let mut all = Vec::new();
        let mut token: Option<String> = None;
        for _ in 0..MOST_PAGES {
            let list = self.identity().list_app_instances().set_next_token(token.clone());
            let page = self.ask_to_the_end(list.send()).await?.needed("ListAppInstances")?;
            let found = page.app_instances.unwrap_or_default().into_iter();
            all.extend(found.map(|one| (one.app_instance_arn.unwrap_or_default(), one.name.unwrap_or_default())));
            if page.next_token.is_none() || page.next_token == token {
                break;
            }
            token = page.next_token;
        }
        Ok(all)
    }

    /// The users of the throw-away app instance, by ARN and listed name.
    ///
    /// # Errors
    /// Those of ListAppInstanceUsers.
    pub async fn users(&self) -> Result<Vec<(String, Option<String>)>, Stop> {
        let place = self.place()?;
        let mut all = Vec::new();
        let mut token: Option<String> = None;
        for _ in 0..MOST_PAGES {
            let list = self.identity().list_app_instance_users().app_instance_arn(&place.app_instance);
            let page = self.ask(list.set_next_token(token.clone()).send()).await?.needed("ListAppInstanceUsers")?;
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
