//! The values that must not appear in what a process prints.

use std::{collections::BTreeMap, fs, path::Path};

use entra_emulator::Emulator;

/// What is searched for: a name for the failure, and the value.
pub struct Canaries {
    searched: Vec<(String, String)>,
}

impl Default for Canaries {
    fn default() -> Self {
        let mut canaries = Self {
            searched: Vec::new(),
        };
        canaries.add("a value that the test has sent or set", "canary");
        let token = ("any JSON Web Token".to_owned(), "eyJ".to_owned());
        canaries.searched.push(token);
        canaries
    }
}

impl Canaries {
    pub fn add(&mut self, name: &str, value: &str) {
        // A short value would be found by chance.
        assert!(value.len() >= 6, "{name} is too short to search for");
        for text in forms(value) {
            self.searched.push((name.to_owned(), text));
        }
    }

    /// What another process has written.
    pub fn read(path: &Path) -> Self {
        let searched = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
        Self { searched }
    }

    /// For another process.
    pub fn write(&self, path: &Path) {
        fs::write(path, serde_json::to_vec(&self.searched).unwrap()).unwrap();
    }

    /// A token, and each of its parts by itself.
    pub fn add_token(&mut self, name: &str, token: &str) {
        for part in token.split('.').filter(|part| part.len() >= 6) {
            self.add(name, part);
        }
    }

    /// Everything the provider says of a user, and her user name.
    pub fn add_person(&mut self, emulator: &Emulator, user: &str) {
        self.add("user name", user);
        let directory = emulator.control().directory();
        let user = directory.find_user(user, None).unwrap();
        self.add("object id", &user.id);
        self.add("display name", &user.display_name);
        self.add("job title", "Head of Operations");
    }

    /// The cookies of one host.
    pub fn add_cookies(&mut self, cookies: BTreeMap<String, String>) {
        for (name, value) in cookies {
            // `theme=dark` is neither secret nor personal.
            if value.len() >= 16 {
                // On localhost the names carry the port.
                let words = name.split('-').filter(|word| word.parse::<u16>().is_err());
                let name = words.collect::<Vec<_>>().join("-");
                self.add(&format!("cookie {name}"), &value);
                self.add(&format!("begin of the cookie {name}"), &value[..16]);
            }
        }
    }

    /// The fields of a form, such as the authorization response.
    pub fn add_parameters(&mut self, form: &str) {
        for (name, value) in url::form_urlencoded::parse(form.as_bytes()) {
            if value.len() >= 16 {
                self.add(&format!("field {name}"), &value);
            }
        }
    }

    /// What the provider was asked with: codes, verifiers, secrets, tokens; and what it answered with, as
    /// far as it came back.
    pub fn add_calls(&mut self, emulator: &Emulator) {
        for call in emulator.control().calls() {
            for name in [
                "code",
                "code_verifier",
                "client_secret",
                "refresh_token",
                "id_token_hint",
            ] {
                if let Some(value) = call.secret(name).filter(|value| value.len() >= 6) {
                    self.add(name, value);
                }
            }
            if let Some(value) = call.secret("authorization") {
                self.add_token("access token", value.trim_start_matches("Bearer "));
            }
            for name in [
                "state",
                "nonce",
                "code_challenge",
                "login_hint",
                "logout_hint",
            ] {
                if let Some(value) = call.field(name).filter(|value| value.len() >= 6) {
                    self.add(name, value);
                }
            }
        }
    }

    /// The run has produced one of each kind.
    pub fn assert_complete(&self, further: &[&str]) {
        let always = [
            "code",
            "code_verifier",
            "client_secret",
            "refresh_token",
            "access token",
            "state",
            "nonce",
            "cookie aad-session",
            "cookie aad-browser",
        ];
        for kind in always.iter().chain(further) {
            let kinds: Vec<_> = self.searched.iter().map(|(name, _)| name).collect();
            assert!(
                kinds.iter().any(|name| name == kind),
                "no {kind} in the run: {kinds:?}"
            );
        }
    }

    /// The first of them that a line holds.
    pub fn found_in(&self, line: &str) -> Option<&str> {
        let found = self.searched.iter().find(|(_, text)| line.contains(text));
        found.map(|(name, _)| name.as_str())
    }

    pub fn assert_absent_from(&self, log: &str) {
        for line in log.lines() {
            assert!(!line.starts_with("FORGED"), "a line is forged");
            if let Some(name) = self.found_in(line) {
                panic!("{name} is in the log: {line:?}");
            }
        }
    }
}

/// The ways in which code writes text into a log.
fn forms(value: &str) -> Vec<String> {
    let encoded: String = url::form_urlencoded::byte_serialize(value.as_bytes()).collect();
    let debug = format!("{value:?}");
    let bytes = value.bytes().take(12).map(|byte| byte.to_string());
    let mut forms = vec![
        value.to_owned(),
        encoded,
        debug.trim_matches('"').to_owned(),
        // A body that is printed as `Vec<u8>`.
        bytes.collect::<Vec<_>>().join(", "),
    ];
    forms.dedup();
    forms
}
