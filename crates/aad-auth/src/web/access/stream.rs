//! Responses that stay open: they end with the session.

use futures_util::{Stream, StreamExt};

use super::User;
use crate::{session::SessionEnd, web::instance::Auth};

impl Auth {
    /// Completes when the user's session has ended, wherever and however it was ended: at the latest
    /// a second later. For a WebSocket, beside its messages:
    ///
    /// ```no_run
    /// # use aad_auth::{Auth, User};
    /// # async fn close() {}
    /// # async fn run(auth: Auth, user: User) {
    /// # let messages = async {};
    /// tokio::select! {
    ///     () = auth.until_ended(&user) => close().await,
    ///     () = messages => {}
    /// }
    /// # }
    /// ```
    ///
    /// An open stream is no activity: the idle limit ends it too, unless the user's browser also
    /// makes requests.
    pub fn until_ended<I>(&self, user: &User<I>) -> SessionEnd {
        self.engine().sessions().until_ended(user.session())
    }

    /// The items of `stream` until the user's session has ended: for a body of server-sent events
    /// (`HttpResponse::Ok().streaming(…)`), or the messages of a WebSocket.
    ///
    /// ```
    /// use aad_auth::{Auth, User};
    /// use actix_web::{HttpResponse, web::Bytes};
    /// use futures_util::Stream;
    ///
    /// fn events<S>(auth: &Auth, user: &User, news: S) -> HttpResponse
    /// where
    ///     S: Stream<Item = Result<Bytes, actix_web::Error>> + 'static,
    /// {
    ///     let body = auth.while_signed_in(user, news);
    ///     HttpResponse::Ok().content_type("text/event-stream").streaming(body)
    /// }
    /// ```
    pub fn while_signed_in<I, S: Stream>(
        &self,
        user: &User<I>,
        stream: S,
    ) -> impl Stream<Item = S::Item> + use<I, S> {
        stream.take_until(self.until_ended(user))
    }
}
