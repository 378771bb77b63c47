//! Members of a channel who were there before a list named them: they stay, whatever becomes of the list.

use crate::by_hand::{HOUR, MINUTE, members_of, user};
use crate::harness::{Stack, changing};
use crate::types::A;
use chime_simulator::{Behaviour, Fault, FaultKind, Missing};
use serde_json::{Value, json};

/// A list of members of the second channel, added by `boss`.
fn list(members: &[&str]) -> Value {
    let members: Vec<_> = members.iter().map(|member| user(member)).collect();
    json!({"ChannelArn": format!("{A}/channel/hall"), "MemberArns": members, "ChimeBearer": user("boss")})
}

fn memberships() -> Stack {
    Stack::of("channel_memberships", Behaviour::default())
}

async fn joins_by_hand(stack: &Stack, member: &str, bearer: &str) {
    let membership = cloudformation_local::LogicalResource::new("Custom::ChimeChannelMembership").renamed("Somebody");
    let properties =
        json!({"ChannelArn": format!("{A}/channel/hall"), "MemberArn": user(member), "ChimeBearer": user(bearer)});
    stack.succeed(&membership.create(&properties)).await;
}

async fn other_stays(inviter: &str, later: u64, by_placeholder: bool) {
    let stack = memberships();
    joins_by_hand(&stack, "other", inviter).await;
    let wanted = list(&["seed", "other"]);
    let created = stack.succeed_after(later, &stack.resource.create(&wanted)).await.id().to_owned();
    assert!(members_of(&stack, "hall").contains(&user("seed")));
    let id = if by_placeholder { stack.resource.placeholder_id() } else { created };
    stack.succeed_after(later, &stack.resource.delete(&id, &wanted)).await;
    assert!(members_of(&stack, "hall").contains(&user("other")), "{inviter} {later} {id}");
}

#[tokio::test]
async fn who_joined_by_hand_before_the_create_stays() {
    for by_placeholder in [false, true] {
        other_stays("chief", 0, by_placeholder).await;
        other_stays("boss", 2 * HOUR, by_placeholder).await;
    }
    other_stays("boss", MINUTE, false).await;
}

#[tokio::test]
async fn the_creator_of_a_channel_stays_where_another_bearer_acts_for_a_cancelled_create() {
    for missing in [Missing::NotFound404, Missing::Forbidden403, Missing::Unauthorized401] {
        let stack = memberships().with_behaviour(Behaviour { missing, ..Behaviour::default() });
        let before = stack.holds();
        let wanted = list(&["seed", "chief"]);
        // The stated bearer has just been deleted, so the chief acts, who made the channel.
        let mut stated = wanted.clone();
        stated["ChimeBearer"] = json!(user("nobody"));
        for properties in [&wanted, &stated] {
            let cancelled = stack.resource.delete(&stack.resource.placeholder_id(), properties);
            stack.succeed(&cancelled).await;
            assert_eq!(stack.holds(), before, "{missing:?}");
        }
    }
}

#[tokio::test]
async fn who_joined_by_hand_a_minute_before_a_cancelled_create_stays() {
    other_stays("boss", MINUTE, true).await;
}

#[tokio::test]
async fn a_membership_made_by_hand_a_minute_before_a_cancelled_create_stays() {
    let stack = Stack::of("channel_membership", Behaviour::default());
    stack.make_by_hand(&stack.of.properties).await;
    let before = stack.holds();
    stack.succeed_after(MINUTE, &stack.resource.create(&stack.of.properties)).await;
    let cancelled = stack.resource.delete(&stack.resource.placeholder_id(), &stack.of.properties);
    stack.succeed_after(MINUTE, &cancelled).await;
    assert_eq!(stack.holds(), before);
}

#[tokio::test]
async fn who_was_invited_by_somebody_else_before_an_update_names_them_stays() {
    let stack = memberships();
    let (first, second) = (list(&["seed"]), list(&["seed", "other"]));
    let id = stack.succeed(&stack.resource.create(&first)).await.id().to_owned();
    joins_by_hand(&stack, "other", "chief").await;
    let before = members_of(&stack, "hall");
    stack.succeed(&stack.resource.update(&id, &first, &second)).await;
    stack.succeed(&stack.resource.update(&id, &second, &first)).await;
    assert_eq!(members_of(&stack, "hall"), before);
    stack.succeed(&stack.resource.update(&id, &first, &second)).await;
    stack.succeed(&stack.resource.delete(&id, &second)).await;
    assert!(members_of(&stack, "hall").contains(&user("other")));
    assert!(!members_of(&stack, "hall").contains(&user("seed")));
}

