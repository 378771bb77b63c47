//! Stacks that the code of `cdk-amazon-chime-resources` created on Node.js: moved to our function in place, taken over, updated and deleted.
//!
//! It is longer than other files because each test is one life of a stack, told from its first deployment to its deletion.

use super::constructs::{installed, synthesized_app};
use super::world::{World, file};
use chime_simulator::without_tags;
use chimectl::function_stack::package;
use cloudformation_local::{Deployment, Stack, publish};
use ecosystem_tests::node::copy;
use ecosystem_tests::programs::function;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// The three states of the app in `examples/cdk/live`.
struct Synthesized {
    /// With the library's own function.
    before: PathBuf,
    /// With our code in the library's function.
    moved: PathBuf,
    /// With a ServiceTimeout on each construct, so that our function takes it over.
    taken_over: PathBuf,
}

fn synthesized() -> &'static Synthesized {
    static SYNTHESIZED: OnceLock<Synthesized> = OnceLock::new();
    SYNTHESIZED.get_or_init(|| {
        let code = installed().join("function.zip");
        fs::write(&code, package(&function()).unwrap()).unwrap();
        let synthesize = |output: &str, context: Value| {
            synthesized_app("live/app.ts", output, &context).join("MessagingLive.template.json")
        };
        Synthesized {
            before: synthesize("cdk.out.live/before", json!({})),
            moved: synthesize("cdk.out.live/moved", json!({"code": code})),
            taken_over: synthesize("cdk.out.live/taken-over", json!({"code": code, "takeOver": "true"})),
        }
    })
}

fn read(template: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(template).unwrap()).unwrap()
}

/// The logical id of the library's own function.
const FUNCTION: &str = "CustomMessagingResourcesCustomResourceProviderHandlerB796786C";
const ROLE: &str = "CustomMessagingResourcesCustomResourceProviderRoleDBC83578";

/// The logical ID of the only construct with this prefix.
fn logical_id(template: &Value, prefix: &str) -> String {
    let resources = template["Resources"].as_object().unwrap();
    let is_it =
        |id: &&String| id.starts_with(prefix) && resources[*id]["Type"] == "AWS::CloudFormation::CustomResource";
    let found: Vec<_> = resources.keys().filter(is_it).collect();
    assert_eq!(found.len(), 1, "{prefix}: {found:?}");
    found[0].clone()
}

/// An account with a live stack.
struct Live {
    world: World,
    before: Value,
    moved: Value,
    taken_over: Value,
}

impl Live {
    async fn new(stack: &'static str) -> Self {
        let (world, templates) = (World::of_stack(stack), synthesized());
        let mut read_here = Vec::new();
        for path in [&templates.before, &templates.moved, &templates.taken_over] {
            publish(&world.account, path).await.unwrap();
            let mut template = read(path);
            // The simulator provides Chime, and MiniStack the parameters.
            template["Resources"][FUNCTION]["Properties"]["Environment"] = json!({"Variables": {
                "AWS_ENDPOINT_URL_CHIME_SDK_IDENTITY": world.simulator.url(),
                "AWS_ENDPOINT_URL_CHIME_SDK_MESSAGING": world.simulator.url(),
                "AWS_ENDPOINT_URL_SSM": format!("http://{}", world.account.host()),
                "RESPONSE_URL_HOSTS": world.account.host(),
            }});
            read_here.push(template);
        }
        let [before, moved, taken_over] = read_here.try_into().unwrap();
        let live = Self { world, before, moved, taken_over };
        live.deploy(&live.before).await;
        live
    }

    /// Deploys a template, which must succeed.
    async fn deploy(&self, template: &Value) -> Deployment {
        let deployment = self.world.try_deploy(template).await;
        assert!(deployment.succeeded(), "{}: {:#?}", deployment.status, deployment.events);
        deployment
    }

    /// The physical IDs of the constructs by logical ID.
    async fn ids(&self, template: &Value) -> BTreeMap<String, String> {
        let is_construct = |id: &String| template["Resources"][id]["Type"] == "AWS::CloudFormation::CustomResource";
        self.world.ids().await.into_iter().filter(|(id, _)| is_construct(id)).collect()
    }

    async fn parameters(&self) -> Vec<String> {
        self.world.account.parameters("/chime").await.unwrap().into_keys().collect()
    }

    /// The state of Chime without ownership tags and marks.
    fn holds(&self) -> Value {
        without_tags(self.world.simulator.holds(), "cfn:")
    }
}

/// A user of the first app instance.
fn user<'a>(held: &'a Value, id: &str) -> &'a Value {
    let is_it = |user: &&Value| user["AppInstanceUserArn"].as_str().unwrap().ends_with(&format!("/user/{id}"));
    held[0]["Users"].as_array().unwrap().iter().find(is_it).unwrap()
}

