//! What the provider's metadata says it can do.

use super::{
    Obstacle, SignInRequirements, jwk, metadata_document::MetadataDocument, obstacle::remedy,
};
use crate::config::{ResponseMode, SigningAlgorithms};

/// The metadata members that decide whether a sign-in can succeed. An absent or empty list makes no
/// statement.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Capabilities {
    response_types: Vec<String>,
    response_modes: Vec<String>,
    challenge_methods: Vec<String>,
    id_token_algorithms: Vec<String>,
    pub(super) client_auth: Vec<String>,
    requires_pushed_requests: bool,
    requires_signed_requests: bool,
}

impl Capabilities {
    pub(super) fn of(document: &MetadataDocument) -> Self {
        let list = |list: &Option<Vec<String>>| list.clone().unwrap_or_default();
        let flag = |flag: Option<bool>| flag.unwrap_or_default();
        Self {
            response_types: list(&document.response_types_supported),
            response_modes: list(&document.response_modes_supported),
            challenge_methods: list(&document.code_challenge_methods_supported),
            id_token_algorithms: list(&document.id_token_signing_alg_values_supported),
            client_auth: list(&document.token_endpoint_auth_methods_supported),
            requires_pushed_requests: flag(document.require_pushed_authorization_requests),
            requires_signed_requests: flag(document.require_signed_request_object),
        }
    }

    /// The reasons why no sign-in can succeed. `proven`: a published key is bound to an accepted
    /// algorithm. Then a list of algorithms without it is out of date, and is ignored.
    pub(super) fn obstacles(
        &self,
        requirements: &SignInRequirements,
        algorithms: SigningAlgorithms,
        proven: bool,
    ) -> impl Iterator<Item = Obstacle> {
        let lacks = |offered: &[String], needed: &str| {
            !offered.is_empty() && !offered.iter().any(|one| one == needed)
        };
        let form_post = ResponseMode::FormPost;
        // `query` is the default of `code`, so the request has no parameter for it (OAuth 2.0 Multiple
        // Response Types section 2.1). Slack answers by query, and lists form_post only.
        let other_mode = requirements.response_mode == form_post
            && lacks(&self.response_modes, form_post.as_str());
        let other_challenge = lacks(&self.challenge_methods, "S256");
        [
            self.requires_pushed_requests
                .then_some(Obstacle::PushedRequests),
            self.requires_signed_requests
                .then_some(Obstacle::SignedRequests),
            other_challenge
                .then(|| Obstacle::ChallengeMethod(plain_names(&self.challenge_methods))),
            lacks(&self.response_types, "code")
                .then(|| Obstacle::ResponseType(plain_names(&self.response_types))),
            other_mode.then(|| Obstacle::ResponseMode(plain_names(&self.response_modes))),
            self.signing_obstacle(algorithms).filter(|_| !proven),
        ]
        .into_iter()
        .flatten()
    }

    fn signing_obstacle(&self, algorithms: SigningAlgorithms) -> Option<Obstacle> {
        let offered = &self.id_token_algorithms;
        let fits = |accepted: SigningAlgorithms| {
            accepted
                .names()
                .find(|name| offered.iter().any(|one| one == name))
        };
        (!offered.is_empty() && fits(algorithms).is_none()).then(|| Obstacle::SigningAlgorithm {
            offered: plain_names(offered),
            remedy: remedy(fits(SigningAlgorithms::ALL)),
        })
    }
}

/// Up to eight plain names of a list in the metadata, for a message to the operator.
pub(super) fn plain_names(list: &[String]) -> String {
    let plain = list.iter().filter(|name| jwk::is_plain_name(name));
    let plain: Vec<_> = plain.take(8).map(String::as_str).collect();
    match plain[..] {
        [] => "nothing that is known here".to_owned(),
        _ => plain.join(", "),
    }
}
