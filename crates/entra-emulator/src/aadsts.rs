//! Refusals under the platform's numbers (`AADSTS…`), told as a page, as a redirect or as JSON.

use serde::Serialize;

/// Why a request is refused.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    pub(crate) error: &'static str,
    pub(crate) code: u32,
    pub(crate) message: String,
    pub(crate) suberror: Option<&'static str>,
    pub(crate) claims: Option<String>,
    pub(crate) fix: Option<Box<Fix>>,
}

/// The box "What to fix" of the error page.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Fix {
    /// What to do, in one or two sentences.
    pub(crate) advice: String,
    /// What the request held; empty where that is not the point.
    pub(crate) sent: String,
    /// What is registered.
    pub(crate) registered: Vec<Registered>,
}

/// A registered value beside the sent one: the part they share, and where they part.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Registered {
    pub(crate) platform: String,
    pub(crate) same: String,
    pub(crate) differs: String,
    pub(crate) sent_differs: String,
}

impl Refusal {
    pub(crate) fn new(error: &'static str, code: u32, message: impl Into<String>) -> Self {
        Self {
            error,
            code,
            message: message.into(),
            suberror: None,
            claims: None,
            fix: None,
        }
    }

    pub(crate) fn invalid_request(code: u32, message: impl Into<String>) -> Self {
        Self::new("invalid_request", code, message)
    }

    pub(crate) fn invalid_grant(code: u32, message: impl Into<String>) -> Self {
        Self::new("invalid_grant", code, message)
    }

    pub(crate) fn invalid_client(code: u32, message: impl Into<String>) -> Self {
        Self::new("invalid_client", code, message)
    }

    /// 900144: a field is missing.
    pub(crate) fn missing(field: &str) -> Self {
        Self::invalid_request(
            900_144,
            format!("The request must contain the following parameter: '{field}'."),
        )
    }

    pub(crate) fn with_suberror(mut self, suberror: &'static str) -> Self {
        self.suberror = Some(suberror);
        self
    }

    pub(crate) fn advise(mut self, advice: impl Into<String>) -> Self {
        self.fix.get_or_insert_default().advice = advice.into();
        self
    }

    /// Lays what was sent beside what is registered. `parts` tells where a registered address and the sent one part.
    pub(crate) fn compare<'a>(
        mut self,
        sent: &str,
        registered: impl Iterator<Item = (&'static str, &'a str)>,
        parts: impl Fn(&str, &str) -> (usize, usize),
    ) -> Self {
        let fix = self.fix.get_or_insert_default();
        sent.clone_into(&mut fix.sent);
        fix.registered = registered
            .map(|(platform, value)| Registered::new(platform, value, sent, parts(platform, value)))
            .collect();
        self
    }

    /// The status of the token endpoint's answer (`entra.md` 3.5).
    pub(crate) fn status(&self) -> u16 {
        match self.error {
            "invalid_client" => 401,
            "temporarily_unavailable" => 503,
            _ => 400,
        }
    }
}

impl Registered {
    /// `ours` and `theirs` are the bytes before the first difference.
    fn new(platform: &str, value: &str, sent: &str, (ours, theirs): (usize, usize)) -> Self {
        let part = |text: &str, from: usize| text.get(from..).unwrap_or_default().to_owned();
        Self {
            platform: platform.to_owned(),
            same: value.get(..ours).unwrap_or_default().to_owned(),
            differs: part(value, ours),
            sent_differs: part(sent, theirs),
        }
    }
}
