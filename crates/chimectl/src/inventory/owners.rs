//! Whose each thing is: its tags beside what the stacks and the older library's parameters say.

use crate::account::creator::Creator;
use crate::account::older_library::OlderLibrary;
use crate::account::owner::{By, Owner, of_stack, owner_of, region_of};
use crate::account::session::Session;
use crate::account::stacks::Stacks;
use crate::inventory::adoptions::Adoptions;
use crate::inventory::entry::{Entry, Kind};
use chime_messaging_resources::ChimeError;
use chime_messaging_resources::account::{RecordedOwner, StackId, Tracking, owner_arn, recorded_owner, tracking};
use std::collections::BTreeSet;

/// The tags of a resource, or why they could not be read.
pub type Tags = Result<Vec<(String, String)>, ChimeError>;

/// What could not be read, and why.
pub type Problem = (String, String);

/// Tells owners.
pub struct Owners<'a> {
    session: &'a Session,
    stacks: Stacks,
    older_library: OlderLibrary,
    adoptions: Adoptions,
    /// The ARNs of the library's parameters that were met in Chime.
    met: BTreeSet<String>,
    problems: Vec<Problem>,
}

impl<'a> Owners<'a> {
    /// Knows nothing yet.
    pub fn new(session: &'a Session) -> Self {
        let (stacks, older_library) = (Stacks::default(), OlderLibrary::default());
        let (adoptions, met) = (Adoptions::default(), BTreeSet::new());
        Self { session, stacks, older_library, adoptions, met, problems: Vec::new() }
    }

