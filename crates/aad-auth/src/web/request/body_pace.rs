//! How fast a request body must arrive.

use std::time::Duration;

/// How fast a request body must arrive. As a middleware it answers 408 to slower clients, and
/// closes their connection, also where the handler ignores the body.
///
/// The time in which the application itself does not read is not counted. Requests without a body
/// pass unchanged, and so do WebSockets. The routes of [`Auth`](crate::Auth) keep the default pace
/// by themselves.
///
/// By default a client may be silent for 10 s and must send 500 bytes a second:
/// `App::new().wrap(BodyPace::default())`.
///
/// ```
/// use std::time::Duration;
/// use aad_auth::BodyPace;
/// use actix_web::App;
///
/// let app = App::new().wrap(BodyPace::new(Duration::from_secs(20), 1000));
/// # drop(app);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct BodyPace {
    silence: Duration,
    bytes_per_second: u32,
}

impl BodyPace {
    /// A client may keep the application waiting for `silence`. Each received byte gives back
    /// 1/`bytes_per_second` of a second, up to `silence`. A rate of 0 is taken as 1.
    pub const fn new(silence: Duration, bytes_per_second: u32) -> Self {
        let bytes_per_second = if bytes_per_second == 0 {
            1
        } else {
            bytes_per_second
        };
        Self {
            silence,
            bytes_per_second,
        }
    }

    pub(in crate::web) const fn silence(self) -> Duration {
        self.silence
    }

    /// How long so many bytes may take.
    pub(in crate::web) fn time_for(self, bytes: usize) -> Duration {
        let bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        Duration::from_secs(bytes.into()) / self.bytes_per_second
    }
}

impl Default for BodyPace {
    fn default() -> Self {
        Self::new(Duration::from_secs(10), 500)
    }
}
