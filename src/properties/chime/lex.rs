//! What an app instance bot runs on: an Amazon Lex V2 bot.

use crate::properties::problems::Problems;
use crate::properties::properties;
use crate::properties::raw::RawProperties;
use crate::properties::same_app_instance::must_be_in_scope_of;
use crate::properties::values::arns::{AppInstanceArn, LexBotAliasArn};
use crate::properties::values::enums::string_enum;
use crate::properties::values::text::{LexIntentName, Text};

properties! {
    /// What a bot runs on.
    pub struct Configuration {
        /// An Amazon Lex V2 bot.
        lex: LexConfiguration => "Lex",
    }
}

properties! {
    /// The Lex bot behind a bot, and what it answers.
    pub struct LexConfiguration {
        /// The alias of the Lex bot, in the same account and region. Its resource policy must allow messaging.chime.amazonaws.com.
        lex_bot_alias_arn: LexBotAliasArn => "LexBotAliasArn",
        /// The language of the Lex bot, such as en_US.
        locale_id: Text<1, 256> => "LocaleId",
        /// Deprecated by Chime in favour of InvokedBy.
        responds_to: Option<RespondsTo> => "RespondsTo",
        /// Which messages reach the bot.
        invoked_by: Option<InvokedBy> => "InvokedBy",
        /// The intent that greets whoever joins a channel.
        welcome_intent: Option<LexIntentName> => "WelcomeIntent",
    }
}

properties! {
    /// Which messages reach a bot.
    pub struct InvokedBy {
        /// Of the messages to all.
        standard_messages: StandardMessages => "StandardMessages",
        /// Of the messages to the bot alone.
        targeted_messages: TargetedMessages => "TargetedMessages",
    }
}

string_enum! {
    /// The messages that a bot responds to: those to all.
    RespondsTo = "STANDARD_MESSAGES"
}

string_enum! {
    /// Which messages to all reach a bot. AUTO: all in a channel of two, else those that mention it.
    StandardMessages = "AUTO" | "ALL" | "MENTIONS" | "NONE"
}

string_enum! {
    /// Which messages to a bot alone reach it.
    TargetedMessages = "ALL" | "NONE"
}

/// Adds what is wrong with a configuration beside its app instance.
pub fn must_fit(configuration: &RawProperties<'_>, app_instance: Option<&AppInstanceArn>, problems: &mut Problems) {
    problems.within("Lex", |problems| {
        let lex = configuration.within("Lex");
        must_be_in_scope_of::<LexBotAliasArn>(&lex, "LexBotAliasArn", app_instance, problems);
    });
}
