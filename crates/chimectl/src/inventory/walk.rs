//! The walk through an account: page by page, so that no more than a page of anything is held.

use crate::account::bearer;
use crate::account::session::Session;
use crate::inventory::channel::{Channel, RELATIONS, Relations, properties_of};
use crate::inventory::entry::{Entry, Event, Kind};
use crate::inventory::parameters::Parameters;
use crate::ownership::creator::Creator;
use crate::ownership::owner::Owner;
use crate::ownership::owner::of_creator;
use crate::ownership::owners::{Owners, Tags};
use chime_messaging_resources::ChimeError;
use chime_messaging_resources::account::{Listed, is_bearer_rejected, owner_arn};
use futures_util::{StreamExt, TryStreamExt, stream};
use serde_json::Value as Json;
use std::collections::BTreeSet;
use std::pin::pin;

/// How many reads are under way at once.
const AT_ONCE: usize = 8;

/// What to walk through.
#[derive(Clone, Debug, Default)]
pub struct WalkOptions {
    /// Only these app instances, even if the List misses them. All that it shows if empty.
    pub app_instances: Vec<String>,
    /// Who reads the channels, instead of an admin.
    pub bearer: Option<String>,
    /// Whether each member, moderator and ban is an entry.
    pub members: bool,
    /// Whether users and channels are only counted.
    pub counts: bool,
    /// More regions whose stacks are asked for.
    pub stack_regions: Vec<String>,
}

/// Hears of what the walk meets and of what it is doing.
pub trait Listener {
    /// Something was met.
    fn event(&mut self, event: Event);

    /// The walk is at this place.
    fn at(&self, place: &str);
}

/// One walk.
pub struct Walk<'a> {
    session: &'a Session,
    options: &'a WalkOptions,
    listener: &'a mut dyn Listener,
    owners: Owners<'a>,
    parameters: Parameters,
}

impl<'a> Walk<'a> {
    /// A walk through the account of a session.
    pub fn new(session: &'a Session, options: &'a WalkOptions, listener: &'a mut dyn Listener) -> Self {
        Self { session, options, listener, owners: Owners::new(session), parameters: Parameters::default() }
    }

    /// Walks through all of it. What cannot be read is said, and left out.
    pub async fn run(mut self) {
        let regions = [self.session.region().to_owned()].into_iter().chain(self.options.stack_regions.clone());
        for region in regions {
            let listener = &self.listener;
            self.owners.read_stacks(&region, &|stack| listener.at(&format!("stack {stack}"))).await;
        }
        self.listener.at("the older library's parameters");
        self.owners.read_older_library().await;
        self.say_problems();
        if self.options.app_instances.is_empty() {
            self.all_app_instances().await;
        } else {
            for arn in self.options.app_instances.clone() {
                self.named_app_instance(&arn).await;
            }
        }
        if self.options.counts {
            self.parameters.leave_unseen(Kind::User, "");
        }
        for entry in self.parameters.entries(&self.owners, &self.options.app_instances) {
            self.say(entry);
        }
    }

    async fn all_app_instances(&mut self) {
        let (session, nothing) = (self.session, Json::Null);
        let mut listed = BTreeSet::new();
        let mut pages = pin!(session.reader().list("ChimeAppInstance", "", "", &nothing));
        loop {
            match pages.try_next().await {
                Ok(Some(page)) => {
                    for found in page.items {
                        listed.insert(found.id.clone());
                        self.app_instance(found).await;
                    }
                }
                Ok(None) => break,
                Err(error) => {
                    self.parameters.leave_unseen(Kind::AppInstance, "");
                    return self.unread("app instances", error);
                }
            }
        }
        // Those of the older namespace are not listed, and the library's parameters may know them.
        let recorded = self.owners.older_library().parameters().iter().map(|parameter| parameter.arn.clone());
        let recorded: BTreeSet<String> = recorded.filter(|arn| is_app_instance(arn) && !listed.contains(arn)).collect();
        for arn in recorded {
            match described(session, &arn).await {
                Ok(Some(found)) => self.app_instance(found).await,
                // It is gone, with everything in it.
                Ok(None) => {}
                Err(error) => self.unseen(Kind::AppInstance, &arn, arn.clone(), error),
            }
        }
    }

