//! The authorization endpoint: checks, single sign-on, the sign-in pages and the response.

mod account_pages;
mod checked;
mod consent;
mod endpoint;
mod forms;
mod issue;
mod page_state;
mod profile;
mod prompt;
mod request;
mod respond;
mod response_edit;
mod sign_in;
mod sign_in_cookie;
mod step;

pub(crate) use endpoint::authorize;
pub(crate) use forms::{consent_form, login_form, profile_form, username_form};
pub(crate) use sign_in_cookie::{SignInCookie, expired_cookie};
