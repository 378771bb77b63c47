//! The built programs that a release is made of.

use crate::files::file_error;
use crate::release::architecture::Architecture;
use std::fs;
use std::path::{Path, PathBuf};

/// The function for Lambda, in the folder of its architecture: the name that it has in its zip.
const BOOTSTRAP: &str = "bootstrap";

/// The names in that folder of what is for people's own machines.
const COMMAND_LINE: [&str; 2] = ["chimectl", "chime-messaging-resources"];

/// The programs for one architecture.
#[derive(Debug, Clone)]
pub struct Programs {
    /// What they are built for.
    pub architecture: Architecture,
    /// The function, as Lambda runs it.
    pub function: PathBuf,
    /// What the wheel of `chimectl` holds.
    pub command_line: Option<CommandLine>,
}

/// `chimectl`, and the function that it rehearses with.
#[derive(Debug, Clone)]
pub struct CommandLine {
    /// The command line.
    pub chimectl: PathBuf,
    /// The function, built as chimectl is.
    pub function: PathBuf,
}

impl Programs {
    /// Reads a folder that [`copy_to`](Self::copy_to) has written.
    ///
    /// # Errors
    /// The folder has no function for any architecture, or only one of the two programs of a command line.
    pub fn in_folder(folder: &Path) -> Result<Vec<Self>, String> {
        let mut all = Vec::new();
        for architecture in Architecture::ALL {
            let own = folder.join(architecture.to_string());
            let function = own.join(BOOTSTRAP);
            if !function.exists() {
                continue;
            }
            let [chimectl, beside] = COMMAND_LINE.map(|name| own.join(name));
            let command_line = match (chimectl.exists(), beside.exists()) {
                (true, true) => Some(CommandLine { chimectl, function: beside }),
                (false, false) => None,
                (true, false) => return Err(format!("{} is missing", beside.display())),
                (false, true) => return Err(format!("{} is missing", chimectl.display())),
            };
            all.push(Self { architecture, function, command_line });
        }
        if all.is_empty() {
            let names = Architecture::ALL.map(|architecture| format!("{architecture}/{BOOTSTRAP}")).join(" nor ");
            return Err(format!("{} has neither {names}", folder.display()));
        }
        Ok(all)
    }

    /// Copies the programs to the folder of their architecture in `folder`.
    ///
    /// # Errors
    /// Something cannot be read or written.
    pub fn copy_to(&self, folder: &Path) -> Result<(), String> {
        let own = folder.join(self.architecture.to_string());
        fs::create_dir_all(&own).map_err(file_error(&own))?;
        let mut files = vec![(BOOTSTRAP, &self.function)];
        if let Some(built) = &self.command_line {
            files.extend(COMMAND_LINE.into_iter().zip([&built.chimectl, &built.function]));
        }
        for (name, from) in files {
            fs::copy(from, own.join(name)).map_err(file_error(from))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_that_are_handed_over_come_out_as_they_went_in() {
        let folder = std::env::temp_dir().join(format!("xtask-programs-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        assert!(
            Programs::in_folder(&folder).unwrap_err().ends_with("has neither x86_64/bootstrap nor arm64/bootstrap")
        );
        let file = |name: &str| {
            fs::write(folder.join(name), name).unwrap();
            folder.join(name)
        };
        let command_line = Some(CommandLine { chimectl: file("c"), function: file("static") });
        let built = Programs { architecture: Architecture::Arm64, function: file("f"), command_line };
        built.copy_to(&folder).unwrap();
        let found = Programs::in_folder(&folder).unwrap();
        let [found] = &found[..] else { panic!("{found:?}") };
        assert_eq!(found.architecture, Architecture::Arm64);
        let text = |path: &Path| fs::read_to_string(path).unwrap();
        let command_line = found.command_line.as_ref().unwrap();
        assert_eq!(
            [&found.function, &command_line.chimectl, &command_line.function].map(|it| text(it)),
            ["f", "c", "static"]
        );
        fs::remove_file(&command_line.function).unwrap();
        assert!(Programs::in_folder(&folder).unwrap_err().ends_with("arm64/chime-messaging-resources is missing"));
        fs::remove_dir_all(folder).unwrap();
    }
}
