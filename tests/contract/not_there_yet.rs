//! Refusals because something the resource stands on was made a moment ago: they are waited out for twenty seconds.

use crate::harness::{NAMES, Stack, Stopwatch, seconds};
use chime_simulator::{Behaviour, Fault, FaultKind, TokenReplay};
use std::time::Duration;

/// What Chime and IAM say of a parent, a bearer, an admin role or a policy that is not there yet.
const REFUSALS: [FaultKind; 3] = [FaultKind::AccessDenied, FaultKind::NotFound, FaultKind::Forbidden];

case! {
    async fn a_create_waits_ten_seconds_for_what_it_stands_on(stack) {
        for kind in REFUSALS {
            // An app instance stands on nothing but the function's policy.
            if stack.of.name == "ChimeAppInstance" && kind != FaultKind::AccessDenied {
                continue;
            }
            let stack = stack.with_behaviour(Behaviour::default());
            stack.fail_creates(kind.clone());
            let create = stack.resource.create(&stack.of.properties);
            let there_at_last = async {
                seconds(10).await;
                stack.clear_faults();
            };
            let (created, ()) = tokio::join!(stack.send(&create), there_at_last);
            assert_eq!(created.status(), "SUCCESS", "{kind:?}: {}", created.reason());
            assert_eq!(stack.holds(), stack.would_hold(&stack.of.properties).await);
            stack.succeed(&stack.resource.delete(created.id(), &stack.of.properties)).await;
            stack.assert_nothing_left();
        }
    }
}

async fn allowed_at_last(stack: Stack) {
    stack.inject(Fault::always("*", FaultKind::AccessDenied));
    let create = stack.resource.create(&stack.of.properties);
    let there_at_last = async {
        seconds(8).await;
        stack.clear_faults();
    };
    let (created, ()) = tokio::join!(stack.send(&create), there_at_last);
    assert_eq!(created.status(), "SUCCESS", "{}", created.reason());
    assert_eq!(stack.holds(), stack.would_hold(&stack.of.properties).await);
}

case! {
    async fn a_function_whose_policy_is_a_moment_old_waits_for_it(stack) {
        // The others read before they write.
        if stack.of.create_calls() == [stack.of.create_operation] {
            allowed_at_last(stack).await;
        }
    }
}

#[tokio::test]
async fn a_function_whose_policy_is_a_moment_old_waits_for_its_first_read() {
    for name in NAMES {
        let stack = Stack::of(name, Behaviour::default());
        if stack.of.create_calls() != [stack.of.create_operation] {
            allowed_at_last(stack).await;
        }
    }
}

case! {
    async fn a_refusal_that_stays_fails_after_twenty_seconds_and_says_so(stack) {
        stack.fail_creates(FaultKind::AccessDenied);
        let stopwatch = Stopwatch::start();
        let failed = stack.fail(&stack.resource.create(&stack.of.properties)).await;
        assert!((15..45).contains(&stopwatch.seconds()), "{}", stopwatch.seconds());
        assert!(failed.reason().contains("it was tried again for some seconds"), "{}", failed.reason());
        stack.clear_faults();
        stack.succeed(&stack.resource.delete(failed.id(), &stack.of.properties)).await;
        stack.assert_nothing_left();
    }
}

case! {
    async fn a_refusal_that_waiting_cannot_change_fails_at_once(stack) {
        stack.fail_creates(FaultKind::ResourceLimitExceeded);
        let stopwatch = Stopwatch::start();
        let failed = stack.fail(&stack.resource.create(&stack.of.properties)).await;
        assert!(stopwatch.seconds() < 10, "{}", stopwatch.seconds());
        assert!(!failed.reason().contains("tried again"), "{}", failed.reason());
        let creates = failed.calls.iter().filter(|call| call.operation == stack.of.create_operation).count();
        assert_eq!(creates, 1);
    }
}

case! {
    async fn a_request_that_is_not_fresh_does_not_wait(stack) {
        // A setting's other calls are not its first write.
        stack.fail_creates(FaultKind::AccessDenied);
        let stopwatch = Stopwatch::start();
        let failed = stack.send_late(&stack.resource.create(&stack.of.properties), 120).await;
        assert_eq!(failed.status(), "FAILED");
        assert!(!failed.reason().contains("tried again for some seconds"), "{}", failed.reason());
        assert!(stopwatch.seconds() < 45, "{}", stopwatch.seconds());
    }
}

/// What Chime says of a stream that it cannot reach.
fn unreachable_stream() -> FaultKind {
    FaultKind::BadRequest("Unable to access Kinesis stream".to_owned())
}

#[tokio::test]
async fn a_stream_that_cannot_be_reached_yet_is_waited_for() {
    let stack = Stack::of("messaging_streaming_configurations", Behaviour::default());
    stack.fail_creates(unreachable_stream());
    let create = stack.resource.create(&stack.of.properties);
    let there_at_last = async {
        seconds(10).await;
        stack.clear_faults();
    };
    let (created, ()) = tokio::join!(stack.send(&create), there_at_last);
    assert_eq!(created.status(), "SUCCESS", "{}", created.reason());
    stack.succeed(&stack.resource.delete(created.id(), &stack.of.properties)).await;
    stack.assert_nothing_left();
}

#[tokio::test]
async fn the_reason_says_what_a_stream_has_to_be_like() {
    let stack = Stack::of("messaging_streaming_configurations", Behaviour::default());
    for kind in [unreachable_stream(), FaultKind::Forbidden] {
        stack.fail_creates(kind);
        let failed = stack.fail(&stack.resource.create(&stack.of.properties)).await;
        for part in ["chime-messaging-", "region", "shard", "ncrypt", "role"] {
            assert!(failed.reason().contains(part), "{part}: {}", failed.reason());
        }
        stack.clear_faults();
        stack.succeed(&stack.resource.delete(failed.id(), &stack.of.properties)).await;
        stack.assert_nothing_left();
    }
}

case! {
    async fn tags_that_are_empty_for_long_after_a_lost_reply_are_waited_for(stack) {
        if !stack.of.has_tags() {
            return;
        }
        let behaviour = Behaviour {
            tags_lag: Duration::from_secs(40),
            tags_empty_in_lag: true,
            token_replay: TokenReplay::Conflict409,
            ..Behaviour::default()
        };
        let stack = stack.with_behaviour(behaviour).with_timeout(150);
        stack.inject(Fault::once(stack.of.create_operation, FaultKind::ReplyLost));
        stack.succeed(&stack.resource.create(&stack.of.properties)).await;
        assert_eq!(stack.holds(), stack.would_hold(&stack.of.properties).await);
    }
}

#[tokio::test]
async fn an_id_that_nobody_owns_is_not_reported_as_unfinished() {
    for (name, id) in [("app_instance_user", "AppInstanceUserId"), ("channel", "ChannelId")] {
        let stack = Stack::of(name, Behaviour::default());
        stack.make_by_hand(&stack.of.properties).await;
        let before = stack.holds();
        let failed = stack.fail(&stack.resource.create(&stack.of.properties)).await;
        assert!(failed.id().starts_with("not-created:"), "{id}: {}", failed.id());
        assert!(failed.reason().contains("AdoptExisting"), "{}", failed.reason());
        assert_eq!(stack.holds(), before);
    }
}
