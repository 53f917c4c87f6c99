//! The provider thread and the handle that everyone holds.

use std::{
    future::Future,
    panic::AssertUnwindSafe,
    pin::Pin,
    rc::Rc,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
    time::Instant,
};

use futures_util::FutureExt;
use rustls::pki_types::CertificateDer;
use tokio::sync::{mpsc, oneshot};

use super::{
    Request, Response, TransportError, TransportSettings, TransportState, address,
    client::{CallFailure, Client},
    permit::{Permit, Permits},
    pools::Pools,
    retry,
};
use crate::config::parse_root_certificates;

/// The handle of the provider thread: cheap to clone, usable from any thread.
///
/// One thread owns the HTTP clients, their connections and their TLS configuration; it starts at
/// the first use and ends with [`Transport::stop`] or with the last handle, and its tasks with it.
/// Nothing that a task does, not even a panic, ends it.
#[derive(Clone)]
pub struct Transport(Arc<Shared>);

struct Shared {
    settings: TransportSettings,
    roots: Vec<CertificateDer<'static>>,
    admissions: Permits,
    thread: Mutex<Thread>,
}

enum Thread {
    NotStarted,
    Running(mpsc::UnboundedSender<Job>),
    #[cfg_attr(
        not(feature = "unstable-internals"),
        expect(dead_code, reason = "only tests stop a transport")
    )]
    Stopped,
}

enum Job {
    Call(Box<Call>),
    Task(Pin<Box<dyn Future<Output = ()> + Send>>),
}

struct Call {
    request: Request,
    deadline: Instant,
    reply: oneshot::Sender<Result<Response, TransportError>>,
    admission: Permit,
}

impl Transport {
    /// The deadline of one call (`AAD_PROVIDER_TIMEOUT`).
    pub(crate) fn deadline(&self) -> Duration {
        self.0.settings.deadline()
    }

    /// A handle whose thread is not started yet: this reads no file, opens no connection and
    /// never blocks.
    ///
    /// # Errors
    /// [`TransportError::InvalidTrustedRoots`] when `ca_pem` is not a list of certificates.
    pub fn new(settings: TransportSettings) -> Result<Self, TransportError> {
        let roots = match &settings.ca_pem {
            Some(pem) => parse_root_certificates(pem).ok_or(TransportError::InvalidTrustedRoots)?,
            None => Vec::new(),
        };
        let admissions = Permits::new(&settings.bounds);
        Ok(Self(Arc::new(Shared {
            settings,
            roots,
            admissions,
            thread: Mutex::new(Thread::NotStarted),
        })))
    }

    /// Sends a request and waits for the whole answer, whatever its status. Redirects are not
    /// followed: they are answers.
    ///
    /// Dropping the future abandons the request. What must outlive its caller (a code redemption)
    /// belongs into [`Transport::spawn`].
    ///
    /// # Errors
    /// A [`TransportError`]; at the latest when the total deadline has passed. At once where a
    /// bound is reached or a circuit is open.
    pub async fn send(&self, request: Request) -> Result<Response, TransportError> {
        address::check(&request.url)?;
        let admission = self.0.admissions.admit(&request)?;
        let (reply, answer) = oneshot::channel();
        self.0.submit(Job::Call(Box::new(Call {
            request,
            deadline: Instant::now() + self.0.settings.deadline(),
            reply,
            admission,
        })))?;
        match answer.await {
            Ok(result) => result,
            Err(_) if self.0.is_stopped() => Err(TransportError::Stopped),
            Err(_) => Err(TransportError::Broken),
        }
    }

    /// Runs a task on the provider thread, independent of the request that started it.
    ///
    /// # Errors
    /// [`TransportError::Stopped`] after [`Transport::stop`].
    pub fn spawn(
        &self,
        task: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), TransportError> {
        self.0.submit(Job::Task(Box::pin(task)))
    }

