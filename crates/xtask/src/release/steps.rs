//! The steps of a release, and how long each took the last time.

use crate::release::architecture::Architecture;
use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// A step that takes noticeable time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// The function for Lambda.
    Function(Architecture),
    /// `chimectl` with the function beside it.
    CommandLine(Architecture),
    /// The zips, the templates and the wheels of what is built.
    Archives,
    /// The linter's packages.
    Linter,
    /// The constructs' packages.
    Constructs,
    /// The software bill of materials; its tool may have to be built first.
    Sbom {
        /// Whether the tool is there.
        is_installed: bool,
    },
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Function(architecture) => write!(f, "Building the function for {architecture}"),
            Self::CommandLine(architecture) => write!(f, "Building chimectl for {architecture}"),
            Self::Archives => f.write_str("Packing the programs"),
            Self::Linter => f.write_str("Packaging the linter"),
            Self::Constructs => f.write_str("Packaging the constructs for CDK"),
            Self::Sbom { is_installed: true } => f.write_str("Writing the software bill of materials"),
            Self::Sbom { is_installed: false } => {
                f.write_str("Writing the software bill of materials, for which cargo-cyclonedx is built the first time")
            }
        }
    }
}

/// The steps of one run, which are counted and measured.
pub struct Steps<'a> {
    count: usize,
    begun: usize,
    /// The step that goes on, and when it began.
    current: Option<(Step, Instant)>,
    /// How many seconds each step took the last time, by its words.
    last: BTreeMap<String, u64>,
    /// The file that keeps these.
    file: PathBuf,
    progress: &'a mut dyn FnMut(&str),
}

impl<'a> Steps<'a> {
    /// Says how many steps there are, and how long they took the last time if all of them have been measured. The measurements are in `file`,
    /// which need not exist.
    pub fn new(steps: &[Step], file: PathBuf, progress: &'a mut dyn FnMut(&str)) -> Self {
        let text = fs::read_to_string(&file).unwrap_or_default();
        // Without measurements there is nothing to say.
        let last: BTreeMap<String, u64> = serde_json::from_str(&text).unwrap_or_default();
        let measured: Option<u64> = steps.iter().map(|step| last.get(&step.to_string())).sum();
        let measured = measured.map(|seconds| format!(", which took {} the last time", duration(seconds)));
        progress(&format!("{} steps{}.", steps.len(), measured.unwrap_or_default()));
        Self { count: steps.len(), begun: 0, current: None, last, file, progress }
    }

    /// Says that a step begins. The one before has succeeded.
    pub fn begin(&mut self, step: Step) {
        self.end();
        self.begun += 1;
        let last = self.last.get(&step.to_string());
        let last = last.map(|seconds| format!(" ({} the last time)", duration(*seconds))).unwrap_or_default();
        let line = format!("[{}/{}] {step}{last} ...", self.begun, self.count);
        self.say(&line);
        self.current = Some((step, Instant::now()));
    }

    /// The last step has succeeded.
    pub fn end(&mut self) {
        if let Some((step, begun)) = self.current.take() {
            self.note(step, begun.elapsed());
        }
    }

    fn note(&mut self, step: Step, took: Duration) {
        self.last.insert(step.to_string(), took.as_secs());
        // A measurement that is lost is no reason to fail.
        if let Ok(text) = serde_json::to_string_pretty(&self.last) {
            let _ = fs::write(&self.file, text);
        }
    }

    /// Says something else.
    pub fn say(&mut self, what: &str) {
        (self.progress)(what);
    }
}

/// A duration in words: `40 seconds`, `6 minutes`.
fn duration(seconds: u64) -> String {
    match seconds {
        1 => "1 second".to_owned(),
        0..=90 => format!("{seconds} seconds"),
        _ => format!("{} minutes", seconds.div_ceil(60)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is said when these steps begin.
    fn said(steps: &[Step], file: &std::path::Path, took: Option<Duration>) -> Vec<String> {
        let mut lines = Vec::new();
        let mut progress = |line: &str| lines.push(line.to_owned());
        let mut run = Steps::new(steps, file.to_owned(), &mut progress);
        for step in steps {
            run.begin(*step);
            if let Some(took) = took {
                run.note(*step, took);
                run.current = None;
            }
        }
        lines
    }

    #[test]
    fn each_step_says_where_it_stands_and_how_long_it_took_the_last_time_if_it_was_measured() {
        let file = std::env::temp_dir().join(format!("xtask-durations-{}.json", std::process::id()));
        let function = Step::Function(Architecture::X86_64);
        let first = ["2 steps.", "[1/2] Building the function for x86_64 ...", "[2/2] Packaging the linter ..."];
        assert_eq!(said(&[function, Step::Linter], &file, Some(Duration::from_secs(170))), first);
        let second = [
            "2 steps, which took 6 minutes the last time.",
            "[1/2] Building the function for x86_64 (3 minutes the last time) ...",
            "[2/2] Packaging the linter (3 minutes the last time) ...",
        ];
        assert_eq!(said(&[function, Step::Linter], &file, None), second);
        let with_another = said(&[Step::Archives, function], &file, None);
        assert_eq!(with_another[..2], ["2 steps.", "[1/2] Packing the programs ..."]);
        fs::remove_file(file).unwrap();
    }

    #[test]
    fn a_step_that_fails_is_not_measured() {
        let file = std::env::temp_dir().join(format!("xtask-failed-{}.json", std::process::id()));
        let mut progress = |_: &str| ();
        let mut steps = Steps::new(&[Step::Linter, Step::Archives], file.clone(), &mut progress);
        steps.begin(Step::Linter);
        steps.begin(Step::Archives);
        drop(steps);
        let kept = fs::read_to_string(&file).unwrap();
        fs::remove_file(file).unwrap();
        assert!(kept.contains(&Step::Linter.to_string()) && !kept.contains(&Step::Archives.to_string()), "{kept}");
    }
}
