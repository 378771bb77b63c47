//! An account with many things: the calls and the memory are bounded.
//!
//! `FULL=1 cargo test -p chimectl --test account large -- --nocapture` runs it with 20 app instances, 50,000 users and 5,000 channels.

use chime_simulator::{Options, Simulator};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

const CHIMECTL: &str = env!("CARGO_BIN_EXE_chimectl");

/// How many things there are in each app instance.
#[derive(Clone, Copy)]
struct Size {
    app_instances: usize,
    users: usize,
    channels: usize,
}

/// An account of this size. Each app instance has one admin, who is a member and the moderator of each channel.
fn account(size: Size) -> Value {
    let app_instance = |at: usize| {
        let arn = format!("arn:aws:chime:us-east-1:123456789012:app-instance/{at:08}-0000-0000-0000-000000000000");
        let user =
            |user: usize| json!({"AppInstanceUserArn": format!("{arn}/user/u{user}"), "Name": format!("User {user}")});
        let admin = format!("{arn}/user/u0");
        let channel = |channel: usize| {
            json!({"ChannelArn": format!("{arn}/channel/c{channel}"), "Name": format!("Channel {channel}"),
                "Mode": "RESTRICTED", "Privacy": "PRIVATE", "CreatedBy": admin, "Moderators": [admin],
                "Memberships": [{"MemberArn": admin, "Type": "DEFAULT", "InvitedBy": admin}]})
        };
        json!({"AppInstanceArn": arn, "Name": format!("App {at}"), "Admins": [admin],
            "Users": (0..size.users).map(user).collect::<Vec<_>>(),
            "Channels": (0..size.channels).map(channel).collect::<Vec<_>>()})
    };
    (0..size.app_instances).map(app_instance).collect()
}

/// What a run took.
#[derive(Debug)]
struct Taken {
    lines: usize,
    calls: usize,
    peak_kib: usize,
    seconds: f32,
}

impl Taken {
    fn show(&self, what: &str) {
        let Self { lines, calls, peak_kib, seconds } = self;
        eprintln!("{what}: {lines} lines, {calls} calls, {} MiB at the most, {seconds:.1} s", peak_kib / 1024);
    }
}

/// Runs `inventory` on an account of this size, and reads its peak memory while it runs.
fn inventory(size: Size, options: &[&str]) -> Taken {
    let simulator = Simulator::start(Options { seed: account(size), ..Options::default() }).unwrap();
    let started = std::time::Instant::now();
    let mut command = Command::new(CHIMECTL);
    command.args(["inventory", "--endpoint-url", &simulator.url()]).args(options).env_clear();
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let status = format!("/proc/{}/status", child.id());
    let (mut lines, mut peak_kib) = (0, 0);
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        line.unwrap();
        lines += 1;
        if lines % 100 == 0 || lines < 20 {
            peak_kib = std::fs::read_to_string(&status).map_or(peak_kib, |text| peak_of(&text).unwrap_or(peak_kib));
        }
    }
    // Nobody asked CloudFormation: the owners are unknown.
    assert_eq!(child.wait().unwrap().code(), Some(2));
    Taken { lines, calls: simulator.calls().len(), peak_kib, seconds: started.elapsed().as_secs_f32() }
}

fn peak_of(status: &str) -> Option<usize> {
    status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?.trim().split(' ').next()?.parse().ok()
}

#[test]
fn the_memory_does_not_grow_with_the_account_and_the_calls_are_those_that_there_have_to_be() {
    let full = std::env::var_os("FULL").is_some();
    let small = Size { app_instances: 2, users: 100, channels: 10 };
    let large = match full {
        true => Size { app_instances: 20, users: 2500, channels: 250 },
        false => Size { app_instances: 4, users: 600, channels: 40 },
    };
    let (few, many) = (inventory(small, &[]), inventory(large, &[]));
    few.show("small");
    many.show("large");
    let Size { app_instances, users, channels } = large;
    assert!(many.lines >= app_instances * (1 + 1 + users + channels), "{many:?}");
    // A page for fifty, and the tags of each user. A channel has its tags, itself, and four Lists.
    let pages = |count: usize| count.div_ceil(50) + 1;
    let each = pages(users) + users + 2 * pages(channels) + 6 * channels;
    // Itself, its settings, admins, bots and flows.
    let most = app_instances * (each + 12) + 10;
    assert!(many.calls <= most, "{} calls, and {most} are enough", many.calls);
    assert!(many.peak_kib < few.peak_kib + 8 * 1024, "{few:?} {many:?}");
    let counted = inventory(large, &["--counts"]);
    counted.show("counted");
    let most = app_instances * (pages(users) + 2 * pages(channels) + 12) + 10;
    assert!(counted.calls <= most, "{} calls, and {most} are enough", counted.calls);
}
