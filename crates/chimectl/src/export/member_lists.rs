//! The members that lists of living stacks state. Chime does not show which of a channel's members are in a list.

use crate::account::session::Session;
use crate::account::stacks::Stacks;
use crate::drift::statement;
use crate::export::template::LeftOut;
use std::collections::BTreeSet;

/// A list of members in a stack.
#[derive(Debug)]
pub struct MemberList {
    /// The list in words: `Members of stack chat`.
    pub name: String,
    /// The ARNs of the members that it states.
    pub members: BTreeSet<String>,
}

/// The lists that the stacks have in a channel, and those whose members could not be read.
pub async fn members_of_lists(session: &Session, stacks: &Stacks, channel: &str) -> (Vec<MemberList>, Vec<LeftOut>) {
    let (mut lists, mut unread) = (Vec::new(), Vec::new());
    let below = format!("{channel}/memberships/");
    for (_, found) in stacks.resources_below(&below).filter(|(_, it)| it.resource_type.ends_with("Memberships")) {
        let name = format!("{} of stack {}", found.logical_id, found.stack.stack_name());
        let client = session.cloudformation(found.stack.region());
        let stated = statement::read(&client, found.stack.as_str()).await.and_then(|read| {
            let list = read.resources.into_iter().find(|it| it.logical_id == found.logical_id);
            list.map_or_else(|| Err("the stack does not have it any longer".to_owned()), |list| list.stated)
        });
        match stated {
            Ok(stated) => {
                let members = stated.properties["MemberArns"].as_array().into_iter().flatten();
                let members = members.filter_map(|arn| arn.as_str().map(str::to_owned)).collect();
                lists.push(MemberList { name, members });
            }
            Err(why) => unread.push(LeftOut { what: format!("the members of {name}"), why }),
        }
    }
    (lists, unread)
}
