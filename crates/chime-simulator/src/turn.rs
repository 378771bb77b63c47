//! One operation's view of the account and of its request.

use crate::app_instance::AppInstance;
use crate::arn;
use crate::behaviour::{AssociationExists, Behaviour, DeleteMissing, Missing};
use crate::error::{Answer, ApiError};
use crate::model::Members;
use crate::state::State;
use crate::tags::{self, Tag};
use crate::time_scale::TimeScale;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

/// What an operation works with. The input has been validated: what the model requires is there.
pub(crate) struct Turn<'a> {
    pub state: &'a mut State,
    pub behaviour: &'a Behaviour,
    pub time_scale: TimeScale,
    pub input: &'a Members,
    pub region: &'a str,
    pub account: &'a str,
}

impl Turn<'_> {
    /// A required string of the request.
    pub fn text(&self, member: &str) -> String {
        self.optional(member).unwrap_or_default()
    }

    /// A string of the request.
    pub fn optional(&self, member: &str) -> Option<String> {
        self.input.get(member).and_then(Json::as_str).map(str::to_owned)
    }

    /// A member of the request; null where it is not there.
    pub fn value(&self, member: &str) -> Json {
        self.input.get(member).cloned().unwrap_or_default()
    }

    /// A member of the request, read as `T`.
    pub fn read<T: DeserializeOwned + Default>(&self, member: &str) -> T {
        serde_json::from_value(self.value(member)).unwrap_or_default()
    }

    /// Metadata of the request. Empty is the same as none: that is how an update clears it.
    pub fn metadata(&self) -> Option<String> {
        self.optional("Metadata").filter(|metadata| !metadata.is_empty())
    }

    /// Tags of a create request.
    pub fn tags(&self) -> Result<Vec<Tag>, ApiError> {
        let given: Vec<Tag> = self.read("Tags");
        tags::check(&given)?;
        Ok(given)
    }

    /// The ARN of something in an app instance.
    pub fn arn_in(app_instance_arn: &str, kind: &str, id: &str) -> String {
        format!("{app_instance_arn}/{kind}/{id}")
    }

    /// The error for something that does not exist.
    pub fn missing(&self, arn: &str) -> ApiError {
        let in_nothing = self.behaviour.missing_parent.filter(|_| self.is_in_nothing(arn));
        match in_nothing.unwrap_or(self.behaviour.missing) {
            Missing::NotFound404 => not_found(arn),
            Missing::Forbidden403 => forbidden(arn),
            Missing::BadRequest400 => ApiError::bad_request(format!("{arn} is not valid")),
            Missing::Unauthorized401 => unauthorized(arn),
        }
    }

    /// The answer to the deletion of something that does not exist.
    pub fn delete_missing(&self, arn: &str) -> Answer {
        let in_nothing = self.behaviour.delete_missing_parent.filter(|_| self.is_in_nothing(arn));
        match in_nothing.unwrap_or(self.behaviour.delete_missing) {
            DeleteMissing::NotFound404 => Err(not_found(arn)),
            DeleteMissing::Forbidden403 => Err(forbidden(arn)),
            DeleteMissing::Success204 => Ok(Json::Null),
            DeleteMissing::BadRequest400 => Err(ApiError::bad_request(format!("{arn} is not valid"))),
            DeleteMissing::Unauthorized401 => Err(unauthorized(arn)),
            DeleteMissing::Conflict409 => Err(ApiError::conflict(format!("{arn} cannot be deleted"))),
        }
    }

    /// Whether the app instance that `arn` names is not there. What is no ARN names none.
    fn is_in_nothing(&self, arn: &str) -> bool {
        arn::app_instance(arn).is_some() && self.state.around(arn).is_none()
    }

    /// The answer to the Create of an association that is there already; `success` is that to the first one.
    pub fn associated(&self, success: Json, conflict: String) -> Answer {
        match self.behaviour.association_exists {
            AssociationExists::Conflict409 => Err(ApiError::conflict(conflict)),
            AssociationExists::Success201 => Ok(success),
        }
    }

    /// The app instance that the request names by its ARN.
    pub fn app_instance(&mut self) -> Result<&mut AppInstance, ApiError> {
        let arn = self.text("AppInstanceArn");
        let missing = self.missing(&arn);
        // An ARN of something inside an app instance is not the ARN of the app instance.
        let whole = arn::kind(&arn) == Some("app-instance");
        self.state.around_mut(&arn).filter(|_| whole).ok_or(missing)
    }

    /// The app instance in which the thing lies that the request names by this member.
    pub fn around(&mut self, member: &str) -> Result<&mut AppInstance, ApiError> {
        let arn = self.text(member);
        let missing = self.missing(&arn);
        self.state.around_mut(&arn).ok_or(missing)
    }

    /// `{"Arn", "Name"}` of a user or bot that has to exist.
    pub fn identity(&self, arn: &str) -> Result<Json, ApiError> {
        self.state.identity(arn).ok_or_else(|| self.missing(arn))
    }
}

/// What Chime works with (streams, functions, bots) is of the app instance's account and region. Chime's own words are not known.
pub(crate) fn must_be_at_home(arn: &str, region: &str, account: &str) -> Result<(), ApiError> {
    let mut fields = arn.split(':').skip(3);
    if fields.next() == Some(region) && fields.next() == Some(account) {
        return Ok(());
    }
    Err(ApiError::bad_request(format!("{arn} is not of the account {account} and the region {region}")))
}

fn not_found(arn: &str) -> ApiError {
    ApiError::not_found(format!("{arn} was not found"))
}

fn unauthorized(arn: &str) -> ApiError {
    ApiError::unauthorized(format!("not authorized for {arn}"))
}

fn forbidden(arn: &str) -> ApiError {
    ApiError::forbidden(format!("{arn} does not exist, or access to it is not allowed"))
}