    /// Ends the thread, its tasks and the calls under way; later calls are answered
    /// [`TransportError::Stopped`].
    #[cfg(any(test, feature = "unstable-internals"))]
    pub fn stop(&self) {
        *self.0.thread() = Thread::Stopped;
    }

    /// The figures now.
    pub fn state(&self) -> TransportState {
        self.0.admissions.state()
    }

    #[cfg(test)]
    pub(super) fn is_running(&self) -> bool {
        matches!(*self.0.thread(), Thread::Running(_))
    }
}

impl Shared {
    fn submit(&self, job: Job) -> Result<(), TransportError> {
        let mut thread = self.thread();
        let job = match &*thread {
            Thread::Stopped => return Err(TransportError::Stopped),
            Thread::NotStarted => job,
            Thread::Running(jobs) => match jobs.send(job) {
                Ok(()) => return Ok(()),
                Err(mpsc::error::SendError(job)) => job,
            },
        };
        let jobs = self.start()?;
        let sent = jobs.send(job).map_err(|_| TransportError::Stopped);
        *thread = Thread::Running(jobs);
        sent
    }

    fn start(&self) -> Result<mpsc::UnboundedSender<Job>, TransportError> {
        let (sender, jobs) = mpsc::unbounded_channel();
        let roots = self.roots.clone();
        let settings = self.settings.clone();
        let client = move || {
            let pools = Pools::new(&settings.bounds, roots, settings.deadline());
            Client::new(pools, settings.max_body)
        };
        std::thread::Builder::new()
            .name("aad-auth-provider".into())
            .spawn(move || run(jobs, client))
            .map_err(|error| {
                tracing::error!(%error, "the provider thread cannot be started");
                TransportError::Stopped
            })?;
        Ok(sender)
    }

    fn is_stopped(&self) -> bool {
        matches!(*self.thread(), Thread::Stopped)
    }

    fn thread(&self) -> MutexGuard<'_, Thread> {
        self.thread.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn run(mut jobs: mpsc::UnboundedReceiver<Job>, client: impl FnOnce() -> Client) {
    let runtime = match actix_rt::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            tracing::error!(%error, "the provider thread has no runtime");
            return;
        }
    };
    runtime.block_on(async move {
        let client = Rc::new(client());
        while let Some(job) = jobs.recv().await {
            actix_rt::spawn(perform(job, Rc::clone(&client)));
        }
    });
}

async fn perform(job: Job, client: Rc<Client>) {
    let work = async move {
        match job {
            Job::Task(task) => task.await,
            Job::Call(call) => call.answer(&client).await,
        }
    };
    if AssertUnwindSafe(work).catch_unwind().await.is_err() {
        tracing::error!("a task on the provider thread has panicked");
    }
}

impl Call {
    async fn answer(mut self: Box<Self>, client: &Client) {
        let deadline = self.deadline.into();
        let result = tokio::select! {
            () = self.reply.closed() => return,
            result = tokio::time::timeout_at(deadline, attempt(client, &self.request, self.deadline)) => {
                result.unwrap_or(Err(CallFailure::TIMEOUT))
            }
        };
        self.admission.finish(&result);
        // Before the answer: who has it may begin the next call.
        drop(self.admission);
        let result = result.map_err(|failure| failure.error);
        if let Err(error) = &result {
            let host = self.request.url.host_str().unwrap_or_default();
            tracing::warn!(host, purpose = self.request.purpose.label(), %error, "call failed");
        }
        // Nobody waits any more: nothing is lost that could be told to somebody.
        drop(self.reply.send(result));
    }
}

async fn attempt(
    client: &Client,
    request: &Request,
    deadline: Instant,
) -> Result<Response, CallFailure> {
    let mut outcome = client.exchange(request).await;
    if let Some(pause) = retry::pause(request.purpose, &request.method, &outcome) {
        // Better the answer we have than none at the deadline.
        if pause < deadline.saturating_duration_since(Instant::now()) {
            tokio::time::sleep(pause).await;
            outcome = client.exchange(request).await;
        }
    }
    outcome
}
