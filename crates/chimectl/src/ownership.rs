//! Whose a thing in Chime is: what its tags record, beside what CloudFormation and the older library know. `inventory` and `export` share it.

pub mod adoptions;
pub mod creator;
pub mod older_library;
pub mod owner;
pub mod owners;
pub mod stacks;
