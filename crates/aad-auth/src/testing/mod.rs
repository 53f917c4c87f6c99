//! Tools for the tests of applications: an instance without provider and environment, signed-in users,
//! a clock that a test sets, and the conformance suite for stores.
//!
//! The module needs the feature `testing`, which belongs into `[dev-dependencies]` only:
//!
//! ```toml
//! [dev-dependencies]
//! aad-auth = { version = "0.1", features = ["testing"] }
//! ```
//!
//! # A signed-in user
//!
//! [`TestUser::sign_in`] writes a real session to the store of the instance, and returns its cookie.
//! Requests with the cookie take the same code paths as in production.
//!
//! ```
//! use aad_auth::{role, testing::{self, TestUser}};
//! use actix_web::{App, HttpResponse, test, web};
//!
//! # actix_web::rt::System::new().block_on(async {
//! let auth = testing::auth();
//! let app = test::init_service(
//!     App::new()
//!         .configure(auth.routes())
//!         .service(
//!             web::resource("/admin")
//!                 .wrap(auth.require(role("Admin")))
//!                 .get(|| async { HttpResponse::Ok().body("for administrators") }),
//!         )
//!         .wrap(auth.middleware()),
//! )
//! .await;
//!
//! let ada = TestUser::new("Ada").role("Admin").sign_in(&auth).await;
//! let request = test::TestRequest::get().uri("/admin").cookie(ada).to_request();
//! assert_eq!(test::call_service(&app, request).await.status(), 200);
//!
//! let robin = TestUser::new("Robin").sign_in(&auth).await;
//! let request = test::TestRequest::get().uri("/admin").cookie(robin).to_request();
//! assert_eq!(test::call_service(&app, request).await.status(), 403);
//! # });
//! ```
//!
//! # The time
//!
//! A test that sets the clock sees timeouts at once.
//!
//! ```
//! use std::{sync::Arc, time::Duration};
//! use aad_auth::{session::Timestamp, testing::{self, ManualClock, TestUser}};
//!
//! # actix_web::rt::System::new().block_on(async {
//! let clock = ManualClock::at(Timestamp::from_seconds(1_800_000_000));
//! let auth = testing::builder().clock(Arc::new(clock.clone())).build()?;
//! let ada = TestUser::new("Ada").sign_in(&auth).await;
//! clock.advance(Duration::from_secs(9 * 60 * 60)); // idle for longer than 8 hours
//! # let app = actix_web::test::init_service(actix_web::App::new()
//! #     .configure(auth.routes())
//! #     .route("/", actix_web::web::get().to(|_: aad_auth::User| async { "known" }))
//! #     .wrap(auth.middleware())).await;
//! # let request = actix_web::test::TestRequest::get().cookie(ada).to_request();
//! # assert_eq!(actix_web::test::call_service(&app, request).await.status(), 401);
//! # Ok::<_, aad_auth::StartError>(())
//! # }).unwrap();
//! ```
//!
//! # A whole sign-in, with the emulator
//!
//! `entra-emulator` runs a provider in the process of the test. [`builder_for`] takes the settings that
//! its `ready_env` returns. The test needs a client that keeps cookies and follows redirects, or a
//! browser.
//!
//! ```no_run
//! use aad_auth::testing;
//! # mod entra_emulator { pub struct Emulator; impl Emulator {
//! #   pub fn builder() -> Self { Self } pub fn start(self) -> Result<Self, std::fmt::Error> { Ok(self) }
//! #   pub fn ready_env(&self, _: Option<&str>) -> String { String::new() }
//! #   pub fn control(&self) -> Self { Self } pub fn auto_sign_in(&self, _: Option<&str>) {} } }
//! use entra_emulator::Emulator;
//!
//! let emulator = Emulator::builder().start()?;
//! emulator.control().auto_sign_in(Some("ada@northwind.example.test"));
//! let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
//! let port = listener.local_addr()?.port();
//! let settings = emulator.ready_env(None);
//! let auth = testing::builder_for(&settings, &format!("http://localhost:{port}"))?.build()?;
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```
//!
//! # A store that fails
//!
//! [`FaultyStore`] wraps a store. A test names the operations that it refuses, delays, or loses to
//! another writer.
//!
//! # A store of your own
//!
//! [`store_suite`] is the conformance suite for stores. Every store of this crate passes it; run it
//! with yours.

mod instance;
mod user;

pub use crate::{
    clock::ManualClock,
    store_room::{FaultyStore, Operation, StoreFault, suite as store_suite},
};
pub use instance::{auth, builder, builder_for};
pub use user::TestUser;