#[tokio::test]
async fn the_bearer_is_removed_with_the_list_that_named_it() {
    let (both, without) = (list(&["boss", "seed"]), list(&["seed"]));
    let stack = memberships();
    let id = stack.succeed(&stack.resource.create(&both)).await.id().to_owned();
    assert!(members_of(&stack, "hall").contains(&user("boss")));
    stack.succeed(&stack.resource.delete(&id, &both)).await;
    stack.assert_nothing_left();
    // An update that no longer names it removes it as well.
    let stack = memberships();
    let id = stack.succeed(&stack.resource.create(&both)).await.id().to_owned();
    stack.succeed(&stack.resource.update(&id, &both, &without)).await;
    assert!(!members_of(&stack, "hall").contains(&user("boss")));
    stack.succeed(&stack.resource.delete(&id, &without)).await;
    stack.assert_nothing_left();
}

#[tokio::test]
async fn the_bearer_stays_where_it_was_a_member_before() {
    let stack = memberships();
    let mut both = list(&["chief", "seed"]);
    both["ChimeBearer"] = json!(user("chief"));
    let id = stack.succeed_after(MINUTE, &stack.resource.create(&both)).await.id().to_owned();
    let before = members_of(&stack, "hall");
    assert!(before.contains(&user("chief")));
    stack.succeed_after(MINUTE, &stack.resource.delete(&id, &both)).await;
    assert!(members_of(&stack, "hall").contains(&user("chief")));
}

/// The id of a create that was sent so many seconds ago and had no answer.
fn unfinished(seconds: u64) -> String {
    let sent = std::time::SystemTime::now() - std::time::Duration::from_secs(seconds);
    let sent = sent.duration_since(std::time::UNIX_EPOCH).expect("a time").as_secs();
    format!("unfinished:00000000-0000-4000-8000-000000000099@{sent}")
}

#[tokio::test]
async fn an_unfinished_list_is_cleaned_up_of_what_its_own_request_made_and_of_nothing_else() {
    for members in [["seed", "other"], ["other", "seed"]] {
        let stack = memberships();
        // What the request of fifty minutes ago made, and what the bearer has added by hand since.
        joins_by_hand(&stack, "seed", "boss").await;
        stack.bed.simulator.grow_older(std::time::Duration::from_secs(50 * MINUTE));
        joins_by_hand(&stack, "other", "boss").await;
        stack.succeed(&stack.resource.delete(&unfinished(50 * MINUTE), &list(&members))).await;
        let left = members_of(&stack, "hall");
        assert_eq!(["seed", "other"].map(|member| left.contains(&user(member))), [false, true], "{members:?}");
    }
}

#[tokio::test]
async fn a_late_second_delete_of_a_cancelled_list_leaves_whom_a_later_request_added() {
    for members in [["seed", "other"], ["other", "seed"]] {
        let stack = memberships();
        joins_by_hand(&stack, "seed", "boss").await;
        stack.bed.simulator.grow_older(std::time::Duration::from_secs(10 * MINUTE));
        joins_by_hand(&stack, "other", "boss").await;
        let delete = stack.resource.delete(&stack.resource.placeholder_id(), &list(&members));
        stack.send_late(&delete, 9 * MINUTE).await;
        let left = members_of(&stack, "hall");
        assert_eq!(["seed", "other"].map(|member| left.contains(&user(member))), [false, true], "{members:?}");
    }
}

#[tokio::test]
async fn a_cancelled_list_leaves_the_membership_that_the_creator_of_a_channel_has_from_the_start() {
    let stack = Stack::of("channel", Behaviour::default());
    let channel = stack.create().await;
    let resource = cloudformation_local::LogicalResource::new("Custom::ChimeChannelMemberships").renamed("List");
    let members: Vec<_> = ["boss", "seed"].map(user).to_vec();
    let wanted = json!({"ChannelArn": channel, "MemberArns": members, "ChimeBearer": user("boss")});
    let before = stack.holds();
    for id in [resource.placeholder_id(), unfinished(0)] {
        stack.succeed(&resource.delete(&id, &wanted)).await;
        assert_eq!(stack.holds(), before, "{id}");
        // Its create was carried out in another environment.
        stack.deliver_elsewhere(&resource.create(&wanted), crate::harness::TIMEOUT).await;
        assert_ne!(stack.holds(), before);
        stack.succeed(&resource.delete(&id, &wanted)).await;
        assert_eq!(stack.holds(), before, "{id}");
    }
}

#[tokio::test]
async fn a_found_membership_that_chime_refuses_to_show_is_not_made_anew() {
    let stack = Stack::of("channel_membership", Behaviour::default());
    stack.make_by_hand(&stack.of.properties).await;
    let found = stack.succeed_after(2 * HOUR, &stack.resource.create(&stack.of.properties)).await.id().to_owned();
    assert!(found.ends_with("/found"), "{found}");
    let before = stack.holds();
    stack.inject(Fault::always("DescribeChannelMembership", FaultKind::Forbidden));
    let synced = crate::by_hand::with(&stack.of.properties, "Resync", "1");
    let update = stack.resource.update(&found, &stack.of.properties, &synced);
    let failed = stack.send_after(2 * HOUR, &update).await;
    assert_eq!((failed.status(), stack.holds()), ("FAILED", before));
    assert_eq!(changing(&failed), Vec::<&str>::new());
}
