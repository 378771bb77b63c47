//! Tells whose each thing is: its tags beside what the stacks and the older library's parameters say.

use crate::account::session::Session;
use crate::ownership::adoptions::Adoptions;
use crate::ownership::creator::Creator;
use crate::ownership::older_library::{OlderLibrary, Parameter};
use crate::ownership::owner::{By, Owner, of_stack, owner_of, region_of};
use crate::ownership::stacks::Stacks;
use chime_messaging_resources::account::{RecordedOwner, StackId, Tracking, owner_arn, recorded_owner, tracking};

/// What could not be read, and why.
pub type Problem = (String, String);

/// The tags of a resource.
pub type Tags = Vec<(String, String)>;

/// What the older library has constructs of and records in parameters.
const RECORDED: [&str; 5] =
    ["ChimeAppInstance", "ChimeAppInstanceUser", ADMIN, "ChimeAppInstanceBot", "ChimeChannelFlow"];

const ADMIN: &str = "ChimeAppInstanceAdmin";

/// Tells owners. Types are named without the leading `Custom::`.
pub struct Owners<'a> {
    session: &'a Session,
    stacks: Stacks,
    older_library: OlderLibrary,
    adoptions: Adoptions,
    problems: Vec<Problem>,
}

impl<'a> Owners<'a> {
    /// Knows nothing yet.
    pub fn new(session: &'a Session) -> Self {
        let (stacks, older_library) = (Stacks::default(), OlderLibrary::default());
        Self { session, stacks, older_library, adoptions: Adoptions::default(), problems: Vec::new() }
    }

    /// Reads the stacks of a region, unless that has been done.
    pub async fn read_stacks(&mut self, region: &str, on_stack: &dyn Fn(&str)) {
        if self.stacks.has_read(region) {
            return;
        }
        self.stacks.read(self.session, region, on_stack).await;
        if let Some(why) = self.stacks.problem(region) {
            self.problems.push((format!("the stacks of {region}"), why.to_owned()));
        }
    }

    /// Reads what the older library has recorded. The stacks have to be known.
    pub async fn read_older_library(&mut self) {
        let (older_library, problems) = OlderLibrary::read(self.session, &self.stacks).await;
        self.older_library = older_library;
        let what = "what cdk-amazon-chime-resources has recorded";
        self.problems.extend(problems.into_iter().map(|why| (what.to_owned(), why)));
    }

    /// What could not be read since the last time.
    pub fn take_problems(&mut self) -> Vec<Problem> {
        std::mem::take(&mut self.problems)
    }

    /// The stacks that have been read.
    pub fn stacks(&self) -> &Stacks {
        &self.stacks
    }

    /// What the older library has recorded.
    pub fn older_library(&self) -> &OlderLibrary {
        &self.older_library
    }

    /// The parameter of the older library that names a resource.
    pub fn parameter(&self, type_name: &str, id: &str) -> Option<&Parameter> {
        let is_admin = type_name == ADMIN;
        let arn = if is_admin { owner_arn(type_name, id)? } else { id.to_owned() };
        self.older_library.parameter(&arn, is_admin)
    }

    /// The owner of a resource that its tags record, or those of what it is a setting of.
    pub async fn of_tagged(&mut self, type_name: &str, id: &str, tags: &Tags) -> Owner {
        self.read_stacks_of_bearer(tags).await;
        let recorded = recorded_owner(type_name, tags);
        let owner = self.owner(type_name, id, recorded.as_ref()).await;
        if owner == Owner::Unowned { self.of_older_library(type_name, id) } else { owner }
    }

