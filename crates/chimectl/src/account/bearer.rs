//! Who reads channels: an admin of the app instance, or whom `--bearer` names.

/// How many admins are tried.
const MOST: usize = 5;

/// Who may be able to read the channels, in the order in which they are tried.
pub fn candidates(stated: Option<&String>, admins: Option<&[String]>) -> Vec<String> {
    match stated {
        Some(bearer) => vec![bearer.clone()],
        None => admins.unwrap_or_default().iter().take(MOST).cloned().collect(),
    }
}

/// Why a bearer who is no admin does not show all channels.
pub fn not_an_admin(bearer: &str) -> String {
    format!("{bearer} is no admin: only an admin sees each private channel")
}