/// A template with a renamed construct: its logical ID, all references, and its uid.
fn renamed(template: &Value, from: &str) -> Value {
    let id = logical_id(template, from);
    let text = template.to_string().replace(&id, &format!("moved{id}"));
    let mut renamed: Value = serde_json::from_str(&text).unwrap();
    let uid = &mut renamed["Resources"][format!("moved{id}")]["Properties"]["uid"];
    *uid = json!(format!("Moved{}", uid.as_str().unwrap()));
    renamed
}

#[test]
fn the_move_changes_only_the_librarys_function_and_its_policies() {
    let [before, moved, taken_over] =
        [&synthesized().before, &synthesized().moved, &synthesized().taken_over].map(|path| read(path));
    let mut expected = before.clone();
    let function = &mut expected["Resources"][FUNCTION]["Properties"];
    for name in ["Code", "Runtime", "Handler", "Architectures", "Timeout", "MemorySize"] {
        function[name] = moved["Resources"][FUNCTION]["Properties"][name].clone();
    }
    assert_eq!(function["Runtime"], "provided.al2023");
    let policies = &moved["Resources"][ROLE]["Properties"]["Policies"];
    expected["Resources"][ROLE]["Properties"]["Policies"] = policies.clone();
    assert_eq!(moved, expected);
    assert_ne!(moved["Resources"][FUNCTION]["Properties"]["Code"], before["Resources"][FUNCTION]["Properties"]["Code"]);
    assert_ne!(*policies, before["Resources"][ROLE]["Properties"]["Policies"]);
    // Apart from the access to parameters, the permissions are those of `template.yaml`.
    let template = fs::read_to_string(file("template.yaml")).unwrap();
    let statements = policies[0]["PolicyDocument"]["Statement"].as_array().unwrap();
    let actions = statements.iter().flat_map(|statement| match &statement["Action"] {
        Value::Array(actions) => actions.clone(),
        action => vec![action.clone()],
    });
    let unknown: Vec<_> = actions.filter(|action| !template.contains(action.as_str().unwrap())).collect();
    assert_eq!(unknown, ["ssm:GetParameterHistory", "ssm:DeleteParameter"]);

    // The takeover only adds a ServiceTimeout to every construct.
    let mut expected = moved;
    for resource in expected["Resources"].as_object_mut().unwrap().values_mut() {
        if resource["Type"] == "AWS::CloudFormation::CustomResource" {
            resource["Properties"]["ServiceTimeout"] = json!(600);
        }
    }
    assert_eq!(taken_over, expected);
}

#[test]
fn new_stacks_leave_out_the_librarys_function_and_do_not_change_other_custom_resources() {
    copy(&file("crates/ecosystem-tests/tests/cloudformation/mixed.ts"), &installed().join("mixed.ts"));
    let output = synthesized_app("mixed.ts", "cdk.out.mixed", &json!({}));
    let outer = read(&output.join("Mixed.template.json"));
    let nested: Vec<_> = fs::read_dir(&output).unwrap().map(|entry| entry.unwrap().path()).collect();
    let nested = nested.iter().filter(|path| path.to_string_lossy().ends_with(".nested.template.json"));
    let nested: BTreeMap<_, _> = nested
        .map(|path| (if path.to_string_lossy().contains("told") { "told" } else { "untold" }, read(path)))
        .collect();
    assert_eq!(nested.len(), 2);
    let token = json!({"Fn::ImportValue": "chime-messaging-resources-ServiceToken"});
    let tokens = |template: &Value| -> Vec<(String, Value, Value)> {
        let resources = template["Resources"].as_object().unwrap().values();
        let custom = resources.filter(|resource| resource["Type"] == "AWS::CloudFormation::CustomResource");
        custom
            .map(|it| {
                let of = &it["Properties"];
                let kind = of["resourceType"].as_str().unwrap_or("their own").to_owned();
                (kind, of["ServiceToken"].clone(), of["ServiceTimeout"].clone())
            })
            .collect()
    };
    let ours = |kind: &str| (kind.to_owned(), token.clone(), json!(600));
    let found = tokens(&outer);
    assert!(found.contains(&ours("AppInstance")) && found.contains(&ours("DataRetention")), "{found:#?}");
    let others: Vec<_> = found.iter().filter(|(_, found, _)| *found != token).collect();
    assert_eq!(others.len(), 2, "{found:#?}");
    assert!(others.iter().any(|(_, found, timeout)| *found == json!("arn:theirs") && timeout.is_null()));
    assert!(
        others
            .iter()
            .any(|(kind, found, timeout)| kind.contains("Pool") && found["Fn::GetAtt"].is_array() && timeout.is_null())
    );
    for template in nested.values() {
        assert_eq!(tokens(template), [ours("AppInstance")]);
        let mut types = template["Resources"].as_object().unwrap().values().map(|it| it["Type"].as_str().unwrap());
        assert!(types.all(|kind| kind != "AWS::Lambda::Function" && kind != "AWS::IAM::Role"));
    }
    // The library's messaging code is only an asset of the nested stack that does not call useChimeMessagingResources.
    let files = read(&output.join("Mixed.assets.json"))["files"].clone();
    let names = files.as_object().unwrap().values().filter_map(|file| file["displayName"].as_str());
    let own: Vec<_> = names.filter(|name| name.contains("Custom:MessagingResources")).collect();
    assert_eq!(own, ["Mixed/other/Custom:MessagingResourcesCustomResourceProvider Code"]);
}

