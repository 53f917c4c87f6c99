//! Refusals with the platform's error numbers (`AADSTS…`), answered as a page, as a redirect or as JSON.

use serde::Serialize;

/// The reason for which a request is refused.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    /// The OAuth error code, such as `invalid_request`.
    pub(crate) error: &'static str,
    /// The number behind `AADSTS`.
    pub(crate) code: u32,
    pub(crate) message: String,
    pub(crate) suberror: Option<&'static str>,
    pub(crate) fix: Option<Box<Fix>>,
}

/// The box "What to fix" of the error page.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Fix {
    /// The developer's remedy, in one or two sentences.
    pub(crate) advice: String,
    /// The value that the request sent; empty where the refusal compares no values.
    pub(crate) sent: String,
    /// The registered values that the sent one was compared with.
    pub(crate) registered: Vec<Registered>,
}

/// A registered value compared with the sent one, divided at the first difference.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Registered {
    pub(crate) platform: String,
    /// The registered value before the first difference.
    pub(crate) same: String,
    /// The registered value from the first difference on.
    pub(crate) differs: String,
    /// The sent value from the first difference on.
    pub(crate) sent_differs: String,
}

impl Refusal {
    pub(crate) fn new(error: &'static str, code: u32, message: impl Into<String>) -> Self {
        Self {
            error,
            code,
            message: message.into(),
            suberror: None,
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

    /// 9002313: a parameter is repeated (RFC 6749 sections 3.1 and 3.2 forbid it).
    pub(crate) fn repeated(parameter: &str) -> Self {
        Self::invalid_request(
            9_002_313,
            format!(
                "Invalid request. Request is malformed or invalid: the parameter '{parameter}' is repeated."
            ),
        )
    }

    /// 901002: the v1 parameter `resource`.
    pub(crate) fn resource_parameter() -> Self {
        Self::invalid_request(
            901_002,
            "The 'resource' request parameter is not supported.",
        )
    }

    /// 7000218: a confidential client sent no credential.
    pub(crate) fn credential_missing() -> Self {
        Self::invalid_client(
            7_000_218,
            "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
        )
    }

    pub(crate) fn with_suberror(mut self, suberror: &'static str) -> Self {
        self.suberror = Some(suberror);
        self
    }

    /// Adds the developer's remedy, for the box "What to fix".
    pub(crate) fn advise(mut self, advice: impl Into<String>) -> Self {
        self.fix.get_or_insert_default().advice = advice.into();
        self
    }

    /// Compares the sent value with the registered ones. `first_difference` takes a platform and a registered value, and
    /// returns the offset of the first difference in the registered and in the sent value.
    pub(crate) fn compare<'a>(
        mut self,
        sent: &str,
        registered: impl Iterator<Item = (&'static str, &'a str)>,
        first_difference: impl Fn(&str, &str) -> (usize, usize),
    ) -> Self {
        let fix = self.fix.get_or_insert_default();
        sent.clone_into(&mut fix.sent);
        fix.registered = registered
            .map(|(platform, value)| {
                Registered::new(platform, value, sent, first_difference(platform, value))
            })
            .collect();
        self
    }

    /// Returns the status with which the token endpoint answers.
    pub(crate) fn status(&self) -> u16 {
        match self.error {
            "invalid_client" => 401,
            "temporarily_unavailable" => 503,
            _ => 400,
        }
    }
}

impl Registered {
    fn new(platform: &str, value: &str, sent: &str, (ours, theirs): (usize, usize)) -> Self {
        let rest = |text: &str, from: usize| text.get(from..).unwrap_or_default().to_owned();
        Self {
            platform: platform.to_owned(),
            same: value.get(..ours).unwrap_or_default().to_owned(),
            differs: rest(value, ours),
            sent_differs: rest(sent, theirs),
        }
    }
}
