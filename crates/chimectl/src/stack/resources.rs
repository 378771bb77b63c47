//! What an update has made of a stack's resources. CloudFormation's events show neither which id took the place of which, nor, on
//! this machine, what the cleanup removes.

use std::fmt::Write;

/// The resources of a stack: logical and physical ids.
pub type Resources = Vec<(String, String)>;

/// A line for each resource that has another physical id than before (`replaced`), and for each that is in the stack no more
/// (`removed`, whether it was deleted or retained); empty where there is none. What was added is in the events.
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
    fn what_has_another_id_is_replaced_and_what_is_gone_is_removed() {
        let resources = |ids: &[(&str, &str)]| -> Resources {
            ids.iter().map(|(logical, physical)| ((*logical).to_owned(), (*physical).to_owned())).collect()
        };
        let before = resources(&[("Kept", "k"), ("Other", "o-1"), ("Old", "x")]);
        let after = resources(&[("New", "x"), ("Other", "o-2"), ("Kept", "k")]);
        assert_eq!(changes(&before, &after), "  replaced  Other: o-1 -> o-2\n  removed   Old: x\n");
        assert_eq!(changes(&before, &before), "");
    }
}
