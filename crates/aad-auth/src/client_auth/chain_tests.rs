//! The order in which secrets and methods are tried.

use super::*;

fn chain(secrets: &[&str]) -> Result<ClientCredential, CredentialError> {
    ClientCredential::secrets(secrets.iter().map(|text| Secret::from(*text)), None)
}

#[test]
fn no_secret_is_refused() {
    assert_eq!(chain(&[]).unwrap_err(), CredentialError::Missing);
    assert_eq!(chain(&["good", ""]).unwrap_err(), CredentialError::Missing);
}

#[test]
fn what_cannot_be_a_secret_is_refused() {
    for text in ["a\nb", " a", "a ", "ä", &"a".repeat(1025)] {
        assert_eq!(
            chain(&[text]).unwrap_err(),
            CredentialError::MalformedSecret
        );
    }
    assert_eq!(chain(&["a"; 5]).unwrap_err(), CredentialError::TooMany);
}

#[test]
fn debug_shows_no_secret() {
    let credential = chain(&["canary-one", "canary-two"]).unwrap();
    assert!(!format!("{credential:?}").contains("canary"));
}

use ClientAuthMethod::{ClientSecretBasic, ClientSecretPost};

const BOTH: &[ClientAuthMethod] = &[ClientSecretBasic, ClientSecretPost];
const POST: ClientAuth = ClientAuth::SecretPost;
const BASIC: ClientAuth = ClientAuth::SecretBasic;

fn choices(
    credential: &ClientCredential,
    offered: &[ClientAuthMethod],
) -> Vec<(usize, ClientAuth)> {
    let choices = credential.choices(offered).unwrap();
    choices
        .iter()
        .map(|choice| (choice.position, choice.method))
        .collect()
}

#[test]
fn each_proof_is_tried_once_and_the_accepted_one_first() {
    let credential = chain(&["a", "b", "c"]).unwrap();
    let post = &BOTH[1..];
    assert_eq!(
        choices(&credential, post),
        [(0, POST), (1, POST), (2, POST)]
    );
    credential.accept(credential.choices(post).unwrap()[1], post);
    let after = choices(&credential.clone(), post);
    assert_eq!(after, [(1, POST), (2, POST), (0, POST)]);
}

#[test]
fn r70_each_proof_is_tried_by_each_offered_method_and_other_metadata_is_another_choice() {
    let credential = chain(&["a", "b"]).unwrap();
    let all = [(0, POST), (1, POST), (0, BASIC), (1, BASIC)];
    assert_eq!(choices(&credential, BOTH), all);
    credential.accept(credential.choices(BOTH).unwrap()[3], BOTH);
    let after = [(1, BASIC), (0, BASIC), (1, POST), (0, POST)];
    assert_eq!(choices(&credential, BOTH), after);
    let changed = [ClientSecretPost, ClientSecretBasic];
    let anew = [(1, POST), (0, POST), (1, BASIC), (0, BASIC)];
    assert_eq!(choices(&credential, &changed), anew);
}

#[test]
fn r70_the_configured_method_is_the_only_one() {
    let secret = Secret::from("a");
    let credential = ClientCredential::secrets([secret], Some(BASIC)).unwrap();
    assert_eq!(choices(&credential, BOTH), [(0, BASIC)]);
}
