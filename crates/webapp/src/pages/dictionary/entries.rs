//! The table of claims (Entra: "ID token claims reference", "Access token claims reference"; OpenID
//! Connect Core 1.0 sections 2 and 5.1).

use super::{
    Entry,
    Topic::{Technical, WhatFor, WhereFrom, Who},
    entry, name_like, time,
};

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
        "cnf",
        WhatFor,
        "The key that the token is bound to: without a proof of it the token is of no use.",
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
