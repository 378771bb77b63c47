//! Lost replies, missing replies, and failures on Chime's side.

use crate::harness::Stopwatch;
use chime_simulator::{Behaviour, Fault, FaultKind, TokenReplay};

case! {
    async fn a_lost_reply_ends_in_one_resource_and_success_however_chime_treats_the_token(stack) {
        for token_replay in [TokenReplay::FirstResult201, TokenReplay::Conflict409] {
            let stack = stack.with_behaviour(Behaviour { token_replay, ..Behaviour::default() });
            stack.inject(Fault::once(stack.of.create_operation, FaultKind::ReplyLost));
            let id = stack.create().await;
            assert_eq!(stack.holds(), stack.would_hold(&stack.of.properties).await);
            if let Some(changed) = &stack.of.changed {
                stack.inject(Fault::once("*", FaultKind::ReplyLost));
                stack.succeed(&stack.resource.update(&id, &stack.of.properties, changed)).await;
                assert_eq!(stack.holds(), stack.would_hold(changed).await);
            }
            let last = stack.of.changed.clone().unwrap_or(stack.of.properties.clone());
            stack.inject(Fault::once(stack.of.delete_operation, FaultKind::ReplyLost));
            stack.succeed(&stack.resource.delete(&id, &last)).await;
            stack.assert_nothing_left();
        }
    }
}

case! {
    async fn a_create_without_a_response_is_unfinished_and_its_rollback_finds_nothing(stack) {
        stack.fail_creates(FaultKind::Hang(None));
        let stopwatch = Stopwatch::start();
        let create = stack.resource.create(&stack.of.properties);
        let failed = stack.fail(&create).await;
        assert!(stopwatch.seconds() < 60);
        let unfinished = format!("unfinished:{}@", create["RequestId"].as_str().expect("an id"));
        assert!(failed.id().starts_with(&unfinished), "{}", failed.id());
        stack.clear_faults();
        stack.succeed(&stack.resource.delete(failed.id(), &stack.of.properties)).await;
        stack.assert_nothing_left();
    }
}

case! {
    async fn an_outage_fails_the_create_and_the_rollback_finds_its_resource(stack) {
        let stack = stack.with_timeout(60);
        stack.fail_creates(FaultKind::InternalFailure);
        let failed = stack.fail(&stack.resource.create(&stack.of.properties)).await;
        assert!(failed.id().starts_with("unfinished:"), "{}", failed.id());
        stack.clear_faults();
        stack.succeed(&stack.resource.delete(failed.id(), &stack.of.properties)).await;
        stack.assert_nothing_left();
    }
}
