//! What each claim means, in one line (Entra: "ID token claims reference", "Access token claims
//! reference"; OpenID Connect Core 1.0 sections 2 and 5.1).

use serde::Serialize;

use self::Topic::{Technical, WhatFor, When, WhereFrom, Who};

/// The five questions that claims answer, in the order of the page.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Topic {
    /// Who signed in.
    Who,
    /// Who says so.
    WhereFrom,
    /// From when, until when.
    When,
    /// For whom, and what is allowed.
    WhatFor,
    /// Everything else.
    Technical,
}

impl Topic {
    /// All, in the order of the page.
    pub const ALL: [Self; 5] = [
        Self::Who,
        Self::WhereFrom,
        Self::When,
        Self::WhatFor,
        Self::Technical,
    ];

    /// Heading and one sentence.
    pub const fn heading(self) -> (&'static str, &'static str) {
        match self {
            Self::Who => ("Who", "The person, by stable ids and by names."),
            Self::WhereFrom => (
                "Where from",
                "Who says so, and on behalf of which directory.",
            ),
            Self::When => ("When", "From when and until when this is true."),
            Self::WhatFor => (
                "What for",
                "For which application, and what it may decide on.",
            ),
            Self::Technical => ("Technical", "For the protocol and for support."),
        }
    }

    /// The anchor of the group on the page.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Who => "who",
            Self::WhereFrom => "where-from",
            Self::When => "when",
            Self::WhatFor => "what-for",
            Self::Technical => "technical",
        }
    }
}

/// What is known about a claim.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Entry {
    /// The claim's name.
    pub name: &'static str,
    /// The question it answers.
    pub topic: Topic,
    /// One line.
    pub meaning: &'static str,
    /// Whether its number is a NumericDate (RFC 7519 section 2).
    pub is_time: bool,
    /// Whether it can change hands, so that nobody may be recognised or authorised by it.
    pub never_a_key: bool,
}

/// The entry of a claim; unknown claims are technical, since new ones may appear at any time.
pub fn look_up(name: &str) -> Entry {
    ENTRIES
        .iter()
        .find(|entry| entry.name == name)
        .copied()
        .unwrap_or(Entry {
            name: "",
            topic: Technical,
            meaning: "Not a claim that this application knows.",
            is_time: false,
            never_a_key: false,
        })
}

const fn entry(name: &'static str, topic: Topic, meaning: &'static str) -> Entry {
    Entry {
        name,
        topic,
        meaning,
        is_time: false,
        never_a_key: false,
    }
}

/// For display: may change, and another directory may claim the same.
const fn name_like(name: &'static str, meaning: &'static str) -> Entry {
    Entry {
        never_a_key: true,
        ..entry(name, Who, meaning)
    }
}

const fn time(name: &'static str, meaning: &'static str) -> Entry {
    Entry {
        is_time: true,
        ..entry(name, When, meaning)
    }
}