#[tokio::test]
async fn a_live_stack_is_moved_in_place_and_can_be_updated_and_deleted() {
    let live = Live::new("live-moved").await;
    let world = &live.world;
    let (ids, held, outputs) = (live.ids(&live.before).await, live.holds(), world.outputs().await);
    assert_eq!(ids.len(), 8);
    let id = ids.values().next().unwrap();
    assert!(id.starts_with("/aws/lambda/") && ids.values().all(|other| other == id), "{ids:#?}");
    assert_eq!(outputs["adminName"], user(&held, "supervisor")["Name"].as_str().unwrap());
    let parameters = live.parameters().await;
    assert_eq!(parameters.len(), 6, "{parameters:#?}");

    // The move makes no Chime calls.
    live.deploy(&live.moved).await;
    assert_eq!(world.simulator.calls(), []);
    assert_eq!((live.ids(&live.moved).await, world.outputs().await), (ids.clone(), outputs.clone()));

    // The takeover only adds tags.
    live.deploy(&live.taken_over).await;
    assert!(world.changes().iter().all(|operation| operation == "TagResource"), "{:?}", world.changes());
    assert_eq!((live.ids(&live.taken_over).await, world.outputs().await), (ids.clone(), outputs.clone()));
    assert_eq!(live.holds(), held);
    assert_eq!(live.parameters().await, parameters);

    // Updates, also some that the library ignored.
    let mut template = live.taken_over.clone();
    let flow = logical_id(&template, "channelFlow");
    let retention = logical_id(&template, "appInstanceAppInstanceDataRetention");
    let agent = logical_id(&template, "agent");
    template["Resources"][&flow]["Properties"]["properties"]["processors"][0]["fallbackAction"] = json!("CONTINUE");
    template["Resources"][&retention]["Properties"]["properties"]["dataRetention"] = json!(60);
    template["Resources"][&agent]["Properties"]["properties"]["name"] = json!("Agent 1");
    live.deploy(&template).await;
    assert_eq!(live.ids(&template).await, ids);
    assert_eq!(world.outputs().await, outputs);
    let now = live.holds();
    assert_eq!(now[0]["ChannelFlows"][0]["Processors"][0]["FallbackAction"], "CONTINUE");
    assert_eq!((&now[0]["RetentionDays"], &user(&now, "agent")["Name"]), (&json!(60), &json!("Agent 1")));

    // Another admin and a renamed construct, first in an update that fails.
    let admin = logical_id(&template, "admin");
    let mut moved = renamed(&template, "agent");
    moved["Resources"][&admin]["Properties"]["properties"]["appInstanceAdminArn"] =
        json!({"Fn::GetAtt": [format!("moved{agent}"), "appInstanceUser"]});
    let mut poisoned = moved.clone();
    let mut poison = template["Resources"][&agent].clone();
    poison["Properties"]["uid"] = json!("Poison");
    poison["Properties"]["properties"]["appInstanceUserId"] = json!("/");
    poison["DependsOn"] = json!([admin]);
    poisoned["Resources"]["Poison"] = poison;
    let failed = world.try_deploy(&poisoned).await;
    assert_eq!(failed.status, "UPDATE_ROLLBACK_COMPLETE", "{:#?}", failed.events);
    assert_eq!(live.holds(), now, "{:?}", world.changes());
    assert_eq!(live.ids(&template).await, ids);
    live.deploy(&moved).await;
    let instance = &outputs["appInstanceArn"];
    let moved_ids = live.ids(&moved).await;
    assert_eq!(moved_ids[&format!("moved{agent}")], format!("{instance}/user/agent"));
    assert_eq!(moved_ids[&admin], format!("{instance}/admins/{instance}/user/agent"));
    assert_eq!(live.holds()[0]["Admins"], json!([format!("{instance}/user/agent")]));
    assert_eq!(live.parameters().await.len(), 4);

    // One user is removed, and one is added.
    let supervisor = logical_id(&moved, "supervisor");
    let mut fewer = moved.clone();
    fewer["Resources"].as_object_mut().unwrap().remove(&supervisor).unwrap();
    fewer["Outputs"].as_object_mut().unwrap().remove("supervisorArn").unwrap();
    let mut added = moved["Resources"][format!("moved{agent}")].clone();
    added["Properties"]["uid"] = json!("Added");
    added["Properties"]["properties"]["appInstanceUserId"] = json!("added");
    fewer["Resources"]["Added"] = added;
    live.deploy(&fewer).await;
    let users = live.holds()[0]["Users"].clone();
    let users: Vec<_> =
        users.as_array().unwrap().iter().map(|user| user["AppInstanceUserArn"].as_str().unwrap()).collect();
    assert_eq!(users, [format!("{instance}/user/agent"), format!("{instance}/user/added")]);

    world.delete().await;
    assert_eq!(live.parameters().await, [""; 0]);
}

