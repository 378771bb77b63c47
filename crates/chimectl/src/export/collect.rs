//! Collects what an export contains: reads an app instance and what is in it, and leaves out what a template could not adopt as it is.

use crate::account::bearer::not_an_admin;
use crate::account::creator::Creator;
use crate::account::owner::{Owner, of_creator, owner_of, region_of};
use crate::account::release::{Target, release};
use crate::account::session::Session;
use crate::account::stacks::Stacks;
use crate::export::extent::Extent;
use crate::export::logical_id::{assign, words};
use crate::export::member_lists::members_of_lists;
use crate::export::statable::{MOST_TAGS, is_reserved, recorded_in_tags, unstatable};
use crate::export::template::{LeftOut, Resource, Template};
use chime_messaging_resources::account::{Listed, RecordedOwner, Tracking, owner_arn, recorded_owner, tracking};
use chime_messaging_resources::{ChimeError, registry};
use futures_util::TryStreamExt;
use serde_json::{Map, Value as Json, json};

/// The tags of a resource.
type Tags = Vec<(String, String)>;

/// What was collected.
#[derive(Debug)]
pub struct Collected {
    /// The export.
    pub template: Template,
    /// What could not be read.
    pub unread: Vec<LeftOut>,
}

/// Collects.
pub struct Collector<'a> {
    session: &'a Session,
    extent: Extent,
    bearer: Option<String>,
    /// The ARNs of the admins. `None` if they could not be read.
    admins: Option<Vec<String>>,
    stacks: Stacks,
    template: Template,
    /// The wished logical ids of the template's resources, in the same order.
    wishes: Vec<String>,
    unread: Vec<LeftOut>,
    progress: &'a dyn Fn(&str),
}

impl<'a> Collector<'a> {
    /// For the app instance with this ARN. `bearer` reads channels and manages them in the template, instead of an admin.
    pub fn new(
        session: &'a Session,
        app_instance: &str,
        extent: Extent,
        bearer: Option<String>,
        progress: &'a dyn Fn(&str),
    ) -> Self {
        let template = Template { app_instance: app_instance.to_owned(), notes: extent.notes(), ..Template::default() };
        let stacks = Stacks::default();
        Self {
            session,
            extent,
            bearer,
            admins: None,
            stacks,
            template,
            wishes: Vec::new(),
            unread: Vec::new(),
            progress,
        }
    }

    /// Reads all of it.
    ///
    /// # Errors
    /// The app instance cannot be read. What else cannot be read is said in the result.
    pub async fn run(mut self) -> Result<Collected, String> {
        let arn = self.template.app_instance.clone();
        self.read_stacks(self.session.region()).await;
        let shown = self.session.reader().properties("ChimeAppInstance", &arn, "").await.map_err(|e| e.to_string())?;
        let shown = shown.ok_or_else(|| format!("Chime does not show {arn}"))?;
        self.template.name = shown.get("Name").and_then(Json::as_str).unwrap_or_default().to_owned();
        let tags = self.session.reader().tags(&arn).await.map_err(|error| error.to_string())?;
        self.add("ChimeAppInstance", &arn, "", "AppInstance", &tags).await;
        self.add("ChimeAppInstanceRetentionSettings", &format!("{arn}/retention-settings"), "", "Retention", &tags)
            .await;
        let streaming = format!("{arn}/streaming-configurations");
        self.add("ChimeMessagingStreamingConfigurations", &streaming, "", "Streaming", &tags).await;
        self.admins(&arn).await;
        if self.extent.users {
            self.users(&arn).await;
        }
        self.each("ChimeAppInstanceBot", &arn, "Bot").await;
        self.each("ChimeChannelFlow", &arn, "Flow").await;
        if self.extent.channels || self.extent.members {
            self.channels(&arn).await;
        }
        Ok(self.finish())
    }

