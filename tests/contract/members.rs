//! Lists of members: batches of a hundred, only the differences, and existing members stay.

use crate::harness::{Stack, Stopwatch, changing, seconds};
use crate::test_bed::Operations;
use crate::types::A;
use chime_simulator::{BatchMemberExists, Behaviour, DeleteMissing, Fault, FaultKind, Missing};
use cloudformation_local::LogicalResource;
use serde_json::{Value, json};
use std::time::Duration;

const ROOM: &str = "arn:aws:chime:us-east-1:123456789012:app-instance/a/channel/room";
const ALL: [BatchMemberExists; 3] =
    [BatchMemberExists::Conflict, BatchMemberExists::Success, BatchMemberExists::LeftOut];

fn user(id: impl std::fmt::Display) -> String {
    format!("{A}/user/{id}")
}

/// A channel in an app instance with so many users in addition to the seed's users.
fn stack(users: usize, behaviour: Behaviour) -> Stack {
    // Hundreds of calls take time on a busy machine.
    let stack = Stack::of("channel_memberships", behaviour).with_timeout(600);
    let fill = |mut held: Value| {
        let all = held[0]["Users"].as_array_mut().expect("users");
        all.extend((0..users).map(|n| json!({"AppInstanceUserArn": user(n), "Name": format!("User {n}")})));
        held
    };
    stack.bed.simulator.change(fill).expect("a change");
    stack
}

/// Waits until existing members are older than the next request. A ResponseURL states the time in whole seconds.
async fn a_second_later(stack: Stack) -> Stack {
    tokio::time::sleep(Duration::from_millis(1100)).await;
    stack
}

fn many(members: &[String]) -> Value {
    json!({"ChannelArn": ROOM, "MemberArns": members, "ChimeBearer": user("boss")})
}

fn users(range: std::ops::Range<usize>) -> Vec<String> {
    range.map(user).collect()
}

/// The channel's members.
fn members(stack: &Stack) -> Vec<String> {
    let held = stack.bed.simulator.holds();
    let memberships = held[0]["Channels"][0]["Memberships"].as_array().cloned().unwrap_or_default();
    memberships.iter().filter_map(|held| held["MemberArn"].as_str().map(str::to_owned)).collect()
}

#[tokio::test]
async fn members_that_an_update_added_a_moment_ago_go_with_its_rollback_although_lists_lack_them() {
    let stack = stack(150, Behaviour { list_lag: Duration::from_secs(9), ..Behaviour::default() });
    let [few, all] = [0..1, 0..150].map(|range| many(&users(range)));
    let created = stack.succeed(&stack.resource.create(&few)).await.id().to_owned();
    // The resource itself is hours old.
    let (list, since) = created.rsplit_once('/').expect("a time");
    let id = format!("{list}/{}", since.parse::<u64>().expect("seconds") - 3 * 3600);
    let before = members(&stack);
    stack.succeed(&stack.resource.update(&id, &few, &all)).await;
    stack.succeed(&stack.resource.update(&id, &all, &few)).await;
    assert_eq!(members(&stack), before);
}

#[tokio::test]
async fn an_update_of_the_bearer_removes_whom_the_former_bearer_added() {
    let stack = stack(3, Behaviour::default());
    stack
        .bed
        .simulator
        .change(|mut held| {
            let admins = held[0]["Admins"].as_array_mut().expect("admins");
            admins.push(json!(user(2)));
            held
        })
        .expect("a change");
    let both = many(&users(0..2));
    let mut first = many(&users(0..1));
    first["ChimeBearer"] = json!(user(2));
    let id = stack.succeed(&stack.resource.create(&both)).await.id().to_owned();
    stack.succeed(&stack.resource.update(&id, &both, &first)).await;
    assert!(!members(&stack).contains(&user(1)), "{:?}", members(&stack));
}

#[tokio::test]
async fn a_member_that_another_delivery_has_just_removed_is_no_failure_of_an_update() {
    for delete_missing in [DeleteMissing::Conflict409, DeleteMissing::Forbidden403, DeleteMissing::BadRequest400] {
        let lag = Duration::from_secs(9);
        let behaviour = Behaviour { delete_missing, list_lag: lag, read_after_write: lag, ..Behaviour::default() };
        let stack = stack(3, behaviour);
        let [all, first] = [0..3, 0..1].map(|range| many(&users(range)));
        let id = stack.succeed(&stack.resource.create(&all)).await.id().to_owned();
        seconds(10).await;
        let update = stack.resource.update(&id, &all, &first);
        stack.succeed(&update).await;
        // Chime still shows the members, and refuses to remove them.
        stack.succeed(&update).await;
        let back = stack.succeed(&stack.resource.update(&id, &first, &first)).await;
        stack.succeed(&stack.resource.delete(back.id(), &first)).await;
    }
}

