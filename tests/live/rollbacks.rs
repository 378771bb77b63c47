//! Rollbacks, and what a renamed construct takes over.

use super::world::*;
use chime_simulator::{Fault, FaultKind};
use serde_json::{Value, json};

#[tokio::test]
async fn a_rolled_back_replacement_leaves_the_original_with_its_id() {
    let ada = constructs(APP)["AppInstanceUser"].clone();
    let (bob, user) = (with(&ada, "appInstanceUserId", "bob"), resource("AppInstanceUser"));
    for is_updated_back_first in [true, false] {
        let live = Live::new();
        let new = live.succeed(user.update(LEGACY_ID, &ada, &bob)).await.id().to_owned();
        if is_updated_back_first {
            let back = live.succeed(user.update(&new, &bob, &ada)).await;
            assert_eq!(back.id(), LEGACY_ID);
        }
        live.succeed(user.delete(&new, &bob)).await;
        live.assert_holds(&[APP]);
        assert_eq!(live.parameters(), parameters(APP));
        live.succeed(user.delete(LEGACY_ID, &ada)).await;
        assert!(!live.holds().to_string().contains("user/ada"));
    }
    // CloudFormation did not wait for the response.
    let live = Live::new();
    live.succeed(user.update(LEGACY_ID, &ada, &bob)).await;
    assert_eq!(live.succeed(user.update(LEGACY_ID, &bob, &ada)).await.id(), LEGACY_ID);
    live.assert_holds(&[APP]);
}

#[tokio::test]
async fn a_rollback_that_cannot_record_the_takeover_again_keeps_the_id_that_it_was_given() {
    let ada = constructs(APP)["AppInstanceUser"].clone();
    let (bob, user) = (with(&ada, "appInstanceUserId", "bob"), resource("AppInstanceUser"));
    let live = Live::new();
    let new = live.succeed(user.update(LEGACY_ID, &ada, &bob)).await.id().to_owned();
    live.inject(Fault::always("TagResource", FaultKind::AccessDenied));
    let failed = live.fail(user.update(&new, &bob, &ada), &["is not authorized to perform"]).await;
    assert_eq!(failed.id(), new);
    live.clear_faults();
    assert_eq!(live.succeed(user.update(&new, &bob, &ada)).await.id(), LEGACY_ID);
    live.succeed(user.delete(&new, &bob)).await;
    live.assert_holds(&[APP]);
}

#[tokio::test]
async fn a_replacement_of_what_is_gone_says_why_it_failed() {
    let ada = constructs(APP)["AppInstanceUser"].clone();
    let (bob, user) = (with(&ada, "appInstanceUserId", "bob"), resource("AppInstanceUser"));
    let live = Live::new();
    live.change(|mut apps| {
        apps[0]["Users"] = json!([]);
        apps[0]["Admins"] = json!([]);
        apps
    })
    .unwrap();
    live.inject(Fault::always("CreateAppInstanceUser", FaultKind::AccessDenied));
    live.fail(user.update(LEGACY_ID, &ada, &bob), &["CreateAppInstanceUser", "is not authorized to perform"]).await;
    live.clear_faults();
    assert_eq!(live.succeed(user.update(LEGACY_ID, &bob, &ada)).await.id(), LEGACY_ID);
}

#[tokio::test]
async fn a_moved_setting_returns_when_the_move_is_rolled_back() {
    let mut apps = made_by_the_library(OTHER);
    apps["RetentionDays"].take();
    let live = Live::new();
    live.seed(json!([apps])).unwrap();
    let (here, there) = (constructs(APP)["DataRetention"].clone(), constructs(OTHER)["DataRetention"].clone());
    let retention = resource("DataRetention");
    for is_answered in [false, true] {
        let moved = live.succeed(retention.update(LEGACY_ID, &here, &there)).await.id().to_owned();
        assert_eq!(live.holds()[1]["RetentionDays"], 2);
        let back = if is_answered { moved.as_str() } else { LEGACY_ID };
        assert_eq!(live.succeed(retention.update(back, &there, &here)).await.id(), LEGACY_ID);
        if is_answered {
            live.succeed(retention.delete(&moved, &there)).await;
        }
        assert_eq!((&live.holds()[0]["RetentionDays"], &live.holds()[1]["RetentionDays"]), (&json!(2), &Value::Null));
    }
}

