//! A `.env` as `webapp` reads it: every variable can be put into the environment, and reads the same once
//! `$NAME` is replaced.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../crates/webapp/src/dotenv/lines.rs"]
mod lines;

fuzz_target!(|data: &[u8]| {
    let Ok(variables) = lines::read(data) else {
        return;
    };
    for (name, value) in &variables {
        // `set_var` panics on these.
        assert!(!name.is_empty() && !name.contains(['=', '\0']), "{name:?}");
        assert!(!value.contains('\0'), "{name:?}");
    }
    if !variables.iter().any(|(_, value)| value.contains('$')) {
        let again = lines::read(lines::write(&variables).as_bytes());
        assert_eq!(again.as_ref(), Ok(&variables));
    }
});
