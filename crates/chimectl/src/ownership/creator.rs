//! The creator of a channel, whom Chime makes its member and its moderator.

use crate::ownership::owner::Owner;

/// Who created a channel that a stack made.
#[derive(Debug)]
pub struct Creator {
    /// The ARN of the user or bot.
    pub arn: String,
    /// The owner of what Chime made with the channel: the stack that made the channel.
    pub owner: Owner,
}

impl Creator {
    /// The owner of a relation of the channel, if it is one that Chime made with the channel: the creator's membership or moderator.
    pub fn owner_of(&self, id: &str) -> Option<&Owner> {
        let is_creators = |path| id.strip_suffix(&*self.arn).is_some_and(|channel| channel.ends_with(path));
        ["/memberships/", "/moderators/"].into_iter().any(is_creators).then_some(&self.owner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chime_makes_a_membership_and_a_moderator_with_a_channel_and_no_ban() {
        let creator = Creator { arn: "arn:a/user/boss".to_owned(), owner: Owner::Unowned };
        let is_made = |id: &str| creator.owner_of(id).is_some();
        assert!(is_made("arn:a/channel/c/memberships/arn:a/user/boss"));
        assert!(is_made("arn:a/channel/c/moderators/arn:a/user/boss"));
        assert!(!is_made("arn:a/channel/c/bans/arn:a/user/boss"));
        assert!(!is_made("arn:a/channel/c/memberships/arn:a/user/ada"));
    }
}
