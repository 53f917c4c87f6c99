use std::net::TcpListener;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::middleware::from_fn;
use actix_web::web::{Data, FormConfig, JsonConfig, PayloadConfig};
use actix_web::{App, HttpServer};
use rustls::ServerConfig;

use crate::http::{date, guard, record, remember_connection, routes, transport_faults};
use crate::state::State;

/// A server that listens.
pub(super) struct Listening {
    pub(super) server: ServerHandle,
    pub(super) thread: JoinHandle<()>,
}

const MAX_BODY: usize = 1024 * 1024;

/// Runs the server on a thread of its own, with an own actix system: it can be started from anywhere.
pub(super) fn run(
    state: Arc<State>,
    listener: TcpListener,
    tls: Option<ServerConfig>,
) -> std::io::Result<Listening> {
    let (sender, receiver) = channel();
    let thread = thread::Builder::new()
        .name("entra-emulator".to_owned())
        .spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                match server(state, listener, tls) {
                    Ok(server) => {
                        let _ = sender.send(Ok(server.handle()));
                        if let Err(error) = server.await {
                            tracing::error!(%error, "the emulator's server ended");
                        }
                    }
                    Err(error) => {
                        let _ = sender.send(Err(error));
                    }
                }
            });
        })?;
    let server = receiver
        .recv()
        .map_err(|_| std::io::Error::other("the server's thread ended at once"))??;
    Ok(Listening { server, thread })
}

fn server(
    state: Arc<State>,
    listener: TcpListener,
    tls: Option<ServerConfig>,
) -> std::io::Result<actix_web::dev::Server> {
    let state = Data::from(state);
    let server = HttpServer::new(move || {
        App::new()
            .app_data(state.clone())
            .app_data(PayloadConfig::new(MAX_BODY))
            .app_data(FormConfig::default().limit(MAX_BODY))
            .app_data(JsonConfig::default().limit(MAX_BODY))
            .configure(routes)
            // The last one wrapped is the first one to see a request: date, guard, journal, then faults.
            .wrap(from_fn(transport_faults))
            .wrap(from_fn(record))
            .wrap(from_fn(guard))
            .wrap(from_fn(date))
    })
    .workers(WORKERS)
    .on_connect(remember_connection)
    .client_request_timeout(Duration::from_secs(30))
    .disable_signals()
    .shutdown_timeout(1);
    let server = match tls {
        Some(config) => server.listen_rustls_0_23(listener, config)?,
        None => server.listen(listener)?,
    };
    Ok(server.run())
}

/// Enough for a hanging fault and a working request at once: both are asynchronous.
const WORKERS: usize = 2;