    /// What has no tags of an owner may be the older library's, which writes none.
    fn of_older_library(&self, type_name: &str, id: &str) -> Owner {
        let perhaps = |stack: &StackId| Owner::Perhaps { stack: stack.stack_name().to_owned(), logical_id: None };
        if let Some(parameter) = self.parameter(type_name, id) {
            let stack = self.older_library.stack_of(parameter);
            return match stack.or_else(|| self.older_library.stack_in_doubt()) {
                Some(found) if stack.is_some() => of_stack(found, None, By::OlderLibrary),
                Some(in_doubt) => perhaps(in_doubt),
                None => Owner::Unowned,
            };
        }
        // No parameter names a setting: that its stack has a construct of the kind is all there is to know.
        let setting = match type_name {
            "ChimeAppInstanceRetentionSettings" => Some(("/retention-settings", "DataRetention")),
            "ChimeMessagingStreamingConfigurations" => Some(("/streaming-configurations", "StreamingConfig")),
            _ => None,
        };
        let stack = setting
            .and_then(|(path, construct)| self.older_library.stack_with_setting(id.strip_suffix(path)?, construct));
        let may_be_recorded = setting.is_some() || RECORDED.contains(&type_name);
        let stack = stack.or_else(|| self.older_library.stack_in_doubt().filter(|_| may_be_recorded));
        stack.map_or(Owner::Unowned, perhaps)
    }

    /// The owner of a parameter of the older library.
    pub fn of_parameter(&self, parameter: &Parameter) -> Owner {
        match (self.older_library.stack_of(parameter), self.stacks.problems().next()) {
            (Some(stack), _) => of_stack(stack, None, By::OlderLibrary),
            (None, Some((region, _))) => Owner::Unknown { why: format!("the stacks of {region} could not be read") },
            (None, None) => match self.older_library.stack_in_doubt() {
                Some(stack) => Owner::Perhaps { stack: stack.stack_name().to_owned(), logical_id: None },
                None => Owner::Unowned,
            },
        }
    }

    /// The id and the owner that the mark of a setting names, if what bears it has one. The setting need not be set.
    pub async fn of_mark(&mut self, type_name: &str, bearer: &str, tags: &Tags) -> Option<(&'static str, Owner)> {
        let Some(Tracking::ParentTag(key)) = tracking(type_name) else { return None };
        self.read_stacks_of_bearer(tags).await;
        let recorded = recorded_owner(type_name, tags)?;
        Some((key, self.owner(type_name, &setting_of(type_name, bearer), Some(&recorded)).await))
    }

    /// The owner of a member, moderator or ban of a channel, which no tag names. `creator` is the channel's, if a stack made it.
    pub async fn of_relation(&mut self, type_name: &str, id: &str, channel: &str, creator: Option<&Creator>) -> Owner {
        let mut owner = self.owner(type_name, id, None).await;
        if type_name == "ChimeChannelMembership" && owner == Owner::Unowned {
            let below = format!("{channel}/memberships/");
            let list = self.stacks.resources_below(&below).find(|(_, it)| it.resource_type.ends_with("Memberships"));
            if let Some((_, list)) = list {
                let stack = list.stack.stack_name().to_owned();
                owner = Owner::Perhaps { stack, logical_id: Some(list.logical_id.clone()) };
            }
        }
        if let Some(with_channel) = creator.and_then(|creator| creator.owner_of(id))
            && matches!(owner, Owner::Unowned | Owner::Perhaps { .. })
        {
            owner = with_channel.clone();
        }
        owner
    }

    /// A mark names no region, but it is often of the stack that made what bears it.
    async fn read_stacks_of_bearer(&mut self, tags: &Tags) {
        let bearer = recorded_owner("ChimeAppInstance", tags);
        if let Some(region) = bearer.as_ref().and_then(region_of) {
            self.read_stacks(&region, &|_| ()).await;
        }
    }

    async fn owner(&mut self, type_name: &str, id: &str, recorded: Option<&RecordedOwner>) -> Owner {
        if let Some(region) = recorded.and_then(region_of) {
            self.read_stacks(&region, &|_| ()).await;
        }
        let account = id.split(':').nth(4).unwrap_or_default();
        let mut owner = owner_of(id, recorded, &self.stacks, account);
        if let (Owner::GoneStack { .. } | Owner::StackWithoutIt { .. }, Some(recorded)) = (&owner, recorded) {
            if let Err(why) = self.stacks.read_again(self.session, &recorded.stack).await {
                self.problems.push((format!("the stack of {id}"), why));
            }
            owner = owner_of(id, Some(recorded), &self.stacks, account);
        }
        match &owner {
            Owner::Unowned => match self.stacks.busy_with(type_name) {
                Some(stack) => Owner::Perhaps { stack: stack.id.stack_name().to_owned(), logical_id: None },
                None => owner,
            },
            Owner::Stack { stack_id, logical_id: Some(logical_id), by: By::Made, .. } => {
                match self.adoptions.has(self.session, stack_id, logical_id).await {
                    Ok(false) => owner,
                    Ok(true) => of_stack(&StackId::new(stack_id.clone()), Some(logical_id.clone()), By::Adopted),
                    Err(why) => {
                        self.problems.push((format!("what {stack_id} adopts"), why));
                        owner
                    }
                }
            }
            _ => owner,
        }
    }
}

