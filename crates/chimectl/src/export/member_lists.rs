//! The members that lists of living stacks state. Chime does not show which of a channel's members are in a list.

use crate::account::session::Session;
use crate::drift::statement;
use crate::ownership::stacks::Stacks;
use std::collections::BTreeSet;

/// A list of members in a stack.
#[derive(Debug)]
pub struct MemberList {
    /// The list in words: `Members of stack chat`.
    pub name: String,
    /// The ARNs of the members that it states, or why they are not known.
    pub members: Result<BTreeSet<String>, String>,
}

impl MemberList {
    /// Why a member may not be stated elsewhere: it is in one of the lists, or may be.
    pub fn claim(lists: &[Self], member: &str) -> Option<String> {
        let is_in = |list: &&Self| list.members.as_ref().is_ok_and(|members| members.contains(member));
        if let Some(list) = lists.iter().find(is_in) {
            return Some(format!("it belongs to the list {}", list.name));
        }
        let list = lists.iter().find(|list| list.members.is_err())?;
        Some(format!("it may be in the list {}, whose members are not known", list.name))
    }
}

/// The lists that the stacks have in a channel.
pub async fn lists_in(session: &Session, stacks: &Stacks, channel: &str) -> Vec<MemberList> {
    let mut lists = Vec::new();
    let below = format!("{channel}/memberships/");
    for (_, found) in stacks.resources_below(&below).filter(|(_, it)| it.resource_type.ends_with("Memberships")) {
        let name = format!("{} of stack {}", found.logical_id, found.stack.stack_name());
        let client = session.cloudformation(found.stack.region());
        let stated = statement::read(&client, found.stack.as_str()).await.and_then(|read| {
            let list = read.resources.into_iter().find(|it| it.logical_id == found.logical_id);
            list.map_or_else(|| Err("the stack does not have it any longer".to_owned()), |list| list.stated)
        });
        let members = stated.and_then(|stated| {
            let is_known = !stated.unknown.iter().any(|name| name == "MemberArns");
            let members = stated.properties["MemberArns"].as_array().filter(|_| is_known);
            let members = members.ok_or("CloudFormation does not tell its MemberArns")?.iter();
            Ok(members.filter_map(|arn| arn.as_str().map(str::to_owned)).collect())
        });
        lists.push(MemberList { name, members });
    }
    lists
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_is_free_only_if_all_lists_are_known_and_none_has_it() {
        let list = |name: &str, members: Result<&[&str], &str>| MemberList {
            name: name.to_owned(),
            members: members.map(|all| all.iter().map(|it| (*it).to_owned()).collect()).map_err(str::to_owned),
        };
        let (known, unknown) = (list("Team", Ok(&["ada"])), list("Guests", Err("AccessDenied")));
        let lists = [unknown, known];
        assert_eq!(MemberList::claim(&lists, "ada").as_deref(), Some("it belongs to the list Team"));
        let doubt = "it may be in the list Guests, whose members are not known";
        assert_eq!(MemberList::claim(&lists, "bob").as_deref(), Some(doubt));
        assert_eq!(MemberList::claim(&lists[1..], "bob"), None);
    }
}