    async fn named_app_instance(&mut self, arn: &str) {
        match described(self.session, arn).await {
            Ok(Some(found)) => self.app_instance(found).await,
            Ok(None) => self.unread(arn, "Chime does not show it"),
            Err(error) => self.unseen(Kind::AppInstance, arn, arn, error),
        }
    }

    async fn app_instance(&mut self, found: Listed) {
        let arn = found.id.clone();
        self.listener.at(found.name.as_deref().unwrap_or(&arn));
        let tags = self.session.reader().tags(&arn).await;
        let entry = self.thing(Kind::AppInstance, &arn, &tags).await;
        self.say(entry.named(found.name));
        self.settings(&arn, &tags).await;
        let admins = self.admins(&arn).await;
        if self.options.counts {
            self.count_users(&arn).await;
        } else {
            self.taggable(Kind::User, &arn, admins.as_deref()).await;
        }
        self.taggable(Kind::Bot, &arn, admins.as_deref()).await;
        self.taggable(Kind::Flow, &arn, None).await;
        self.channels(&arn, admins.as_deref()).await;
    }

    /// A thing whose owner its tags record, or those of what it is a setting of.
    async fn thing(&mut self, kind: Kind, id: &str, tags: &Result<Tags, ChimeError>) -> Entry {
        let type_name = kind.type_name().unwrap_or_default();
        let owner = match tags {
            Ok(tags) => self.owners.of_tagged(type_name, id, tags).await,
            Err(error) => Owner::Unknown { why: error.to_string() },
        };
        let parameter = self.owners.parameter(type_name, id);
        if let Some(parameter) = parameter {
            self.parameters.meet(parameter);
        }
        Entry { parameter: parameter.map(|parameter| parameter.name.clone()), ..Entry::new(kind, id, owner) }
    }

    async fn settings(&mut self, arn: &str, tags: &Result<Tags, ChimeError>) {
        for (kind, path) in [(Kind::Retention, "retention-settings"), (Kind::Streaming, "streaming-configurations")] {
            let (id, type_name) = (format!("{arn}/{path}"), kind.type_name().unwrap_or_default());
            match self.session.reader().properties(type_name, &id, "").await {
                Ok(Some(properties)) => {
                    let entry = self.thing(kind, &id, tags).await;
                    self.say(entry.with(detail_of_setting(kind, &properties.into())));
                }
                Ok(None) => self.mark(kind, arn, tags).await,
                Err(error) => self.unread(format!("{} of {arn}", kind.word()), error),
            }
        }
    }

    /// The mark of a setting that is not set.
    async fn mark(&mut self, kind: Kind, bearer_of_mark: &str, tags: &Result<Tags, ChimeError>) {
        let Ok(tags) = tags else { return };
        let type_name = kind.type_name().unwrap_or_default();
        if let Some((key, owner)) = self.owners.of_mark(type_name, bearer_of_mark, tags).await {
            let what = format!("{key}, and there is no {}", kind.word());
            let entry = Entry::new(Kind::Mark, bearer_of_mark, owner).with(what);
            self.say(Entry { mark: Some(key.to_owned()), ..entry });
        }
    }

    /// The ARNs of all admins. `None` if they could not be read.
    async fn admins(&mut self, app_instance: &str) -> Option<Vec<String>> {
        let (session, nothing) = (self.session, Json::Null);
        let pages = session.reader().list("ChimeAppInstanceAdmin", app_instance, "", &nothing);
        let pages: Result<Vec<_>, _> = pages.try_collect().await;
        let ids: Vec<String> = match pages {
            Ok(pages) => pages.into_iter().flat_map(|page| page.items).map(|found| found.id).collect(),
            Err(error) => {
                self.unseen(Kind::Admin, app_instance, format!("admins of {app_instance}"), error);
                return None;
            }
        };
        let arn_of = |id: &String| owner_arn("ChimeAppInstanceAdmin", id).unwrap_or_default();
        let read = stream::iter(&ids).map(|id| async move { (id, session.reader().tags(&arn_of(id)).await) });
        let mut read = pin!(read.buffered(AT_ONCE));
        while let Some((id, tags)) = read.next().await {
            let entry = self.thing(Kind::Admin, id, &tags).await;
            self.say(entry);
        }
        Some(ids.iter().map(arn_of).collect())
    }

