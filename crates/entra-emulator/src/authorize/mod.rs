//! The authorization endpoint: checks, single sign-on, the pages in between, and the response.

mod account_pages;
mod code_store;
mod consent;
mod endpoint;
mod profile;
mod prompt;
mod redirect_uri;
mod request;
mod respond;
mod sign_in;
mod sign_in_cookie;

pub(crate) use code_store::{Code, CodeStore, Redeemed};
pub(crate) use endpoint::{authorize, consent, login, profile, username_form};
pub(crate) use prompt::login_hint;
pub(crate) use redirect_uri::{Platform, first_difference, registered_platform};
pub(crate) use sign_in_cookie::{SignInCookie, expired_cookie};