#[tokio::test]
async fn settings_of_a_moved_stack_pass_to_our_types_when_the_constructs_leave() {
    let live = Live::new("live-settings").await;
    let world = &live.world;
    live.deploy(&live.moved).await;
    live.deploy(&live.taken_over).await;
    let (held, outputs) = (live.holds(), world.outputs().await);
    let mut kept = live.taken_over.clone();
    let constructs: Vec<_> = live.ids(&kept).await.into_keys().collect();
    for id in &constructs {
        kept["Resources"][id]["DeletionPolicy"] = json!("Retain");
        kept["Resources"][id]["UpdateReplacePolicy"] = json!("Retain");
    }
    live.deploy(&kept).await;

    let streaming = logical_id(&kept, "appInstanceAppInstanceStreaming");
    let streaming =
        kept["Resources"][streaming]["Properties"]["properties"]["streamingConfigs"][0]["resourceArn"].clone();
    let mut left = kept.clone();
    let resources = left["Resources"].as_object_mut().unwrap();
    constructs.iter().for_each(|id| drop(resources.remove(id)));
    left.as_object_mut().unwrap().remove("Outputs");
    live.deploy(&left).await;
    assert_eq!(live.holds(), held);

    let (instance, supervisor) = (&outputs["appInstanceArn"], &outputs["supervisorArn"]);
    for (id, kind, properties) in [
        ("Admin", "ChimeAppInstanceAdmin", json!({"AppInstanceAdminArn": supervisor})),
        ("Retention", "ChimeAppInstanceRetentionSettings", json!({"AppInstanceArn": instance, "RetentionDays": 30})),
        (
            "Streaming",
            "ChimeMessagingStreamingConfigurations",
            json!({"AppInstanceArn": instance, "StreamingConfigurations": [{"DataType": "Channel", "ResourceArn": streaming}]}),
        ),
    ] {
        let mut properties = properties;
        properties["ServiceToken"] = json!({"Fn::ImportValue": "chime-messaging-resources-ServiceToken"});
        left["Resources"][id] = json!({"Type": format!("Custom::{kind}"), "Properties": properties});
    }
    live.deploy(&left).await;
    assert_eq!(live.holds(), held);

    // For two days, a delete leaves the settings.
    let deleted = world.stack().delete(|_| ()).await.unwrap();
    assert_eq!(deleted.status, "DELETE_COMPLETE", "{:#?}", deleted.events);
    assert_eq!(live.holds(), held);
}

#[tokio::test]
async fn after_a_rolled_back_move_the_old_code_works_and_the_move_can_be_repeated() {
    let live = Live::new("live-rolled-back").await;
    let (held, outputs, ids) = (live.holds(), live.world.outputs().await, live.ids(&live.before).await);
    let mut poisoned = live.taken_over.clone();
    let mut poison = poisoned["Resources"][logical_id(&poisoned, "agent")].clone();
    poison["Properties"]["properties"]["appInstanceUserId"] = json!("/");
    // It fails after all constructs were taken over.
    let all: Vec<_> = live.ids(&live.before).await.into_keys().collect();
    poison["DependsOn"] = json!(all);
    poisoned["Resources"]["Poison"] = poison;
    let failed = live.world.try_deploy(&poisoned).await;
    assert_eq!(failed.status, "UPDATE_ROLLBACK_COMPLETE", "{:#?}", failed.events);
    assert_eq!((live.holds(), live.ids(&live.before).await), (held.clone(), ids.clone()));

    // The library's code handles updates again.
    let mut template = live.before.clone();
    let retention = logical_id(&template, "appInstanceAppInstanceDataRetention");
    template["Resources"][&retention]["Properties"]["properties"]["dataRetention"] = json!(7);
    live.deploy(&template).await;
    assert_eq!(live.holds()[0]["RetentionDays"], 7);

    for template in [&live.moved, &live.taken_over, &live.taken_over] {
        live.deploy(template).await;
        assert_eq!((live.ids(template).await, live.world.outputs().await), (ids.clone(), outputs.clone()));
        assert_eq!(live.holds(), held);
    }
    live.world.delete().await;
    assert_eq!(live.parameters().await, [""; 0]);
}