    /// Reads the stacks of a region, unless that has been done.
    pub async fn read_stacks(&mut self, region: &str, on_stack: &dyn Fn(&str)) {
        if self.stacks.has_read(region) {
            return;
        }
        self.stacks.read(self.session, region, on_stack).await;
        if let Some(why) = self.stacks.problem(region) {
            self.problems.push((format!("stacks of {region}"), why.to_owned()));
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

    /// The ARNs that the library's parameters name.
    pub fn recorded_arns(&self) -> BTreeSet<String> {
        self.older_library.parameters().iter().map(|parameter| parameter.arn.clone()).collect()
    }

    /// A thing whose owner its tags record, or those of what it is a setting of.
    pub async fn of_thing(&mut self, kind: Kind, id: &str, tags: &Tags) -> Entry {
        let mut owner = match tags {
            Ok(tags) => {
                self.read_stacks_of_bearer(tags).await;
                let recorded = recorded_owner(kind.type_name().unwrap_or_default(), tags);
                self.owner(id, recorded.as_ref()).await
            }
            Err(error) => Owner::Unknown { why: error.to_string() },
        };
        let arn = match kind {
            Kind::Admin => owner_arn("ChimeAppInstanceAdmin", id).unwrap_or_default(),
            _ => id.to_owned(),
        };
        let parameter = self.older_library.parameter(&arn, kind == Kind::Admin);
        if let Some(parameter) = parameter {
            self.met.insert(parameter.arn.clone());
            if let (Owner::Unowned, Some(stack)) = (&owner, self.older_library.stack_of(parameter)) {
                owner = of_stack(stack, None, By::OlderLibrary);
            }
        }
        let parameter = parameter.map(|parameter| parameter.name.clone());
        Entry { parameter, ..Entry::new(kind, id, self.perhaps_of_older_library(kind, id, owner)) }
    }

    /// No parameter of the library names a setting: that its stack has a construct of the kind is all there is to know.
    fn perhaps_of_older_library(&self, kind: Kind, id: &str, owner: Owner) -> Owner {
        let construct = match (kind, &owner) {
            (Kind::Retention, Owner::Unowned) => Some(("/retention-settings", "DataRetention")),
            (Kind::Streaming, Owner::Unowned) => Some(("/streaming-configurations", "StreamingConfig")),
            _ => None,
        };
        let stack = construct.and_then(|(path, resource_type)| {
            self.older_library.stack_with_setting(id.strip_suffix(path)?, resource_type)
        });
        stack.map_or(owner, |stack| Owner::Perhaps { stack: stack.stack_name().to_owned(), logical_id: None })
    }

    /// The mark of a setting that is not set, if its bearer has one.
    pub async fn of_mark(&mut self, kind: Kind, bearer: &str, tags: &Tags) -> Option<Entry> {
        let type_name = kind.type_name()?;
        let (Ok(tags), Some(Tracking::ParentTag(key))) = (tags, tracking(type_name)) else { return None };
        self.read_stacks_of_bearer(tags).await;
        let recorded = recorded_owner(type_name, tags)?;
        let owner = self.owner(&setting_of(kind, bearer), Some(&recorded)).await;
        let what = format!("{key}, and there is no {}", kind.word());
        Some(Entry { mark: Some(key.to_owned()), ..Entry::new(Kind::Mark, bearer, owner).with(what) })
    }

    /// A member, moderator or ban of a channel, which no tag names. `creator` is the channel's, if a stack made it.
    pub async fn of_relation(&mut self, kind: Kind, id: &str, channel: &str, creator: Option<&Creator>) -> Entry {
        let mut owner = self.owner(id, None).await;
        if kind == Kind::Membership && owner == Owner::Unowned {
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
        Entry::new(kind, id, owner)
    }

    /// The library's parameters that name something in one of these app instances, or all of them if there are none. `is_walked` says
    /// whether what has an ARN would have been met.
    pub fn parameters(&self, app_instances: &[String], is_walked: impl Fn(&str) -> bool) -> Vec<Entry> {
        let is_asked_for =
            |arn: &str| app_instances.is_empty() || app_instances.iter().any(|named| arn.starts_with(named.as_str()));
        let all = self.older_library.parameters().iter().filter(|parameter| is_asked_for(&parameter.arn));
        let entry = all.map(|parameter| {
            let stack = self.older_library.stack_of(parameter);
            let owner = stack.map_or(Owner::Unowned, |stack| of_stack(stack, None, By::OlderLibrary));
            let is_gone = is_walked(&parameter.arn) && !self.met.contains(&parameter.arn);
            let what = if is_gone { format!("{}, which is gone", parameter.arn) } else { parameter.arn.clone() };
            Entry::new(Kind::Parameter, &parameter.name, owner).with(what)
        });
        entry.collect()
    }

    /// A mark names no region, but it is often of the stack that made what bears it.
    async fn read_stacks_of_bearer(&mut self, tags: &[(String, String)]) {
        let bearer = recorded_owner("ChimeAppInstance", tags);
        if let Some(region) = bearer.as_ref().and_then(region_of) {
            self.read_stacks(&region, &|_| ()).await;
        }
    }

    async fn owner(&mut self, id: &str, recorded: Option<&RecordedOwner>) -> Owner {
        if let Some(region) = recorded.and_then(region_of) {
            self.read_stacks(&region, &|_| ()).await;
        }
        let account = id.split(':').nth(4).unwrap_or_default();
        let owner = owner_of(id, recorded, &self.stacks, account);
        let Owner::Stack { stack_id, logical_id: Some(logical_id), by: By::Made, .. } = &owner else { return owner };
        match self.adoptions.has(self.session, stack_id, logical_id).await {
            Ok(false) => owner,
            Ok(true) => of_stack(&StackId::new(stack_id.clone()), Some(logical_id.clone()), By::Adopted),
            Err(why) => {
                self.problems.push((format!("what {stack_id} adopts"), why));
                owner
            }
        }
    }
}

/// The id of a setting of what bears its mark.
fn setting_of(kind: Kind, bearer: &str) -> String {
    match kind {
        Kind::Admin => {
            let end = bearer.match_indices('/').nth(1).map_or(bearer.len(), |(at, _)| at);
            format!("{}/admins/{bearer}", &bearer[..end])
        }
        Kind::Retention => format!("{bearer}/retention-settings"),
        Kind::Streaming => format!("{bearer}/streaming-configurations"),
        _ => format!("{bearer}/channel-flow"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chime_messaging_resources::account::owner_arn;

    #[test]
    fn the_id_of_a_marked_setting_leads_back_to_what_bears_the_mark() {
        let app = "arn:aws:chime:us-east-1:123456789012:app-instance/a";
        for (kind, bearer) in [
            (Kind::Admin, format!("{app}/user/u")),
            (Kind::Retention, app.to_owned()),
            (Kind::Streaming, app.to_owned()),
            (Kind::FlowAssociation, format!("{app}/channel/c")),
        ] {
            let id = setting_of(kind, &bearer);
            assert_eq!(owner_arn(kind.type_name().expect("a type"), &id), Some(bearer), "{id}");
        }
    }
}
