//! The Lambda function.

use chime_messaging_resources::{Function, Settings, logging};
use lambda_runtime::{Error, run, service_fn};

// Nothing here may fail before the first event: a function that dies during startup cannot respond to anyone.
#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    logging::init();
    let function = Function::new(Settings::from_env());
    run(service_fn(|event| function.handle(event))).await
}