    /// Puts everything in the order of the reference, and gives it its logical ids.
    fn finish(mut self) -> Collected {
        let stacks = self.stacks.problems().map(|(region, why)| LeftOut {
            what: format!("the stacks of {region}, so that an owner may be unknown"),
            why: why.to_owned(),
        });
        let stacks: Vec<_> = stacks.collect();
        if !stacks.is_empty() {
            let note = "Not all stacks could be read. What a stack has as a type of AWS's own may be among this: see that it is not.";
            self.template.notes.push(note.to_owned());
        }
        self.unread.extend(stacks);
        let types = registry::types();
        let place = |resource: &Resource| types.iter().position(|name| *name == resource.type_name);
        let wished = self.wishes.into_iter().zip(self.template.resources);
        let mut wished: Vec<_> = wished.collect();
        wished.sort_by(|(_, one), (_, other)| (place(one), &one.physical_id).cmp(&(place(other), &other.physical_id)));
        let wishes: Vec<_> = wished.iter().map(|(wish, it)| (wish.clone(), it.physical_id.clone())).collect();
        let resources = wished.into_iter().zip(assign(&wishes));
        self.template.resources =
            resources.map(|((_, resource), logical_id)| Resource { logical_id, ..resource }).collect();
        // Who acts has to be an admin before, and until the end.
        let admins = self.template.resources.iter().filter_map(|resource| {
            let admin = resource.properties.get("AppInstanceAdminArn")?.as_str()?;
            Some((admin.to_owned(), resource.logical_id.clone()))
        });
        let admins: Vec<(String, String)> = admins.collect();
        for resource in &mut self.template.resources {
            let bearer = resource.properties.get("ChimeBearer").and_then(Json::as_str);
            let admin = admins.iter().find(|(admin, _)| Some(admin.as_str()) == bearer);
            resource.depends_on = admin.map(|(_, logical_id)| logical_id.clone()).into_iter().collect();
        }
        Collected { template: self.template, unread: self.unread }
    }

    async fn read_stacks(&mut self, region: &str) {
        let progress = self.progress;
        self.stacks.read(self.session, region, &|stack| progress(&format!("stack {stack}"))).await;
    }

    async fn admins(&mut self, app_instance: &str) {
        let unread = self.unread.len();
        let found = self.list("ChimeAppInstanceAdmin", app_instance, "", &Json::Null).await;
        let arn_of = |found: &Listed| owner_arn("ChimeAppInstanceAdmin", &found.id).unwrap_or_default();
        self.admins = (self.unread.len() == unread).then(|| found.iter().map(arn_of).collect());
        for found in found {
            let arn = arn_of(&found);
            if self.bearer.is_none() {
                self.bearer = Some(arn.clone());
            }
            let wish = format!("{}IsAdmin", wish_of_member(&arn));
            self.add_tagged("ChimeAppInstanceAdmin", &found.id, &arn, "", &wish).await;
        }
    }

    async fn users(&mut self, app_instance: &str) {
        for found in self.list("ChimeAppInstanceUser", app_instance, "", &Json::Null).await {
            (self.progress)(&found.id);
            let before = self.template.resources.len();
            self.add_tagged("ChimeAppInstanceUser", &found.id, &found.id, "", &wish_of_member(&found.id)).await;
            if self.template.resources.len() == before {
                continue;
            }
            let endpoints = self.list("ChimeAppInstanceUserEndpoint", &found.id, "", &Json::Null).await.len();
            if endpoints > 0
                && let Some(user) = self.template.resources.last_mut()
            {
                let words = if endpoints == 1 { "1 endpoint is" } else { &*format!("{endpoints} endpoints are") };
                user.comments.push(format!("{words} left out: the device's token is a secret."));
            }
        }
    }

    /// Everything of a type in the app instance, with the name as its logical id.
    async fn each(&mut self, type_name: &'static str, app_instance: &str, noun: &str) {
        for found in self.list(type_name, app_instance, "", &Json::Null).await {
            let wish = format!("{}{noun}", words(found.name.as_deref().unwrap_or_default()));
            self.add_tagged(type_name, &found.id, &found.id, "", &wish).await;
        }
    }

    async fn channels(&mut self, app_instance: &str) {
        let Some(bearer) = self.bearer.clone() else {
            let why = match self.admins {
                Some(_) => {
                    "the app instance has no admin, and so nobody who may manage them: --bearer names a moderator"
                }
                None => "the admins could not be read, so nobody is known who may manage them: --bearer names one",
            };
            self.leave_out("the channels", why);
            self.unread.push(LeftOut { what: format!("channels of {app_instance}"), why: why.to_owned() });
            return;
        };
        if self.admins.as_ref().is_some_and(|admins| !admins.contains(&bearer)) {
            let what = LeftOut { what: "private channels of others".to_owned(), why: not_an_admin(&bearer) };
            self.template.left_out.push(what.clone());
            self.unread.push(what);
        }
        for found in self.list("ChimeChannel", app_instance, &bearer, &Json::Null).await {
            (self.progress)(&found.id);
            let name = found.name.as_deref().map(words).filter(|name| !name.is_empty());
            let name = name.unwrap_or_else(|| words(found.id.rsplit('/').next().unwrap_or_default()));
            let wish = format!("{name}Channel");
            let Some(tags) = self.tags(&found.id).await else { continue };
            if self.extent.channels {
                self.add("ChimeChannel", &found.id, &bearer, &wish, &tags).await;
                let flow = format!("{}/channel-flow", found.id);
                self.add("ChimeChannelFlowAssociation", &flow, &bearer, &format!("{wish}UsesFlow"), &tags).await;
            }
            if self.extent.members {
                self.members(&found.id, &bearer, &wish, &tags).await;
            }
        }
    }

