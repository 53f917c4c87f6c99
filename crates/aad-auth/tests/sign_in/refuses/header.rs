//! ID tokens whose header or form is not acceptable (abuse A), through the whole sign-in.

use entra_emulator::{Emulator, Fault, Mutation};
use serde_json::json;

use super::refuses_in;
use crate::support::{App, World};

refuses! {
    a11_a_chain_of_the_attackers: Mutation::x5c() => "AAD-TOKEN-SIGNATURE";
    a12_an_unknown_critical_extension: Mutation::unknown_crit() => "AAD-TOKEN-CRIT";
    a13_an_unencoded_payload: Mutation::b64_false(false) => "AAD-TOKEN-CRIT";
    a13_an_unencoded_payload_marked_critical: Mutation::b64_false(true) => "AAD-TOKEN-CRIT";
    a14_an_access_token_by_type: Mutation::typ("at+jwt") => "AAD-TOKEN-TYP";
    a14_a_logout_token_by_type: Mutation::typ("logout+jwt") => "AAD-TOKEN-TYP";
    a15_an_encrypted_token: Mutation::encrypted() => "AAD-TOKEN-SHAPE";
    a16_two_parts: Mutation::two_parts() => "AAD-TOKEN";
    a16_four_parts: Mutation::four_parts() => "AAD-TOKEN-SHAPE";
    a16_spaces: Mutation::spaced() => "AAD-TOKEN-SHAPE";
    a16_a_line_feed: Mutation::line_feed() => "AAD-TOKEN-SHAPE";
    a16_padding: Mutation::padded() => "AAD-TOKEN-SHAPE";
    a16_standard_base64: Mutation::standard_base64() => "AAD-TOKEN-SHAPE";
    a17_a_duplicate_algorithm: Mutation::duplicate_alg() => "AAD-TOKEN-HEADER";
    a19_a_numeric_key_id: Mutation::kid(5) => "AAD-TOKEN-KID";
    a19_a_null_key_id: Mutation::kid(json!(null)) => "AAD-TOKEN-KID";
    a19_a_long_key_id: Mutation::huge_kid(300) => "AAD-TOKEN-KID";
    a19_a_key_id_beyond_any_cap: Mutation::huge_kid(100_000) => "AAD-TOKEN-SIZE";
    a19_a_path_as_key_id: Mutation::kid("../../../../etc/passwd") => "AAD-TOKEN-KID";
    a19_a_query_as_key_id: Mutation::kid("' OR 1=1 --") => "AAD-TOKEN-KID";
    f11_no_key_id_among_several_keys: Mutation::without_kid() => "AAD-TOKEN-KID";
}

/// Where the metadata offers it, that is no permission.
#[actix_web::test]
async fn a2_an_algorithm_that_the_metadata_offers() {
    let emulator = Emulator::builder().start().unwrap();
    let offered = json!(["none", "HS256", "RS384", "RS256"]);
    let member = "id_token_signing_alg_values_supported";
    emulator
        .control()
        .faults()
        .set(Fault::metadata(member, offered));
    let app = App::start(&emulator, |source| source);
    let world = World { emulator, app };
    for mutation in [
        Mutation::alg_none(),
        Mutation::hs256_with_client_secret(),
        Mutation::algorithm("RS384"),
    ] {
        refuses_in(&world, mutation, "AAD-TOKEN").await;
    }
}
