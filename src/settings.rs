//! The function's configuration: AWS's standard environment variables and two of its own.

use aws_credential_types::Credentials;
use std::env;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

/// The regions that offer Chime's messaging control plane.
/// <https://docs.aws.amazon.com/general/latest/gr/chime-sdk.html>
pub const CHIME_REGIONS: [&str; 2] = ["us-east-1", "eu-central-1"];

/// Where the function's calls go, and which credentials it uses.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The region for Chime calls: `CHIME_REGION`, or else `AWS_REGION`, or else `AWS_DEFAULT_REGION`.
    pub region: Option<String>,
    /// `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN`, as Lambda sets them.
    pub credentials: Option<Credentials>,
    /// A custom endpoint for Chime SDK identity: `AWS_ENDPOINT_URL_CHIME_SDK_IDENTITY`, or else `AWS_ENDPOINT_URL`.
    pub identity_endpoint: Option<String>,
    /// A custom endpoint for Chime SDK messaging: `AWS_ENDPOINT_URL_CHIME_SDK_MESSAGING`, or else `AWS_ENDPOINT_URL`.
    pub messaging_endpoint: Option<String>,
    /// A custom endpoint for AWS Systems Manager: `AWS_ENDPOINT_URL_SSM`, or else `AWS_ENDPOINT_URL`.
    pub ssm_endpoint: Option<String>,
    /// Additional hosts that a ResponseURL may name, with or without a port: `RESPONSE_URL_HOSTS`, separated by commas.
    /// For local use.
    pub response_url_hosts: Vec<String>,
    /// A PEM file of root certificates that replaces the built-in ones: `AWS_CA_BUNDLE`, or else `SSL_CERT_FILE`.
    pub ca_bundle: Option<PathBuf>,
    /// How much faster than the clock the function's own time runs. It scales the function's pauses and limits, and the
    /// simulator's lags with them. Tests use it to avoid waiting for minutes. No environment variable sets it.
    pub time_scale: TimeScale,
}

/// A factor that makes time run faster. It is 1 outside tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeScale(NonZeroU32);

impl Default for TimeScale {
    fn default() -> Self {
        Self(NonZeroU32::MIN)
    }
}

impl TimeScale {
    /// Time runs `factor` times as fast as the clock. 0 counts as 1.
    pub fn times(factor: u32) -> Self {
        Self(NonZeroU32::new(factor).unwrap_or(NonZeroU32::MIN))
    }

    /// How long `time` takes by the clock.
    pub fn of(self, time: Duration) -> Duration {
        time / self.0.get()
    }
}

impl Settings {
    /// The settings from the process environment.
    pub fn from_env() -> Self {
        Self::of(|name| env::var(name).ok())
    }

    /// The settings from a lookup function for variables. An empty variable counts as unset.
    pub fn of(variable: impl Fn(&str) -> Option<String>) -> Self {
        let get = |name: &str| variable(name).filter(|value| !value.is_empty());
        let is_ignored =
            get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS").is_some_and(|value| value.eq_ignore_ascii_case("true"));
        let endpoint = |service: &str| {
            let own = get(&format!("AWS_ENDPOINT_URL_{service}"));
            own.or_else(|| get("AWS_ENDPOINT_URL")).filter(|_| !is_ignored)
        };
        let credentials = get("AWS_ACCESS_KEY_ID").zip(get("AWS_SECRET_ACCESS_KEY"));
        let hosts = get("RESPONSE_URL_HOSTS").unwrap_or_default();
        Self {
            region: get("CHIME_REGION").or_else(|| get("AWS_REGION")).or_else(|| get("AWS_DEFAULT_REGION")),
            credentials: credentials
                .map(|(id, secret)| Credentials::new(id, secret, get("AWS_SESSION_TOKEN"), None, "environment")),
            identity_endpoint: endpoint("CHIME_SDK_IDENTITY"),
            messaging_endpoint: endpoint("CHIME_SDK_MESSAGING"),
            ssm_endpoint: endpoint("SSM"),
            response_url_hosts: hosts.split(',').map(str::trim).filter(|h| !h.is_empty()).map(str::to_owned).collect(),
            ca_bundle: get("AWS_CA_BUNDLE").or_else(|| get("SSL_CERT_FILE")).map(PathBuf::from),
            time_scale: TimeScale::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(variables: &[(&str, &str)]) -> Settings {
        let variables: Vec<_> = variables.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        Settings::of(|name| variables.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone()))
    }

    #[test]
    fn a_service_specific_endpoint_takes_precedence() {
        let both = [("AWS_ENDPOINT_URL", "http://all"), ("AWS_ENDPOINT_URL_CHIME_SDK_IDENTITY", "http://own")];
        let settings_of_both = settings(&both);
        assert_eq!(settings_of_both.identity_endpoint.as_deref(), Some("http://own"));
        assert_eq!(settings_of_both.messaging_endpoint.as_deref(), Some("http://all"));
        let ignored = settings(&[both[0], both[1], ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")]);
        assert_eq!((ignored.identity_endpoint, ignored.messaging_endpoint), (None, None));
    }

    #[test]
    fn an_empty_variable_counts_as_unset() {
        let settings =
            settings(&[("AWS_REGION", ""), ("AWS_DEFAULT_REGION", "eu-central-1"), ("RESPONSE_URL_HOSTS", " a:1, ,b")]);
        assert_eq!(settings.region.as_deref(), Some("eu-central-1"));
        assert_eq!(settings.response_url_hosts, ["a:1", "b"]);
    }
}