#[tokio::test]
async fn an_update_sends_only_the_differences_and_a_delete_leaves_existing_members() {
    for batch_member_exists in ALL {
        let stack = a_second_later(stack(260, Behaviour { batch_member_exists, ..Behaviour::default() })).await;
        let before = members(&stack);
        // The seed contains this member.
        let first = many(&[users(0..250), vec![user("guest")]].concat());
        let created = stack.succeed(&stack.resource.create(&first)).await;
        assert_eq!(changing(&created), ["BatchCreateChannelMembership"; 3]);
        assert_eq!(created.attribute("ChannelArn"), ROOM);
        assert_eq!(members(&stack).len(), before.len() + 250);

        let second = many(&[users(1..251), vec![user("guest")]].concat());
        let updated = stack.succeed(&stack.resource.update(created.id(), &first, &second)).await;
        assert_eq!(updated.id(), created.id());
        assert_eq!(
            updated.operations(),
            ["BatchCreateChannelMembership", "DescribeChannelMembership", "DeleteChannelMembership"]
        );
        let unchanged = stack.succeed(&stack.resource.update(created.id(), &second, &second)).await;
        assert!(!changing(&unchanged).contains(&"DeleteChannelMembership"));
        // Removing an existing member from the list does not end the membership.
        let third = many(&users(1..251));
        stack.succeed(&stack.resource.update(created.id(), &second, &third)).await;
        assert!(members(&stack).contains(&user("guest")));
        stack.succeed(&stack.resource.update(created.id(), &third, &second)).await;

        let delete = stack.resource.delete(created.id(), &second);
        stack.succeed(&delete).await;
        assert_eq!(members(&stack), before, "{batch_member_exists:?}");
        stack.succeed(&delete).await;
    }
}

#[tokio::test]
async fn each_rejected_member_is_named_and_the_rollback_removes_the_others() {
    let stack = stack(150, Behaviour::default());
    let before = members(&stack);
    let ban = LogicalResource::new("Custom::ChimeChannelBan");
    let banned = json!({"ChannelArn": ROOM, "MemberArn": user(7), "ChimeBearer": user("boss")});
    stack.succeed(&ban.create(&banned)).await;
    let wanted = many(&[users(0..150), vec![user("nobody"), user("nemo")]].concat());
    let failed = stack.fail(&stack.resource.create(&wanted)).await;
    for part in ["3 of 152 members", "user/7 (Forbidden", "user/nobody, user/nemo (NotFound"] {
        assert!(failed.reason().contains(part), "{part}: {}", failed.reason());
    }
    stack.succeed(&stack.resource.delete(failed.id(), &wanted)).await;
    assert_eq!(members(&stack), before);
}

#[tokio::test]
async fn existing_members_of_another_type_are_named() {
    for batch_member_exists in [BatchMemberExists::Conflict, BatchMemberExists::LeftOut] {
        let stack = a_second_later(stack(3, Behaviour { batch_member_exists, ..Behaviour::default() })).await;
        let before = members(&stack);
        let mut hidden = many(&[users(0..3), vec![user("guest")]].concat());
        hidden["Type"] = json!("HIDDEN");
        let failed = stack.fail(&stack.resource.create(&hidden)).await;
        assert!(failed.reason().contains("user/guest (already a member, with another Type: "), "{}", failed.reason());
        stack.succeed(&stack.resource.delete(failed.id(), &hidden)).await;
        assert_eq!(members(&stack), before);
    }
}

