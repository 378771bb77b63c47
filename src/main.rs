//! The Lambda function.

use chime_messaging_resources::{Function, Settings, logging};
use lambda_runtime::{Error, run, service_fn};

// Nothing in here can fail before the first event: a function that dies at its start answers nobody.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    logging::init();
    let function = Function::new(Settings::from_env());
    run(service_fn(|event| function.handle(event))).await
}
