//! Physical ids: Chime's ARNs, and paths in the Chime REST API for resources without an ARN.

use crate::properties::values::arns::InvalidId;
use crate::properties::values::arns::{
    AppInstanceArn, AppInstanceBotArn, AppInstanceUserArn, ChannelArn, ChannelFlowArn, InAppInstance,
};
use crate::request::request_id::RequestId;
use crate::resource::PhysicalId;
use std::fmt;
use std::str::FromStr;

impl PhysicalId for AppInstanceArn {
    fn property(&self, _: &str) -> Option<String> {
        None
    }

    fn parent(&self) -> String {
        String::new()
    }
}

impl PhysicalId for AppInstanceUserArn {
    fn property(&self, name: &str) -> Option<String> {
        match name {
            "AppInstanceUserId" => Some(self.id().to_owned()),
            name => (name == "AppInstanceArn").then(|| self.parent()),
        }
    }

    fn parent(&self) -> String {
        self.app_instance_arn().to_string()
    }
}

/// Implements [`PhysicalId`] for resources in an app instance whose id Chime chooses.
macro_rules! in_app_instance {
    ($($arn:ident),*) => {$(
        impl PhysicalId for $arn {
            fn property(&self, name: &str) -> Option<String> {
                (name == "AppInstanceArn").then(|| self.parent())
            }

            fn parent(&self) -> String {
                self.app_instance_arn().to_string()
            }
        }
    )*};
}

in_app_instance!(AppInstanceBotArn, ChannelFlowArn);

impl PhysicalId for ChannelArn {
    fn property(&self, name: &str) -> Option<String> {
        match name {
            "ChannelId" => Some(self.id().to_owned()),
            name => (name == "AppInstanceArn").then(|| self.parent()),
        }
    }

    fn parent(&self) -> String {
        self.app_instance_arn().to_string()
    }
}

/// An endpoint's id, chosen by Chime.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndpointId(String);

impl fmt::Display for EndpointId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for EndpointId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let is_id = !text.is_empty() && text.len() <= 64 && !text.contains(['/', ' ']);
        if is_id { Ok(Self(text.to_owned())) } else { Err(InvalidId) }
    }
}

/// The ChannelId that is derived from a request's id, without characters that must not be at either end.
pub fn channel_id_of(request_id: &RequestId) -> String {
    let to_valid = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    let id: String = request_id.as_str().chars().take(60).map(to_valid).collect();
    let id = id.trim_matches('-');
    if id.is_empty() { "channel".to_owned() } else { id.to_owned() }
}

/// Declares the id of a setting: the ARN of its parent, followed by a path.
macro_rules! setting {
    ($(#[$meta:meta])* pub struct $name:ident($parent:ty => $property:literal, $path:literal);) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $name(pub $parent);

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                write!(f, concat!("{}", $path), self.0)
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = $crate::properties::values::arns::InvalidId;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.strip_suffix($path).ok_or($crate::properties::values::arns::InvalidId)?.parse().map(Self)
            }
        }

        impl $crate::resource::PhysicalId for $name {
            fn property(&self, name: &str) -> Option<String> {
                (name == $property).then(|| self.0.to_string())
            }

            fn parent(&self) -> String {
                self.0.to_string()
            }
        }
    };
}
pub(crate) use setting;

/// Declares the id of a relation between a parent and a member: the parent's ARN, a path, and the member.
macro_rules! relation {
    // A relation between a channel and a member of its app instance.
    ($(#[$meta:meta])* pub struct $name:ident of_channel {
        channel: ChannelArn => $parent_property:literal,
        $path:literal,
        member: AppInstanceMemberArn => $member_property:literal,
    }) => {
        relation! {
            $(#[$meta])* pub struct $name {
                channel: ChannelArn => $parent_property,
                $path,
                member: AppInstanceMemberArn => $member_property,
            }
        }

        impl $crate::resource::relations::RelationId for $name {
            fn of(channel: ChannelArn, member: AppInstanceMemberArn) -> Self {
                Self { channel, member }
            }

            fn member(&self) -> &AppInstanceMemberArn {
                &self.member
            }
        }
    };
    ($(#[$meta:meta])* pub struct $name:ident {
        $parent:ident: $parent_type:ty => $parent_property:literal,
        $path:literal,
        $member:ident: $member_type:ty => $member_property:literal,
    }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $name {
            pub $parent: $parent_type,
            pub $member: $member_type,
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                write!(f, concat!("{}", $path, "{}"), self.$parent, self.$member)
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = $crate::properties::values::arns::InvalidId;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let (parent, member) = text.split_once($path).ok_or($crate::properties::values::arns::InvalidId)?;
                Ok(Self { $parent: parent.parse()?, $member: member.parse()? })
            }
        }

        impl $crate::resource::PhysicalId for $name {
            fn property(&self, name: &str) -> Option<String> {
                match name {
                    $parent_property => Some(self.$parent.to_string()),
                    $member_property => Some(self.$member.to_string()),
                    _ => None,
                }
            }

            fn parent(&self) -> String {
                self.$parent.to_string()
            }
        }
    };
}
pub(crate) use relation;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::properties::read;
    use crate::properties::values::text::ResourceId;
    use serde_json::json;

    #[test]
    fn a_derived_id_is_valid_for_chime() {
        let uuid = "8c5e5a1e-5b3c-4f0e-9a35-000000000001";
        assert_eq!(channel_id_of(&RequestId::new(uuid)), uuid);
        for odd in ["-a_b-", "unique id for this request", "---", "", &"x".repeat(99)] {
            assert!(read::<ResourceId>(&json!(channel_id_of(&RequestId::new(odd)))).is_ok(), "{odd}");
        }
    }
}
