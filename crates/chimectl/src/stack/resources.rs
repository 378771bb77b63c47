//! The changes of a stack's resources by an update. CloudFormation's events do not show which id replaced which, nor, in MiniStack, what
//! the cleanup removes.

use std::fmt::Write;

/// The logical and physical ids of a stack's resources.
pub type Resources = Vec<(String, String)>;

/// A line for each resource with a new physical id (`replaced`), and for each that has left the stack (`removed`, whether it was deleted
/// or retained). The events show what was added.
pub fn changes(before: &Resources, after: &Resources) -> String {
    let now = |logical_id: &str| after.iter().find(|(found, _)| found == logical_id).map(|(_, id)| id);
    let mut lines = String::new();
    for (logical_id, old) in before {
        let _ = match now(logical_id) {
            Some(new) if new == old => Ok(()),
            Some(new) => writeln!(lines, "  replaced  {logical_id}: {old} -> {new}"),
            None => writeln!(lines, "  removed   {logical_id}: {old}"),
        };
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_id_is_a_replacement_and_a_missing_one_a_removal() {
        let resources = |ids: &[(&str, &str)]| -> Resources {
            ids.iter().map(|(logical, physical)| ((*logical).to_owned(), (*physical).to_owned())).collect()
        };
        let before = resources(&[("Kept", "k"), ("Other", "o-1"), ("Old", "x")]);
        let after = resources(&[("New", "x"), ("Other", "o-2"), ("Kept", "k")]);
        assert_eq!(changes(&before, &after), "  replaced  Other: o-1 -> o-2\n  removed   Old: x\n");
        assert_eq!(changes(&before, &before), "");
    }
}