#[tokio::test]
async fn a_lost_reply_a_second_delivery_and_a_cancelled_create_leave_nothing() {
    for batch_member_exists in ALL {
        let stack = stack(130, Behaviour { batch_member_exists, ..Behaviour::default() });
        let (before, wanted) = (members(&stack), many(&users(0..130)));
        stack.inject(Fault::once("BatchCreateChannelMembership", FaultKind::ReplyLost));
        let create = stack.resource.create(&wanted);
        let first = stack.send_late(&create, 30).await;
        let second = stack.send(&create).await;
        assert_eq!((first.status(), second.status(), first.id()), ("SUCCESS", "SUCCESS", second.id()));
        stack.succeed(&stack.resource.delete(second.id(), &wanted)).await;
        assert_eq!(members(&stack), before);

        stack.succeed(&stack.resource.create(&wanted)).await;
        stack.succeed(&stack.resource.delete(&stack.resource.placeholder_id(), &wanted)).await;
        assert_eq!(members(&stack), before);
        // A late second Delete leaves the members of a later incarnation alone.
        stack.succeed(&stack.resource.create(&wanted)).await;
        let held = members(&stack);
        stack.send_late(&stack.resource.delete(second.id(), &wanted), 60).await;
        assert_eq!(members(&stack), held);
    }
}

#[tokio::test]
async fn members_are_removed_in_any_order_of_deletion() {
    let odd = Behaviour {
        missing: Missing::Forbidden403,
        delete_missing: DeleteMissing::Forbidden403,
        ..Behaviour::default()
    };
    for behaviour in [Behaviour::default(), odd] {
        for count in [3, 120] {
            for gone in ["the bearer", "a member", "the channel"] {
                let stack = stack(count, behaviour.clone());
                let (before, wanted) = (members(&stack), many(&users(0..count)));
                let id = stack.succeed(&stack.resource.create(&wanted)).await.id().to_owned();
                let (kind, what) = match gone {
                    "the bearer" => ("AppInstanceUser", user("boss")),
                    "a member" => ("ChannelMembership", format!("{ROOM}/memberships/{}", user(1))),
                    _ => ("Channel", ROOM.to_owned()),
                };
                let first = LogicalResource::new(&format!("Custom::Chime{kind}"));
                stack.succeed(&first.delete(&what, &json!({"ChimeBearer": user("boss")}))).await;
                stack.succeed(&stack.resource.delete(&id, &wanted)).await;
                if gone != "the channel" {
                    assert_eq!(members(&stack), before, "{count} without {gone}");
                }
            }
        }
    }
}

#[tokio::test]
async fn a_list_in_a_channel_that_is_gone_is_removed_without_a_wait() {
    let odd = Behaviour {
        missing: Missing::Forbidden403,
        delete_missing: DeleteMissing::Forbidden403,
        ..Behaviour::default()
    };
    for count in [3, 120] {
        let stack = stack(count, odd.clone());
        let wanted = many(&users(0..count));
        let id = stack.succeed(&stack.resource.create(&wanted)).await.id().to_owned();
        let channel = LogicalResource::new("Custom::ChimeChannel").renamed("Channel");
        stack.succeed(&channel.delete(ROOM, &json!({"ChimeBearer": user("boss")}))).await;
        let stopwatch = Stopwatch::start();
        stack.succeed(&stack.resource.delete(&id, &wanted)).await;
        assert!(stopwatch.seconds() < 15, "{count}: {}", stopwatch.seconds());
    }
}

#[tokio::test]
async fn recent_members_are_removed_although_chime_does_not_show_them_yet() {
    for count in [3, 120] {
        let behaviour = Behaviour { read_after_write: Duration::from_secs(5), ..Behaviour::default() };
        let stack = stack(count, behaviour);
        let (before, wanted) = (members(&stack), many(&users(0..count)));
        let id = stack.succeed(&stack.resource.create(&wanted)).await.id().to_owned();
        stack.succeed(&stack.resource.delete(&id, &wanted)).await;
        assert_eq!(members(&stack), before);
    }
}

#[tokio::test]
async fn recent_members_of_a_delayed_request_are_removed_although_chime_does_not_show_them_yet() {
    // The time in the id does not show this, because it is when the request was sent.
    for (waited, count) in [(6, 3), (60, 3), (1200, 3), (60, 120)] {
        let times = (Duration::from_secs(5), Duration::from_secs(10));
        let behaviour = Behaviour { read_after_write: times.0, list_lag: times.1, ..Behaviour::default() };
        let stack = stack(count, behaviour);
        let (before, wanted) = (members(&stack), many(&users(0..count)));
        let created = stack.send_late(&stack.resource.create(&wanted), waited).await;
        assert_eq!(created.status(), "SUCCESS", "{}", created.reason());
        stack.succeed(&stack.resource.delete(created.id(), &wanted)).await;
        assert_eq!(members(&stack), before, "{waited} {count}");
    }
}

