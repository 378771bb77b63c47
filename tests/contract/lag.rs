//! Lists and tags lag behind creates: invisible does not mean absent, and unreadable does not mean foreign.

use crate::pace::pace;
use crate::test_bed::Operations;
use chime_simulator::{Behaviour, ChannelFlowSwap, Fault, FaultKind, Missing, TokenReplay};
use std::time::Duration;

fn lagging(seconds: u64, token_replay: TokenReplay, tags_empty_in_lag: bool) -> Behaviour {
    let lag = Duration::from_secs(seconds);
    Behaviour {
        list_lag: lag,
        tags_lag: lag,
        read_after_write: Duration::from_secs(2),
        token_replay,
        tags_empty_in_lag,
        ..Behaviour::default()
    }
}

case! {
    async fn a_lost_reply_is_recovered_despite_a_lag_of_fifteen_seconds(stack) {
        for tags_empty in [false, true] {
            let stack = stack.with_behaviour(lagging(15, TokenReplay::Conflict409, tags_empty));
            stack.inject(Fault::once(stack.of.create_operation, FaultKind::ReplyLost));
            let id = stack.create().await;
            assert_eq!(stack.holds(), stack.would_hold(&stack.of.properties).await);
            stack.succeed(&stack.resource.delete(&id, &stack.of.properties)).await;
            stack.assert_nothing_left();
        }
    }
}

case! {
    async fn a_second_delivery_within_the_lag_never_reports_that_nothing_was_created(stack) {
        for tags_empty in [false, true] {
            let stack = stack.with_behaviour(lagging(15, TokenReplay::Conflict409, tags_empty));
            let event = stack.resource.create(&stack.of.properties);
            let id = stack.succeed(&event).await.id().to_owned();
            let second = stack.send(&event).await;
            assert!(second.status() == "SUCCESS" && second.id() == id || second.id().starts_with("unfinished:"), "{} {}", second.id(), second.reason());
            assert!(!second.reason().contains("another stack"), "{}", second.reason());
        }
    }
}

case! {
    async fn a_second_delivery_with_a_short_timeout_leaves_the_outcome_unknown(stack) {
        let stack = stack.with_behaviour(lagging(15, TokenReplay::Conflict409, false)).with_timeout(8);
        let event = stack.resource.create(&stack.of.properties);
        stack.succeed(&event).await;
        let second = stack.send(&event).await;
        assert!(!second.id().starts_with("not-created:"), "{}", second.reason());
    }
}

case! {
    async fn a_delete_right_after_a_create_succeeds_within_the_lag(stack) {
        for tags_empty in [false, true] {
            let stack = stack.with_behaviour(lagging(10, TokenReplay::FirstResult201, tags_empty));
            let id = stack.create().await;
            stack.succeed(&stack.resource.delete(&id, &stack.of.properties)).await;
            stack.assert_nothing_left();
        }
    }
}

case! {
    async fn a_repeated_create_keeps_a_resource_that_chime_does_not_show_yet(stack) {
        for missing in [Missing::NotFound404, Missing::Forbidden403, Missing::BadRequest400, Missing::Unauthorized401] {
            let stack = stack.with_behaviour(Behaviour { read_after_write: Duration::from_secs(3), missing, ..Behaviour::default() });
            let create = stack.resource.create(&stack.of.properties);
            let made = stack.send_late(&create, 6).await;
            let before = stack.holds();
            let again = stack.send_late(&create, 6).await;
            assert_eq!((again.status(), again.id()), (made.status(), made.id()), "{missing:?}: {}", again.reason());
            assert_eq!(stack.holds(), before, "{missing:?}");
            stack.succeed(&stack.resource.delete(made.id(), &stack.of.properties)).await;
            stack.assert_nothing_left();
        }
    }
}

case! {
    async fn an_update_back_is_applied_before_chime_shows_the_first_one(stack) {
        let Some(changed) = stack.of.changed.clone() else { return };
        for is_swap_refused in [false, true] {
            let channel_flow_swap = if is_swap_refused { ChannelFlowSwap::Conflict409 } else { ChannelFlowSwap::Replaces200 };
            let stack = stack.with_behaviour(Behaviour { read_after_write: Duration::from_secs(3), channel_flow_swap, ..Behaviour::default() });
            let id = stack.create().await;
            let before = stack.holds();
            tokio::time::sleep(Duration::from_secs(4) / pace()).await;
            stack.succeed(&stack.resource.update(&id, &stack.of.properties, &changed)).await;
            stack.succeed(&stack.resource.update(&id, &changed, &stack.of.properties)).await;
            assert_eq!(stack.holds(), before);
        }
    }
}

case! {
    async fn a_rejected_second_delivery_leaves_the_mark_of_the_first(stack) {
        if !stack.of.has_mark() {
            return;
        }
        let stack = stack.with_behaviour(Behaviour { tags_lag: Duration::from_secs(5), tags_empty_in_lag: true, ..Behaviour::default() });
        let create = stack.resource.create(&stack.of.properties);
        let id = stack.send_late(&create, 6).await.id().to_owned();
        let before = stack.holds();
        stack.inject(Fault::always(stack.of.create_operation, FaultKind::AccessDenied));
        stack.send_late(&create, 6).await;
        assert_eq!(stack.holds(), before);
        stack.clear_faults();
        stack.succeed(&stack.resource.delete(&id, &stack.of.properties)).await;
        stack.assert_nothing_left();
    }
}

case! {
    async fn a_call_that_takes_seven_seconds_is_one_call(stack) {
        stack.inject(Fault::once(stack.of.create_operation, FaultKind::Delay(Duration::from_secs(7))));
        let created = stack.succeed(&stack.resource.create(&stack.of.properties)).await;
        assert_eq!(created.operations(), stack.of.create_calls());
    }
}

case! {
    async fn slow_deletes_succeed(stack) {
        let stack = stack.with_behaviour(Behaviour { delete_time: Duration::from_secs(30), ..Behaviour::default() });
        let id = stack.create().await;
        let delete = stack.resource.delete(&id, &stack.of.properties);
        stack.succeed(&delete).await;
        stack.succeed(&delete).await;
        stack.assert_nothing_left();
    }
}
