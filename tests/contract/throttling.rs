//! Throttling is not a failure: many concurrent functions against a few calls a second.

use crate::harness::{TIMEOUT, seed_as_held};
use crate::test_bed::ChimeTestBed;
use crate::types::A;
use chime_simulator::TimeScale;
use chime_simulator::{Behaviour, FaultKind, Options};
use cloudformation_local::LogicalResource;
use futures_util::future::join_all;
use serde_json::json;
use std::time::Duration;

#[tokio::test]
async fn two_hundred_users_succeed_with_five_calls_a_second() {
    let behaviour = Behaviour { rate: Some(5), ..Behaviour::default() };
    let options =
        Options { behaviour, seed: crate::types::seed(), time_scale: TimeScale::times(10), ..Options::default() };
    let bed = ChimeTestBed::start(options).expect("it starts").with_timeout(Duration::from_secs(300));
    let users: Vec<_> =
        (0..200).map(|n| LogicalResource::new("Custom::ChimeAppInstanceUser").renamed(&format!("User{n}"))).collect();
    let properties = |n: usize| json!({"AppInstanceArn": A, "AppInstanceUserId": format!("user-{n}")});
    let creates = users.iter().enumerate().map(|(n, user)| {
        let event = user.create(&properties(n));
        let bed = &bed;
        async move { bed.invoke(&event).await }
    });
    let created = join_all(creates).await;
    let failed: Vec<_> =
        created.iter().filter(|created| created.status() != "SUCCESS").map(|created| created.reason()).collect();
    assert!(failed.is_empty(), "{} of 200: {:?}", failed.len(), failed.first());
    // The Deletes have the same budget, with two calls each.
    let deletes = users.iter().enumerate().zip(&created).map(|((n, user), created)| {
        let event = user.delete(created.id(), &properties(n));
        let bed = &bed;
        async move { bed.invoke(&event).await }
    });
    let deleted = join_all(deletes).await;
    let failed: Vec<_> =
        deleted.iter().filter(|deleted| deleted.status() != "SUCCESS").map(|deleted| deleted.reason()).collect();
    assert!(failed.is_empty(), "{} of 200: {:?}", failed.len(), failed.first());
    assert_eq!(bed.simulator.holds(), seed_as_held());
}

case! {
    async fn a_create_that_stays_throttled_reports_chimes_message(stack) {
        crate::pace::at_most(10);
        let stack = stack.with_behaviour(Behaviour::default()).with_timeout(20);
        stack.fail_creates(FaultKind::Throttle);
        let failed = stack.fail(&stack.resource.create(&stack.of.properties)).await;
        let stack = stack.with_timeout(60);
        for part in ["The function's time (its Timeout) was up", "ThrottledClient", "AWS request id", stack.of.create_operation] {
            assert!(failed.reason().contains(part), "{part}: {}", failed.reason());
        }
        // A setting's mark remains until the rollback removes it. Also, the last call may have been in flight when time
        // ran out.
        let is_settled = !stack.of.has_mark() && failed.id().starts_with("not-created:");
        assert!(is_settled || failed.id().starts_with("unfinished:"), "{}", failed.id());
        stack.clear_faults();
        stack.succeed(&stack.resource.delete(failed.id(), &stack.of.properties)).await;
        stack.assert_nothing_left();
    }
}

case! {
    async fn a_create_that_exceeds_its_service_timeout_reports_it(stack) {
        assert!(TIMEOUT > Duration::from_secs(40));
        let mut properties = stack.of.properties.clone();
        properties["ServiceTimeout"] = json!("20");
        stack.fail_creates(FaultKind::InternalFailure);
        let failed = stack.fail(&stack.resource.create(&properties)).await;
        for part in ["The resource's ServiceTimeout was up", "ServiceFailure", "AWS request id", "a longer ServiceTimeout"] {
            assert!(failed.reason().contains(part), "{part}: {}", failed.reason());
        }
    }
}

case! {
    async fn throttling_and_transient_failures_are_retried(stack) {
        for kind in [FaultKind::Throttle, FaultKind::InternalFailure, FaultKind::Unavailable, FaultKind::ResetBefore,
            FaultKind::Garbled, FaultKind::Status { status: 408, content_type: "text/plain".into(), body: "slow".into() }] {
            let stack = stack.with_behaviour(Behaviour::default());
            let fault = chime_simulator::Fault::once("*", kind.clone()).times(3);
            stack.inject(fault.clone());
            let id = stack.create().await;
            assert_eq!(stack.holds(), stack.would_hold(&stack.of.properties).await, "{kind:?}");
            stack.clear_faults();
            stack.inject(fault);
            stack.succeed(&stack.resource.delete(&id, &stack.of.properties)).await;
            stack.assert_nothing_left();
        }
    }
}
