//! Handovers that nobody ends, and settings that another stack has marked since.

use crate::by_hand::{DAY, MINUTE};
use crate::harness::changing;
use chime_simulator::Behaviour;

case! {
    async fn a_handover_of_more_than_two_days_ago_is_over(stack) {
        if !stack.of.supports_handover() {
            return;
        }
        let new = stack.resource.renamed("New");
        for made_up in [None, Some(new.placeholder_id())] {
            let stack = stack.with_behaviour(Behaviour::default());
            // The former name was left with a DeletionPolicy, so its Delete never comes.
            let id = stack.create().await;
            stack.succeed(&new.create(&stack.of.properties)).await;
            let is_made_up = made_up.is_some();
            let delete = new.delete(&made_up.unwrap_or_else(|| id.clone()), &stack.of.properties);
            let before = stack.holds();
            stack.succeed_after(2 * DAY + MINUTE, &delete).await;
            if is_made_up {
                // No create of the last hour is cleaned up.
                assert_eq!(stack.holds(), before);
            } else {
                stack.assert_nothing_left();
            }
        }
    }
}

case! {
    async fn a_handover_of_less_than_two_days_ago_is_given_back(stack) {
        if !stack.of.supports_handover() {
            return;
        }
        let new = stack.resource.renamed("New");
        let id = stack.create().await;
        let before = stack.holds();
        stack.succeed(&new.create(&stack.of.properties)).await;
        stack.succeed_after(2 * DAY - 5 * MINUTE, &new.delete(&id, &stack.of.properties)).await;
        assert_eq!(stack.holds(), before);
    }
}

case! {
    async fn an_adoption_by_another_logical_id_of_more_than_two_days_ago_is_over(stack) {
        if stack.of.is_untracked() {
            return;
        }
        let new = stack.resource.renamed("New");
        let id = stack.create().await;
        let stated = stack.with("AdoptExisting", &*id);
        stack.succeed(&new.create(&stated)).await;
        stack.succeed_after(DAY, &new.update(&id, &stated, &stack.of.properties)).await;
        stack.succeed_after(3 * DAY, &new.delete(&id, &stack.of.properties)).await;
        stack.assert_nothing_left();
    }
}

case! {
    async fn an_update_does_not_write_over_what_another_stack_has_marked(stack) {
        let (true, Some(changed)) = (stack.of.has_mark(), stack.of.changed.clone()) else { return };
        let id = stack.create().await;
        stack.untag();
        stack.succeed(&stack.of_another_stack().create(&stack.of.properties)).await;
        let before = stack.holds();
        let failed = stack.fail(&stack.resource.update(&id, &stack.of.properties, &changed)).await;
        assert_eq!((failed.id(), changing(&failed)), (&*id, Vec::new()));
        assert!(failed.reason().contains("now belongs to another stack: Resource of other"), "{}", failed.reason());
        assert_eq!(stack.holds(), before);
        // Nor does its rollback, which has nothing to write.
        let back = stack.succeed(&stack.resource.update(&id, &changed, &stack.of.properties)).await;
        assert_eq!((back.id(), changing(&back), stack.holds()), (&*id, Vec::new(), before.clone()));
        // The end of the stack leaves it to the other one.
        stack.succeed(&stack.resource.delete(&id, &stack.of.properties)).await;
        assert_eq!(stack.holds(), before);
    }
}

case! {
    async fn an_update_reads_the_mark_of_a_setting_and_nothing_else_more(stack) {
        let (true, Some(changed)) = (stack.of.has_mark(), stack.of.changed.clone()) else { return };
        let id = stack.create().await;
        let updated = stack.succeed(&stack.resource.update(&id, &stack.of.properties, &changed)).await;
        let calls: Vec<_> = updated.calls.iter().map(|call| call.operation.as_str()).collect();
        assert_eq!(calls, ["ListTagsForResource", stack.of.create_operation]);
    }
}