/// The id of a setting of what bears its mark.
fn setting_of(type_name: &str, bearer: &str) -> String {
    match type_name {
        ADMIN => {
            let end = bearer.match_indices('/').nth(1).map_or(bearer.len(), |(at, _)| at);
            format!("{}/admins/{bearer}", &bearer[..end])
        }
        "ChimeAppInstanceRetentionSettings" => format!("{bearer}/retention-settings"),
        "ChimeMessagingStreamingConfigurations" => format!("{bearer}/streaming-configurations"),
        _ => format!("{bearer}/channel-flow"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_of_a_marked_setting_leads_back_to_what_bears_the_mark() {
        let app = "arn:aws:chime:us-east-1:123456789012:app-instance/a";
        for (type_name, bearer) in [
            (ADMIN, format!("{app}/user/u")),
            ("ChimeAppInstanceRetentionSettings", app.to_owned()),
            ("ChimeMessagingStreamingConfigurations", app.to_owned()),
            ("ChimeChannelFlowAssociation", format!("{app}/channel/c")),
        ] {
            let id = setting_of(type_name, &bearer);
            assert_eq!(owner_arn(type_name, &id), Some(bearer), "{id}");
        }
    }

    #[tokio::test]
    async fn in_doubt_about_the_older_library_a_thing_may_be_its() {
        let app = "arn:aws:chime:us-east-1:123456789012:app-instance/a";
        let nowhere = "http://127.0.0.1:1";
        let session = Session::local(nowhere, nowhere, "123456789012", "us-east-1").await.expect("a session");
        let of = |library: OlderLibrary, type_name: &str, id: &str| {
            Owners { older_library: library, ..Owners::new(&session) }.of_older_library(type_name, id).to_string()
        };
        let known = || OlderLibrary::known([("/chime/appInstanceArn/chatApp12", app)], [("chat", Some("chatApp12"))]);
        let denied = || OlderLibrary::known([], [("chat", None)]);
        assert_eq!(of(known(), "ChimeAppInstance", app), "stack chat, by cdk-amazon-chime-resources");
        let user = format!("{app}/user/u");
        assert_eq!(of(known(), "ChimeAppInstanceUser", &user), "unowned");
        assert_eq!(of(denied(), "ChimeAppInstanceUser", &user), "perhaps of stack chat");
        assert_eq!(of(denied(), "ChimeChannel", &format!("{app}/channel/c")), "unowned");
        let retention = format!("{app}/retention-settings");
        assert_eq!(of(denied(), "ChimeAppInstanceRetentionSettings", &retention), "perhaps of stack chat");
        assert_eq!(of(OlderLibrary::default(), "ChimeAppInstance", app), "unowned");
    }

    #[tokio::test]
    async fn a_parameter_is_nobodys_only_if_all_stacks_are_known() {
        let nowhere = "http://127.0.0.1:1";
        let session = Session::local(nowhere, nowhere, "123456789012", "us-east-1").await.expect("a session");
        let library = || OlderLibrary::known([("/chime/appInstanceArn/chatApp12", "arn:a")], []);
        let of = |stacks: Stacks| {
            let owners = Owners { stacks, older_library: library(), ..Owners::new(&session) };
            owners.of_parameter(&owners.older_library().parameters()[0]).to_string()
        };
        assert_eq!(of(Stacks::known("us-east-1", [], None)), "unowned");
        let denied = Stacks::known("us-east-1", [], Some("AccessDenied".to_owned()));
        assert_eq!(of(denied), "owner unknown: the stacks of us-east-1 could not be read");
    }
}
