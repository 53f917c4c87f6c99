//! The effects of faults.

use serde::{Deserialize, Serialize};

use super::KeyEdit;
use crate::jwt::{MemberEdit, Mutation};

/// The effect of a [`Fault`](super::Fault); its constructors cover most of them.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Effect {
    /// Delays the answer by this number of milliseconds.
    Delay(u64),
    /// Never answers; the connection stays open.
    Hang,
    /// Sends the body one byte at a time, with this number of milliseconds before each.
    Drip(u64),
    /// Closes the connection without an answer.
    Close,
    /// Announces the right length, sends half the body and closes the connection.
    Cut,
    /// Sends another answer; the request has no effect.
    Answer(Answer),
    /// Changes members of the answer's JSON object.
    Document(Vec<MemberEdit>),
    /// Changes status and content type of the answer, and keeps its body.
    Wrapping {
        /// The status; an invalid one is sent as 200.
        status: u16,
        /// `None` keeps the content type.
        content_type: Option<String>,
    },
    /// Changes the key set.
    KeySet(Vec<KeyEdit>),
    /// Changes ID tokens; set it on [`Endpoint::Token`](super::Endpoint::Token).
    IdToken(Mutation),
    /// Changes access tokens; set it on [`Endpoint::Token`](super::Endpoint::Token).
    AccessToken(Mutation),
    /// Changes back-channel logout tokens; set it on [`Endpoint::Logout`](super::Endpoint::Logout).
    LogoutToken(Mutation),
    /// Changes the parameters of the authorization response.
    AuthorizationResponse(Vec<AuthorizeEdit>),
}

impl Effect {
    /// Tells whether the effect is one on the connection or the whole answer.
    pub(super) fn is_transport(&self) -> bool {
        matches!(
            self,
            Self::Delay(_)
                | Self::Hang
                | Self::Drip(_)
                | Self::Close
                | Self::Cut
                | Self::Answer(_)
                | Self::Wrapping { .. }
        )
    }
}

/// An answer that a fault sends instead of the right one.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub struct Answer {
    /// The status; an invalid one is sent as 500.
    pub status: u16,
    /// The header fields, with `Content-Type`.
    #[serde(default)]
    pub headers: Vec<(String, String)>,
    /// The body; default: empty.
    #[serde(default)]
    pub body: AnswerBody,
}

/// The body of an [`Answer`].
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AnswerBody {
    /// No body.
    #[default]
    Empty,
    /// A text.
    Text(String),
    /// A JSON object with a text of this number of bytes, at most 256 MiB.
    Huge(usize),
    /// JSON arrays nested to this depth.
    Deep(usize),
    /// A gzip stream that unpacks to this number of spaces, at most 2 GiB; `Content-Encoding: gzip` is added.
    GzipBomb(usize),
}

/// A change of the parameters of an authorization response.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AuthorizeEdit {
    /// Sets a parameter.
    Set(String, String),
    /// Adds a parameter beside the one that is there.
    Append(String, String),
    /// Repeats a parameter.
    Repeat(String),
    /// Removes a parameter.
    Remove(String),
    /// Appends this number of characters to a parameter, at most 1 MiB.
    Grow(String, usize),
    /// Adds the right `iss` (RFC 9207).
    AddIssuer,
}
