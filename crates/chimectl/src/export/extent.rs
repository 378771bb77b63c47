//! What an export has beside the app instance itself.

/// What to export beside the app instance with its settings, admins, bots and channel flows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// Its users.
    pub users: bool,
    /// Its channels, with their flows.
    pub channels: bool,
    /// The members, moderators and bans of its channels.
    pub members: bool,
}

impl Extent {
    /// What a reader of the export has to know of it.
    pub fn notes(self) -> Vec<String> {
        let parts = [
            (self.users, "users (--users)"),
            (self.channels, "channels (--channels)"),
            (self.members, "members, moderators and bans (--members)"),
        ];
        let not_asked_for: Vec<_> =
            parts.iter().filter(|(is_asked_for, _)| !is_asked_for).map(|(_, what)| *what).collect();
        let mut notes = Vec::new();
        if !not_asked_for.is_empty() {
            notes.push(format!("Not asked for: {}.", not_asked_for.join(", ")));
        }
        if self.members {
            notes.push("The members' notification preferences are their own, and not in it.".to_owned());
        }
        notes
    }
}
