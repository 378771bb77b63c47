//! Where the project is on the web, which only a release knows: the address is added to the metadata of its packages.

use crate::files::file_error;
use std::fs;
use std::path::Path;
use std::str::FromStr;

/// The address of a repository on GitHub, and the tag of the release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repository {
    url: String,
}

impl FromStr for Repository {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let is_plain = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || "-._/".contains(c));
        match text.strip_prefix("https://") {
            Some(rest) if is_plain(rest) && rest.split('/').filter(|part| !part.is_empty()).count() == 3 => {
                Ok(Self { url: text.trim_end_matches('/').to_owned() })
            }
            _ => Err(format!("{text} is not the address of a repository, such as https://github.com/OWNER/NAME")),
        }
    }
}

/// The tag of this version.
fn tag() -> String {
    format!("v{}", env!("CARGO_PKG_VERSION"))
}

impl Repository {
    /// The address.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Adds the addresses to the `pyproject.toml` of a folder.
    ///
    /// # Errors
    /// The file cannot be read or written.
    pub fn add_to_pyproject(&self, folder: &Path) -> Result<(), String> {
        let path = folder.join("pyproject.toml");
        let text = fs::read_to_string(&path).map_err(file_error(&path))?;
        let (url, tag) = (&self.url, tag());
        let urls = format!(
            "\n[project.urls]\nRepository = \"{url}\"\nDocumentation = \"{url}/tree/{tag}/docs\"\nChangelog = \"{url}/blob/{tag}/CHANGELOG.md\"\nIssues = \"{url}/issues\"\n"
        );
        fs::write(&path, text + &urls).map_err(file_error(&path))
    }

    /// The arguments of `npm pkg set` for the package in a folder. npm's provenance demands that the address is the repository's own.
    pub fn of_npm(&self, directory: &str) -> Vec<String> {
        let (url, tag) = (&self.url, tag());
        let mut fields = vec![
            // Not `git+https`: jsii hands it on to Python's metadata, where an address is one for browsers.
            format!("repository.url={url}.git"),
            format!("repository.directory={directory}"),
            format!("homepage={url}/tree/{tag}/{directory}#readme"),
            format!("bugs.url={url}/issues"),
        ];
        // Maven Central and Go's module proxy demand names that belong to whoever publishes.
        let owner = url.strip_prefix("https://github.com/").and_then(|path| path.split('/').next());
        fields.extend(owner.into_iter().flat_map(|owner| {
            let group = format!("jsii.targets.java.maven.groupId=io.github.{}", owner.to_lowercase());
            [group, format!("jsii.targets.go.moduleName=github.com/{owner}/chime-messaging-resources-go")]
        }));
        fields
    }

    /// A page of the project's folder, with links that work elsewhere.
    pub fn with_absolute_links(&self, page: &str) -> String {
        let (url, tag) = (&self.url, tag());
        let mut parts = page.split("](");
        let mut text = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let is_relative = !part.starts_with('#') && !part.split(')').next().unwrap_or_default().contains(':');
            text += "](";
            if is_relative {
                text += &format!("{url}/blob/{tag}/");
            }
            text += part;
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_an_owner_and_a_name() {
        let address = "https://github.com/owner/name";
        assert_eq!(address.parse::<Repository>().unwrap().url(), address);
        assert_eq!("https://github.com/owner/name/".parse::<Repository>().unwrap().url(), address);
        for wrong in ["", "owner/name", "http://github.com/owner/name", "https://github.com/owner", "https://a/b/c\"d"]
        {
            assert!(wrong.parse::<Repository>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_packages_for_java_and_go_are_named_for_the_owner_on_github() {
        let named = |address: &str| {
            let fields = address.parse::<Repository>().unwrap().of_npm("cdk");
            fields.into_iter().filter(|field| field.starts_with("jsii.")).collect::<Vec<_>>()
        };
        assert_eq!(
            named("https://github.com/Owner/name"),
            [
                "jsii.targets.java.maven.groupId=io.github.owner",
                "jsii.targets.go.moduleName=github.com/Owner/chime-messaging-resources-go"
            ]
        );
        assert_eq!(named("https://example.com/owner/name"), [""; 0]);
    }

    #[test]
    fn links_into_the_project_lead_to_the_release() {
        let repository: Repository = "https://github.com/owner/name".parse().unwrap();
        let page = "[a](docs/a.md#b), [c](#d), [e](https://f/g), [h](mailto:i@j)";
        let tag = tag();
        assert_eq!(
            repository.with_absolute_links(page),
            format!(
                "[a](https://github.com/owner/name/blob/{tag}/docs/a.md#b), [c](#d), [e](https://f/g), [h](mailto:i@j)"
            )
        );
    }
}
