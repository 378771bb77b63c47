//! Chime's ARNs: `arn:aws:chime:REGION:ACCOUNT:app-instance/ID[/KIND/ID]`.

/// The ARN of the app instance that `arn` names, or in which it names something.
pub(crate) fn app_instance(arn: &str) -> Option<&str> {
    let start = arn.find(":app-instance/")? + ":app-instance/".len();
    let end = arn[start..].find('/').map_or(arn.len(), |slash| start + slash);
    (end > start).then(|| &arn[..end])
}

/// What an ARN names: an `app-instance`, `user`, `bot`, `channel` or `channel-flow`.
pub(crate) fn kind(arn: &str) -> Option<&str> {
    let rest = &arn[app_instance(arn)?.len()..];
    match rest.strip_prefix('/') {
        None => Some("app-instance"),
        Some(rest) => rest.split_once('/').map(|(kind, _)| kind),
    }
}

/// A random UUID (version 4), in lower case.
pub(crate) fn uuid() -> String {
    let bits = fastrand::u128(..) & !(0xf << 76) & !(0x3 << 62) | (0x4 << 76) | (0x2 << 62);
    let hex = format!("{bits:032x}");
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    const INSTANCE: &str = "arn:aws:chime:us-east-1:123456789012:app-instance/a";

    #[test]
    fn an_arn_names_a_kind_and_an_app_instance() {
        let user = format!("{INSTANCE}/user/b");
        assert_eq!((app_instance(&user), kind(&user)), (Some(INSTANCE), Some("user")));
        assert_eq!((app_instance(INSTANCE), kind(INSTANCE)), (Some(INSTANCE), Some("app-instance")));
        assert_eq!(app_instance("arn:aws:kinesis:us-east-1:1:stream/x"), None);
        assert_eq!(app_instance("arn:aws:chime:us-east-1:1:app-instance/"), None);
    }

    #[test]
    fn a_uuid_has_version_4() {
        let uuid = uuid();
        let form = "^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$";
        assert!(regex::Regex::new(form).unwrap().is_match(&uuid), "{uuid}");
    }
}
