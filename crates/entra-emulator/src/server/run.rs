//! Starts the HTTP server on a thread of its own.

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

use crate::state::State;

use super::connection::remember_connection;
use super::date::set_date;
use super::guard::guard;
use super::record::record;
use super::routes::routes;
use super::transport_fault::transport_faults;

/// A running server and its thread.
pub(crate) struct RunningServer {
    pub(crate) server: ServerHandle,
    pub(crate) thread: JoinHandle<()>,
}

/// Bytes.
const MAX_BODY: usize = 1024 * 1024;

/// Runs the server on a thread with an Actix system of its own, so that the caller needs none.
pub(crate) fn run(
    state: Arc<State>,
    listener: TcpListener,
    tls: Option<ServerConfig>,
) -> std::io::Result<RunningServer> {
    let (sender, receiver) = channel();
    let thread = thread::Builder::new()
        .name("entra-emulator".to_owned())
        .spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                match server(state, listener, tls) {
                    Ok(server) => {
                        let _ = sender.send(Ok(server.handle()));
                        if let Err(error) = server.await {
                            tracing::error!(%error, "the emulator's server failed");
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
        .map_err(|_| std::io::Error::other("the server's thread ended before it could listen"))??;
    Ok(RunningServer { server, thread })
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
            // The last middleware is the outermost: date, guard, journal, then faults.
            .wrap(from_fn(transport_faults))
            .wrap(from_fn(record))
            .wrap(from_fn(guard))
            .wrap(from_fn(set_date))
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

/// Faults and requests wait asynchronously, so that few threads are enough.
const WORKERS: usize = 2;