    async fn count_users(&mut self, app_instance: &str) {
        let (session, nothing) = (self.session, Json::Null);
        let mut pages = pin!(session.reader().list("ChimeAppInstanceUser", app_instance, "", &nothing));
        let mut count = 0;
        loop {
            match pages.try_next().await {
                Ok(Some(page)) => count += page.items.len(),
                Ok(None) => break,
                Err(error) => return self.unread(format!("users of {app_instance}"), error),
            }
            self.listener.at(&Kind::User.counted(count));
        }
        self.listener.event(Event::Counted { kind: Kind::User, parent: app_instance.to_owned(), count });
    }

    /// Everything of a kind in an app instance that has tags of its own and needs no bearer. `admins` are those of its users and bots, if
    /// they are known.
    async fn taggable(&mut self, kind: Kind, app_instance: &str, admins: Option<&[String]>) {
        let (session, nothing) = (self.session, Json::Null);
        let type_name = kind.type_name().unwrap_or_default();
        let mut pages = pin!(session.reader().list(type_name, app_instance, "", &nothing));
        let mut count = 0;
        loop {
            let page = match pages.try_next().await {
                Ok(Some(page)) => page,
                Ok(None) => return,
                Err(error) => {
                    return self.unseen(kind, app_instance, format!("{}s of {app_instance}", kind.word()), error);
                }
            };
            let read = stream::iter(page.items).map(|found| async {
                let tags = session.reader().tags(&found.id).await;
                (found, tags)
            });
            let mut read = pin!(read.buffered(AT_ONCE));
            while let Some((found, tags)) = read.next().await {
                count += 1;
                self.listener.at(&kind.counted(count));
                let entry = self.thing(kind, &found.id, &tags).await;
                self.say(entry.named(found.name));
                if admins.is_some_and(|admins| !admins.contains(&found.id)) {
                    self.mark(Kind::Admin, &found.id, &tags).await;
                }
            }
        }
    }

    async fn channels(&mut self, app_instance: &str, admins: Option<&[String]>) {
        let candidates = bearer::candidates(self.options.bearer.as_ref(), admins);
        if candidates.is_empty() {
            let why = match admins {
                Some(_) => "the app instance has no admin who could read them: --bearer names another user",
                None => "the admins, who could read them, could not be read: --bearer names one",
            };
            return self.unread(format!("channels of {app_instance}"), why);
        }
        if let (Some(bearer), Some(admins)) = (&self.options.bearer, admins)
            && !admins.contains(bearer)
        {
            self.unread(format!("private channels of others in {app_instance}"), bearer::not_an_admin(bearer));
        }
        let mut refusal = None;
        for bearer in candidates {
            match self.channels_as(app_instance, &bearer).await {
                Err(error) if is_bearer_rejected(&error) => refusal = Some(error),
                Err(error) => return self.unread(format!("channels of {app_instance}"), error),
                Ok(()) => return,
            }
        }
        if let Some(error) = refusal {
            self.unread(format!("channels of {app_instance}"), error);
        }
    }

    async fn channels_as(&mut self, app_instance: &str, bearer: &str) -> Result<(), ChimeError> {
        let (session, nothing) = (self.session, Json::Null);
        let relations = if self.options.members { Relations::Later } else { Relations::Counted };
        let mut pages = pin!(session.reader().list("ChimeChannel", app_instance, bearer, &nothing));
        let mut count = 0;
        while let Some(page) = pages.try_next().await? {
            if self.options.counts {
                count += page.items.len();
                self.listener.at(&Kind::Channel.counted(count));
                continue;
            }
            let read = stream::iter(page.items).map(|found| Channel::read(session, found, bearer, relations));
            let mut read = pin!(read.buffered(AT_ONCE));
            while let Some(channel) = read.next().await {
                count += 1;
                self.listener.at(&Kind::Channel.counted(count));
                self.channel(channel, bearer).await;
            }
        }
        if self.options.counts {
            let parent = app_instance.to_owned();
            self.listener.event(Event::Counted { kind: Kind::Channel, parent, count });
        }
        Ok(())
    }

