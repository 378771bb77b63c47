//! The Amazon Lex V2 bot behind an app instance bot.

use crate::properties::problems::Problems;
use crate::properties::properties;
use crate::properties::raw::RawProperties;
use crate::properties::same_app_instance::must_be_in_scope_of;
use crate::properties::values::arns::{AppInstanceArn, LexBotAliasArn};
use crate::properties::values::enums::string_enum;
use crate::properties::values::text::{LexIntentName, Text};

properties! {
    /// The implementation of a bot.
    pub struct Configuration {
        /// An Amazon Lex V2 bot.
        lex: LexConfiguration => "Lex",
    }
}

properties! {
    /// The Lex bot behind an app instance bot, and the messages that it responds to.
    pub struct LexConfiguration {
        /// The alias of the Lex bot, in the app instance's account and region. Its resource policy must allow
        /// messaging.chime.amazonaws.com.
        lex_bot_alias_arn: LexBotAliasArn => "LexBotAliasArn",
        /// The language of the Lex bot, such as en_US.
        locale_id: Text<1, 256> => "LocaleId",
        /// Deprecated by Chime in favour of InvokedBy.
        responds_to: Option<RespondsTo> => "RespondsTo",
        /// Which messages invoke the bot.
        invoked_by: Option<InvokedBy> => "InvokedBy",
        /// The intent that greets new members of a channel.
        welcome_intent: Option<LexIntentName> => "WelcomeIntent",
    }
}

properties! {
    /// Which messages invoke a bot.
    pub struct InvokedBy {
        /// Which messages to the whole channel.
        standard_messages: StandardMessages => "StandardMessages",
        /// Which messages targeted at the bot.
        targeted_messages: TargetedMessages => "TargetedMessages",
    }
}

string_enum! {
    /// The messages that a bot responds to: those to the whole channel.
    RespondsTo = "STANDARD_MESSAGES"
}

string_enum! {
    /// Which messages to the whole channel invoke a bot. AUTO: every message in a channel with two members, otherwise
    /// those that mention the bot.
    StandardMessages = "AUTO" | "ALL" | "MENTIONS" | "NONE"
}

string_enum! {
    /// Which messages targeted at a bot invoke it.
    TargetedMessages = "ALL" | "NONE"
}

/// Adds a problem if the configuration does not fit the app instance.
pub fn must_fit(configuration: &RawProperties<'_>, app_instance: Option<&AppInstanceArn>, problems: &mut Problems) {
    problems.within("Lex", |problems| {
        let lex = configuration.within("Lex");
        must_be_in_scope_of::<LexBotAliasArn>(&lex, "LexBotAliasArn", app_instance, problems);
    });
}
