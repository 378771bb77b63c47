//! The steps of a release, and how long they take.

use crate::release::architecture::Architecture;
use std::fmt;
use std::thread::available_parallelism;

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

impl Step {
    /// Seconds on one core, and seconds that no second core shortens. These are rough estimates, not measurements: they tell minutes from seconds.
    fn cost(self) -> (u64, u64) {
        match self {
            Self::Function(_) => (330, 150),
            Self::CommandLine(_) => (1100, 400),
            Self::Archives => (60, 60),
            Self::Linter => (10, 10),
            Self::Constructs => (90, 60),
            Self::Sbom { is_installed: true } => (5, 5),
            Self::Sbom { is_installed: false } => (150, 40),
        }
    }

    /// About how many seconds it takes on so many cores.
    fn seconds(self, cores: u64) -> u64 {
        let (work, at_least) = self.cost();
        at_least.max(work.div_ceil(cores.max(1)))
    }
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

/// The steps of one run, which are counted as they begin.
pub struct Steps<'a> {
    count: usize,
    begun: usize,
    cores: u64,
    progress: &'a mut dyn FnMut(&str),
}

impl<'a> Steps<'a> {
    /// Says how many steps there are, and about how long they take.
    pub fn new(steps: &[Step], progress: &'a mut dyn FnMut(&str)) -> Self {
        let cores = available_parallelism().map_or(1, |cores| cores.get() as u64);
        let seconds = steps.iter().map(|step| step.seconds(cores)).sum();
        let duration = duration(seconds);
        progress(&format!("{} steps, about {duration} on {cores} idle cores if nothing is built yet.", steps.len()));
        Self { count: steps.len(), begun: 0, cores, progress }
    }

    /// Says that a step begins.
    pub fn begin(&mut self, step: Step) {
        self.begun += 1;
        let line = format!("[{}/{}] {step} (about {}) ...", self.begun, self.count, duration(step.seconds(self.cores)));
        self.say(&line);
    }

    /// Says something else.
    pub fn say(&mut self, what: &str) {
        (self.progress)(what);
    }
}

/// A rounded duration: `40 seconds`, `6 minutes`.
fn duration(seconds: u64) -> String {
    match seconds {
        0..=90 => format!("{} seconds", seconds.next_multiple_of(10)),
        _ => format!("{} minutes", seconds.div_ceil(60)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_step_says_where_it_stands_and_how_long_it_takes() {
        let mut lines = Vec::new();
        let mut progress = |line: &str| lines.push(line.to_owned());
        let all = [Step::Function(Architecture::X86_64), Step::Linter];
        let mut steps = Steps::new(&all, &mut progress);
        steps.cores = 2;
        all.into_iter().for_each(|step| steps.begin(step));
        assert!(lines[0].starts_with("2 steps, about "), "{lines:?}");
        assert_eq!(lines[1], "[1/2] Building the function for x86_64 (about 3 minutes) ...");
        assert_eq!(lines[2], "[2/2] Packaging the linter (about 10 seconds) ...");
    }

    #[test]
    fn more_cores_help_up_to_the_last_link() {
        let step = Step::Function(Architecture::X86_64);
        assert_eq!([1, 2, 64].map(|cores| step.seconds(cores)), [330, 165, 150]);
    }
}
