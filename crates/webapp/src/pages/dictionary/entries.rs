//! The table of claims (Entra: "ID token claims reference", "Access token claims reference"; OpenID
//! Connect Core 1.0 sections 2 and 5.1).

use super::{
    entry::{Entry, entry, name_like, time},
    topic::Topic::{Issuer, Permissions, Technical, User},
};

/// Every claim that Entra documents for ID and access tokens, and the standard ones of OpenID
/// Connect.
pub const ENTRIES: &[Entry] = &[
    // The first entries of a section are the most important ones.
    entry(
        "oid",
        User,
        "The user's object id in the directory: the same in every application of it, for ever. With tid the user's key.",
    ),
    entry(
        "sub",
        User,
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
        User,
        "Whether the provider has verified the address.",
    ),
    entry(
        "xms_edov",
        User,
        "Whether the directory owns the domain of the address.",
    ),
    entry(
        "acct",
        User,
        "Kind of account in the directory: 0 a member, 1 a guest.",
    ),
    entry("locale", User, "The preferred language."),
    entry("zoneinfo", User, "The time zone."),
    entry(
        "picture",
        User,
        "Address of a picture. This application does not load it.",
    ),
    entry("ctry", User, "The user's country."),
    entry("xms_pl", User, "The user's preferred language."),
    entry("newUser", User, "Whether this sign-in created the account."),
    entry(
        "iss",
        Issuer,
        "The issuer of the token. Compared byte by byte with the configured authority.",
    ),
    entry(
        "tid",
        Issuer,
        "The tenant (directory) that the user signed in to. Separates the data of customers.",
    ),
    entry(
        "idp",
        Issuer,
        "The provider that checked the password of a guest: the guest's home tenant, for example.",
    ),
    entry("tenant_ctry", Issuer, "The tenant's country."),
    entry(
        "tenant_region_scope",
        Issuer,
        "The region where the tenant's data lies.",
    ),
    entry("xms_tpl", Issuer, "The tenant's preferred language."),
    entry(
        "xms_pdl",
        Issuer,
        "The preferred location of the user's data.",
    ),
    entry("tfp", Issuer, "The user flow of this sign-in."),
    time("iat", "When the token was issued."),
    time("nbf", "Not valid before this time."),
    time(
        "exp",
        "Not valid after this time. The session does not end with it: it has limits of its own.",
    ),
    time("auth_time", "When the user last authenticated."),
    time("updated_at", "When the profile was last changed."),
    time("pwd_exp", "Seconds until the password expires."),
    entry(
        "aud",
        Permissions,
        "The audience: this application's client id. Every other application must refuse the token.",
    ),
    entry(
        "roles",
        Permissions,
        "App roles assigned to the user or to a group of theirs. Authorise by these.",
    ),
    entry(
        "groups",
        Permissions,
        "Groups by object id. Left out when there are more than 200.",
    ),
    entry(
        "scp",
        Permissions,
        "What the calling application may do on the user's behalf.",
    ),
    entry(
        "wids",
        Permissions,
        "Tenant-wide directory roles, by template id.",
    ),
    entry(
        "acrs",
        Permissions,
        "Authentication contexts that were satisfied: the stronger checks a step-up asks for.",
    ),
    entry(
        "azp",
        Permissions,
        "The application that asked for the token.",
    ),
    entry(
        "appid",
        Permissions,
        "The application that asked for the token, in older tokens.",
    ),
    entry(
        "azpacr",
        Permissions,
        "How that application authenticated: 0 not at all, 1 by a secret, 2 by a certificate.",
    ),
    entry(
        "appidacr",
        Permissions,
        "How that application authenticated, in older tokens.",
    ),
    entry(
        "idtyp",
        Permissions,
        "app: the token is for an application without a user.",
    ),
    entry(
        "cnf",
        Permissions,
        "The key that the token is bound to. Without proof of that key the token is useless.",
    ),
    entry(
        "hasgroups",
        Permissions,
        "There are more groups than fit. They have to be looked up.",
    ),
    entry(
        "_claim_names",
        Permissions,
        "Claims that were omitted for their size, with their source.",
    ),
    entry(
        "_claim_sources",
        Permissions,
        "The address of omitted claims. Never called: it names a retired service.",
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
        "How the user authenticated. Do not authorise by it: use authentication contexts.",
    ),
    entry(
        "acr",
        Technical,
        "Strength of the authentication, in older tokens.",
    ),
    entry(
        "at_hash",
        Technical,
        "Hash of the access token in the same response.",
    ),
    entry(
        "c_hash",
        Technical,
        "Hash of the code in the same response.",
    ),
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
