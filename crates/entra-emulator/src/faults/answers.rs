//! Constructors of faults that replace or change an answer.

use serde_json::Value;

use super::{Answer, AnswerBody, AuthorizeEdit, Effect, Endpoint, Fault, KeyEdit};
use crate::jwt::{MemberEdit, Mutation};

impl Fault {
    /// Answers with this status and no body.
    #[must_use]
    pub fn status(on: Endpoint, status: u16) -> Self {
        Self::answer(on, status, "text/plain", AnswerBody::Empty)
    }

    /// Answers 429 with this `Retry-After` and a body of plain text, as the platform's gateway does.
    #[must_use]
    pub fn throttled(on: Endpoint, retry_after: &str) -> Self {
        let headers = vec![
            ("Content-Type".to_owned(), "text/plain".to_owned()),
            ("Retry-After".to_owned(), retry_after.to_owned()),
        ];
        let body = AnswerBody::Text("Too many requests. Try again later.".to_owned());
        Self::new(
            on,
            Effect::Answer(Answer {
                status: 429,
                headers,
                body,
            }),
        )
    }

    /// Answers with this status and an HTML page, as a proxy does.
    #[must_use]
    pub fn html(on: Endpoint, status: u16) -> Self {
        let page =
            "<!doctype html><html><title>Gateway</title><body><h1>Gateway error</h1></body></html>";
        Self::answer(on, status, "text/html", AnswerBody::Text(page.to_owned()))
    }

    /// Answers 200 with this text as `application/json`.
    #[must_use]
    pub fn body(on: Endpoint, text: &str) -> Self {
        Self::answer(
            on,
            200,
            "application/json",
            AnswerBody::Text(text.to_owned()),
        )
    }

    /// Redirects to an address with this status.
    #[must_use]
    pub fn redirect(on: Endpoint, status: u16, to: &str) -> Self {
        let headers = vec![("Location".to_owned(), to.to_owned())];
        Self::new(
            on,
            Effect::Answer(Answer {
                status,
                headers,
                body: AnswerBody::Empty,
            }),
        )
    }

    /// Answers with a JSON object of this number of bytes, at most 256 MiB.
    #[must_use]
    pub fn huge(on: Endpoint, bytes: usize) -> Self {
        Self::answer(on, 200, "application/json", AnswerBody::Huge(bytes))
    }

    /// Answers with JSON arrays nested to this depth.
    #[must_use]
    pub fn deep(on: Endpoint, depth: usize) -> Self {
        Self::answer(on, 200, "application/json", AnswerBody::Deep(depth))
    }

    /// Answers with a small gzip stream that unpacks to this number of bytes, at most 2 GiB.
    #[must_use]
    pub fn gzip_bomb(on: Endpoint, bytes: usize) -> Self {
        Self::answer(on, 200, "application/json", AnswerBody::GzipBomb(bytes))
    }

    /// Answers with any status, content type and body.
    #[must_use]
    pub fn answer(on: Endpoint, status: u16, content_type: &str, body: AnswerBody) -> Self {
        let headers = vec![("Content-Type".to_owned(), content_type.to_owned())];
        Self::new(
            on,
            Effect::Answer(Answer {
                status,
                headers,
                body,
            }),
        )
    }

    /// Sets a member of the discovery document.
    #[must_use]
    pub fn metadata(member: &str, value: impl Into<Value>) -> Self {
        Self::document(
            Endpoint::Discovery,
            MemberEdit::Set(member.to_owned(), value.into()),
        )
    }

    /// Removes a member of the discovery document.
    #[must_use]
    pub fn metadata_without(member: &str) -> Self {
        Self::document(Endpoint::Discovery, MemberEdit::Remove(member.to_owned()))
    }

    /// Sets a member of the token answer.
    #[must_use]
    pub fn token_answer(member: &str, value: impl Into<Value>) -> Self {
        Self::document(
            Endpoint::Token,
            MemberEdit::Set(member.to_owned(), value.into()),
        )
    }

    /// Removes a member of the token answer.
    #[must_use]
    pub fn token_answer_without(member: &str) -> Self {
        Self::document(Endpoint::Token, MemberEdit::Remove(member.to_owned()))
    }

    /// Changes the JSON object of the answer.
    #[must_use]
    pub fn document(on: Endpoint, edit: MemberEdit) -> Self {
        Self::new(on, Effect::Document(vec![edit]))
    }

    /// Changes the key set.
    #[must_use]
    pub fn keys(edit: KeyEdit) -> Self {
        Self::new(Endpoint::Keys, Effect::KeySet(vec![edit]))
    }

    /// Makes ID tokens wrong.
    #[must_use]
    pub fn id_token(mutation: Mutation) -> Self {
        Self::new(Endpoint::Token, Effect::IdToken(mutation))
    }

    /// Makes access tokens wrong.
    #[must_use]
    pub fn access_token(mutation: Mutation) -> Self {
        Self::new(Endpoint::Token, Effect::AccessToken(mutation))
    }

    /// Makes back-channel logout tokens wrong; see [`Switches::back_channel_logout`](crate::Switches).
    #[must_use]
    pub fn logout_token(mutation: Mutation) -> Self {
        Self::new(Endpoint::Logout, Effect::LogoutToken(mutation))
    }

    /// Changes the authorization response.
    #[must_use]
    pub fn authorization_response(edit: AuthorizeEdit) -> Self {
        Self::new(
            Endpoint::Authorize,
            Effect::AuthorizationResponse(vec![edit]),
        )
    }
}