    async fn members(&mut self, channel: &str, bearer: &str, channel_wish: &str, channel_tags: &Tags) {
        let creator = self.creator(channel, bearer, channel_tags).await;
        let (lists, unread) = members_of_lists(self.session, &self.stacks, channel).await;
        self.unread.extend(unread);
        let membership = "ChimeChannelMembership";
        for (type_name, path, verb, properties) in [
            (membership, "/memberships/", "In", json!({"Type": "DEFAULT"})),
            (membership, "/memberships/", "In", json!({"Type": "HIDDEN"})),
            ("ChimeChannelModerator", "/moderators/", "Moderates", Json::Null),
            ("ChimeChannelBan", "/bans/", "BannedFrom", Json::Null),
        ] {
            for found in self.list(type_name, channel, bearer, &properties).await {
                let member = found.id.split_once(path).map_or("", |(_, member)| member);
                if let Some(owner) = creator.as_ref().and_then(|creator| creator.owner_of(&found.id))
                    && self.stacks.resource(&found.id).is_none()
                {
                    let why = format!("Chime made it with the channel of its creator: it belongs to {owner}");
                    self.leave_out(&found.id, &why);
                    continue;
                }
                if path == "/memberships/"
                    && let Some(list) = lists.iter().find(|list| list.members.contains(member))
                {
                    self.leave_out(&found.id, &format!("it belongs to the list {}", list.name));
                    continue;
                }
                let wish = format!("{}{verb}{channel_wish}", wish_of_member(member));
                self.add(type_name, &found.id, bearer, &wish, &Vec::new()).await;
            }
        }
    }

    /// Who created a channel, if a stack made it.
    async fn creator(&mut self, channel: &str, bearer: &str, tags: &Tags) -> Option<Creator> {
        let recorded = recorded_owner("ChimeChannel", tags);
        let owner = of_creator(&self.owner(channel, recorded.as_ref()).await)?;
        let describe = self.session.chime().messaging().describe_channel().channel_arn(channel).chime_bearer(bearer);
        match describe.send().await {
            Ok(described) => Some(Creator { arn: described.channel()?.created_by()?.arn()?.to_owned(), owner }),
            Err(error) => {
                self.not_read(&format!("the creator of {channel}"), &ChimeError::from(error));
                None
            }
        }
    }

    async fn list(&mut self, type_name: &str, parent: &str, bearer: &str, properties: &Json) -> Vec<Listed> {
        let pages: Result<Vec<_>, _> =
            self.session.reader().list(type_name, parent, bearer, properties).try_collect().await;
        match pages {
            Ok(pages) => pages.into_iter().flat_map(|page| page.items).collect(),
            Err(error) => {
                self.not_read(&format!("each Custom::{type_name} in {parent}"), &error);
                Vec::new()
            }
        }
    }

    async fn tags(&mut self, arn: &str) -> Option<Tags> {
        match self.session.reader().tags(arn).await {
            Ok(tags) => Some(tags),
            Err(error) => {
                self.not_read(arn, &error);
                None
            }
        }
    }

    /// Adds a resource whose owner the tags of `tagged` record.
    async fn add_tagged(&mut self, type_name: &'static str, id: &str, tagged: &str, bearer: &str, wish: &str) {
        if let Some(tags) = self.tags(tagged).await {
            self.add(type_name, id, bearer, wish, &tags).await;
        }
    }

