//! The app instance that a command line names.

use chime_messaging_resources::inspection::attribute;

/// Checks an argument that has to be the ARN of an app instance.
///
/// # Errors
/// It is another text.
pub fn check(argument: &str) -> Result<(), String> {
    match attribute("Custom::ChimeAppInstance", argument, "AppInstanceArn") {
        Some(_) => Ok(()),
        None => Err(format!("{argument} is not the ARN of an app instance")),
    }
}

/// Checks that the calls go to the region of an app instance. In another one it would look as if it did not exist.
///
/// # Errors
/// They go elsewhere.
pub fn check_region(arn: &str, region: &str) -> Result<(), String> {
    match arn.split(':').nth(3) {
        Some(home) if home != region => {
            Err(format!("{arn} is in {home}, and the calls go to {region}: --region {home}"))
        }
        _ => Ok(()),
    }
}