    async fn channel(&mut self, channel: Channel, bearer: &str) {
        let arn = channel.listed.id.clone();
        let entry = self.thing(Kind::Channel, &arn, &channel.tags).await;
        let creator = channel.creator.clone().zip(of_creator(&entry.owner)).map(|(arn, owner)| Creator { arn, owner });
        let detail = channel.counts_in_words();
        self.say(Entry { detail, ..entry.named(channel.listed.name).read_by(bearer) });
        for (kind, count) in &channel.counts {
            if let Err(error) = count {
                self.unread(format!("{}s of {arn}", kind.word()), error);
            }
        }
        match channel.flow {
            Ok(Some(flow)) => {
                let id = format!("{arn}/channel-flow");
                let entry = self.thing(Kind::FlowAssociation, &id, &channel.tags).await;
                self.say(entry.with(flow).read_by(bearer));
            }
            Ok(None) => self.mark(Kind::FlowAssociation, &arn, &channel.tags).await,
            Err(error) => self.unread(arn.clone(), error),
        }
        if self.options.members {
            self.members(&arn, bearer, creator.as_ref()).await;
        }
    }

    /// `creator` is the channel's, if a stack made it.
    async fn members(&mut self, channel: &str, bearer: &str, creator: Option<&Creator>) {
        let session = self.session;
        for (kind, properties) in RELATIONS {
            let (type_name, properties) = (kind.type_name().unwrap_or_default(), properties_of(properties));
            let mut pages = pin!(session.reader().list(type_name, channel, bearer, &properties));
            loop {
                match pages.try_next().await {
                    Ok(Some(page)) => {
                        for found in page.items {
                            let owner = self.owners.of_relation(type_name, &found.id, channel, creator).await;
                            self.say(Entry::new(kind, &found.id, owner).read_by(bearer));
                        }
                    }
                    Ok(None) => break,
                    Err(error) => {
                        self.unread(format!("{}s of {channel}", kind.word()), error);
                        break;
                    }
                }
            }
        }
    }

    /// Tells of a thing, after what could not be read to tell whose it is.
    fn say(&mut self, entry: Entry) {
        self.say_problems();
        self.listener.event(Event::Entry(entry));
    }

    fn say_problems(&mut self) {
        for (what, why) in self.owners.take_problems() {
            self.unread(what, why);
        }
    }

    /// Everything of a kind in an app instance could not be read.
    fn unseen(&mut self, kind: Kind, app_instance: &str, what: impl Into<String>, why: ChimeError) {
        self.parameters.leave_unseen(kind, app_instance);
        self.unread(what, why);
    }

    fn unread(&mut self, what: impl Into<String>, why: impl ToString) {
        self.listener.event(Event::Unread { what: what.into(), why: why.to_string() });
    }
}

/// An app instance that no List has shown. `None` if Chime shows that it does not exist.
async fn described(session: &Session, arn: &str) -> Result<Option<Listed>, ChimeError> {
    let properties = session.reader().properties("ChimeAppInstance", arn, "").await?;
    Ok(properties.map(|properties| {
        let name = properties.get("Name").and_then(Json::as_str).map(str::to_owned);
        Listed { id: arn.to_owned(), name }
    }))
}

fn is_app_instance(arn: &str) -> bool {
    arn.contains(":app-instance/") && arn.matches('/').count() == 1
}

/// The value of a setting, in words.
fn detail_of_setting(kind: Kind, properties: &Json) -> String {
    if kind == Kind::Retention {
        return format!("{} days", properties["RetentionDays"]);
    }
    let configurations = properties["StreamingConfigurations"].as_array().into_iter().flatten();
    let configurations = configurations.map(|it| {
        let text = |name: &str| it[name].as_str().unwrap_or_default();
        format!("{} to {}", text("DataType"), text("ResourceArn").rsplit('/').next().unwrap_or_default())
    });
    configurations.collect::<Vec<_>>().join(", ")
}
