use serde::{Deserialize, Serialize};

use super::{Answer, AnswerBody, AuthorizeEdit, Effect, Endpoint, KeyEdit};
use crate::jwt::{MemberEdit, Mutation};

/// A fault: what happens, where, and how often.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Fault {
    /// The endpoint it strikes.
    pub on: Endpoint,
    /// What happens.
    pub effect: Effect,
    /// How often; nothing: until cleared.
    #[serde(default)]
    pub times: Option<u32>,
    /// Strikes only token requests with this `grant_type`; nothing: all requests. For effects on the connection and
    /// the whole answer (delay, hang, drip, close, cut, answer, wrapping).
    #[serde(default)]
    pub grant_type: Option<String>,
}

impl Fault {
    /// An effect on an endpoint, until cleared.
    #[must_use]
    pub fn new(on: Endpoint, effect: Effect) -> Self {
        Self {
            on,
            effect,
            times: None,
            grant_type: None,
        }
    }

    /// For token requests with this `grant_type` only, such as `refresh_token`.
    #[must_use]
    pub fn for_grant(mut self, grant_type: &str) -> Self {
        self.grant_type = Some(grant_type.to_owned());
        self
    }

    /// For the next request only.
    #[must_use]
    pub fn once(self) -> Self {
        self.times(1)
    }

    /// For the next so many requests.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }

    /// The answer waits so many milliseconds.
    #[must_use]
    pub fn delay(on: Endpoint, milliseconds: u64) -> Self {
        Self::new(on, Effect::Delay(milliseconds))
    }

    /// No answer ever comes.
    #[must_use]
    pub fn hang(on: Endpoint) -> Self {
        Self::new(on, Effect::Hang)
    }

    /// The body comes one byte a second.
    #[must_use]
    pub fn drip(on: Endpoint) -> Self {
        Self::new(on, Effect::Drip(1000))
    }

    /// The connection is closed without an answer.
    #[must_use]
    pub fn close(on: Endpoint) -> Self {
        Self::new(on, Effect::Close)
    }

    /// Half the body, then the connection is closed.
    #[must_use]
    pub fn cut(on: Endpoint) -> Self {
        Self::new(on, Effect::Cut)
    }

    /// An empty answer of this status.
    #[must_use]
    pub fn status(on: Endpoint, status: u16) -> Self {
        Self::answer(on, status, "text/plain", AnswerBody::Empty)
    }

    /// 429 with `Retry-After` as given and a body of plain text, as the platform's front door sends it.
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

    /// An HTML page of this status, as a proxy on the way sends it.
    #[must_use]
    pub fn html(on: Endpoint, status: u16) -> Self {
        let page =
            "<!doctype html><html><title>Gateway</title><body><h1>Gateway error</h1></body></html>";
        Self::answer(on, status, "text/html", AnswerBody::Text(page.to_owned()))
    }

    /// This text with status 200 and the content type of JSON.
    #[must_use]
    pub fn body(on: Endpoint, text: &str) -> Self {
        Self::answer(
            on,
            200,
            "application/json",
            AnswerBody::Text(text.to_owned()),
        )
    }

    /// A redirect of this status to any address.
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

    /// A body of so many bytes.
    #[must_use]
    pub fn huge(on: Endpoint, bytes: usize) -> Self {
        Self::answer(on, 200, "application/json", AnswerBody::Huge(bytes))
    }

    /// JSON nested so deep.
    #[must_use]
    pub fn deep(on: Endpoint, depth: usize) -> Self {
        Self::answer(on, 200, "application/json", AnswerBody::Deep(depth))
    }

    /// A small gzip stream that unpacks to so many bytes.
    #[must_use]
    pub fn gzip_bomb(on: Endpoint, bytes: usize) -> Self {
        Self::answer(on, 200, "application/json", AnswerBody::GzipBomb(bytes))
    }

    /// Any made-up answer.
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
    pub fn metadata(member: &str, value: impl Into<serde_json::Value>) -> Self {
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
    pub fn token_answer(member: &str, value: impl Into<serde_json::Value>) -> Self {
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

    /// One change of a JSON answer.
    #[must_use]
    pub fn document(on: Endpoint, edit: MemberEdit) -> Self {
        Self::new(on, Effect::Document(vec![edit]))
    }

    /// One change of the key set.
    #[must_use]
    pub fn keys(edit: KeyEdit) -> Self {
        Self::new(Endpoint::Keys, Effect::KeySet(vec![edit]))
    }

    /// A wrong ID token.
    #[must_use]
    pub fn id_token(mutation: Mutation) -> Self {
        Self::new(Endpoint::Token, Effect::IdToken(mutation))
    }

    /// A wrong access token.
    #[must_use]
    pub fn access_token(mutation: Mutation) -> Self {
        Self::new(Endpoint::Token, Effect::AccessToken(mutation))
    }

    /// A wrong logout token.
    #[must_use]
    pub fn logout_token(mutation: Mutation) -> Self {
        Self::new(Endpoint::Logout, Effect::LogoutToken(mutation))
    }

    /// One change of the authorization response.
    #[must_use]
    pub fn authorization_response(edit: AuthorizeEdit) -> Self {
        Self::new(
            Endpoint::Authorize,
            Effect::AuthorizationResponse(vec![edit]),
        )
    }
}
