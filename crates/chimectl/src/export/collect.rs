//! Collects what an export contains: reads an app instance and what is in it, and leaves out what a template could not adopt as it is.

use crate::account::bearer;
use crate::account::release::release;
use crate::account::session::Session;
use crate::export::extent::Extent;
use crate::export::logical_id::{assign, words};
use crate::export::member_lists::{MemberList, lists_in};
use crate::export::statable::statement;
use crate::export::template::{LeftOut, Resource, Template};
use crate::ownership::creator::Creator;
use crate::ownership::owner::{By, Owner, of_creator};
use crate::ownership::owners::{Owners, Tags};
use chime_messaging_resources::account::{
    Export, Listed, Tracking, is_bearer_rejected, owner_arn, recorded_owner, tracking,
};
use chime_messaging_resources::{ChimeError, registry};
use futures_util::TryStreamExt;
use serde_json::{Value as Json, json};

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
    owners: Owners<'a>,
    /// More regions whose stacks are asked for.
    stack_regions: Vec<String>,
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
        stack_regions: Vec<String>,
        progress: &'a dyn Fn(&str),
    ) -> Self {
        let template = Template { app_instance: app_instance.to_owned(), notes: extent.notes(), ..Template::default() };
        Self {
            session,
            extent,
            bearer,
            admins: None,
            owners: Owners::new(session),
            stack_regions,
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
        let progress = self.progress;
        for region in [self.session.region().to_owned()].into_iter().chain(self.stack_regions.clone()) {
            self.owners.read_stacks(&region, &|stack| progress(&format!("stack {stack}"))).await;
        }
        self.owners.read_older_library().await;
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
        if self.owners.stacks().problems().next().is_some() {
            let note = "Not all stacks could be read. What a stack has as a type of AWS's own may be among this: see that it is not.";
            self.template.notes.push(note.to_owned());
        }
        for (what, why) in self.owners.take_problems() {
            self.unread.push(LeftOut { what: format!("{what}, so that an owner may be unknown"), why });
        }
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

    async fn admins(&mut self, app_instance: &str) {
        let unread = self.unread.len();
        let found = self.list("ChimeAppInstanceAdmin", app_instance, "", &Json::Null).await;
        let arn_of = |found: &Listed| owner_arn("ChimeAppInstanceAdmin", &found.id).unwrap_or_default();
        self.admins = (self.unread.len() == unread).then(|| found.iter().map(arn_of).collect());
        for found in found {
            let arn = arn_of(&found);
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
        let candidates = bearer::candidates(self.bearer.as_ref(), self.admins.as_deref());
        if candidates.is_empty() {
            let why = match self.admins {
                Some(_) => {
                    "the app instance has no admin, and so nobody who may manage them: --bearer names a moderator"
                }
                None => "the admins could not be read, so nobody is known who may manage them: --bearer names one",
            };
            self.leave_out("the channels", why);
            self.unread.push(LeftOut { what: format!("channels of {app_instance}"), why: why.to_owned() });
            return;
        }
        let Some((bearer, channels)) = self.channels_as_any(app_instance, candidates).await else { return };
        if self.admins.as_ref().is_some_and(|admins| !admins.contains(&bearer)) {
            let what = LeftOut { what: "private channels of others".to_owned(), why: bearer::not_an_admin(&bearer) };
            self.template.left_out.push(what.clone());
            self.unread.push(what);
        }
        for found in channels {
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

    /// The channels, as the first bearer sees them whom Chime does not refuse.
    async fn channels_as_any(&mut self, app_instance: &str, bearers: Vec<String>) -> Option<(String, Vec<Listed>)> {
        let mut refusal = None;
        for bearer in bearers {
            match self.listed("ChimeChannel", app_instance, &bearer, &Json::Null).await {
                Ok(channels) => return Some((bearer, channels)),
                Err(error) => {
                    let is_final = !is_bearer_rejected(&error);
                    refusal = Some(error);
                    if is_final {
                        break;
                    }
                }
            }
        }
        if let Some(error) = refusal {
            self.not_read(&format!("each Custom::ChimeChannel in {app_instance}"), &error);
        }
        None
    }

    async fn members(&mut self, channel: &str, bearer: &str, channel_wish: &str, channel_tags: &Tags) {
        let creator = self.creator(channel, bearer, channel_tags).await;
        let lists = lists_in(self.session, self.owners.stacks(), channel).await;
        let unread = lists
            .iter()
            .filter_map(|list| Some((format!("the members of {}", list.name), list.members.as_ref().err()?)));
        self.unread.extend(unread.map(|(what, why)| LeftOut { what, why: why.clone() }));
        let membership = "ChimeChannelMembership";
        for (type_name, path, verb, properties) in [
            (membership, "/memberships/", "In", json!({"Type": "DEFAULT"})),
            (membership, "/memberships/", "In", json!({"Type": "HIDDEN"})),
            ("ChimeChannelModerator", "/moderators/", "Moderates", Json::Null),
            ("ChimeChannelBan", "/bans/", "BannedFrom", Json::Null),
        ] {
            for found in self.list(type_name, channel, bearer, &properties).await {
                let member = found.id.split_once(path).map_or("", |(_, member)| member);
                let owner = self.owners.of_relation(type_name, &found.id, channel, creator.as_ref()).await;
                let why = match &owner {
                    Owner::Stack { by: By::WithChannel, .. } => {
                        Some(format!("Chime made it with the channel of its creator: it belongs to {owner}"))
                    }
                    Owner::Perhaps { logical_id: Some(_), .. } => MemberList::claim(&lists, member),
                    owner => self.why_owned(type_name, &found.id, owner, &Vec::new()),
                };
                if let Some(why) = why {
                    self.leave_out(&found.id, &why);
                    continue;
                }
                let wish = format!("{}{verb}{channel_wish}", wish_of_member(member));
                if let Some(export) = self.read(type_name, &found.id, bearer).await {
                    self.state(type_name, &found.id, export, &wish, &Vec::new());
                }
            }
        }
    }

    /// Who created a channel, if a stack made it.
    async fn creator(&mut self, channel: &str, bearer: &str, tags: &Tags) -> Option<Creator> {
        let owner = of_creator(&self.owners.of_tagged("ChimeChannel", channel, tags).await)?;
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
        match self.listed(type_name, parent, bearer, properties).await {
            Ok(listed) => listed,
            Err(error) => {
                self.not_read(&format!("each Custom::{type_name} in {parent}"), &error);
                Vec::new()
            }
        }
    }

    async fn listed(
        &self,
        type_name: &str,
        parent: &str,
        bearer: &str,
        properties: &Json,
    ) -> Result<Vec<Listed>, ChimeError> {
        let pages = self.session.reader().list(type_name, parent, bearer, properties);
        let pages: Vec<_> = pages.try_collect().await?;
        Ok(pages.into_iter().flat_map(|page| page.items).collect())
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

    /// Adds a resource, unless it is a stack's or a template could not adopt it as it is.
    async fn add(&mut self, type_name: &'static str, id: &str, bearer: &str, wish: &str, tags: &Tags) {
        let Some(export) = self.read(type_name, id, bearer).await else { return };
        let owner = self.owners.of_tagged(type_name, id, tags).await;
        match self.why_owned(type_name, id, &owner, tags) {
            Some(why) => self.leave_out(id, &why),
            None => self.state(type_name, id, export, wish, tags),
        }
    }

    /// What a resource is. `None` if it is a setting that is not set, or cannot be read.
    async fn read(&mut self, type_name: &str, id: &str, bearer: &str) -> Option<Export> {
        match self.session.reader().export(type_name, id, bearer).await {
            Ok(export) => export,
            Err(error) => {
                self.not_read(id, &error);
                None
            }
        }
    }

    /// Adds what is free, unless a template could not adopt it as it is.
    fn state(&mut self, type_name: &'static str, id: &str, export: Export, wish: &str, tags: &Tags) {
        match statement(type_name, id, export, tags) {
            Ok(resource) => {
                self.wishes.push(wish.to_owned());
                self.template.resources.push(resource);
            }
            Err(why) => self.leave_out(id, &why),
        }
    }

    /// Why another stack cannot adopt a stack's resource, and what to do. `None` if it is free.
    fn why_owned(&self, type_name: &str, id: &str, owner: &Owner, tags: &Tags) -> Option<String> {
        let release = || release(type_name, id).map(|command| self.session.target().line(&command));
        let is_tracked = tracking(type_name) != Some(Tracking::Untracked);
        match owner {
            Owner::Unowned => None,
            // The tags are known, and no stack is in them. A type of AWS's own is the only other owner there may be.
            Owner::Unknown { .. } if is_tracked && recorded_owner(type_name, tags).is_none() => None,
            Owner::Stack { .. } => Some(format!("it belongs to {owner}")),
            // The owner may be alive: nothing here may take it away.
            Owner::Unknown { why } => Some(format!("its owner is unknown: {why}")),
            Owner::Perhaps { stack, .. } => Some(format!("it may belong to stack {stack}")),
            Owner::GoneStack { not_in, .. } if !not_in.is_empty() => {
                let command =
                    release().map(|it| format!(". This releases it, if the stack is in no other region: {it}"));
                Some(format!("it belongs to {owner}{}", command.unwrap_or_default()))
            }
            Owner::GoneStack { .. } | Owner::StackWithoutIt { .. } => {
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
