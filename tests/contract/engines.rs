//! Other engines than CloudFormation: the StackId is whatever text they send.

use chime_simulator::{Behaviour, FaultKind};

case! {
    async fn a_plain_stack_id_lives_like_any_other(stack) {
        let dev = stack.resource.of_stack("dev");
        let id = stack.succeed(&dev.create(&stack.of.properties)).await.id().to_owned();
        if let Some(changed) = &stack.of.changed {
            assert_eq!(stack.succeed(&dev.update(&id, &stack.of.properties, changed)).await.id(), id);
            stack.succeed(&dev.update(&id, changed, &stack.of.properties)).await;
        }
        stack.succeed(&dev.delete(&id, &stack.of.properties)).await;
        stack.assert_nothing_left();
    }
}

case! {
    async fn a_create_of_a_plain_stack_id_is_cleaned_up(stack) {
        let dev = stack.resource.of_stack("dev");
        stack.succeed(&dev.create(&stack.of.properties)).await;
        stack.succeed(&dev.delete("dev-Resource-1A2B3C4D5E6F", &stack.of.properties)).await;
        stack.assert_nothing_left();
        let stack = stack.with_behaviour(Behaviour::default());
        stack.fail_creates(FaultKind::HangAfter);
        let failed = stack.fail(&dev.create(&stack.of.properties)).await;
        stack.clear_faults();
        stack.succeed(&dev.delete(failed.id(), &stack.of.properties)).await;
        stack.assert_nothing_left();
    }
}

case! {
    async fn another_plain_stack_id_is_another_owner(stack) {
        if !stack.of.supports_handover() {
            return;
        }
        let (dev, prod) = (stack.resource.of_stack("dev"), stack.resource.of_stack("prod"));
        stack.succeed(&dev.create(&stack.of.properties)).await;
        let before = stack.holds();
        let failed = stack.fail(&prod.create(&stack.of.properties)).await;
        for id in [failed.id(), "prod-Resource-1A2B3C4D5E6F"] {
            stack.succeed(&prod.delete(id, &stack.of.properties)).await;
            assert_eq!(stack.holds(), before);
        }
        assert!(failed.reason().contains("Resource of dev"), "{}", failed.reason());
    }
}

case! {
    async fn a_rename_in_a_plain_stack_id_is_a_handover(stack) {
        if !stack.of.supports_handover() {
            return;
        }
        let (dev, new) = (stack.resource.of_stack("dev"), stack.resource.of_stack("dev").renamed("New"));
        let id = stack.succeed(&dev.create(&stack.of.properties)).await.id().to_owned();
        let before = stack.holds_without_notes();
        stack.succeed(&new.create(&stack.of.properties)).await;
        stack.succeed(&dev.delete(&id, &stack.of.properties)).await;
        assert_eq!(stack.holds_without_notes(), before);
        stack.succeed(&new.delete(&id, &stack.of.properties)).await;
        stack.assert_nothing_left();
    }
}
