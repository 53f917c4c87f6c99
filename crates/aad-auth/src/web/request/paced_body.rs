//! A request body that must keep a pace, so that a client that sends nothing, or a byte now and
//! then, cannot keep a handler and a connection.

use std::{
    cell::{Cell, RefCell},
    future::Future,
    io,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
    time::{Duration, Instant},
};

use actix_web::{
    HttpResponse,
    body::{BodySize, BoxBody, MessageBody},
    dev::Payload,
    error::PayloadError,
    http::ConnectionType,
    web::Bytes,
};
use futures_util::{Stream, StreamExt};
use tokio::time::{Sleep, sleep_until};

use super::BodyPace;

/// A body under a pace. The middleware or the reader keeps one handle, the handler another.
#[derive(Clone)]
pub(in crate::web) struct PacedBody {
    shared: Rc<Shared>,
}

struct Shared {
    payload: RefCell<Payload>,
    meter: RefCell<Meter>,
    is_late: Cell<bool>,
}

/// The time that the client has left. It shrinks while the reader waits, and grows with each byte
/// that arrives.
struct Meter {
    pace: BodyPace,
    left: Duration,
    waiting: Option<Wait>,
}

struct Wait {
    since: Instant,
    deadline: Pin<Box<Sleep>>,
}

impl PacedBody {
    pub(in crate::web) fn new(payload: Payload, pace: BodyPace) -> Self {
        let meter = Meter {
            pace,
            left: pace.silence(),
            waiting: None,
        };
        let shared = Rc::new(Shared {
            payload: RefCell::new(payload),
            meter: RefCell::new(meter),
            is_late: Cell::new(false),
        });
        Self { shared }
    }

    /// Whether the client was too slow.
    pub(in crate::web) fn is_late(&self) -> bool {
        self.shared.is_late.get()
    }

    /// Marks `response` as the last one of its connection, and keeps the body until it has been
    /// sent: Actix would go on reading a chunked body that has been dropped, without a deadline.
    pub(in crate::web) fn close_with(self, mut response: HttpResponse) -> HttpResponse {
        let head = response.head_mut();
        head.set_connection_type(ConnectionType::Close);
        response.map_body(|_, body| {
            BoxBody::new(LastBody {
                body,
                _unread: self,
            })
        })
    }
}

impl Stream for PacedBody {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let shared = &self.shared;
        let mut meter = shared.meter.borrow_mut();
        match shared.payload.borrow_mut().poll_next_unpin(context) {
            Poll::Ready(chunk) => {
                let length = chunk.as_ref().and_then(|chunk| chunk.as_ref().ok());
                meter.received(length.map_or(0, Bytes::len));
                Poll::Ready(chunk)
            }
            Poll::Pending if meter.is_late(context) => {
                shared.is_late.set(true);
                let late = io::Error::new(io::ErrorKind::TimedOut, "the body arrives too slowly");
                Poll::Ready(Some(Err(PayloadError::Io(late))))
            }
            Poll::Pending => Poll::Pending,
        }
    }
}

impl Meter {
    fn received(&mut self, bytes: usize) {
        if let Some(wait) = self.waiting.take() {
            self.left = self.left.saturating_sub(wait.since.elapsed());
        }
        let earned = self.pace.time_for(bytes);
        self.left = self.left.saturating_add(earned).min(self.pace.silence());
    }

    /// Starts the wait for the next chunk, or goes on with it.
    fn is_late(&mut self, context: &mut Context<'_>) -> bool {
        let left = self.left;
        let wait = self.waiting.get_or_insert_with(|| {
            let since = Instant::now();
            let deadline = Box::pin(sleep_until((since + left).into()));
            Wait { since, deadline }
        });
        wait.deadline.as_mut().poll(context).is_ready()
    }
}

/// The body of an answer, with the unread rest of the request's body.
struct LastBody {
    body: BoxBody,
    _unread: PacedBody,
}

impl MessageBody for LastBody {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        self.body.as_pin_mut().poll_next(context)
    }
}