#[tokio::test]
async fn a_late_delete_leaves_members_who_rejoined_although_chime_does_not_show_them_yet() {
    for count in [3, 120] {
        let stack = stack(count, Behaviour::default());
        let wanted = many(&users(0..count));
        let first = stack.send_late(&stack.resource.create(&wanted), 120).await.id().to_owned();
        stack.succeed(&stack.resource.delete(&first, &wanted)).await;
        stack.set_behaviour(Behaviour {
            read_after_write: Duration::from_secs(5),
            list_lag: Duration::from_secs(5),
            ..Behaviour::default()
        });
        stack.succeed(&stack.resource.create(&wanted)).await;
        let again = members(&stack);
        let deleted = stack.send_late(&stack.resource.delete(&first, &wanted), 60).await;
        assert_eq!(deleted.status(), "SUCCESS", "{}", deleted.reason());
        assert_eq!(members(&stack), again, "{count}");
    }
}

#[tokio::test]
async fn another_type_takes_two_deployments_and_another_channel_is_a_replacement() {
    let stack = stack(3, Behaviour::default());
    let (before, several) = (stack.holds(), many(&users(0..3)));
    let id = stack.succeed(&stack.resource.create(&several)).await.id().to_owned();
    let stack = a_second_later(stack).await;
    let mut hidden = several.clone();
    hidden["Type"] = json!("HIDDEN");
    let held = stack.holds();
    let failed = stack.fail(&stack.resource.update(&id, &several, &hidden)).await;
    assert!(failed.reason().contains("remove that membership in one deployment"), "{}", failed.reason());
    let back = stack.succeed(&stack.resource.update(&id, &hidden, &several)).await;
    assert_eq!((back.id(), stack.holds()), (&*id, held));
    let mut elsewhere = several.clone();
    elsewhere["ChannelArn"] = json!(ROOM.replace("room", "hall"));
    let replaced = stack.succeed(&stack.resource.update(&id, &several, &elsewhere)).await;
    stack.succeed(&stack.resource.delete(&id, &several)).await;
    stack.succeed(&stack.resource.delete(replaced.id(), &elsewhere)).await;
    assert_eq!(stack.holds(), before);
}

#[tokio::test]
async fn a_create_that_runs_out_of_time_advises_to_split_the_list_and_is_rolled_back() {
    crate::pace::at_most(5);
    let stack = stack(900, Behaviour::default()).with_timeout(60);
    let (before, wanted) = (members(&stack), many(&users(0..900)));
    // The sixth batch never succeeds.
    stack.inject(Fault::always("BatchCreateChannelMembership", FaultKind::Throttle).about(&user(555)));
    let failed = stack.fail(&stack.resource.create(&wanted)).await;
    assert_eq!(members(&stack).len(), before.len() + 500);
    assert!(failed.reason().contains("500 of 900 members had been added by then"), "{}", failed.reason());
    assert!(failed.reason().contains("Put fewer members into one resource"), "{}", failed.reason());
    // Each Delete continues where the previous one stopped.
    stack.clear_faults();
    let stack = stack.with_timeout(20);
    stack.set_behaviour(Behaviour { rate: Some(30), ..Behaviour::default() });
    let delete = stack.resource.delete(failed.id(), &wanted);
    let mut deletes = 1;
    while stack.send(&delete).await.status() != "SUCCESS" {
        deletes += 1;
        assert!(deletes < 50);
    }
    assert_eq!(members(&stack), before);
}

#[tokio::test]
async fn a_rolled_back_replacement_leaves_none_of_its_members() {
    let stack = a_second_later(stack(6, Behaviour::default())).await;
    let first = many(&users(0..3));
    let mut second = many(&users(2..6));
    second["ChannelArn"] = json!(ROOM.replace("room", "hall"));
    let id = stack.succeed(&stack.resource.create(&first)).await.id().to_owned();
    let before = stack.holds();
    // CloudFormation did not wait for the response.
    stack.succeed(&stack.resource.update(&id, &first, &second)).await;
    stack.succeed(&stack.resource.update(&id, &second, &first)).await;
    assert_eq!(stack.holds(), before);
}

