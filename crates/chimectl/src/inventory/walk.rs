//! The walk through an account: page by page, so that no more than a page of anything is held.

use crate::account::older_library::OlderLibrary;
use crate::account::owner::{By, Owner, of_stack, owner_of, region_of};
use crate::account::session::Session;
use crate::account::stacks::Stacks;
use crate::inventory::adoptions::Adoptions;
use crate::inventory::channel::{Channel, RELATIONS, Relations, properties_of};
use crate::inventory::entry::{Entry, Event, Kind};
use chime_messaging_resources::account::{
    Listed, RecordedOwner, StackId, Tracking, owner_arn, recorded_owner, tracking,
};
use chime_messaging_resources::{ChimeError, ErrorKind};
use futures_util::{StreamExt, TryStreamExt, stream};
use serde_json::Value as Json;
use std::collections::BTreeSet;
use std::pin::pin;

/// The tags of a resource.
type Tags = Vec<(String, String)>;

/// How many reads are under way at once.
const AT_ONCE: usize = 8;

/// How many admins are tried as the bearer.
const MOST_BEARERS: usize = 5;

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
    stacks: Stacks,
    older_library: OlderLibrary,
    adoptions: Adoptions,
    /// The ARNs of the library's parameters that the walk has met.
    met: BTreeSet<String>,
}

impl<'a> Walk<'a> {
    /// A walk through the account of a session.
    pub fn new(session: &'a Session, options: &'a WalkOptions, listener: &'a mut dyn Listener) -> Self {
        let (stacks, older_library) = (Stacks::default(), OlderLibrary::default());
        let adoptions = Adoptions::default();
        Self { session, options, listener, stacks, older_library, adoptions, met: BTreeSet::new() }
    }

    /// Walks through all of it. What cannot be read is said, and left out.
    pub async fn run(mut self) {
        let regions = [self.session.region().to_owned()].into_iter().chain(self.options.stack_regions.clone());
        for region in regions {
            self.read_stacks(&region).await;
        }
        self.listener.at("the older library's parameters");
        let (older_library, problems) = OlderLibrary::read(self.session, &self.stacks).await;
        self.older_library = older_library;
        for why in problems {
            self.unread("what cdk-amazon-chime-resources has recorded", why);
        }
        if self.options.app_instances.is_empty() {
            self.all_app_instances().await;
        } else {
            for arn in self.options.app_instances.clone() {
                self.named_app_instance(&arn).await;
            }
        }
        self.parameters();
    }