#[tokio::test]
async fn ambiguous_constructs_lost_parameters_and_manual_deletions_succeed_or_fail_with_instructions() {
    let live = Live::new("live-twin").await;
    let world = &live.world;
    // The same constructs in another stack of the account. From now on, the parameters contain the twin's ARNs.
    let twin = Stack::new(&world.account, "live-other-twin");
    let mut template = live.before.clone();
    let stream = template["Resources"].as_object().unwrap().iter().find(|(_, it)| it["Type"] == "AWS::Kinesis::Stream");
    let stream = stream.unwrap().0.clone();
    template["Resources"][&stream]["Properties"]["Name"] = json!("chime-messaging-twin");
    let flow = logical_id(&template, "channelFlow");
    template["Resources"][&flow]["Properties"]["properties"]["clientRequestToken"] = json!("twin");
    let made = twin.deploy(&template.to_string(), &[], |_| ()).await.unwrap();
    assert!(made.succeeded(), "{:#?}", made.events);
    let held = live.holds();

    // The move itself makes no calls. The takeover fails for constructs with an unknown owner and is rolled back.
    live.deploy(&live.moved).await;
    let failed = world.try_deploy(&live.taken_over).await;
    assert_eq!(failed.status, "UPDATE_ROLLBACK_COMPLETE", "{:#?}", failed.events);
    assert!(
        failed.reasons().iter().any(|reason| reason.contains("aws chime-sdk-identity tag-resource")),
        "{:?}",
        failed.reasons()
    );
    assert_eq!(live.holds(), held);

    // The tags of the reason's instructions.
    let stack_id = world.stack().id().await.unwrap().unwrap();
    let instance = world.outputs().await["appInstanceArn"].clone();
    let tag = |held: &mut Value, kind: &str, arn: &str, logical_id: String| {
        let tags = json!([{"Key": "cfn:stack-id", "Value": stack_id}, {"Key": "cfn:logical-id", "Value": logical_id}]);
        let instance =
            held.as_array_mut().unwrap().iter_mut().find(|it| it["AppInstanceArn"] == instance.as_str()).unwrap();
        if kind.is_empty() {
            instance["Tags"] = tags;
        } else {
            let of_kind = instance[kind].as_array_mut().unwrap();
            of_kind.iter_mut().find(|it| it.to_string().contains(arn)).unwrap()["Tags"] = tags;
        }
    };
    let outputs = world.outputs().await;
    world
        .simulator
        .change(|mut held| {
            tag(&mut held, "", &instance, logical_id(&live.before, "appInstanceMessaging"));
            tag(&mut held, "Bots", &outputs["botArn"], logical_id(&live.before, "bot"));
            tag(&mut held, "ChannelFlows", &outputs["channelFlowArn"], logical_id(&live.before, "channelFlow"));
            held
        })
        .unwrap();
    live.deploy(&live.taken_over).await;
    assert_eq!(live.holds(), held);

    // A user was deleted manually, and the parameters are lost.
    world
        .simulator
        .change(|mut held| {
            let instance = held.as_array_mut().unwrap().iter_mut().find(|it| it["AppInstanceArn"] == instance.as_str());
            instance.unwrap()["Users"].as_array_mut().unwrap().retain(|user| !user.to_string().contains("user/agent"));
            held
        })
        .unwrap();
    for name in live.parameters().await {
        world.account.delete_parameter(&name).await.unwrap();
    }
    let deleted = world.stack().delete(|_| ()).await.unwrap();
    assert_eq!(deleted.status, "DELETE_COMPLETE", "{:#?}", deleted.events);
    // The twin's entities still exist.
    let left = live.holds();
    assert_eq!(left.as_array().unwrap().len(), 1);
    let twins = held.as_array().unwrap().iter().find(|it| it["AppInstanceArn"] != instance.as_str()).unwrap();
    assert_eq!(left[0], *twins);
}
