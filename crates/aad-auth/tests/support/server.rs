//! Servers in threads of their own.

use std::{net::TcpListener, sync::mpsc, thread};

use actix_web::dev::{Server, ServerHandle};

/// A running server; ends when dropped.
pub struct Running(ServerHandle);

impl Running {
    /// Runs the server that `start` makes: there, since workers belong to the thread's system.
    pub fn start(start: impl FnOnce() -> Server + Send + 'static) -> Self {
        let (sender, receiver) = mpsc::channel();
        thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let server = start();
                sender.send(server.handle()).unwrap();
                server.await.unwrap();
            });
        });
        Self(receiver.recv().unwrap())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.0.stop(false));
    }
}

/// A free port of 127.0.0.1, taken.
pub fn listen() -> (TcpListener, u16) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, port)
}