    async fn read_stacks(&mut self, region: &str) {
        let (listener, session) = (&self.listener, self.session);
        self.stacks.read(session, region, &|stack| listener.at(&format!("stack {stack}"))).await;
        if let Some(why) = self.stacks.problem(region).map(str::to_owned) {
            self.unread(format!("stacks of {region}"), why);
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
                    self.unread("app instances", error);
                    return;
                }
            }
        }
        // Those of the older namespace are not listed, and the library's parameters may know them.
        let named = self.older_library.parameters().iter().map(|parameter| parameter.arn.clone());
        let named: BTreeSet<_> = named.filter(|arn| is_app_instance(arn) && !listed.contains(arn)).collect();
        for arn in named {
            if let Ok(Some(properties)) = session.reader().properties("ChimeAppInstance", &arn, "").await {
                let name = properties.get("Name").and_then(Json::as_str).map(str::to_owned);
                self.app_instance(Listed { id: arn, name }).await;
            }
        }
    }

    async fn named_app_instance(&mut self, arn: &str) {
        match self.session.reader().properties("ChimeAppInstance", arn, "").await {
            Ok(Some(properties)) => {
                let name = properties.get("Name").and_then(Json::as_str).map(str::to_owned);
                self.app_instance(Listed { id: arn.to_owned(), name }).await;
            }
            Ok(None) => self.unread(arn, "Chime does not show it"),
            Err(error) => self.unread(arn, error),
        }
    }

    async fn app_instance(&mut self, found: Listed) {
        let arn = found.id.clone();
        self.listener.at(found.name.as_deref().unwrap_or(&arn));
        let tags = self.session.reader().tags(&arn).await;
        self.entry(Kind::AppInstance, &arn, &tags, |entry| entry.named(found.name)).await;
        self.settings(&arn, &tags).await;
        let admins = self.admins(&arn).await;
        self.users(&arn, admins.as_deref()).await;
        self.taggable(Kind::Bot, &arn, admins.as_deref()).await;
        self.taggable(Kind::Flow, &arn, None).await;
        self.channels(&arn, admins.as_deref().unwrap_or_default()).await;
    }

    async fn settings(&mut self, arn: &str, tags: &Result<Tags, ChimeError>) {
        for (kind, path, resource_type) in [
            (Kind::Retention, "retention-settings", "DataRetention"),
            (Kind::Streaming, "streaming-configurations", "StreamingConfig"),
        ] {
            let (id, type_name) = (format!("{arn}/{path}"), kind.type_name().unwrap_or_default());
            match self.session.reader().properties(type_name, &id, "").await {
                Ok(Some(properties)) => {
                    let detail = detail_of_setting(kind, &properties.into());
                    let perhaps = self.older_library.stack_with_setting(arn, resource_type).map(perhaps_of);
                    self.entry(kind, &id, tags, |entry| {
                        let owner = match (entry.owner.clone(), perhaps) {
                            (Owner::Unowned, Some(perhaps)) => perhaps,
                            (owner, _) => owner,
                        };
                        Entry { owner, ..entry.with(detail) }
                    })
                    .await;
                }
                Ok(None) => self.mark(kind, arn, tags).await,
                Err(error) => self.unread(format!("{} of {arn}", kind.word()), error),
            }
        }
    }

    /// The mark of a setting that is not set, if there is one.
    async fn mark(&mut self, kind: Kind, bearer_of_mark: &str, tags: &Result<Tags, ChimeError>) {
        let type_name = kind.type_name().unwrap_or_default();
        let (Ok(tags), Some(Tracking::ParentTag(key))) = (tags, tracking(type_name)) else { return };
        if let Some(recorded) = recorded_owner(type_name, tags) {
            let owner = self.owner(&format!("{bearer_of_mark}#{key}"), Some(&recorded)).await;
            let entry =
                Entry::new(Kind::Mark, bearer_of_mark, owner).with(format!("{key}, and there is no {}", kind.word()));
            self.listener.event(Event::Entry(Entry { mark: Some(key.to_owned()), ..entry }));
        }
    }

    /// The ARNs of all admins. `None` if they could not be read.
    async fn admins(&mut self, app_instance: &str) -> Option<Vec<String>> {
        let nothing = Json::Null;
        let pages = self.session.reader().list("ChimeAppInstanceAdmin", app_instance, "", &nothing);
        let pages: Result<Vec<_>, _> = pages.try_collect().await;
        let ids: Vec<String> = match pages {
            Ok(pages) => pages.into_iter().flat_map(|page| page.items).map(|found| found.id).collect(),
            Err(error) => {
                self.unread(format!("admins of {app_instance}"), error);
                return None;
            }
        };
        let of = |id: &String| owner_arn("ChimeAppInstanceAdmin", id).unwrap_or_default();
        let session = self.session;
        let mut read = pin!(stream::iter(&ids).map(|id| tags_of(session, of(id))).buffered(AT_ONCE).enumerate());
        while let Some((at, tags)) = read.next().await {
            if let Some(id) = ids.get(at) {
                self.entry(Kind::Admin, id, &tags, |entry| entry).await;
            }
        }
        Some(ids.iter().map(of).collect())
    }

    async fn users(&mut self, app_instance: &str, admins: Option<&[String]>) {
        if self.options.counts {
            self.count(Kind::User, app_instance, "").await;
        } else {
            self.taggable(Kind::User, app_instance, admins).await;
        }
    }

    async fn count(&mut self, kind: Kind, parent: &str, bearer: &str) {
        let (nothing, mut count) = (Json::Null, 0);
        let session = self.session;
        let mut pages = pin!(session.reader().list(kind.type_name().unwrap_or_default(), parent, bearer, &nothing));
        loop {
            match pages.try_next().await {
                Ok(Some(page)) => count += page.items.len(),
                Ok(None) => break,
                Err(error) => {
                    self.unread(format!("{}s of {parent}", kind.word()), error);
                    return;
                }
            }
            self.listener.at(&format!("{count} {}s", kind.word()));
        }
        self.listener.event(Event::Counted { kind, parent: parent.to_owned(), count });
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
                Err(error) => return self.unread(format!("{}s of {app_instance}", kind.word()), error),
            };
            let read = stream::iter(page.items).map(|found| async {
                let tags = session.reader().tags(&found.id).await;
                (found, tags)
            });
            let mut read = pin!(read.buffered(AT_ONCE));
            while let Some((found, tags)) = read.next().await {
                count += 1;
                self.listener.at(&format!("{count} {}s", kind.word()));
                self.entry(kind, &found.id, &tags, |entry| entry.named(found.name)).await;
                if admins.is_some_and(|admins| !admins.contains(&found.id)) {
                    self.mark(Kind::Admin, &found.id, &tags).await;
                }
            }
        }
    }

    async fn channels(&mut self, app_instance: &str, admins: &[String]) {
        let candidates: Vec<String> = match &self.options.bearer {
            Some(bearer) => vec![bearer.clone()],
            None => admins.iter().take(MOST_BEARERS).cloned().collect(),
        };
        if candidates.is_empty() {
            let why = "the app instance has no admin who could read them: --bearer names another user";
            return self.unread(format!("channels of {app_instance}"), why);
        }
        let mut refusal = None;
        for bearer in candidates {
            match self.channels_as(app_instance, &bearer).await {
                Err(error) if is_bearer_refused(&error) => refusal = Some(error),
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
        let mut pages = pin!(session.reader().list("ChimeChannel", app_instance, bearer, &nothing));
        let relations = if self.options.members { Relations::Later } else { Relations::Counted };
        let mut count = 0;
        while let Some(page) = pages.try_next().await? {
            if self.options.counts {
                count += page.items.len();
                self.listener.at(&format!("{count} channels"));
                continue;
            }
            let read = stream::iter(page.items).map(|found| Channel::read(session, found, bearer, relations));
            let mut read = pin!(read.buffered(AT_ONCE));
            while let Some(channel) = read.next().await {
                count += 1;
                self.listener.at(&format!("{count} channels"));
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
        let counts = channel.counts_in_words();
        self.entry(Kind::Channel, &arn, &channel.tags, |entry| {
            let entry = entry.named(channel.listed.name).read_by(bearer);
            Entry { detail: counts, ..entry }
        })
        .await;
        for (kind, count) in &channel.counts {
            if let Err(error) = count {
                self.unread(format!("{}s of {arn}", kind.word()), error);
            }
        }
        match channel.flow {
            Ok(Some(flow)) => {
                let id = format!("{arn}/channel-flow");
                self.entry(Kind::FlowAssociation, &id, &channel.tags, |entry| entry.with(flow).read_by(bearer)).await;
            }
            Ok(None) => self.mark(Kind::FlowAssociation, &arn, &channel.tags).await,
            Err(error) => self.unread(arn.clone(), error),
        }
        if self.options.members {
            self.members(&arn, bearer).await;
        }
    }

    async fn members(&mut self, channel: &str, bearer: &str) {
        let session = self.session;
        for (kind, properties) in RELATIONS {
            let (type_name, properties) = (kind.type_name().unwrap_or_default(), properties_of(properties));
            let mut pages = pin!(session.reader().list(type_name, channel, bearer, &properties));
            loop {
                match pages.try_next().await {
                    Ok(Some(page)) => {
                        for found in page.items {
                            self.relation(kind, &found.id, channel, bearer).await;
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

    async fn relation(&mut self, kind: Kind, id: &str, channel: &str, bearer: &str) {
        let owner = match self.owner(id, None).await {
            Owner::Unowned if kind == Kind::Membership => {
                let below = format!("{channel}/memberships/");
                let list =
                    self.stacks.resources_below(&below).find(|(_, it)| it.resource_type.ends_with("Memberships"));
                list.map_or(Owner::Unowned, |(_, list)| Owner::Perhaps {
                    stack: list.stack.stack_name().to_owned(),
                    logical_id: Some(list.logical_id.clone()),
                })
            }
            owner => owner,
        };
        self.listener.event(Event::Entry(Entry::new(kind, id, owner).read_by(bearer)));
    }

    /// The library's parameters: those of what is there, and those of what is not.
    fn parameters(&mut self) {
        let named = &self.options.app_instances;
        let is_asked_for = |arn: &str| named.is_empty() || named.iter().any(|named| arn.starts_with(named.as_str()));
        let all = self.older_library.parameters().iter();
        let asked_for: Vec<_> = all.filter(|parameter| is_asked_for(&parameter.arn)).cloned().collect();
        for parameter in asked_for {
            let owner = match self.older_library.stack_of(&parameter) {
                Some(stack) => of_stack(stack, None, By::OlderLibrary),
                None => Owner::Unowned,
            };
            let is_met = self.met.contains(&parameter.arn) || !self.is_in_walk(&parameter.arn);
            let detail = if is_met { parameter.arn.clone() } else { format!("{}, which is gone", parameter.arn) };
            self.listener.event(Event::Entry(Entry::new(Kind::Parameter, parameter.name, owner).with(detail)));
        }
    }

    /// Whether the walk would have met what has this ARN, if it existed.
    fn is_in_walk(&self, arn: &str) -> bool {
        !self.options.counts || !(arn.contains("/user/") || arn.contains("/channel/"))
    }

    /// Tells of a thing with an owner in its tags or in those of what it is a setting of.
    async fn entry(
        &mut self,
        kind: Kind,
        id: &str,
        tags: &Result<Tags, ChimeError>,
        describe: impl FnOnce(Entry) -> Entry,
    ) {
        let mut owner = match tags {
            Ok(tags) => {
                let recorded = recorded_owner(kind.type_name().unwrap_or_default(), tags);
                self.owner(id, recorded.as_ref()).await
            }
            Err(error) => Owner::Unknown { why: error.to_string() },
        };
        let arn = match kind {
            Kind::Admin => owner_arn("ChimeAppInstanceAdmin", id).unwrap_or_default(),
            _ => id.to_owned(),
        };
        let parameter = self.older_library.parameter(&arn, kind == Kind::Admin).cloned();
        if let Some(parameter) = &parameter {
            self.met.insert(parameter.arn.clone());
            if let (Owner::Unowned, Some(stack)) = (&owner, self.older_library.stack_of(parameter)) {
                owner = of_stack(stack, None, By::OlderLibrary);
            }
        }
        let parameter = parameter.map(|parameter| parameter.name);
        self.listener.event(Event::Entry(describe(Entry { parameter, ..Entry::new(kind, id, owner) })));
    }

    async fn owner(&mut self, id: &str, recorded: Option<&RecordedOwner>) -> Owner {
        if let Some(region) = recorded.and_then(region_of) {
            self.read_stacks_once(&region).await;
        }
        let account = id.split(':').nth(4).unwrap_or_default();
        let owner = owner_of(id, recorded, &self.stacks, account);
        let Owner::Stack { stack_id, logical_id: Some(logical_id), by: By::Made, .. } = &owner else { return owner };
        match self.adoptions.has(self.session, stack_id, logical_id).await {
            Ok(false) => owner,
            Ok(true) => of_stack(&StackId::new(stack_id.clone()), Some(logical_id.clone()), By::Adopted),
            Err(why) => {
                self.unread(format!("what {stack_id} adopts"), why);
                owner
            }
        }
    }

    async fn read_stacks_once(&mut self, region: &str) {
        if !self.stacks.has_read(region) {
            self.read_stacks(region).await;
        }
    }

    fn unread(&mut self, what: impl Into<String>, why: impl ToString) {
        self.listener.event(Event::Unread { what: what.into(), why: why.to_string() });
    }
}

async fn tags_of(session: &Session, arn: String) -> Result<Tags, ChimeError> {
    session.reader().tags(&arn).await
}

fn is_app_instance(arn: &str) -> bool {
    arn.contains(":app-instance/") && arn.matches('/').count() == 1
}

fn perhaps_of(stack: &StackId) -> Owner {
    Owner::Perhaps { stack: stack.stack_name().to_owned(), logical_id: None }
}

fn is_bearer_refused(error: &ChimeError) -> bool {
    matches!(error.kind(), ErrorKind::Unauthorized | ErrorKind::Forbidden | ErrorKind::Invalid)
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
