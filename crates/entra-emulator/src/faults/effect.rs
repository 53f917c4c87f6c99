use serde::{Deserialize, Serialize};

use super::KeyEdit;
use crate::jwt::{MemberEdit, Mutation};

/// What happens.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// The answer waits so many milliseconds.
    Delay(u64),
    /// No answer ever comes; the connection stays open.
    Hang,
    /// The answer's body comes one byte at a time, with so many milliseconds between.
    Drip(u64),
    /// The connection is closed without an answer.
    Close,
    /// The announced length is the right one, but half the body comes; then the connection is closed.
    Cut,
    /// Another answer in the place of the right one (which is not even computed).
    Answer(Answer),
    /// The JSON object of the answer is changed: metadata members, token answers.
    Document(Vec<MemberEdit>),
    /// The status and content type of the right answer are changed; its body stays.
    Wrapping {
        /// The status.
        status: u16,
        /// The content type; nothing: as it is.
        content_type: Option<String>,
    },
    /// The key set is changed.
    KeySet(Vec<KeyEdit>),
    /// ID tokens are changed (set on the token endpoint).
    IdToken(Mutation),
    /// Access tokens are changed (set on the token endpoint).
    AccessToken(Mutation),
    /// Logout tokens are changed (set on the logout endpoint; see [`Switches::back_channel_logout`](crate::Switches)).
    LogoutToken(Mutation),
    /// The parameters of the authorization response are changed.
    AuthorizationResponse(Vec<AuthorizeEdit>),
}

/// An answer made up by a fault.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// Header fields, `Content-Type` among them.
    #[serde(default)]
    pub headers: Vec<(String, String)>,
    /// The body.
    #[serde(default)]
    pub body: AnswerBody,
}

/// The body of a made-up answer.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AnswerBody {
    /// Nothing.
    #[default]
    Empty,
    /// This text.
    Text(String),
    /// A JSON object with a text of so many bytes.
    Huge(usize),
    /// JSON arrays nested so deep.
    Deep(usize),
    /// A gzip stream that unpacks to so many bytes of blanks (with `Content-Encoding: gzip`).
    GzipBomb(usize),
}

/// One change of the authorization response's parameters.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthorizeEdit {
    /// Sets a parameter.
    Set(String, String),
    /// Adds a parameter although its name is there.
    Append(String, String),
    /// Repeats a parameter.
    Repeat(String),
    /// Removes a parameter.
    Remove(String),
    /// Adds so many characters to a parameter.
    Grow(String, usize),
    /// Adds the right `iss` of RFC 9207.
    AddIssuer,
}