    /// Adds a resource, unless a template could not adopt it as it is.
    async fn add(&mut self, type_name: &'static str, id: &str, bearer: &str, wish: &str, tags: &Tags) {
        let export = match self.session.reader().export(type_name, id, bearer).await {
            Ok(Some(export)) => export,
            // A setting that is not set.
            Ok(None) => return,
            Err(error) => return self.not_read(id, &error),
        };
        if let Some(why) = self.owned(type_name, id, tags).await {
            return self.leave_out(id, &why);
        }
        if !export.problems.is_empty() {
            return self.leave_out(id, &format!("a template cannot state it as it is: {}", export.problems.join("; ")));
        }
        let is_tagged = recorded_in_tags(type_name);
        let (own, reserved): (Vec<_>, Vec<_>) =
            tags.iter().partition(|(key, value)| !is_reserved(key) && !value.is_empty());
        if is_tagged && own.len() > MOST_TAGS {
            let why =
                format!("it has {} tags, and more than {MOST_TAGS} leave no room for those of the owner", own.len());
            return self.leave_out(id, &why);
        }
        let tagged: Json = own.iter().map(|(key, value)| json!([key, value])).collect();
        let stated = export.properties.iter().map(|(name, value)| (name.as_str(), value));
        if let Some(name) = unstatable(stated.chain([("Tags", &tagged)].into_iter().filter(|_| is_tagged))) {
            let why = format!(
                "a template cannot state it as it is: {name} contains a dynamic reference of CloudFormation's or a token of CDK's, which \
                 would be replaced"
            );
            return self.leave_out(id, &why);
        }
        let mut comments = Vec::new();
        let foreign: Vec<_> =
            reserved.iter().filter(|(key, _)| !key.starts_with("cfn:")).map(|(key, _)| key.as_str()).collect();
        if is_tagged && !foreign.is_empty() {
            comments
                .push(format!("A template cannot state these tags, which stay as they are: {}", foreign.join(", ")));
        }
        let mut properties: Map<String, Json> = export.properties;
        if is_tagged && !own.is_empty() {
            let tags = own.iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect();
            properties.insert("Tags".to_owned(), tags);
        }
        self.wishes.push(wish.to_owned());
        self.template.resources.push(Resource {
            logical_id: String::new(),
            type_name,
            physical_id: id.to_owned(),
            properties,
            depends_on: Vec::new(),
            comments,
        });
    }

    /// The owner of what bears this note of one.
    async fn owner(&mut self, id: &str, recorded: Option<&RecordedOwner>) -> Owner {
        if let Some(region) = recorded.and_then(region_of) {
            self.read_stacks(&region).await;
        }
        let account = id.split(':').nth(4).unwrap_or_default();
        owner_of(id, recorded, &self.stacks, account)
    }

    /// Why a stack's resource cannot be adopted by another, and what to do. `None` if it is free.
    async fn owned(&mut self, type_name: &str, id: &str, tags: &Tags) -> Option<String> {
        let recorded = recorded_owner(type_name, tags);
        let owner = self.owner(id, recorded.as_ref()).await;
        let target = Target { region: self.session.region().to_owned(), profile: None };
        let release = || release(type_name, id).map(|command| target.line(&command));
        match (&owner, &recorded) {
            (Owner::Unowned | Owner::Perhaps { .. }, _) => None,
            // The tags are known, and no stack is in them. A type of AWS's own is the only other owner there may be.
            (Owner::Unknown { .. }, None) if tracking(type_name) != Some(Tracking::Untracked) => None,
            (Owner::Stack { .. }, _) => Some(format!("it belongs to {owner}")),
            // The owner may be alive: nothing here may take it away.
            (Owner::Unknown { why }, _) => Some(format!("its owner is unknown: {why}")),
            (Owner::GoneStack { not_in, .. }, _) if !not_in.is_empty() => {
                let command =
                    release().map(|it| format!(". This releases it, if the stack is in no other region: {it}"));
                Some(format!("it belongs to {owner}{}", command.unwrap_or_default()))
            }
            _ => {
                let command = release().map(|command| format!(". This releases it: {command}"));
                Some(format!("it belongs to {owner}{}", command.unwrap_or_default()))
            }
        }
    }

    fn leave_out(&mut self, what: &str, why: &str) {
        self.template.left_out.push(LeftOut { what: what.to_owned(), why: why.to_owned() });
    }

    fn not_read(&mut self, what: &str, error: &ChimeError) {
        self.leave_out(what, &format!("it could not be read: {error}"));
        self.unread.push(LeftOut { what: what.to_owned(), why: error.to_string() });
    }
}

/// The logical id of a user or bot: its id in words.
fn wish_of_member(arn: &str) -> String {
    let words = words(arn.rsplit('/').next().unwrap_or_default());
    let noun = if arn.contains("/bot/") { "Bot" } else { "User" };
    if words.starts_with(|c: char| c.is_ascii_alphabetic()) { words } else { format!("{noun}{words}") }
}
