//! The key of a user, and the text under which applications store data of the user.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::{Oid, Sub, Tid};

/// The key under which an application may store data of a user. It has no e-mail address and no name: those
/// change their owners, and any tenant may claim any of them (abuse B16).
///
/// To store it, use [`to_storage_key`](Self::to_storage_key). There is no `Display`, and `Debug` shows no
/// part of the key: a table keyed by its output would merge all users.
///
/// ```
/// # use aad_auth::UserKey;
/// # fn run(stored: &str) -> Result<(), aad_auth::BadUserKey> {
/// let key: UserKey = stored.parse()?;
/// assert_eq!(key.to_storage_key(), stored);
/// # Ok(())
/// # }
/// # run("entra/f645ad92-e38d-4d1a-b510-d1b09a74a8ca/00000000-0000-0000-66f3-3332eca7ea81").unwrap();
/// ```
#[derive(Clone, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[non_exhaustive]
pub enum UserKey {
    /// A user of Entra ID. The key is the same in all applications of the tenant.
    Directory {
        /// The tenant.
        tid: Tid,
        /// The user's object id in the tenant.
        oid: Oid,
    },
    /// A user of a user flow or of a generic provider.
    Subject {
        /// The issuer.
        iss: Box<str>,
        /// The user's subject at the issuer.
        sub: Sub,
    },
}

/// The text is not the storage key of a user.
///
/// See [`UserKey`] for an example.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error(
    "not the storage key of a user: it must be entra/<tenant>/<object id> or \
     oidc/<issuer>/<subject>, as UserKey::to_storage_key() writes it"
)]
pub struct BadUserKey;

impl UserKey {
    /// The text form of the key, for a column of a table or the name of a file or object.
    ///
    /// The form is `entra/<tid>/<oid>` or `oidc/<iss>/<sub>`. Two users never have the same text, and the
    /// text never changes between releases. It has lower-case letters, digits and `-._~/%` only. Other
    /// characters, also upper-case letters, are percent-encoded with lower-case digits. So a column that
    /// ignores case does not merge two users. Length: usually under 200 bytes; a subject of 255 upper-case
    /// letters takes 765.
    ///
    /// The text is personal data. Do not log it.
    pub fn to_storage_key(&self) -> String {
        let (kind, first, second) = match self {
            Self::Directory { tid, oid } => (ENTRA, tid.as_str(), oid.as_str()),
            Self::Subject { iss, sub } => (OIDC, &**iss, sub.as_str()),
        };
        let mut text = String::from(kind);
        for part in [first, second] {
            text.push('/');
            encode(part, &mut text);
        }
        text
    }
}

impl FromStr for UserKey {
    type Err = BadUserKey;

    /// Parses the exact output of [`UserKey::to_storage_key`].
    fn from_str(text: &str) -> Result<Self, BadUserKey> {
        let mut parts = text.split('/');
        let (Some(kind), Some(first), Some(second), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(BadUserKey);
        };
        let first = decode(first).ok_or(BadUserKey)?;
        let second = decode(second).ok_or(BadUserKey)?;
        let key = match kind {
            ENTRA => Self::Directory {
                tid: Tid::parse(&first).ok_or(BadUserKey)?,
                oid: Oid::parse(&second).ok_or(BadUserKey)?,
            },
            OIDC => Self::Subject {
                iss: first.into(),
                sub: Sub::parse(&second).ok_or(BadUserKey)?,
            },
            _ => return Err(BadUserKey),
        };
        // Refuses other encodings of the same key.
        (key.to_storage_key() == text)
            .then_some(key)
            .ok_or(BadUserKey)
    }
}

impl fmt::Debug for UserKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UserKey(personal; to store it, use to_storage_key())")
    }
}

fn encode(part: &str, text: &mut String) {
    use fmt::Write;
    for byte in part.bytes() {
        match byte {
            b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => text.push(char::from(byte)),
            // Writing to a String cannot fail.
            _ => drop(write!(text, "%{byte:02x}")),
        }
    }
}

fn decode(part: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(part.len());
    let mut rest = part.bytes();
    while let Some(byte) = rest.next() {
        let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
        bytes.push(match byte {
            b'%' => u8::try_from(digit(rest.next())? * 16 + digit(rest.next())?).ok()?,
            plain => plain,
        });
    }
    String::from_utf8(bytes).ok()
}

const ENTRA: &str = "entra";
const OIDC: &str = "oidc";

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TENANT: &str = "f645ad92-e38d-4d1a-b510-d1b09a74a8ca";

    fn subject(iss: &str, sub: &str) -> UserKey {
        UserKey::Subject {
            iss: iss.into(),
            sub: Sub::parse(sub).unwrap(),
        }
    }

    #[test]
    fn the_text_is_the_documented_one() {
        let directory = UserKey::Directory {
            tid: Tid::parse(TENANT).unwrap(),
            oid: Oid::parse("AbC").unwrap(),
        };
        assert_eq!(
            directory.to_storage_key(),
            format!("entra/{TENANT}/%41b%43")
        );
        assert_eq!(
            subject("https://id.example.test/", "a/b|C").to_storage_key(),
            "oidc/https%3a%2f%2fid.example.test%2f/a%2fb%7c%43"
        );
    }

    #[test]
    fn refuses_every_text_that_it_does_not_write() {
        for text in [
            "",
            "entra",
            "entra//",
            "entra/common/a",
            &format!("entra/{TENANT}"),
            &format!("entra/{TENANT}/a/b"),
            &format!("entra/{TENANT}/A"),
            &format!("entra/{TENANT}/%61"),
            &format!("entra/{TENANT}/%4A"),
            &format!("entra/{TENANT}/%zz"),
            &format!("entra/{TENANT}/%4"),
            &format!("entra/{TENANT}/a "),
            &format!("Entra/{TENANT}/a"),
            &format!("entra/{}/a", TENANT.to_uppercase()),
            "oidc/https%3a%2f%2fa/%ff",
            "oidc/%C3%A9/a",
        ] {
            assert_eq!(text.parse::<UserKey>(), Err(BadUserKey), "{text}");
        }
    }

    #[test]
    fn debug_shows_no_part_of_the_key_and_is_no_key() {
        let shown = format!("{:?}", subject("https://canary.test", "canary"));
        assert!(!shown.contains("canary"));
        assert!(shown.parse::<UserKey>().is_err() && shown.contains("to_storage_key"));
    }

    proptest! {
        #[test]
        fn the_text_leads_back_to_the_key(iss in "\\PC{0,40}", sub in "[!-~]([ -~]{0,20}[!-~])?") {
            let key = subject(&iss, &sub);
            let text = key.to_storage_key();
            prop_assert_eq!(text.parse::<UserKey>().ok(), Some(key));
            prop_assert_eq!(&text.to_ascii_lowercase(), &text);
            prop_assert!(text.bytes().all(|byte| byte.is_ascii_graphic()));
        }

        #[test]
        fn two_users_never_share_a_text(
            a in ("[a-cA-C/%. :]{0,6}", "[a-cA-C/%:]{1,6}"),
            b in ("[a-cA-C/%. :]{0,6}", "[a-cA-C/%:]{1,6}"),
        ) {
            let same = a == b;
            let (a, b) = (subject(&a.0, &a.1), subject(&b.0, &b.1));
            let equal = a.to_storage_key().eq_ignore_ascii_case(&b.to_storage_key());
            prop_assert_eq!(equal, same);
        }
    }
}
