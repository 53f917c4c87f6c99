//! A store that answers whatever it likes: records are read without panic, and nothing that the application
//! has not sealed is ever a session or a token.
//!
//! The first byte says whether the records are sealed under the application's key (then the parsers behind
//! the seal are reached), whether the process is the only writer, and whether an index is full. Then, line by
//! line: session, tokens, index entry, application data, revocation mark.
#![no_main]

use std::{sync::Arc, time::Duration};

use aad_auth::{
    Oid, Tid, UserKey,
    internals::{
        random::SystemRandom,
        seal::{InstanceLabel, Keys, SealPurpose},
        session::{
            NewSession, ProviderSession, Session, SessionId, Sessions, TokenSet,
            fuzzing::{self, Owner},
        },
        session_limits,
        web::fuzzing::application_data,
    },
    store::{
        Created, Key, Member, Record, Store, StoreError, StoreFuture, StoreHealth, StoreStats,
        Timestamp, Updated, Version,
    },
    testing::ManualClock,
};
use futures_util::FutureExt;
use libfuzzer_sys::fuzz_target;

const NOW: Timestamp = Timestamp::from_seconds(1_800_000_100);
const ID: &str = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc";
const ID_BYTES: [u8; 32] = [7; 32];
const HOUR: Duration = Duration::from_secs(3600);

/// What the store answers, by the kind of the key.
struct Hostile {
    exclusive: bool,
    full: bool,
    session: Vec<u8>,
    tokens: Vec<u8>,
    entry: Vec<u8>,
    data: Vec<u8>,
    mark: Vec<u8>,
}

fuzz_target!(|data: &[u8]| {
    let Some((flags, rest)) = data.split_first() else {
        return;
    };
    let label = InstanceLabel::new("https://login.example.test/t", "client", "/auth");
    let keys = Arc::new(Keys::new(&["secret"], label).unwrap());
    let (sealed, exclusive) = (flags & 1 == 1, flags & 2 == 2);
    let mut parts = rest.splitn(5, |byte| *byte == b'\n');
    let mut next = |purpose: Option<SealPurpose>, context: &[u8], prefix: &[u8]| {
        let part = [prefix, parts.next().unwrap_or_default()].concat();
        match purpose {
            Some(purpose) if sealed => {
                let sealer = keys.sealer(purpose, context);
                sealer.seal(&SystemRandom, label.as_bytes(), &part)
            }
            _ => part,
        }
    };
    let store: Arc<dyn Store> = Arc::new(Hostile {
        exclusive,
        full: flags & 4 == 4,
        session: next(Some(SealPurpose::Session), &ID_BYTES, &[1]),
        tokens: next(Some(SealPurpose::Vault), &ID_BYTES, b""),
        entry: next(Some(SealPurpose::IndexEntry), b"", b""),
        data: next(Some(SealPurpose::AppData), &ID_BYTES, b""),
        mark: next(None, b"", b""),
    });
    read(&store, &keys, sealed);
});

fn read(store: &Arc<dyn Store>, keys: &Arc<Keys>, sealed: bool) {
    let limits = session_limits(HOUR, HOUR * 24, Some(3));
    let sessions = Sessions::new(
        Arc::clone(store),
        Arc::clone(keys),
        Arc::new(ManualClock::at(NOW)),
        Arc::new(SystemRandom),
        limits,
    );
    let id = SessionId::parse(ID.as_bytes()).unwrap();
    if let Some(session) = now(sessions.load(&id)).ok().flatten() {
        assert!(sealed, "a session that was not sealed by the application");
        assert!(session.ends_at() > NOW);
        let _ = session.user().display_name().to_string();
        let _ = now(sessions.end_others_of(&session));
        if let Some(vaulted) = now(sessions.vault().get(&session)).ok().flatten() {
            let _ = vaulted.tokens.id_token_claims();
        }
        read_data(&sessions, sealed, || Owner::Session(Arc::clone(&session)));
        hand_over_data(&sessions, &session);
        let _ = now(sessions.end(&session));
    }
    read_data(&sessions, sealed, || Owner::Visitor(id.clone()));
    let user = UserKey::Directory {
        tid: Tid::parse("11110000-aaaa-4bbb-8ccc-000000000001").unwrap(),
        oid: Oid::parse("aaaaaaaa-0000-4000-8000-000000000001").unwrap(),
    };
    let entries = now(sessions.list(&user)).unwrap_or_default();
    assert!(sealed || entries.is_empty());
    for entry in entries {
        let _ = now(sessions.end_one_of(&user, &entry.handle));
    }
    let named = ProviderSession {
        sid: "sid",
        iss: Some("https://login.example.test/t/v2.0"),
        sub: None,
    };
    let _ = now(sessions.end_provider_session(&named));
    let _ = now(sessions.end_all_of(&user));
    let _ = now(sessions.end_all());
}