/// Every claim that Entra documents for ID and access tokens, and the standard ones of OpenID
/// Connect.
pub const ENTRIES: &[Entry] = &[
    // The first three of a group are what an application should look at first.
    entry(
        "oid",
        Who,
        "The user's object id in the directory: the same in every application of it, for ever. With tid the user's key.",
    ),
    entry(
        "sub",
        Who,
        "The user's id for this application only. Never reassigned. With iss the user's key at any OpenID provider.",
    ),
    name_like(
        "name",
        "The name to show. Anyone may have it, and it may change.",
    ),
    name_like(
        "preferred_username",
        "The user name to show: an address, a phone number or a plain name. It may change hands.",
    ),
    name_like(
        "email",
        "An address, perhaps never verified. Another directory can claim the same one.",
    ),
    name_like(
        "upn",
        "The user principal name. It changes with marriage, mergers and mistakes.",
    ),
    name_like("unique_name", "The older form of preferred_username."),
    name_like("given_name", "The first name to show."),
    name_like("family_name", "The last name to show."),
    name_like("nickname", "A casual name to show."),
    name_like(
        "phone_number",
        "A phone number. Numbers are given to other people.",
    ),
    name_like("emails", "Addresses of a user-flow account."),
    name_like(
        "verified_primary_email",
        "Addresses that the directory has verified.",
    ),
    name_like(
        "verified_secondary_email",
        "Further addresses that the directory has verified.",
    ),
    entry(
        "email_verified",
        Who,
        "Whether the provider has verified the address.",
    ),
    entry(
        "xms_edov",
        Who,
        "Whether the directory owns the domain of the address.",
    ),
    entry(
        "acct",
        Who,
        "Kind of account in the directory: 0 a member, 1 a guest.",
    ),
    entry("locale", Who, "The preferred language."),
    entry("zoneinfo", Who, "The time zone."),
    entry(
        "picture",
        Who,
        "Address of a picture. This application does not load it.",
    ),
    entry("ctry", Who, "The user's country."),
    entry("xms_pl", Who, "The user's preferred language."),
    entry(
        "newUser",
        Who,
        "Whether the account was made in this sign-in.",
    ),
    entry(
        "iss",
        WhereFrom,
        "Who made this token. Compared byte by byte with the configured authority.",
    ),
    entry(
        "tid",
        WhereFrom,
        "The tenant (directory) that the user signed in to. Decides whose data may be seen.",
    ),
    entry(
        "idp",
        WhereFrom,
        "Who checked the password, when that was not the tenant itself: the home of a guest.",
    ),
    entry("tenant_ctry", WhereFrom, "The tenant's country."),
    entry(
        "tenant_region_scope",
        WhereFrom,
        "The region where the tenant's data lies.",
    ),
    entry("xms_tpl", WhereFrom, "The tenant's preferred language."),
    entry("xms_pdl", WhereFrom, "Where the user's data is to be kept."),
    entry("tfp", WhereFrom, "The user flow that was walked through."),
    time("iat", "When the token was made."),
    time("nbf", "Not valid before this time."),
    time(
        "exp",
        "Not valid after this time. The session does not end with it: it has limits of its own.",
    ),
    time("auth_time", "When the user last proved who they are."),
    time("updated_at", "When the profile was last changed."),
    time("pwd_exp", "Seconds until the password expires."),
    entry(
        "aud",
        WhatFor,
        "For whom the token is: this application's client id. Anyone else must refuse it.",
    ),
    entry(
        "roles",
        WhatFor,
        "App roles assigned to the user or to a group of theirs. The right thing to decide on.",
    ),
    entry(
        "groups",
        WhatFor,
        "Groups by object id. Left out when there are more than 200.",
    ),
    entry(
        "scp",
        WhatFor,
        "What the calling application may do on the user's behalf.",
    ),
    entry(
        "wids",
        WhatFor,
        "Tenant-wide directory roles, by template id.",
    ),
    entry(
        "acrs",
        WhatFor,
        "Authentication contexts that were satisfied: the stronger checks a step-up asks for.",
    ),
    entry("azp", WhatFor, "The application that asked for the token."),
    entry(
        "appid",
        WhatFor,
        "The application that asked for the token, in older tokens.",
    ),
    entry(
        "azpacr",
        WhatFor,
        "How that application proved itself: 0 not at all, 1 by a secret, 2 by a certificate.",
    ),
    entry(
        "appidacr",
        WhatFor,
        "How that application proved itself, in older tokens.",
    ),
    entry(
        "idtyp",
        WhatFor,
        "app: the token is for an application without a user.",
    ),
    entry(
        "hasgroups",
        WhatFor,
        "There are more groups than fit. They have to be looked up.",
    ),
    entry(
        "_claim_names",
        WhatFor,
        "Claims that were left out for their size, and where they are described.",
    ),
    entry(
        "_claim_sources",
        WhatFor,
        "Where left-out claims are said to be found. Never called: it names a retired service.",
    ),
    entry(
        "nonce",
        Technical,
        "Ties the token to this sign-in: our random value, sent back.",
    ),
    entry(
        "sid",
        Technical,
        "The session at the provider. Lets a sign-out there end the session here.",
    ),
    entry("ver", Technical, "Version of the token's form."),
    entry(
        "amr",
        Technical,
        "How the user proved who they are. Not for decisions: use authentication contexts.",
    ),
    entry("acr", Technical, "Strength of the proof, in older tokens."),
    entry(
        "at_hash",
        Technical,
        "Hash of the access token that came along.",
    ),
    entry("c_hash", Technical, "Hash of the code that came along."),
    entry(
        "login_hint",
        Technical,
        "Names the account to the provider, so that it asks no questions at sign-out.",
    ),
    entry(
        "xms_cc",
        Technical,
        "What the application said it can handle.",
    ),
    entry(
        "ipaddr",
        Technical,
        "The address from which the user signed in.",
    ),
    entry("uti", Technical, "The token's id, for the audit log."),
    entry("jti", Technical, "The token's id."),
    entry("aio", Technical, "Internal to the provider."),
    entry("rh", Technical, "Internal to the provider."),
];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_claim_has_one_entry_and_one_line() {
        let names: HashSet<_> = ENTRIES.iter().map(|entry| entry.name).collect();
        assert_eq!(names.len(), ENTRIES.len());
        for entry in ENTRIES {
            assert!(entry.meaning.ends_with('.'), "{}", entry.name);
            assert!(entry.meaning.len() <= 120, "{}", entry.name);
        }
    }

    /// nOAuth: what an attacker's tenant can set is never a key.
    #[test]
    fn names_and_addresses_are_never_a_key_and_ids_are() {
        for name in ["email", "preferred_username", "upn", "unique_name", "name"] {
            assert!(look_up(name).never_a_key, "{name}");
        }
        for name in ["oid", "sub", "tid", "iss"] {
            assert!(!look_up(name).never_a_key, "{name}");
        }
    }

    #[test]
    fn an_unknown_claim_is_shown_all_the_same() {
        assert_eq!(look_up("extn.costCentre").topic, Technical);
    }
}
