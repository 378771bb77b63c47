//! What a rollback leads back to, and what a renamed construct takes over.

use super::world::*;
use serde_json::{Value, json};

#[tokio::test]
async fn a_replacement_that_is_rolled_back_leaves_the_original_with_its_id() {
    let ada = constructs(APP)["AppInstanceUser"].clone();
    let (bob, user) = (with(&ada, "appInstanceUserId", "bob"), resource("AppInstanceUser"));
    for goes_back_first in [true, false] {
        let live = Live::new();
        let new = live.succeed(user.update(LIVE, &ada, &bob)).await.id().to_owned();
        if goes_back_first {
            let back = live.succeed(user.update(&new, &bob, &ada)).await;
            assert_eq!(back.id(), LIVE);
        }
        live.succeed(user.delete(&new, &bob)).await;
        live.assert_holds(&[APP]);
        assert_eq!(live.parameters(), parameters(APP));
        live.succeed(user.delete(LIVE, &ada)).await;
        assert!(!live.holds().to_string().contains("user/ada"));
    }
    // Nobody waited for its answer.
    let live = Live::new();
    live.succeed(user.update(LIVE, &ada, &bob)).await;
    assert_eq!(live.succeed(user.update(LIVE, &bob, &ada)).await.id(), LIVE);
    live.assert_holds(&[APP]);
}

#[tokio::test]
async fn a_setting_that_moves_with_its_app_instance_comes_back_when_that_is_rolled_back() {
    let mut apps = made_by_the_library(OTHER);
    apps["RetentionDays"].take();
    let live = Live::new();
    live.seed(json!([apps])).unwrap();
    let (here, there) = (constructs(APP)["DataRetention"].clone(), constructs(OTHER)["DataRetention"].clone());
    let retention = resource("DataRetention");
    for is_answered in [false, true] {
        let moved = live.succeed(retention.update(LIVE, &here, &there)).await.id().to_owned();
        assert_eq!(live.holds()[1]["RetentionDays"], 2);
        let back = if is_answered { moved.as_str() } else { LIVE };
        assert_eq!(live.succeed(retention.update(back, &there, &here)).await.id(), LIVE);
        if is_answered {
            live.succeed(retention.delete(&moved, &there)).await;
        }
        assert_eq!((&live.holds()[0]["RetentionDays"], &live.holds()[1]["RetentionDays"]), (&json!(2), &Value::Null));
    }
}

#[tokio::test]
async fn a_renamed_logical_id_takes_over_what_has_been_marked_and_is_told_so_where_nothing_has() {
    let of = constructs(APP);
    for kind in ["AppInstanceUser", "AppInstanceAdmin", "StreamingConfig", "DataRetention"] {
        let live = Live::new();
        let (old, new) = (resource(kind), resource(kind).renamed("Renamed"));
        let mut moved = of[kind].clone();
        moved["uid"] = json!("moved");
        live.succeed(old.update(LIVE, &of[kind], &of[kind])).await;
        // The rollback first, then the same for good.
        for is_rolled_back in [true, false] {
            let created = live.succeed(new.create(&moved)).await;
            let id = created.id().to_owned();
            if is_rolled_back {
                live.succeed(new.delete(&id, &moved)).await;
            } else {
                live.succeed(old.delete(LIVE, &of[kind])).await;
                live.assert_holds(&[APP]);
                assert!(!live.parameters().keys().any(|name| name.ends_with(&format!("/{kind}"))), "{kind}");
                live.succeed(new.delete(&id, &moved)).await;
            }
        }
        assert_ne!(live.untagged()[0], made_by_the_library(APP));
    }
    // Before that, a rollback would remove what lives on.
    for (kind, said) in [
        ("AppInstanceUser", "already exists and belongs to another stack (or to none)"),
        ("AppInstanceAdmin", "take it over first"),
        ("StreamingConfig", "take it over first"),
        ("DataRetention", "take it over first"),
    ] {
        let (live, new) = (Live::new(), resource(kind).renamed("Renamed"));
        let failed = live.fail(new.create(&of[kind]), &[said]).await;
        live.succeed(new.delete(failed.id(), &of[kind])).await;
        live.assert_holds(&[APP]);
    }
}

#[tokio::test]
async fn an_update_that_touched_nothing_is_rolled_back_without_a_failure() {
    let live = Live::new();
    live.delete_parameters();
    let (old, app) = (&constructs(APP)["AppInstance"], resource("AppInstance"));
    let new = with(old, "name", "Support");
    live.fail(app.update(LIVE, old, &new), &["cannot be told for sure"]).await;
    assert_eq!(live.succeed(app.update(LIVE, &new, old)).await.id(), LIVE);
    live.assert_holds(&[APP]);
    // The next attempt is no rollback, nor is it when it is delivered twice.
    let event = app.update(LIVE, old, &new);
    live.fail(event.clone(), &["cannot be told for sure"]).await;
    live.fail(event, &["cannot be told for sure"]).await;
    live.fail(app.update(LIVE, old, &with(old, "name", "Sales")), &["cannot be told for sure"]).await;
    live.fail(app.update(LIVE, &new, old), &["cannot be told for sure"]).await;
    // Nor is a second attempt at taking over, whose properties differ in the ServiceTimeout alone.
    let mut timeout = old.clone();
    timeout["ServiceTimeout"] = json!("600");
    live.fail(app.update(LIVE, old, &timeout), &["cannot be told for sure"]).await;
    live.fail(app.update(LIVE, old, &timeout), &["cannot be told for sure"]).await;
    live.succeed(app.update(LIVE, &timeout, old)).await;
}

#[tokio::test]
async fn the_rollback_of_what_was_refused_or_of_what_is_gone_does_not_fail() {
    for (kind, properties) in constructs(APP) {
        let mut new = properties.clone();
        new["ServiceTimeout"] = json!("600");
        let live = Live::new();
        live.change(|_| json!([])).unwrap();
        live.fail(resource(kind).update(LIVE, &properties, &new), &["does not exist any more", "Remove the construct"])
            .await;
        assert_eq!(live.succeed(resource(kind).update(LIVE, &new, &properties)).await.id(), LIVE, "{kind}");
        assert!(live.is_empty());
    }
    // What the library has taken and Chime does not, it has never carried out.
    let (live, user) = (Live::new(), resource("AppInstanceUser"));
    let long = with(&constructs(APP)["AppInstanceUser"], "name", "n".repeat(150));
    let longer = with(&long, "name", "n".repeat(151));
    live.fail(user.update(LIVE, &long, &longer), &["Name must be"]).await;
    live.succeed(user.update(LIVE, &longer, &long)).await;
    live.assert_holds(&[APP]);
}

#[tokio::test]
async fn a_setting_that_was_another_stacks_is_left_alone_by_the_rollback_too() {
    let live = Live::of(&[APP, OTHER]);
    let (here, there) = (constructs(APP)["DataRetention"].clone(), constructs(OTHER)["DataRetention"].clone());
    let (retention, others) = (resource("DataRetention"), resource("DataRetention").of_stack(OTHER_STACK));
    live.succeed(others.update(LIVE, &here, &here)).await;
    live.fail(retention.update(LIVE, &here, &there), &[]).await;
    let before = live.holds();
    live.succeed(retention.update(LIVE, &there, &here)).await;
    assert_eq!(live.holds(), before);
    // In another process, which knows nothing of the first update, there is doubt.
    let live = Live::of(&[APP, OTHER]);
    live.fail(retention.update(LIVE, &there, &here), &["cannot be told for sure", "in one deployment"]).await;
}
