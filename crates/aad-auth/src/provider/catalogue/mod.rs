//! The catalogue of refusals: advice for an AADSTS number or an OAuth error code, in the crate's own
//! sentences. Advice is for people. The crate decides by [`Fault::error`] and [`Fault::suberror`],
//! since Entra may change its numbers at any time ("Error codes", identity platform).

mod advice;
mod entra;
mod oauth;

pub use advice::{Advice, Audience};

use super::Fault;

/// The advice for one AADSTS number.
pub fn lookup(code: u32) -> Option<&'static Advice> {
    let found = entra::TABLE.binary_search_by_key(&code, |row| row.0).ok()?;
    entra::TABLE.get(found).map(|row| &row.1)
}

/// The advice for a refusal: by the first known AADSTS number, else by the error code, else general
/// advice.
pub fn advise(fault: &Fault) -> &'static Advice {
    by_number(fault)
        .or_else(|| oauth::lookup(fault.error()))
        .unwrap_or(&oauth::UNKNOWN)
}

/// The advice where the provider refused the client credential: by the first known AADSTS number,
/// else the same for every error code. Providers use many codes for it, some with other meanings.
pub fn advise_credential(fault: &Fault) -> &'static Advice {
    by_number(fault).unwrap_or(&oauth::CREDENTIAL)
}

fn by_number(fault: &Fault) -> Option<&'static Advice> {
    fault.codes().iter().find_map(|code| lookup(*code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order_and_names_each_number_once() {
        assert!(entra::TABLE.windows(2).all(|pair| pair[0].0 < pair[1].0));
        assert!(entra::TABLE.len() >= 60, "{}", entra::TABLE.len());
        for (code, advice) in entra::TABLE {
            assert_eq!(lookup(*code), Some(advice));
        }
    }

    #[test]
    fn each_advice_is_made_of_sentences() {
        let words = oauth::TABLE.iter().map(|row| &row.1);
        for advice in entra::TABLE.iter().map(|row| &row.1).chain(words) {
            for text in [advice.cause, advice.next_step] {
                assert!(text.ends_with('.'), "{text}");
                assert!(text.starts_with(char::is_uppercase), "{text}");
            }
        }
    }

    #[test]
    fn an_unknown_number_falls_back_to_the_error_code() {
        let fault = |body: &str| Fault::from_json(body.as_bytes()).unwrap();
        let by_word = fault(r#"{"error":"temporarily_unavailable","error_codes":[1]}"#);
        assert!(advise(&by_word).retryable);
        let by_number = fault(r#"{"error":"invalid_client","error_codes":[1,7000222]}"#);
        assert!(advise(&by_number).cause.contains("expired"));
        let neither = fault(r#"{"error":"<script>alert(1)</script>"}"#);
        assert_eq!(advise(&neither), &oauth::UNKNOWN);
    }

    #[test]
    fn r120_a_refused_credential_has_one_advice_for_every_word_but_a_known_number() {
        for word in ["unauthorized_client", "invalid_request", "bad_secret"] {
            let body = format!(r#"{{"error":"{word}"}}"#);
            let fault = Fault::from_json(body.as_bytes()).unwrap();
            let advice = advise_credential(&fault);
            assert!(advice.next_step.contains("AAD_CLIENT_SECRET"), "{word}");
            assert_ne!(advise(&fault), advice, "{word}");
        }
        let body = r#"{"error":"unauthorized_client","error_codes":[7000222]}"#;
        let by_number = Fault::from_json(body.as_bytes()).unwrap();
        assert_eq!(advise_credential(&by_number), advise(&by_number));
    }
}
