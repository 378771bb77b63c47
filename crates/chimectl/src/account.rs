//! What the commands on an account share: clients with the credentials of every AWS tool, which can send reading calls alone.

pub mod app_instance;
pub mod bearer;
pub mod failure;
pub mod progress;
pub mod reads;
pub mod release;
pub mod session;