/// Data of a session or visitor: nothing is read that was not sealed, and what is written may be anything.
fn read_data(sessions: &Sessions, sealed: bool, owner: impl Fn() -> Owner) {
    let data = now(fuzzing::read(sessions, owner())).ok().flatten();
    assert!(
        sealed || data.is_none(),
        "application data that were not sealed by the application"
    );
    let data = data.unwrap_or_default();
    if let Some(state) = application_data(&data) {
        let again = application_data(&serde_json::to_vec(&state).unwrap());
        assert_eq!(again, Some(state));
    }
    let _ = now(fuzzing::change(sessions, owner(), &data));
}

/// A new session of the same user takes over what the old one has.
fn hand_over_data(sessions: &Sessions, old: &Arc<Session>) {
    let new = NewSession {
        user: old.user().clone(),
        tokens: TokenSet {
            access_token: None,
            expires_at: NOW + HOUR,
            scopes: Vec::new(),
            refresh_token: None,
            id_token: None,
        },
        attempt_started: NOW,
        device: None,
        previous: Some(Arc::clone(old)),
    };
    let _ = now(sessions.create(new));
}

/// The store answers at once, so that nothing is ever waited for.
fn now<T>(work: impl Future<Output = T>) -> T {
    work.now_or_never().expect("it waits")
}

impl Hostile {
    fn value(&self, key: &Key) -> &[u8] {
        match key.as_str().split(':').nth(1) {
            Some("s") => &self.session,
            Some("v") => &self.tokens,
            Some("a" | "n") => &self.data,
            _ => &self.mark,
        }
    }
}

fn answer<'a, T: Send + 'a>(value: T) -> StoreFuture<'a, T> {
    Box::pin(std::future::ready(Ok(value)))
}

impl Store for Hostile {
    fn get<'a>(&'a self, key: &'a Key) -> StoreFuture<'a, Option<Record>> {
        let value = self.value(key);
        answer((!value.is_empty()).then(|| Record {
            value: value.into(),
            version: Version(value.len() as u64),
            expires_at: NOW + HOUR,
        }))
    }

    fn create<'a>(&'a self, _: &'a Key, value: &'a [u8], _: Duration) -> StoreFuture<'a, Created> {
        answer(if value.len().is_multiple_of(2) {
            Created::Exists
        } else {
            Created::Written(Version(1))
        })
    }

    fn update<'a>(
        &'a self,
        _: &'a Key,
        _: Version,
        value: &'a [u8],
        _: Duration,
    ) -> StoreFuture<'a, Updated> {
        answer(if value.len().is_multiple_of(2) {
            Updated::Conflict
        } else {
            Updated::Written(Version(1))
        })
    }

    fn touch<'a>(&'a self, key: &'a Key, _: Duration) -> StoreFuture<'a, bool> {
        answer(self.value(key).len().is_multiple_of(2))
    }

    fn delete<'a>(&'a self, key: &'a Key) -> StoreFuture<'a, bool> {
        answer(self.value(key).len().is_multiple_of(2))
    }

    fn index_put<'a>(
        &'a self,
        _: &'a Key,
        _: &'a str,
        _: &'a [u8],
        _: Duration,
    ) -> StoreFuture<'a, ()> {
        answer(())
    }

    fn index_remove<'a>(&'a self, _: &'a Key, _: &'a str) -> StoreFuture<'a, bool> {
        answer(false)
    }

    fn index_list<'a>(&'a self, _: &'a Key) -> StoreFuture<'a, Vec<Member>> {
        let named = |name: &str, value: &[u8]| Member {
            name: name.to_owned(),
            value: value.to_vec(),
        };
        let mut members = vec![named(ID, &self.entry)];
        if self.full {
            // More than one user may have, so that the excess is looked for.
            members.extend((0..40).map(|number| named(ID, &[&self.mark[..], &[number]].concat())));
        } else {
            members.extend([named("", &self.data), named("\n\u{202e}", &self.mark)]);
        }
        answer(members)
    }

    fn exclusive(&self) -> bool {
        self.exclusive
    }

    fn kind(&self) -> &'static str {
        "memory"
    }

    fn health(&self) -> std::pin::Pin<Box<dyn Future<Output = StoreHealth> + Send + '_>> {
        Box::pin(std::future::ready(StoreHealth::Failed(
            StoreError::Unavailable,
        )))
    }

    fn stats(&self) -> StoreStats {
        StoreStats::default()
    }

    fn close(&self) -> StoreFuture<'_, ()> {
        answer(())
    }
}
