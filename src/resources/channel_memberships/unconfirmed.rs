//! The members whose membership has to be checked, because Chime does not report that it has added them.

/// A member whose membership is not confirmed yet.
#[derive(Debug)]
pub struct Unconfirmed {
    /// Its ARN.
    pub member: String,
    /// What Chime reported about it.
    pub reported: Reported,
}

/// What Chime reported about a member that is not in its list of added members.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reported {
    /// It is already a member.
    Member,
    /// Nothing.
    Nothing,
}
