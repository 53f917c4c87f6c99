use std::collections::HashSet;

use proptest::prelude::*;
use serde_json::{Map, Value};

use super::read;

fn document() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i8>().prop_map(Value::from),
        "[abc]{0,2}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        let members = proptest::collection::btree_map("[abc]|roles|groups", inner.clone(), 0..4);
        prop_oneof![
            proptest::collection::vec(inner, 0..4).prop_map(Value::from),
            members.prop_map(|members| members.into_iter().collect::<Map<_, _>>().into()),
        ]
    })
}

proptest! {
    /// Whatever a provider writes: what is listed stands in it, once.
    #[test]
    fn no_claims_list_a_role_that_they_do_not_hold(
        claims in proptest::collection::btree_map("[abc]|roles|groups", document(), 0..5),
        setting in "[abc](\\.[abc]){0,3}(\\.\\*)?(,(roles|groups|a\\.b))?",
    ) {
        let claims: Value = claims.into_iter().collect::<Map<_, _>>().into();
        let found = read(&setting, &claims);
        let text = claims.to_string();
        let mut seen = HashSet::new();
        for role in found.listed() {
            prop_assert!(text.contains(&format!("\"{role}\"")), "{role} in {text}");
            prop_assert!(!role.is_empty() && seen.insert(role.clone()));
        }
    }
}
