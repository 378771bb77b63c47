//! Who reads channels: an admin of the app instance, or whom `--bearer` names.

/// Why a bearer who is no admin does not show all channels.
pub fn not_an_admin(bearer: &str) -> String {
    format!("{bearer} is no admin: only an admin sees each private channel")
}
