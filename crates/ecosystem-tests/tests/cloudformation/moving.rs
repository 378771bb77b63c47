//! The ways of docs/moving.md that need no account: what is kept and removed stays with its settings, and single members become a list.

use super::world::World;
use serde_json::{Map, Value, json};
use std::time::Duration;

fn resource(kind: &str, properties: Value) -> Value {
    let mut resource = json!({"Type": format!("Custom::{kind}"), "Properties": properties});
    resource["Properties"]["ServiceToken"] = json!({"Fn::ImportValue": "chime-messaging-resources-ServiceToken"});
    resource["Properties"]["ServiceTimeout"] = json!("600");
    resource
}

fn kept(resource: &Value) -> Value {
    let mut resource = resource.clone();
    resource["DeletionPolicy"] = json!("Retain");
    resource["UpdateReplacePolicy"] = json!("Retain");
    resource
}

fn template(resources: &[(&str, Value)]) -> Value {
    let resources: Map<_, _> = resources.iter().map(|(id, resource)| ((*id).to_owned(), resource.clone())).collect();
    json!({"Resources": resources})
}

#[tokio::test]
async fn what_is_kept_and_removed_stays_with_its_settings() {
    let world = World::of_stack("moving-kept");
    let settings = |app: Value, boss: Value| {
        [
            ("BossIsAdmin", resource("ChimeAppInstanceAdmin", json!({"AppInstanceAdminArn": boss}))),
            (
                "Retention",
                resource("ChimeAppInstanceRetentionSettings", json!({"AppInstanceArn": app, "RetentionDays": "30"})),
            ),
        ]
    };
    let app = resource("ChimeAppInstance", json!({"Name": "Chat"}));
    let boss = resource("ChimeAppInstanceUser", json!({"AppInstanceArn": {"Ref": "App"}, "AppInstanceUserId": "boss"}));
    let by_ref = settings(json!({"Ref": "App"}), json!({"Ref": "Boss"}));
    let all = |app: &Value, boss: &Value| {
        let things = [("App", app.clone()), ("Boss", boss.clone())];
        template(&[things.as_slice(), by_ref.as_slice()].concat())
    };
    let ids = world.deploy(&all(&app, &boss)).await;
    let held = world.holds();

    world.deploy(&all(&kept(&app), &kept(&boss))).await;
    assert_eq!(world.holds(), held);

    let by_arn = settings(json!(ids["App"]), json!(ids["Boss"]));
    let left = world.deploy(&template(&by_arn)).await;
    assert_eq!(left.keys().collect::<Vec<_>>(), ["BossIsAdmin", "Retention"]);
    assert_eq!(world.holds(), held);

    // Back in the stack, as things that exist already.
    let adopt = |resource: &Value, id: &str| {
        let mut resource = resource.clone();
        resource["Properties"]["AdoptExisting"] = json!(ids[id]);
        resource
    };
    world.deploy(&all(&adopt(&app, "App"), &adopt(&boss, "Boss"))).await;
    assert_eq!(world.holds(), held);
    world.deploy(&all(&app, &boss)).await;
    world.delete().await;
}

#[tokio::test]
async fn single_members_become_a_list_and_stay_in_the_channel() {
    let world = World::of_stack("moving-members");
    let user =
        |id: &str| resource("ChimeAppInstanceUser", json!({"AppInstanceArn": {"Ref": "App"}, "AppInstanceUserId": id}));
    let mut channel = resource(
        "ChimeChannel",
        json!({"AppInstanceArn": {"Ref": "App"}, "ChimeBearer": {"Ref": "Boss"}, "ChannelId": "lobby", "Name": "Lobby"}),
    );
    channel["DependsOn"] = json!("BossIsAdmin");
    let base = [
        ("App", resource("ChimeAppInstance", json!({"Name": "Chat"}))),
        ("Boss", user("boss")),
        ("Agent", user("agent")),
        ("BossIsAdmin", resource("ChimeAppInstanceAdmin", json!({"AppInstanceAdminArn": {"Ref": "Boss"}}))),
        ("Lobby", channel),
    ];
    let with = |id: &'static str, resource: Value| template(&[base.as_slice(), &[(id, resource)]].concat());
    let in_lobby = |mut properties: Value| {
        properties["ChannelArn"] = json!({"Ref": "Lobby"});
        properties["ChimeBearer"] = json!({"Ref": "Boss"});
        properties
    };
    let single = resource("ChimeChannelMembership", in_lobby(json!({"MemberArn": {"Ref": "Agent"}})));
    let list = resource("ChimeChannelMemberships", in_lobby(json!({"MemberArns": [{"Ref": "Agent"}]})));
    world.deploy(&with("AgentInLobby", single.clone())).await;
    let held = world.holds();
    assert_eq!(held[0]["Channels"][0]["Memberships"].as_array().unwrap().len(), 2, "the creator and the agent");
    world.deploy(&with("AgentInLobby", kept(&single))).await;
    // The function allows ten seconds for clocks that differ: later, it knows that the member was there before.
    tokio::time::sleep(Duration::from_secs(11)).await;
    world.deploy(&with("Members", list)).await;
    assert_eq!(world.holds(), held);
    // The list did not add the member, and leaves it.
    world.deploy(&template(&base)).await;
    assert_eq!(world.holds(), held);
    world.delete().await;
}
