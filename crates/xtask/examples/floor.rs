//! The minimum cost of such a function: the Lambda runtime and one response to CloudFormation, with the same HTTP client, TLS and roots, but without
//! a Chime call. `cargo xtask bench --vs` measures it against the function.

use chime_messaging_resources::{Settings, http_client};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde_json::{Value, json};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let http = &http_client(Settings::from_env().ca_bundle.as_deref())?;
    run(service_fn(|event: LambdaEvent<Value>| async move {
        let event = event.payload;
        let id = event.get("PhysicalResourceId").unwrap_or(&event["RequestId"]);
        let response = json!({
            "Status": "SUCCESS",
            "PhysicalResourceId": id,
            "StackId": event["StackId"],
            "RequestId": event["RequestId"],
            "LogicalResourceId": event["LogicalResourceId"],
        });
        let put = http.put(event["ResponseURL"].as_str().unwrap_or_default()).header("content-type", "");
        put.body(response.to_string()).send().await?.error_for_status()?;
        Ok::<_, Error>(())
    }))
    .await
}
