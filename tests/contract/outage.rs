//! Throttling, lost replies, silence and failures of Chime's own.

use crate::harness::{Stack, for_each_type};
use chime_local::simulator::{Behaviour, Fault, FaultKind, Missing, TokenReplay};
use std::time::{Duration, Instant};

#[tokio::test]
async fn throttling_and_failures_that_pass_are_waited_for() {
    for kind in [FaultKind::Throttle, FaultKind::InternalFailure, FaultKind::Unavailable, FaultKind::ResetBefore] {
        for_each_type(&Behaviour::default(), |stack| {
            let kind = kind.clone();
            async move {
                stack.rehearsal.simulator.inject(Fault::once("*", kind.clone()).times(3));
                let id = stack.create().await;
                assert_eq!(stack.holds(), stack.would_hold(&stack.of.properties).await, "{}", stack.of.name);
                stack.rehearsal.simulator.inject(Fault::once("*", kind).times(3));
                stack.succeed(&stack.resource.delete(&id, &stack.of.properties)).await;
                stack.assert_nothing_left();
            }
        })
        .await;
    }
}

#[tokio::test]
async fn a_lost_reply_leads_to_one_thing_and_a_success_however_chime_takes_the_token() {
    for token_replay in [TokenReplay::FirstResult201, TokenReplay::Conflict409] {
        let behaviour = Behaviour { token_replay, ..Behaviour::default() };
        for_each_type(&behaviour, |stack| async move {
            stack.rehearsal.simulator.inject(Fault::once(stack.of.create_operation, FaultKind::ReplyLost));
            let id = stack.create().await;
            assert_eq!(stack.holds(), stack.would_hold(&stack.of.properties).await, "{}", stack.of.name);
            if let Some(changed) = &stack.of.changed {
                stack.rehearsal.simulator.inject(Fault::once("*", FaultKind::ReplyLost));
                stack.succeed(&stack.resource.update(&id, &stack.of.properties, changed)).await;
                assert_eq!(stack.holds(), stack.would_hold(changed).await, "{}", stack.of.name);
            }
            stack.rehearsal.simulator.inject(Fault::once(stack.of.delete_operation, FaultKind::ReplyLost));
            stack.succeed(&stack.resource.delete(&id, &stack.of.properties)).await;
            stack.assert_nothing_left();
        })
        .await;
    }
}

#[tokio::test]
async fn a_lost_reply_is_made_good_even_where_lists_lag_behind() {
    let token_replay = TokenReplay::Conflict409;
    let behaviour = Behaviour { token_replay, read_after_write: Duration::from_millis(600), ..Behaviour::default() };
    for_each_type(&behaviour, |stack| async move {
        stack.rehearsal.simulator.inject(Fault::once(stack.of.create_operation, FaultKind::ReplyLost));
        let id = stack.create().await;
        stack.succeed(&stack.resource.delete(&id, &stack.of.properties)).await;
        tokio::time::sleep(Duration::from_millis(600)).await;
        stack.assert_nothing_left();
    })
    .await;
}

async fn create_in_silence(stack: Stack, silence: FaultKind) {
    let stack = Stack { rehearsal: stack.rehearsal.with_timeout(Duration::from_secs(4)), ..stack };
    stack.rehearsal.simulator.inject(Fault::always(stack.of.create_operation, silence));
    let started = Instant::now();
    let create = stack.resource.create(&stack.of.properties);
    let failed = stack.fail(&create).await;
    assert!(started.elapsed() < Duration::from_secs(4), "{}", stack.of.name);
    assert_eq!(
        failed.id(),
        format!("unfinished:{}", create["RequestId"].as_str().expect("an id")),
        "{}",
        stack.of.name
    );
    stack.rehearsal.simulator.clear_faults();
    stack.succeed(&stack.resource.delete(failed.id(), &stack.of.properties)).await;
    stack.assert_nothing_left();
}

#[tokio::test]
async fn a_create_that_chime_never_answers_is_unfinished_and_its_rollback_finds_nothing_to_delete() {
    for_each_type(&Behaviour::default(), |stack| create_in_silence(stack, FaultKind::Hang(None))).await;
}

#[tokio::test]
async fn a_create_that_chime_does_but_never_answers_is_unfinished_and_its_rollback_deletes_what_it_made() {
    for_each_type(&Behaviour::default(), |stack| create_in_silence(stack, FaultKind::HangAfter)).await;
    let behaviour =
        Behaviour { missing: Missing::Forbidden403, token_replay: TokenReplay::Conflict409, ..Behaviour::default() };
    for_each_type(&behaviour, |stack| create_in_silence(stack, FaultKind::HangAfter)).await;
}

#[tokio::test]
async fn a_replacement_that_chime_does_but_never_answers_fails_and_leaves_nothing() {
    for_each_type(&Behaviour::default(), |stack| async move {
        let Some(replaced) = stack.of.replaced.clone() else { return };
        let stack = Stack { rehearsal: stack.rehearsal.with_timeout(Duration::from_secs(6)), ..stack };
        let id = stack.create().await;
        let before = stack.holds();
        // Settings are removed by the operation that makes them: it falls silent for the creates alone.
        let silence = Fault::once(stack.of.create_operation, FaultKind::HangAfter).times(3);
        stack.rehearsal.simulator.inject(silence);
        let failed = stack.fail(&stack.resource.update(&id, &stack.of.properties, &replaced)).await;
        assert_eq!(failed.id(), id, "{}", stack.of.name);
        stack.rehearsal.simulator.clear_faults();
        assert_eq!(stack.holds(), before, "{}: {}", stack.of.name, failed.reason());
    })
    .await;
}

#[tokio::test]
async fn an_outage_fails_the_create_and_what_it_may_have_made_is_found() {
    for_each_type(&Behaviour::default(), |stack| async move {
        let stack = Stack { rehearsal: stack.rehearsal.with_timeout(Duration::from_secs(5)), ..stack };
        stack.rehearsal.simulator.inject(Fault::always(stack.of.create_operation, FaultKind::InternalFailure));
        let failed = stack.fail(&stack.resource.create(&stack.of.properties)).await;
        assert!(failed.id().starts_with("unfinished:"), "{}", failed.id());
        stack.rehearsal.simulator.clear_faults();
        stack.succeed(&stack.resource.delete(failed.id(), &stack.of.properties)).await;
        stack.assert_nothing_left();
    })
    .await;
}