#[tokio::test]
async fn a_renamed_logical_id_takes_over_a_marked_resource_and_is_rejected_without_a_mark() {
    let of = constructs(APP);
    for kind in ["AppInstanceUser", "AppInstanceAdmin", "StreamingConfig", "DataRetention"] {
        let live = Live::new();
        let (old, new) = (resource(kind), resource(kind).renamed("Renamed"));
        let mut moved = of[kind].clone();
        moved["uid"] = json!("moved");
        live.succeed(old.update(LEGACY_ID, &of[kind], &of[kind])).await;
        // The rename is rolled back first, and then done for good.
        for is_rolled_back in [true, false] {
            let created = live.succeed(new.create(&moved)).await;
            let id = created.id().to_owned();
            if is_rolled_back {
                live.succeed(new.delete(&id, &moved)).await;
            } else {
                live.succeed(old.delete(LEGACY_ID, &of[kind])).await;
                live.assert_holds(&[APP]);
                assert!(!live.parameters().keys().any(|name| name.ends_with(&format!("/{kind}"))), "{kind}");
                live.succeed(new.delete(&id, &moved)).await;
            }
        }
        assert_ne!(live.untagged()[0], made_by_the_library(APP));
    }
    // Before the takeover, a rollback would remove the live resource.
    for (kind, expected) in [
        ("AppInstanceUser", "already exists, and its tags name no owner"),
        ("AppInstanceAdmin", "take it over first"),
        ("StreamingConfig", "take it over first"),
        ("DataRetention", "take it over first"),
    ] {
        let (live, new) = (Live::new(), resource(kind).renamed("Renamed"));
        let failed = live.fail(new.create(&of[kind]), &[expected]).await;
        live.succeed(new.delete(failed.id(), &of[kind])).await;
        live.assert_holds(&[APP]);
    }
}

#[tokio::test]
async fn an_update_that_changed_nothing_is_rolled_back_without_a_failure() {
    let live = Live::new();
    live.delete_parameters();
    let (old, app) = (&constructs(APP)["AppInstance"], resource("AppInstance"));
    let new = with(old, "name", "Support");
    live.fail(app.update(LEGACY_ID, old, &new), &["Cannot determine"]).await;
    assert_eq!(live.succeed(app.update(LEGACY_ID, &new, old)).await.id(), LEGACY_ID);
    live.assert_holds(&[APP]);
    // The next attempt is not a rollback, and neither is its repeated delivery.
    let event = app.update(LEGACY_ID, old, &new);
    live.fail(event.clone(), &["Cannot determine"]).await;
    live.fail(event, &["Cannot determine"]).await;
    live.fail(app.update(LEGACY_ID, old, &with(old, "name", "Sales")), &["Cannot determine"]).await;
    live.fail(app.update(LEGACY_ID, &new, old), &["Cannot determine"]).await;
    // A second attempt to take over is not a rollback either. Only the ServiceTimeout differs.
    let mut timeout = old.clone();
    timeout["ServiceTimeout"] = json!("600");
    live.fail(app.update(LEGACY_ID, old, &timeout), &["Cannot determine"]).await;
    live.fail(app.update(LEGACY_ID, old, &timeout), &["Cannot determine"]).await;
    live.succeed(app.update(LEGACY_ID, &timeout, old)).await;
}

#[tokio::test]
async fn the_rollback_of_a_rejected_update_or_of_a_missing_resource_succeeds() {
    for (kind, properties) in constructs(APP) {
        let mut new = properties.clone();
        new["ServiceTimeout"] = json!("600");
        let live = Live::new();
        live.change(|_| json!([])).unwrap();
        live.fail(resource(kind).update(LEGACY_ID, &properties, &new), &["no longer exists", "Remove the construct"])
            .await;
        assert_eq!(live.succeed(resource(kind).update(LEGACY_ID, &new, &properties)).await.id(), LEGACY_ID, "{kind}");
        assert!(live.is_empty());
    }
    // The library accepted values that Chime rejects, so it never applied them.
    let (live, user) = (Live::new(), resource("AppInstanceUser"));
    let long = with(&constructs(APP)["AppInstanceUser"], "name", "n".repeat(150));
    let longer = with(&long, "name", "n".repeat(151));
    live.fail(user.update(LEGACY_ID, &long, &longer), &["Name must be"]).await;
    live.succeed(user.update(LEGACY_ID, &longer, &long)).await;
    live.assert_holds(&[APP]);
}

#[tokio::test]
async fn a_rollback_leaves_another_stacks_setting_alone() {
    let live = Live::of(&[APP, OTHER]);
    let (here, there) = (constructs(APP)["DataRetention"].clone(), constructs(OTHER)["DataRetention"].clone());
    let (retention, others) = (resource("DataRetention"), resource("DataRetention").of_stack(OTHER_STACK));
    live.succeed(others.update(LEGACY_ID, &here, &here)).await;
    live.fail(retention.update(LEGACY_ID, &here, &there), &[]).await;
    let before = live.holds();
    live.succeed(retention.update(LEGACY_ID, &there, &here)).await;
    assert_eq!(live.holds(), before);
    // Another process knows nothing of the first update, so it cannot decide.
    let live = Live::of(&[APP, OTHER]);
    live.fail(retention.update(LEGACY_ID, &there, &here), &["Cannot determine", "in one deployment"]).await;
}
