//! Lost replies, silence and failures of Chime's own.

use crate::harness::Watch;
use chime_simulator::{Behaviour, Fault, FaultKind, TokenReplay};

case! {
    async fn a_lost_reply_leads_to_one_thing_and_a_success_however_chime_takes_the_token(stack) {
        for token_replay in [TokenReplay::FirstResult201, TokenReplay::Conflict409] {
            let stack = stack.anew(Behaviour { token_replay, ..Behaviour::default() });
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
    async fn a_create_that_chime_never_answers_is_unfinished_and_its_rollback_finds_nothing(stack) {
        stack.creates_fail(FaultKind::Hang(None));
        let watch = Watch::start();
        let create = stack.resource.create(&stack.of.properties);
        let failed = stack.fail(&create).await;
        assert!(watch.seconds() < 60);
        let unfinished = format!("unfinished:{}@", create["RequestId"].as_str().expect("an id"));
        assert!(failed.id().starts_with(&unfinished), "{}", failed.id());
        stack.clear_faults();
        stack.succeed(&stack.resource.delete(failed.id(), &stack.of.properties)).await;
        stack.assert_nothing_left();
    }
}

case! {
    async fn an_outage_fails_the_create_and_what_it_may_have_made_is_found(stack) {
        let stack = stack.with_timeout(20);
        stack.creates_fail(FaultKind::InternalFailure);
        let failed = stack.fail(&stack.resource.create(&stack.of.properties)).await;
        assert!(failed.id().starts_with("unfinished:"), "{}", failed.id());
        stack.clear_faults();
        stack.succeed(&stack.resource.delete(failed.id(), &stack.of.properties)).await;
        stack.assert_nothing_left();
    }
}