#[tokio::test]
async fn a_running_create_is_removed_including_its_last_batch() {
    let stack = stack(250, Behaviour::default());
    let (before, wanted) = (members(&stack), many(&users(0..250)));
    stack.inject(Fault::always("BatchCreateChannelMembership", FaultKind::Delay(Duration::from_secs(2))));
    let create = stack.resource.create(&wanted);
    let delete = stack.resource.delete(&stack.resource.placeholder_id(), &wanted);
    let delete = async {
        seconds(3).await;
        stack.send(&delete).await
    };
    let (_, deleted) = tokio::join!(stack.bed.invoke(&create), delete);
    assert_eq!((deleted.status(), members(&stack)), ("SUCCESS", before));
}

#[tokio::test]
async fn members_that_chime_neither_reports_nor_shows_are_awaited() {
    let behaviour = Behaviour {
        batch_member_exists: BatchMemberExists::LeftOut,
        read_after_write: Duration::from_secs(3),
        ..Behaviour::default()
    };
    let stack = stack(3, behaviour);
    stack.inject(Fault::once("BatchCreateChannelMembership", FaultKind::ReplyLost));
    let created = stack.succeed(&stack.resource.create(&many(&users(0..3)))).await;
    assert_eq!(members(&stack).len(), 6);
    stack.succeed(&stack.resource.delete(created.id(), &many(&users(0..3)))).await;
    assert_eq!(members(&stack).len(), 3);
}

#[tokio::test]
async fn a_member_that_stays_throttled_is_reported() {
    let stack = stack(1, Behaviour::default()).with_timeout(20);
    let body = json!({"Errors": [{"MemberArn": user(0), "ErrorCode": "Throttled"}]}).to_string();
    let kind = FaultKind::Status { status: 200, content_type: "application/json".to_owned(), body };
    stack.inject(Fault::always("BatchCreateChannelMembership", kind));
    let failed = stack.fail(&stack.resource.create(&many(&users(0..1)))).await;
    assert!(
        failed.reason().contains("0 of 1 members had been added by then, and Chime returned Throttled"),
        "{}",
        failed.reason()
    );
}

/// A list of the seed's users with another `Type`.
fn hidden(members: &[&str]) -> Value {
    json!({"ChannelArn": format!("{A}/channel/hall"), "MemberArns": members.iter().map(user).collect::<Vec<_>>(),
        "ChimeBearer": user("chief"), "Type": "HIDDEN"})
}

#[tokio::test]
async fn a_member_of_another_type_is_refused_although_chime_does_not_show_it_yet() {
    let stack = Stack::of("channel_memberships", Behaviour::default());
    let shown = crate::by_hand::with(&hidden(&["seed", "other"]), "Type", "DEFAULT");
    let lag = Behaviour { read_after_write: Duration::from_secs(3), ..Behaviour::default() };
    stack.set_behaviour(lag);
    let list = stack.succeed(&stack.resource.create(&shown)).await.id().to_owned();
    let before = stack.holds();
    let another = LogicalResource::new("Custom::ChimeChannelMemberships").renamed("Another");
    let failed = stack.fail(&another.create(&hidden(&["other"]))).await;
    assert!(failed.reason().contains("with another Type"), "{}", failed.reason());
    // The members whom a refused replacement met are those of the list that it would replace.
    let failed = stack.fail(&stack.resource.update(&list, &shown, &hidden(&["seed", "other"]))).await;
    assert!(failed.reason().contains("with another Type"), "{}", failed.reason());
    assert_eq!((failed.id(), stack.holds()), (&*list, before));
}

#[tokio::test]
async fn the_cleanup_of_a_made_up_id_removes_whom_its_create_added_and_the_update_in_its_place_does_not_state() {
    let stack = stack(3, Behaviour::default());
    let [first, second] = [[0, 1], [0, 2]].map(|of| many(&of.map(user)));
    stack.succeed(&stack.resource.create(&first)).await;
    let id = stack.resource.placeholder_id();
    let watch = Stopwatch::start();
    let updated = stack.succeed(&stack.resource.update(&id, &first, &second)).await.id().to_owned();
    assert!(watch.seconds() < 10, "nothing has to be waited for: {} s", watch.seconds());
    let others = || members(&stack).into_iter().filter(|member| (0..3).any(|n| *member == user(n))).collect::<Vec<_>>();
    stack.succeed(&stack.resource.delete(&id, &first)).await;
    assert_eq!(others(), [user(0), user(2)]);
    stack.succeed(&stack.resource.delete(&id, &second)).await;
    assert_eq!(others(), [user(0), user(2)]);
    stack.succeed(&stack.resource.delete(&updated, &second)).await;
}
